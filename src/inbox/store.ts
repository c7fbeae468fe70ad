/**
 * Keeps what arrived, before anybody is told that it arrived. A lane is a chat: its rows are handled one after the
 * other, by id. PostgreSQL hands out ids before the commit, so two webhooks of one chat could become visible in the
 * wrong order; the lane's lock is therefore taken before the id and held until the commit.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Database, InboxTable, Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import type { AccountId, AttemptId, PayoutId } from '../domain/ids.ts';

export interface InboxItem {
  readonly source: InboxTable['source'];
  /** What makes a second delivery of the same thing recognisable, within its source. */
  readonly key: string;
  /** null: in no order with anything else. */
  readonly lane: string | null;
  readonly accountId: AccountId | null;
  readonly attemptId: AttemptId | null;
  /** Whose own URL it came to. */
  readonly payoutId?: PayoutId | null;
  readonly body: string;
}

export interface Inbox {
  /** Committed when it resolves. */
  store(item: InboxItem): Promise<'stored' | 'duplicate'>;
  /** All of them in one transaction, in this order; answers how many were new. */
  storeMany(items: readonly InboxItem[]): Promise<number>;
}

export interface InboxDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
}

/** A namespace of its own: storing must not wait for the turn that is handling an older row of the lane. */
const storeLocks = 0;

export function createInbox(deps: InboxDeps): Inbox {
  return {
    store: (item) => store(deps, item),
    storeMany: (items) => storeMany(deps, items),
  };
}

/** The associated data under which a body is sealed. */
export function bodyIdentity(row: { readonly source: string; readonly key: string }): string {
  return `inbox:${row.source}:${row.key}`;
}

async function store(deps: InboxDeps, item: InboxItem): Promise<'stored' | 'duplicate'> {
  const now = deps.clock.now();
  const sealed = deps.vault.seal(item.body, bodyIdentity(item));
  const { rows } = await sql`
    ${locking(item.lane)}
    insert into inbox (source, key, lane, account_id, attempt_id, payout_id, body_sealed, state, tries, due_at, received_at)
    select ${item.source}, ${item.key}, ${item.lane}, ${item.accountId}::uuid, ${item.attemptId}::uuid,
      ${item.payoutId ?? null}::uuid, ${sealed}::bytea, 'pending', 0, ${now}::timestamptz, ${now}::timestamptz
    ${item.lane === null ? sql`` : sql`from held`}
    on conflict (source, key) do nothing
    returning id`.execute(deps.db);
  return rows.length === 1 ? 'stored' : 'duplicate';
}

/** `insert … select … from held` computes the id for the row that `held` gives, so the lock comes first. */
function locking(lane: string | null): RawBuilder<unknown> {
  if (lane === null) return sql``;
  return sql`with held as materialized (
    select pg_advisory_xact_lock(hashtextextended(${lane}::text, ${storeLocks}::bigint)))`;
}

async function storeMany(deps: InboxDeps, items: readonly InboxItem[]): Promise<number> {
  const [first, ...others] = items;
  if (first === undefined) return 0;
  if (others.length === 0) return (await store(deps, first)) === 'stored' ? 1 : 0;
  const rows = items.map((item) => toRow(deps, item));
  return await deps.db.transaction().execute(async (tx) => {
    await lockLanes(tx, items);
    const stored = await tx
      .insertInto('inbox')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['source', 'key']).doNothing())
      .returning('id')
      .execute();
    return stored.length;
  });
}

/** In one order everywhere, so that two batches cannot wait for each other. */
async function lockLanes(tx: Tx, items: readonly InboxItem[]): Promise<void> {
  const lanes = items.flatMap((item) => item.lane ?? []);
  if (lanes.length === 0) return;
  await sql`
    with wanted as materialized (
      select distinct hashtextextended(lane, ${storeLocks}::bigint) as lock
      from unnest(${lanes}::text[]) as lane order by lock)
    select pg_advisory_xact_lock(lock) from wanted`.execute(tx);
}

function toRow(deps: InboxDeps, item: InboxItem) {
  const now = deps.clock.now();
  return {
    source: item.source,
    key: item.key,
    lane: item.lane,
    account_id: item.accountId,
    attempt_id: item.attemptId,
    payout_id: item.payoutId ?? null,
    body_sealed: deps.vault.seal(item.body, bodyIdentity(item)),
    state: 'pending' as const,
    tries: 0,
    due_at: now,
    error: null,
    received_at: now,
    handled_at: null,
  };
}

/** Rewrites what was kept, in the transaction that handles it: a PIN typed into a chat must not stay. */
export async function replaceBody(
  tx: Tx,
  vault: Vault,
  row: { readonly id: bigint; readonly source: InboxTable['source']; readonly key: string },
  body: string,
): Promise<void> {
  const sealed = vault.seal(body, bodyIdentity(row));
  await tx.updateTable('inbox').set({ body_sealed: sealed }).where('id', '=', row.id).execute();
}
