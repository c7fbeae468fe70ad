/** What is set aside, and how much of the day's limits is used. Rows are only ever added. */

import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { StoredLimits, Tx } from '../db/tables.ts';
import type { PayoutTable } from '../db/tables-payouts.ts';
import { eatDayStart } from '../domain/eat.ts';
import type { BusinessId } from '../domain/ids.ts';
import { defaultLimits, limitNames, type PayoutLimits, type Spent } from '../domain/payout-limits.ts';
import { contradicted } from './moved.ts';

export type PayoutRow = Selectable<PayoutTable>;

export async function addEntry(
  tx: Tx,
  payout: PayoutRow,
  kind: 'reserve' | 'post' | 'void' | 'reverse',
  evidenceId: bigint | null,
  at: Date,
): Promise<void> {
  await tx
    .insertInto('payout_entry')
    .values({
      business_id: payout.business_id,
      payout_id: payout.id,
      round: payout.round,
      kind,
      amount_cents: payout.amount_cents,
      phone_hmac: payout.phone_hmac,
      requested_by: payout.requested_by,
      evidence_id: evidenceId,
      at,
    })
    .execute();
}

/**
 * What was set aside since then, and what of a file was set aside before and approved anew since, but for the rows that had
 * gone by then. One row for each payout and round.
 */
export const reservedSince = (businessId: BusinessId, since: Date) => sql`(
  select * from payout_entry
  where business_id = ${businessId} and kind = 'reserve' and at >= ${since}
  union all
  select e.* from payout_batch b
  cross join lateral (
    select min(a.at) as at from approval a
    where a.batch_id = b.id and a.round > 1 and a.kind <> 'rejected' and a.at >= ${since}) anew
  join payout p on p.batch_id = b.id and (p.sent_at is null or p.sent_at >= anew.at)
  join payout_entry e on e.payout_id = p.id and e.kind = 'reserve' and e.at < ${since}
  where b.business_id = ${businessId} and b.updated_at >= ${since} and anew.at is not null)`;

/** What was approved on this day and did not provably fail; a failure that turned out paid, or is in doubt, counts again. The caller holds the business's row. */
export async function spentToday(
  tx: Tx,
  payout: Pick<PayoutRow, 'business_id' | 'phone_hmac' | 'requested_by'>,
  now: Date,
): Promise<Spent> {
  const { rows } = await sql<{ day: bigint; member_day: bigint; payee_day: bigint }>`
    select
      coalesce(sum(amount_cents), 0)::bigint as day,
      coalesce(sum(amount_cents) filter (where requested_by = ${payout.requested_by}), 0)::bigint as member_day,
      coalesce(sum(amount_cents) filter (where phone_hmac = ${payout.phone_hmac}), 0)::bigint as payee_day
    from ${reservedSince(payout.business_id, eatDayStart(now))} r
    where not exists (
        select 1 from payout_entry v
        where v.payout_id = r.payout_id and v.round = r.round and v.kind = 'void'
          and not exists (
            select 1 from payout_entry p
            where p.payout_id = v.payout_id and p.round = v.round and p.kind = 'post')
          and not exists (
            select 1 from payout d
            where d.id = v.payout_id and ${contradicted('d')} and v.round = (
              select max(l.round) from payout_entry l where l.payout_id = d.id)))`.execute(tx);
  const row = rows[0];
  return {
    day: BigInt(row?.day ?? 0),
    memberDay: BigInt(row?.member_day ?? 0),
    payeeDay: BigInt(row?.payee_day ?? 0),
  };
}

/** Everything that is set aside or out, of any day: for showing. */
export async function reservedNow(tx: Tx, businessId: BusinessId): Promise<bigint> {
  const { rows } = await sql<{ reserved: bigint }>`
    select coalesce(sum(amount_cents), 0)::bigint as reserved
    from payout_entry r
    where r.business_id = ${businessId} and r.kind = 'reserve'
      and not exists (
        select 1 from payout_entry e
        where e.payout_id = r.payout_id and e.round = r.round and e.kind in ('post', 'void'))`.execute(tx);
  return BigInt(rows[0]?.reserved ?? 0);
}

export function readLimits(stored: StoredLimits | null): PayoutLimits {
  if (stored === null) return defaultLimits;
  return Object.fromEntries(
    limitNames.map((name) => [name, BigInt(stored[name] ?? defaultLimits[name])]),
  ) as Record<(typeof limitNames)[number], bigint>;
}

export function writeLimits(limits: PayoutLimits): StoredLimits {
  return Object.fromEntries(limitNames.map((name) => [name, String(limits[name])])) as Record<
    (typeof limitNames)[number],
    string
  >;
}
