/**
 * What the desk remembers, in one file beside the program's database: chats, phones, the gateway's rows. The two belong
 * together, since the database holds message ids, update ids and references of what is in here.
 */
import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { BluepaySnapshot } from './bluepay/control.ts';
import { parkedKinds } from './gateway-names.ts';
import type { ParkSnapshot } from './gateway-park.ts';
import type { MpesaSnapshot } from './mpesa/snapshot.ts';

const anyObject = <T extends object>() => z.custom<T>((value) => typeof value === 'object' && value !== null);

const shape = z.strictObject({
  version: z.literal(1),
  /** true: written when all had stopped. false: what happened last may be missing. */
  clean: z.boolean(),
  telegramToken: z.string(),
  /** The account in the program's database points there. */
  bluepayPort: z.int().min(1).max(65_535),
  /** null: the operator commands have not all been run yet. */
  provisioned: z.strictObject({ businessId: z.string(), accountId: z.string() }).nullable(),
  /** The shop's accounts at gateways beside BluePay; not in a file of a version that had none. */
  connected: z
    .array(
      z.strictObject({
        kind: z.enum(parkedKinds),
        accountId: z.string(),
        /** What members see of the account. */
        label: z.string(),
        callbackUrl: z.string(),
      }),
    )
    .default([]),
  troubles: z.strictObject({
    armed: z.array(z.string()),
    dark: z
      .strictObject({
        msisdns: z.array(z.string()),
        /** Milliseconds. */
        since: z.int().optional(),
        /** Of versions that knew one gateway. */
        sinceStk: z.int().optional(),
      })
      .nullable(),
  }),
  /** Who was made a member after the first start; what is missing is done again. */
  members: z.array(z.string()).default([]),
  /** Not in a file of a version that had Telegram only. */
  whatsapp: z
    .strictObject({
      keys: z.strictObject({ accessToken: z.string(), appSecret: z.string(), verifyToken: z.string() }),
      memory: anyObject<Record<string, unknown>>(),
    })
    .optional(),
  telegram: anyObject<Record<string, unknown>>(),
  mpesa: anyObject<MpesaSnapshot>(),
  bluepay: anyObject<BluepaySnapshot>(),
  park: anyObject<ParkSnapshot>().optional(),
});

export type Saved = z.infer<typeof shape>;

export type DeskReading =
  | { readonly kind: 'saved'; readonly saved: Saved }
  | { readonly kind: 'none' | 'unreadable' };

export async function readDesk(directory: string): Promise<DeskReading> {
  const text = await readFile(fileOf(directory), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
  if (text === null) return { kind: 'none' };
  try {
    return { kind: 'saved', saved: shape.parse(JSON.parse(text)) };
  } catch {
    return { kind: 'unreadable' };
  }
}

function fileOf(directory: string): string {
  return path.join(directory, 'desk.json');
}

/** Whole or not at all: a new file takes the old one's name. */
async function writeDesk(directory: string, saved: Saved): Promise<void> {
  const draft = `${fileOf(directory)}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(saved));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, fileOf(directory));
}

export interface Keeper {
  /** Something changed: written soon, many changes at once. */
  note(): void;
  now(): Promise<void>;
  /** Writes a last time and never again. */
  close(clean: boolean): Promise<void>;
}

export interface KeeperDeps {
  readonly directory: string;
  readonly take: () => Omit<Saved, 'clean' | 'version'>;
  readonly failed: (cause: unknown) => void;
}

const soonMs = 100;
/** A long story takes longer to write: most of the time goes to other work. */
const restFactor = 10;

export function createKeeper({ directory, take, failed }: KeeperDeps): Keeper {
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();
  let restMs = soonMs;
  let closed = false;

  function write(clean: boolean): Promise<void> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    writing = writing.then(async () => {
      const since = performance.now();
      await writeDesk(directory, { version: 1, clean, ...take() });
      restMs = Math.max(soonMs, (performance.now() - since) * restFactor);
    });
    return writing;
  }

  return {
    note: () => {
      if (closed || timer !== null) return;
      timer = setTimeout(() => void write(false).catch(failed), restMs);
    },
    now: () => write(false),
    close: async (clean) => {
      closed = true;
      await write(clean);
    },
  };
}
