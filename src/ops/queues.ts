/** The two queues, as an operator sees them: how much waits, what was given up, and how to try that again. */
import { sql } from 'kysely';
import type { Database, Tx } from '../db/tables.ts';
import type { Clock } from '../domain/clock.ts';
import type { QueueCounts } from './metrics.ts';

/** Reads only rows that wait or were given up: both are small, partial indexes. */
export async function countQueues(db: Database): Promise<QueueCounts> {
  const [inbox, outbox] = await Promise.all([countIn(db, 'inbox'), countIn(db, 'outbox')]);
  return { inbox, outbox };
}

async function countIn(db: Database, table: 'inbox' | 'outbox'): Promise<QueueCounts['inbox']> {
  const [pending, dead] = await Promise.all([
    countState(db, table, 'pending'),
    countState(db, table, 'dead'),
  ]);
  return { pending, dead };
}

async function countState(
  db: Database,
  table: 'inbox' | 'outbox',
  state: 'pending' | 'dead',
): Promise<number> {
  // A literal, not a parameter: only then does PostgreSQL use the partial index in a prepared statement.
  const found = await db
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<bigint>().as('rows'))
    .where('state', '=', sql.lit(state))
    .executeTakeFirstOrThrow();
  return Number(found.rows);
}

export interface Requeued {
  readonly inbox: number;
  readonly outbox: number;
}

/** Makes every given-up row wait again, with fresh tries, due now. Order within a chat is by id, so it is kept. */
export async function requeueDead(tx: Tx, clock: Clock): Promise<Requeued> {
  const again = { state: 'pending', tries: 0, due_at: clock.now() } as const;
  const inbox = await tx.updateTable('inbox').set(again).where('state', '=', 'dead').executeTakeFirst();
  const outbox = await tx
    .updateTable('outbox')
    .set({ ...again, lease_token: null, lease_until: null })
    .where('state', '=', 'dead')
    .executeTakeFirst();
  return { inbox: Number(inbox.numUpdatedRows), outbox: Number(outbox.numUpdatedRows) };
}

/**
 * What a dead program had claimed is free at once instead of when its leases run out. Only for a database that no other
 * live program uses, such as the embedded one, whose directory one program holds. A prompt or a payout that was under way stays
 * unknown: its lease ends now, and the reconciler takes it from there.
 */
export async function releaseClaims(db: Database, clock: Clock): Promise<void> {
  const now = clock.now();
  await db
    .updateTable('outbox')
    .set({ lease_token: null, lease_until: null })
    .where('state', '=', 'pending')
    .where('lease_until', 'is not', null)
    .execute();
  await db.updateTable('attempt').set({ lease_until: now }).where('lease_until', '>', now).execute();
  // As with prompts: a payout that was under way becomes unknown, and is never taken for approved again.
  await db
    .updateTable('payout')
    .set({ lease_until: now })
    .where('state', '=', 'sending')
    .where('lease_until', '>', now)
    .execute();
}
