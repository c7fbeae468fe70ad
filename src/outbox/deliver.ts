/**
 * Sends what was decided: lease a row and commit, call the channel, commit what became of it. Nothing is lost by a crash;
 * a message whose outcome was not committed in time is sent again, so it may arrive twice.
 */
import type { SendOutcome } from '../channels/channel.ts';
import type { Database, OutboxTable, Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import { token } from '../domain/random.ts';
import { about, type CallDeps, outcomeOf } from './call.ts';
import { editsInPlace } from './enqueue.ts';
import { holdBack } from './held.ts';
import { giveBack, type LeaseDeps, type LeasedRow, lease, release } from './lease.ts';
import { pause } from './pause.ts';
import { findTarget, type Target } from './target.ts';
import { createUnrecorded, type Unrecorded } from './unrecorded.ts';

export interface SentMessage {
  readonly id: bigint;
  readonly key: string;
  readonly lane: string;
  readonly method: string;
  readonly createdAt: Date;
  readonly sentAt: Date;
}

/** What else follows from an outcome, in the transaction that records it; an outcome after its lease has none. */
export interface Aftermath {
  concerns(key: string, outcome: SendOutcome['kind']): boolean;
  settle(tx: Tx, key: string, outcome: SendOutcome): Promise<void>;
}

export interface DelivererDeps extends LeaseDeps, CallDeps {
  readonly onSent?: (message: SentMessage) => void;
  readonly aftermath?: Aftermath;
}

export interface Deliverer {
  /** true where a row was taken. May run several times at once. */
  runOnce(): Promise<boolean>;
}

/** Seconds before the second, third, … try. An outage has no last try. */
const backOffSeconds = [1, 2, 5, 15, 30] as const;
const longestBackOffSeconds = 60;

export function createDeliverer(deps: DelivererDeps): Deliverer {
  const unrecorded = createUnrecorded(deps.clock);
  return { runOnce: () => runOnce(deps, unrecorded) };
}

async function runOnce(deps: DelivererDeps, unrecorded: Unrecorded): Promise<boolean> {
  await unrecorded.settle();
  const leasedAt = deps.clock.now();
  const mine = token(deps.random);
  // Its answer may have been lost, or the database did not say what it edits: nothing was sent.
  const leased = await leaseWithTarget(deps, mine).catch((err) => {
    unrecorded.keep(leasedAt, () => giveBack(deps.db, mine));
    throw err;
  });
  if (leased === null) return false;
  const { row, target } = leased;
  const outcome = await outcomeOf(deps, row, target);
  const kept = () => record(deps, row, target, outcome);
  await kept().catch((err) => {
    unrecorded.keep(leasedAt, kept);
    throw err;
  });
  return true;
}

async function leaseWithTarget(deps: DelivererDeps, mine: string) {
  const row = await lease(deps, mine);
  return row === null ? null : { row, target: await findTarget(deps.db, row) };
}

/** What an outcome makes of the row. A retry leaves it pending. */
const endStates = {
  sent: 'sent',
  drop: 'dropped',
  blocked: 'dropped',
  target_gone: 'dropped',
  unknown: 'dead',
  dead: 'dead',
} as const satisfies Record<Exclude<SendOutcome['kind'], 'retry' | 'held'>, OutboxTable['state']>;

async function record(
  deps: DelivererDeps,
  row: LeasedRow,
  target: Target,
  outcome: SendOutcome,
): Promise<void> {
  const kept = await recordByKind(deps, row, target, outcome);
  const told = {
    ...about(row),
    outcome: outcome.kind,
    detail: 'detail' in outcome ? outcome.detail : undefined,
  };
  if (!kept) deps.log.warn(told, 'a sender came back after its lease; its outcome is not counted');
  else if (outcome.kind === 'dead' || outcome.kind === 'unknown')
    deps.log.error(told, 'an outbox row is dead');
  else if (outcome.kind === 'retry') deps.log.warn(told, 'a message waits for its next try');
  else deps.log.info(told, 'a message is done');
}

async function recordByKind(
  deps: DelivererDeps,
  row: LeasedRow,
  target: Target,
  outcome: SendOutcome,
): Promise<boolean> {
  switch (outcome.kind) {
    case 'sent':
      return await recordSent(deps, row, target, outcome);
    case 'retry':
      return await recordRetry(deps, row, outcome);
    case 'held':
      return await inOne(deps, row, outcome, (db) => holdBack(db, row, deps.clock.now(), outcome), true);
    default: {
      const error = outcome.kind === 'drop' ? outcome.detail : `${outcome.kind}: ${outcome.detail}`;
      const end = { state: endStates[outcome.kind], error };
      return await inOne(deps, row, outcome, (db) => release(db, row, end));
    }
  }
}

/** The change and its aftermath commit together; without an aftermath the change is a transaction by itself. */
async function inOne(
  deps: DelivererDeps,
  row: LeasedRow,
  outcome: SendOutcome,
  change: (db: Database | Tx) => Promise<boolean>,
  several = false,
): Promise<boolean> {
  const { aftermath } = deps;
  const follows = aftermath?.concerns(row.key, outcome.kind) === true;
  if (!follows && !several) return await change(deps.db);
  return await deps.db.transaction().execute(async (tx) => {
    const kept = await change(tx);
    if (kept && follows) await aftermath.settle(tx, row.key, outcome);
    return kept;
  });
}

async function recordSent(
  deps: DelivererDeps,
  row: LeasedRow,
  target: Target,
  outcome: Extract<SendOutcome, { kind: 'sent' }>,
): Promise<boolean> {
  const { externalId } = outcome;
  const sentAt = deps.clock.now();
  const change = {
    ...({ state: endStates.sent, external_id: externalId, sent_at: sentAt, error: null } as const),
    ...(outcome.earlierIds !== undefined && { earlier_ids: outcome.earlierIds }),
  };
  const edits = editsInPlace(deps.channel) && row.target_id !== null;
  const moved = edits && externalId !== null && !names(target, externalId);
  const record = async (db: Database | Tx): Promise<boolean> => {
    if (!(await release(db, row, change))) return false;
    // The message of the target row is this one now, also where it never had one.
    if (moved)
      await db
        .updateTable('outbox')
        .set({ state: 'sent', external_id: externalId, sent_at: sentAt })
        .where('id', '=', row.target_id)
        .execute();
    return true;
  };
  const kept = await inOne(deps, row, outcome, record, moved);
  if (kept)
    deps.onSent?.({
      id: row.id,
      key: row.key,
      lane: row.lane,
      method: row.method,
      createdAt: row.created_at,
      sentAt,
    });
  return kept;
}

function names(target: Target, externalId: string): boolean {
  return target.kind === 'known' && target.externalId === externalId;
}

async function recordRetry(
  deps: DelivererDeps,
  row: LeasedRow,
  outcome: Extract<SendOutcome, { kind: 'retry' }>,
): Promise<boolean> {
  const now = deps.clock.now();
  const until = plusSeconds(
    now,
    outcome.afterSeconds ?? backOffSeconds[row.tries - 1] ?? longestBackOffSeconds,
  );
  const { afterSeconds, scope } = outcome;
  const limit = async (db: Database | Tx): Promise<boolean> => {
    // A limit holds for everyone who sends, whoever has the row by now.
    if (afterSeconds !== null && scope !== 'message')
      await pause(db, { channel: deps.channel, lane: row.lane, scope, now, until });
    return await release(db, row, { due_at: until, error: outcome.detail });
  };
  return await inOne(deps, row, outcome, limit, true);
}
