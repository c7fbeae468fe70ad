/** What waited for a person to write again goes out, since they have. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';

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
