/**
 * Who may send a row now. A lease is taken in its own committed statement, before the call, and every change after the
 * call asks for the same token: a sender that comes back after its lease ended changes nothing.
 */
import { sql } from 'kysely';
import type { Database, OutboxTable, Tx } from '../db/tables.ts';
import { type Clock, plusSeconds } from '../domain/clock.ts';
import { type Random, token } from '../domain/random.ts';

/** Longer than two time-outs of a send (channels/channel.ts), with room for the statements around them. */
export const leaseSeconds = 60;

export interface LeaseDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly channel: OutboxTable['channel'];
}

export interface LeasedRow {
  readonly id: bigint;
  readonly key: string;
  readonly lane: string;
  readonly method: string;
  readonly payload_sealed: Buffer;
  readonly target_id: bigint | null;
  /** This one included. */
  readonly tries: number;
  readonly created_at: Date;
  readonly lease: string;
}

/**
 * The oldest row whose lane has no older one waiting and is not paused. A row in flight is still the oldest of its lane,
 * so a lane has one row in flight. A row that waits for its next try holds up those behind it; one that was put in for later
 * does not, until it is due. What a process whose clock is ahead wrote for its own now is not for later. `min(id)` for the same
 * reason as in `inbox/claim.ts`.
 */
export async function lease(deps: LeaseDeps, mine = token(deps.random)): Promise<LeasedRow | null> {
  const now = deps.clock.now();
  const { rows } = await sql<Omit<LeasedRow, 'lease'>>`
    with head as materialized (
      select o.id from outbox o
      where o.channel = ${deps.channel} and o.state = 'pending' and o.due_at <= ${now}
        and (o.lease_until is null or o.lease_until <= ${now})
        and o.id = (select min(x.id) from outbox x where x.lane = o.lane and x.state = 'pending'
          and not (x.tries = 0 and x.due_at > x.created_at and x.due_at > ${now}))
        and not exists (select 1 from channel_pause p where p.key = o.lane and p.until > ${now})
        and not exists (select 1 from channel_pause p where p.key = ${deps.channel} and p.until > ${now})
      order by o.id
      limit 1
      for update of o skip locked)
    update outbox o
    set lease_token = ${mine}::uuid, lease_until = ${plusSeconds(now, leaseSeconds)}, tries = o.tries + 1
    from head where o.id = head.id
    returning o.id, o.key, o.lane, o.method, o.payload_sealed, o.target_id, o.tries, o.created_at`.execute(
    deps.db,
  );
  const row = rows[0];
  return row === undefined ? null : { ...row, lease: mine };
}

type Change = Partial<Pick<OutboxTable, 'state' | 'external_id' | 'error' | 'sent_at' | 'due_at'>> & {
  readonly earlier_ids?: readonly string[];
};

/** Gives the lease back together with the change. false: the lease was lost, and the row is somebody else's. */
export async function release(db: Database | Tx, row: LeasedRow, change: Change): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('outbox')
    .set({ ...change, lease_token: null, lease_until: null })
    .where('id', '=', row.id)
    .where('state', '=', 'pending')
    .where('lease_token', '=', row.lease)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Whatever is leased by the token, which nobody has sent. */
export async function giveBack(db: Database, mine: string): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ lease_token: null, lease_until: null })
    .where('lease_token', '=', mine)
    .where('state', '=', 'pending')
    .execute();
}
