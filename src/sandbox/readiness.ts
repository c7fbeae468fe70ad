/** Until a payment can be made on a desk: the program up, the shop there, the webhook subscribed. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { personOf } from './cast.ts';
import type { Child, FirstReady } from './child.ts';
import type { RunCommand } from './command.ts';
import type { Saved } from './desk-file.ts';
import { type Members, userOf } from './members.ts';
import { provision } from './provision.ts';
import { subscribe } from './whatsapp-at-desk.ts';
import type { World } from './world.ts';

export type Readiness = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly line: string };

const lookMs = 20;

export interface Making {
  readonly directory: string;
  readonly publicUrl: string;
  readonly child: Child;
  readonly world: World;
  readonly run: RunCommand;
  readonly known: Saved['provisioned'];
  readonly made: (provisioned: NonNullable<Saved['provisioned']>) => Promise<void>;
  readonly warn: (line: string) => void;
  readonly members: Members;
}

export async function makeReady(making: Making): Promise<Readiness> {
  const { child, world, run, known, made } = making;
  const first = child.firstReady.then(async (answer) => {
    if (answer.kind === 'ready') await subscribeWebhook(making);
    return answer;
  });
  if (known !== null) {
    const answer = await first;
    if (answer.kind === 'ready') void joinManager(making);
    return readinessOf(answer);
  }
  const early = await databaseOf(making);
  if (early?.kind === 'failed') return readinessOf(early);
  const [answer, outcome] = await Promise.all([
    first,
    provision(run, { url: world.bluepay.url, account: world.account }),
  ]);
  if (answer.kind === 'failed') return readinessOf(answer);
  if (outcome.kind === 'failed') return outcome;
  await made(outcome.provisioned);
  void joinManager(making);
  return { kind: 'ready' };
}

/** A payment is made without one, and three processes at once are slower than two. Who has written has a name here. */
async function joinManager({ members, world, warn }: Making): Promise<void> {
  const manager = personOf('manager');
  if (!members.all().includes(userOf(manager.id, 'telegram')))
    world.telegram.control.sendText(manager.telegramId, '/help');
  const refused = await members.join('manager', 'telegram');
  if (refused !== null) warn(refused);
}

async function subscribeWebhook({ world, publicUrl, warn }: Making): Promise<void> {
  if (!(await subscribe(world.whatsapp, publicUrl)))
    warn('The program did not take the WhatsApp webhook; its log is app.log.');
}

function readinessOf(first: FirstReady): Readiness {
  if (first.kind === 'ready') return first;
  return { kind: 'failed', line: first.words || 'The program does not start; its log is app.log.' };
}

/**
 * The commands take their time to load: they set out while the program still opens the database that it has made. null:
 * it does.
 */
async function databaseOf({ directory, child }: Making): Promise<FirstReady | null> {
  let first: FirstReady | null = null;
  void child.firstReady.then((answer) => {
    first = answer;
  });
  while (first === null && !(await exists(databaseIn(directory)))) await sleep(lookMs);
  return first;
}

export function databaseIn(directory: string): string {
  return path.join(directory, 'postgres');
}

export async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
