/** What waited for a person to write again goes out, since they have. */
import { sql } from 'kysely';
import type { Database, Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import { released } from './enqueue.ts';
import { type LeasedRow, release } from './lease.ts';

/** What is older than this is in the history; nobody wants to read it before the answer to what they wrote. */
const longestSeconds = 7 * 24 * 3600;

/** Of a message that changed while it was held back only the newest text is sent. Answers how many go out. */
export async function releaseHeld(tx: Tx, now: Date, lane: string): Promise<number> {
  const oldest = plusSeconds(now, -longestSeconds);
  const { rows } = await sql<{ state: string }>`
    with held as materialized (
      select id, coalesce(target_id, id) as base, method from outbox
      where lane = ${lane} and state = 'held' order by id for update),
    newest as (
      select base, max(id) as id from held where method = 'editMessageText' group by base)
    update outbox o
    set state = case when h.id < n.id or o.created_at < ${oldest}::timestamptz then 'dropped' else 'pending' end,
      error = case when h.id < n.id then 'superseded' when o.created_at < ${oldest}::timestamptz then 'too old' else ${released} end,
      due_at = ${now}::timestamptz, tries = 0,
      -- Those of the template that rang.
      external_id = null, delivered_at = null, read_at = null, failed_at = null
    from held h left join newest n on n.base = h.base
    where o.id = h.id
    returning o.state`.execute(tx);
  return rows.filter(({ state }) => state === 'pending').length;
}

/** Far less than any window that a platform closes. */
const justNowSeconds = 3600;

/**
 * Holds a row back whose platform took no such message. Where its person wrote meanwhile, it is tried again at once: the turn
 * that released what was held has passed it by. The person's row is asked for first, so that a turn that has not committed yet
 * is waited for. false: the lease was lost.
 */
export async function holdBack(
  tx: Database | Tx,
  row: LeasedRow,
  now: Date,
  { detail, externalId }: { readonly detail: string; readonly externalId?: string | null },
): Promise<boolean> {
  const error = `held: ${detail}`;
  // The lane as it is now: a number that has another owner takes its rows out of the lane.
  const { rows } = await sql<{ wrote_at: Date | null }>`
    select i.wrote_at from outbox o
    join identity i on i.channel = o.channel and i.external_id = substr(o.lane, length(o.channel) + 2)
    where o.id = ${row.id} for share of i`.execute(tx);
  const wroteAt = rows[0]?.wrote_at ?? null;
  const isBack = wroteAt !== null && wroteAt > plusSeconds(now, -justNowSeconds);
  return await release(
    tx,
    row,
    isBack ? { due_at: now, error } : { state: 'held', error, external_id: externalId ?? null },
  );
}
