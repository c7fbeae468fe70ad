/** What was given up, in both queues: for an operator to read, and to try again once the cause is gone. */
import { sql } from 'kysely';
import type { Database } from '../db/tables.ts';
import type { Clock } from '../domain/clock.ts';
import { type Requeued, requeueDead } from '../ops/queues.ts';

export interface DeadLetter {
  readonly queue: 'inbox' | 'outbox';
  readonly id: bigint;
  /** Where it came from, or where it was to go. */
  readonly channel: string;
  readonly key: string;
  readonly lane: string | null;
  readonly tries: number;
  readonly error: string | null;
  /** When it was received, or written. */
  readonly at: Date;
}

export interface DeadLetters {
  /** The oldest first, inbox before outbox; at most `most` of each. */
  list(most?: number): Promise<DeadLetter[]>;
  /** All of them wait again, with fresh tries. */
  requeue(): Promise<Requeued>;
}

export function createDeadLetters(deps: { readonly db: Database; readonly clock: Clock }): DeadLetters {
  return {
    list: (most = 500) => list(deps.db, most),
    requeue: () => deps.db.transaction().execute((tx) => requeueDead(tx, deps.clock)),
  };
}

async function list(db: Database, most: number): Promise<DeadLetter[]> {
  const inbox = db
    .selectFrom('inbox')
    .select(['id', 'source as channel', 'key', 'lane', 'tries', 'error', 'received_at as at'])
    .where('state', '=', sql.lit('dead'))
    .orderBy('id')
    .limit(most);
  const outbox = db
    .selectFrom('outbox')
    .select(['id', 'channel', 'key', 'lane', 'tries', 'error', 'created_at as at'])
    .where('state', '=', sql.lit('dead'))
    .orderBy('id')
    .limit(most);
  return [
    ...(await inbox.execute()).map((row) => ({ queue: 'inbox' as const, ...row })),
    ...(await outbox.execute()).map((row) => ({ queue: 'outbox' as const, ...row })),
  ];
}
