/**
 * One question for all workers: which of them may have work now? Each condition lets through whatever the worker's own claim
 * would take, and sometimes more; the claim decides. A worker that is not named here looks by itself.
 */
import { sql } from 'kysely';
import type { Database } from '../db/tables.ts';
import type { Clock } from '../domain/clock.ts';
import type { Logger } from './log.ts';
import { createWorker, type Worker, type WorkerOptions } from './worker.ts';

/** By the names of the workers in `app.ts`. */
export const lookedFor = [
  'submit',
  'reconcile',
  'payouts',
  'payout look-ups',
  'balances',
  'setup',
  'announce',
  'bulk files',
  'bulk progress',
  'inbox gateway',
  'inbox telegram',
  'inbox whatsapp',
  'deliver telegram',
  'deliver whatsapp',
  'deliver sms',
] as const;
export type Looked = (typeof lookedFor)[number];

/** Constants stand in the text, not beside it: one plan then finds the partial indexes whatever the moment is. */
export async function whatIsDue(db: Database, now: Date): Promise<Looked[]> {
  const inbox = (source: string) => sql`exists (
    select from inbox where source = ${sql.lit(source)} and state = 'pending' and due_at <= ${now})`;
  const outbox = (channel: string) => sql`exists (
    select from outbox where channel = ${sql.lit(channel)} and state = 'pending' and due_at <= ${now}
      and (lease_until is null or lease_until <= ${now}))`;
  const { rows } = await sql<Record<Looked, boolean>>`select
    exists (select from attempt where state = 'queued') as "submit",
    exists (select from attempt where state = 'prompted' and live_until <= ${now})
      or exists (select from attempt where state in ('queued', 'sending') and lease_until <= ${now})
      or exists (select from attempt where next_check_at <= ${now} and state not in ('queued', 'sending'))
      as "reconcile",
    exists (select from payout where state = 'approved') as "payouts",
    exists (select from payout where state = 'sending' and lease_until <= ${now})
      or exists (select from payout where state = 'waiting' and expires_at <= ${now})
      or exists (select from payout where next_check_at <= ${now}) as "payout look-ups",
    exists (select from balance_question where lease_until is null or lease_until <= ${now}) as "balances",
    exists (select from gateway_account where setup_due_at is null or setup_due_at <= ${now}) as "setup",
    exists (select from gateway_account where announced_at is null) as "announce",
    exists (select from stored_file where state in ('wanted', 'here') and due_at <= ${now}) as "bulk files",
    exists (select from payout_batch where next_look_at <= ${now}) as "bulk progress",
    ${inbox('gateway')} as "inbox gateway",
    ${inbox('telegram')} as "inbox telegram",
    ${inbox('whatsapp')} as "inbox whatsapp",
    ${outbox('telegram')} as "deliver telegram",
    ${outbox('whatsapp')} as "deliver whatsapp",
    ${outbox('sms')} as "deliver sms"`.execute(db);
  return lookedFor.filter((name) => rows[0]?.[name] === true);
}

/** Where this look serves a worker, it looks by itself only in case the look is wrong. */
const ownPollMs = 10_000;

export interface Look extends Worker {
  /** Makes a worker that is woken from here, by its name; one that has no question above looks by itself. */
  worker(options: Omit<WorkerOptions, 'pollMs' | 'log'>): Worker;
}

/** Takes no work itself. */
export function createLook(deps: { db: Database; clock: Clock; log: Logger; pollMs: number }): Look {
  const { db, clock, log, pollMs } = deps;
  const served = new Map<string, Worker>();
  const runOnce = async (): Promise<boolean> => {
    for (const name of await whatIsDue(db, clock.now())) served.get(name)?.nudge();
    return false;
  };
  return {
    ...createWorker({ name: 'look', lanes: 1, pollMs, log, runOnce }),
    worker(options) {
      const isServed = (lookedFor as readonly string[]).includes(options.name);
      const worker = createWorker({ ...options, log, pollMs: isServed ? ownPollMs : pollMs });
      served.set(options.name, worker);
      return worker;
    },
  };
}
