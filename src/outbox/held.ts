/** What waited for a person to write again goes out, since they have. */
import { sql } from 'kysely';
import type { Database, Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import { type LeasedRow, release } from './lease.ts';

/** Of a message that changed while it was held back only the newest text is sent. Answers how many go out. */
export async function releaseHeld(tx: Tx, now: Date, lane: string): Promise<number> {
  const { rows } = await sql<{ state: string }>`
    with held as materialized (
      select id, coalesce(target_id, id) as base, method from outbox
      where lane = ${lane} and state = 'held' order by id for update),
    newest as (
      select base, max(id) as id from held where method = 'editMessageText' group by base)
    update outbox o
    set state = case when h.id < n.id then 'dropped' else 'pending' end,
      error = case when h.id < n.id then 'superseded' end,
      due_at = ${now}::timestamptz, tries = 0
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
  detail: string,
): Promise<boolean> {
  const error = `held: ${detail}`;
  const [channel = '', key = ''] = row.lane.split(/:(.*)/s);
  const { rows } = await sql<{ wrote_at: Date | null }>`
    select wrote_at from identity where channel = ${channel} and external_id = ${key} for share`.execute(tx);
  const wroteAt = rows[0]?.wrote_at ?? null;
  const isBack = wroteAt !== null && wroteAt > plusSeconds(now, -justNowSeconds);
  return await release(tx, row, isBack ? { due_at: now, error } : { state: 'held', error });
}
