/**
 * Forgets what is finished and old, in batches short enough not to be noticed. Kept: rows that wait to be sent or are dead, and
 * every message that a card or a waiting edit still means.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../db/tables.ts';

const batch = 1000;

export interface Pruned {
  readonly inbox: number;
  readonly outbox: number;
}

/** `before`: more than nine days ago, since uses of links are counted for eight. */
export async function prune(db: Database, before: Date): Promise<Pruned> {
  const inbox = await inBatches(
    db,
    sql`delete from inbox where id in (
      select id from inbox where state = 'done' and handled_at < ${before} order by id limit ${batch})`,
  );
  const outbox = await inBatches(
    db,
    sql`delete from outbox where id in (
      select o.id from outbox o
      where o.state in ('sent', 'held', 'dropped') and coalesce(o.sent_at, o.created_at) < ${before}
        and not exists (select 1 from card c where c.message_id = o.id)
        and not exists (select 1 from payout_card c where c.message_id = o.id)
        and not exists (select 1 from outbox e where e.target_id = o.id and e.state in ('pending', 'held'))
      order by o.id limit ${batch})`,
  );
  await inBatches(
    db,
    sql`delete from link_use where id in (select id from link_use where at < ${before} order by id limit ${batch})`,
  );
  await inBatches(
    db,
    sql`delete from stored_file where id in (
      select id from stored_file where state in ('read', 'refused') and created_at < ${before} limit ${batch})`,
  );
  await db.deleteFrom('channel_pause').where('until', '<', before).execute();
  return { inbox, outbox };
}

async function inBatches(db: Database, remove: RawBuilder<unknown>): Promise<number> {
  let removed = 0;
  for (;;) {
    const { numAffectedRows = 0n } = await remove.execute(db);
    removed += Number(numAffectedRows);
    if (numAffectedRows < BigInt(batch)) return removed;
  }
}
