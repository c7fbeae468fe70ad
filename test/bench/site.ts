/** Where everything is measured: the real program as a process over its own embedded PostgreSQL, fsync on. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectEmbedded } from '../../src/db/embedded.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createVault } from '../../src/db/vault.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { silentLog } from '../../src/ops/log.ts';
import { type Program, startProgram } from '../crash/program.ts';
import { environmentOf, freePort, openShop, type Seeded, type Shop, type Store } from '../crash/shop.ts';
import type { Chat } from './payments.ts';

export const people = 50;

export interface Site {
  readonly shop: Shop;
  readonly store: Store;
  readonly seeded: Seeded;
  readonly chats: readonly Chat[];
  readonly databaseUrl: string;
  readonly url: string;
  readonly coldStartMs: number;
  readonly warmStartMs: number;
  close(): Promise<void>;
}

export async function openSite(): Promise<Site> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'malipo-bench-'));
  const shop = await openShop({ people, phones: 1 });
  const masterKey = randomBytes(32);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { DATABASE_URL: _, ...environment } = environmentOf({
    connection: '',
    masterKey: masterKey.toString('base64'),
    telegramUrl: shop.telegram.url,
    port,
  });
  const start = () => timedStart({ ...environment, DATA_DIR: dataDir });
  const cold = await start();
  await cold.program.terminate();
  const warm = await start();
  const embedded = await connectEmbedded({ dataDir, log: silentLog });
  const { db, close } = openDatabase({ connection: embedded.url, log: silentLog, max: 4 });
  const store = { db, vault: createVault([masterKey], systemRandom) };
  const seeded = await shop.seed(store, url);
  return {
    shop,
    store,
    seeded,
    chats: await openChats(shop, store),
    databaseUrl: embedded.url,
    url,
    coldStartMs: cold.ms,
    warmStartMs: warm.ms,
    close: async () => {
      await close();
      await warm.program.terminate();
      await embedded.close();
      await shop.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function timedStart(
  environment: Readonly<Record<string, string>>,
): Promise<{ program: Program; ms: number }> {
  const at = performance.now();
  const program = startProgram(environment);
  await program.listening();
  return { program, ms: performance.now() - at };
}

/** One message in each chat, made by the Bot API as the program would. */
async function openChats(shop: Shop, { db }: Store): Promise<Chat[]> {
  const identities = await db.selectFrom('identity').select(['id', 'external_id']).execute();
  const chats: Chat[] = [];
  for (const person of shop.people) {
    const identity = identities.find((one) => one.external_id === String(person));
    if (identity === undefined) throw new Error(`${person} is nobody`);
    chats.push({ identityId: identity.id, messageId: await shop.sendAsBot(person, 'A card.') });
  }
  return chats;
}

/** Bytes of the program's process, as it tells them itself. */
export async function residentBytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
}
