/** The sums of one EAT day, from the ledger and the payouts' entries: what was proved, not what was asked. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import { eatDayStart } from '../domain/eat.ts';
import type { BusinessId } from '../domain/ids.ts';

export interface DaySums {
  /** Cents that came in, and in how many payments; each by the moment at which it was proved. */
  readonly inCents: bigint;
  readonly inCount: number;
  /** Cents that left, refunds aside; what M-Pesa took back since does not count. */
  readonly outCents: bigint;
  /** Cents that went back to customers, counted alike. */
  readonly refundCents: bigint;
  /** Payments and payouts of any day whose outcome is not known. */
  readonly unknown: number;
  /** Payments and payouts of any day that a person must look at. */
  readonly review: number;
}

interface Row {
  in_cents: bigint;
  in_count: bigint;
  out_cents: bigint;
  refund_cents: bigint;
  unknown: bigint;
  review: bigint;
}

/** Of the EAT day that `at` lies in. */
export async function sumsOfDay(tx: Tx, businessId: BusinessId, at: Date): Promise<DaySums> {
  const from = eatDayStart(at);
  const to = plusSeconds(from, 24 * 3600);
  const { rows } = await sql<Row>`
    with came as (
      select amount_cents, payment_id from ledger
      where business_id = ${businessId} and direction = 'in' and posted_at >= ${from} and posted_at < ${to}
    ), left_us as (
      select e.amount_cents, p.refund_of from payout_entry e join payout p on p.id = e.payout_id
      where e.business_id = ${businessId} and e.kind = 'post' and e.at >= ${from} and e.at < ${to}
        and not exists (
          select 1 from payout_entry r
          where r.payout_id = e.payout_id and r.round = e.round and r.kind = 'reverse')
    )
    select
      (select coalesce(sum(amount_cents), 0)::bigint from came) as in_cents,
      (select count(*) from came) as in_count,
      (select coalesce(sum(amount_cents), 0)::bigint from left_us where refund_of is null) as out_cents,
      (select coalesce(sum(amount_cents), 0)::bigint from left_us where refund_of is not null) as refund_cents,
      (select count(*) from payment where business_id = ${businessId} and state = 'unknown')
        + (select count(*) from payout where business_id = ${businessId} and state = 'unknown') as unknown,
      (select count(*) from payment where business_id = ${businessId} and flag is not null)
        + (select count(*) from payout
            where business_id = ${businessId} and (state = 'review' or flag is not null)) as review`.execute(
    tx,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('Sums without a row.');
  return {
    inCents: row.in_cents,
    inCount: Number(row.in_count),
    outCents: row.out_cents,
    refundCents: row.refund_cents,
    unknown: Number(row.unknown),
    review: Number(row.review),
  };
}
