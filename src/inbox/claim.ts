/**
 * Handles what was stored, one row and one transaction at a time. The open transaction is the lease: it holds the row
 * and the lane's lock, and a killed process gives both back. The oldest pending row of a lane comes first, also while
 * it waits for its next try; rows without a lane wait for nobody.
 */
import { sql } from 'kysely';
import { isDatabaseDown } from '../db/open.ts';
import type { Database, InboxTable, Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import { type Clock, plusSeconds } from '../domain/clock.ts';
import type { AccountId, AttemptId, PayoutId } from '../domain/ids.ts';
import { faultText } from '../ops/fault-text.ts';
import type { Logger } from '../ops/log.ts';
import { bodyIdentity } from './store.ts';

export interface InboxRow {
  readonly id: bigint;
  readonly key: string;
  readonly lane: string | null;
  readonly accountId: AccountId | null;
  readonly attemptId: AttemptId | null;
  readonly payoutId: PayoutId | null;
  /** Empty in `buried`, where the body could not be opened. */
  readonly body: string;
  readonly receivedAt: Date;
}

export interface InboxHandler {
  readonly handle: (tx: Tx, row: InboxRow) => Promise<void>;
  /** Tells whoever waits for the row, in the transaction that makes it dead. */
  readonly buried: (tx: Tx, row: InboxRow, err: unknown) => Promise<void>;
}

export interface InboxWorkerOptions extends InboxHandler {
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly source: InboxTable['source'];
  readonly log: Logger;
  /** After this many failures the row is dead: kept, listed, no longer in anybody's way. */
  readonly maxTries: number;
  readonly afterCommit?: () => void;
}

export interface InboxWorker {
  /** true where a row was taken, handled or not. Throws where the database is away; that is not the row's failure. */
  runOnce(): Promise<boolean>;
}

/** Seconds before the second, third, … try. */
const backOffSeconds = [1, 5, 30, 120] as const;
const lastBackOffSeconds = 120;

/** A namespace of its own, apart from the locks of `store`. */
const turnLocks = 1;

/** Thrown by a handler whose row came before what it speaks of: the row is put off, and that is no fault. */
export class NotYet extends Error {}

/**
 * Holds these lanes beside the row's own until the turn ends: on some platforms a person's messages come in two of them.
 * Before anything else is locked, and in one order everywhere.
 */
export async function holdLanes(tx: Tx, lanes: readonly string[]): Promise<void> {
  if (lanes.length === 0) return;
  await sql`
    with wanted as materialized (
      select distinct hashtextextended(lane, ${turnLocks}::bigint) as lock
      from unnest(${lanes}::text[]) as lane order by lock)
    select pg_advisory_xact_lock(lock) from wanted`.execute(tx);
}

interface ClaimedRow {
  readonly id: bigint;
  readonly key: string;
  readonly lane: string | null;
  readonly account_id: AccountId | null;
  readonly attempt_id: AttemptId | null;
  readonly payout_id: PayoutId | null;
  readonly body_sealed: Buffer;
  readonly tries: number;
  readonly received_at: Date;
}

export function createInboxWorker(options: InboxWorkerOptions): InboxWorker {
  return { runOnce: () => runOnce(options) };
}

async function runOnce(options: InboxWorkerOptions): Promise<boolean> {
  const held: { row: ClaimedRow | null } = { row: null };
  try {
    await options.db.transaction().execute(async (tx) => {
      const row = await claim(tx, options);
      held.row = row;
      if (row === null) return;
      await options.handle(tx, toInboxRow(row, openBody(options, row)));
      await markDone(tx, options, row);
    });
  } catch (err) {
    if (held.row === null || isDatabaseDown(err)) throw err;
    await putOff(options, held.row, err);
    return true;
  }
  if (held.row !== null) options.afterCommit?.();
  return held.row !== null;
}

/**
 * The lane's head is asked for by `min(id)`, not by an anti-join: the planner then has no choice but one index probe
 * a candidate, whatever its statistics say about a table that is mostly finished rows. The lane's lock comes after the
 * row: it waits only for a turn of the same lane that was claimed before an older row was requeued.
 */
async function claim(tx: Tx, options: InboxWorkerOptions): Promise<ClaimedRow | null> {
  const { rows } = await sql<ClaimedRow>`
    with head as materialized (
      select i.id, i.key, i.lane, i.account_id, i.attempt_id, i.payout_id, i.body_sealed, i.tries, i.received_at
      from inbox i
      where i.source = ${options.source} and i.state = 'pending' and i.due_at <= ${options.clock.now()}
        and (i.lane is null
          or i.id = (select min(o.id) from inbox o where o.lane = i.lane and o.state = 'pending'))
      order by i.id
      limit 1
      for update skip locked)
    select head.* from head
    left join lateral (
      select pg_advisory_xact_lock(hashtextextended(head.lane, ${turnLocks}::bigint))
      where head.lane is not null) as turn on true`.execute(tx);
  return rows[0] ?? null;
}

function openBody(options: InboxWorkerOptions, row: ClaimedRow): string {
  return options.vault.open(row.body_sealed, bodyIdentity({ source: options.source, key: row.key }));
}

function toInboxRow(row: ClaimedRow, body: string): InboxRow {
  return {
    id: row.id,
    key: row.key,
    lane: row.lane,
    accountId: row.account_id,
    attemptId: row.attempt_id,
    payoutId: row.payout_id,
    body,
    receivedAt: row.received_at,
  };
}

async function markDone(tx: Tx, options: InboxWorkerOptions, row: ClaimedRow): Promise<void> {
  await tx
    .updateTable('inbox')
    .set({ state: 'done', handled_at: options.clock.now(), error: null })
    .where('id', '=', row.id)
    .execute();
}

async function putOff(options: InboxWorkerOptions, row: ClaimedRow, err: unknown): Promise<void> {
  const tries = row.tries + 1;
  const about = { err, inboxId: String(row.id), source: options.source, key: row.key, tries };
  if (tries >= options.maxTries) {
    options.log.error(about, 'an inbox row is dead');
    await bury(options, row, err);
    return;
  }
  if (err instanceof NotYet) options.log.debug(about, 'an inbox row came too early and is put off');
  else options.log.warn(about, 'an inbox row could not be handled and is put off');
  const seconds = backOffSeconds[tries - 1] ?? lastBackOffSeconds;
  await changeIfUntouched(options.db, row, {
    tries,
    error: faultText(err),
    due_at: plusSeconds(options.clock.now(), seconds),
  });
}

/** Between the rollback and this, another worker may have taken the row: then its outcome counts. */
async function changeIfUntouched(
  db: Database,
  row: ClaimedRow,
  change: { tries: number; error: string; due_at?: Date; state?: 'dead'; handled_at?: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('inbox')
    .set(change)
    .where('id', '=', row.id)
    .where('state', '=', 'pending')
    .where('tries', '=', row.tries)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

async function bury(options: InboxWorkerOptions, row: ClaimedRow, err: unknown): Promise<void> {
  const tries = row.tries + 1;
  const change = { tries, error: faultText(err), state: 'dead', handled_at: options.clock.now() } as const;
  try {
    await options.db.transaction().execute(async (tx) => {
      if (!(await changeIfUntouched(tx, row, change))) return;
      await options.buried(tx, toInboxRow(row, bodyOrNothing(options, row)), err);
    });
    options.afterCommit?.();
  } catch (second) {
    if (isDatabaseDown(second)) throw second;
    // Telling failed too. A row that can neither be handled nor told must still leave its lane.
    options.log.error({ err: second, inboxId: String(row.id) }, 'nobody could be told of a dead inbox row');
    await changeIfUntouched(options.db, row, change);
  }
}

function bodyOrNothing(options: InboxWorkerOptions, row: ClaimedRow): string {
  try {
    return openBody(options, row);
  } catch {
    return '';
  }
}
