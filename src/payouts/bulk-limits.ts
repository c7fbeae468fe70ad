/** The limits of payouts against a file: its rows count together, however many they are. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { eatDayStart } from '../domain/eat.ts';
import { type OverLimit, overLimit, type PayoutLimits, type Spent } from '../domain/payout-limits.ts';
import type { BatchRow } from './bulk-hash.ts';
import { contradicted } from './moved.ts';
import { reservedSince, spentToday } from './reserve.ts';

/**
 * The largest row against the limit of one; all of them together against those of a day, and of each payee. The rows are those
 * that wait for a yes, or that had one and are not sent: what was set aside for these today is not counted twice.
 */
export async function overAll(
  tx: Tx,
  batch: BatchRow,
  limits: PayoutLimits,
  alone: boolean,
  now: Date,
): Promise<OverLimit | null> {
  const { rows } = await sql<{ phone_hmac: Buffer; most: bigint; sum: bigint }>`
    select phone_hmac, max(amount_cents)::bigint as most, sum(amount_cents)::bigint as sum
    from payout where batch_id = ${batch.id} and state in ('waiting', 'approved')
    group by 1 order by sum(amount_cents) desc`.execute(tx);
  const largest = rows.reduce((most, row) => (BigInt(row.most) > most ? BigInt(row.most) : most), 0n);
  if (largest > limits.single) return { limit: 'single', most: limits.single, left: limits.single };
  const [first] = rows;
  if (first === undefined) return null;
  const total = rows.reduce((sum, row) => sum + BigInt(row.sum), 0n);
  const spent = await spentToday(
    tx,
    { business_id: batch.business_id, requested_by: batch.requested_by, phone_hmac: first.phone_hmac },
    now,
  );
  const own = await ownToday(tx, batch, now);
  const payees = await spentOn(tx, batch, now);
  const whole: Spent = { day: spent.day - own, memberDay: spent.memberDay - own, payeeDay: 0n };
  // One payee's sums are asked below; here the payee's limit is out of the way.
  const of = { ...limits, single: total, payeeDay: total };
  const over = overLimit(total, of, whole, alone);
  if (over !== null) return over;
  for (const { phone_hmac, sum } of rows) {
    const used = payees.get(phone_hmac.toString('hex')) ?? 0n;
    const left = limits.payeeDay > used ? limits.payeeDay - used : 0n;
    if (BigInt(sum) > left) return { limit: 'payeeDay', most: limits.payeeDay, left };
  }
  return null;
}

/** What counts as set aside today for rows of the file that are not sent. */
async function ownToday(tx: Tx, batch: BatchRow, now: Date): Promise<bigint> {
  const { rows } = await sql<{ sum: bigint }>`
    select coalesce(sum(e.amount_cents), 0)::bigint as sum
    from ${reservedSince(batch.business_id, eatDayStart(now))} e join payout p on p.id = e.payout_id
    where p.batch_id = ${batch.id} and p.state = 'approved'`.execute(tx);
  return BigInt(rows[0]?.sum ?? 0);
}

/** What each payee of the file was approved for today beside these rows, by phone; counted as `spentToday` counts. */
async function spentOn(tx: Tx, batch: BatchRow, now: Date): Promise<Map<string, bigint>> {
  const { rows } = await sql<{ phone_hmac: Buffer; sum: bigint }>`
    select r.phone_hmac, sum(r.amount_cents)::bigint as sum
    from ${reservedSince(batch.business_id, eatDayStart(now))} r
    where r.phone_hmac in (
        select phone_hmac from payout where batch_id = ${batch.id} and state in ('waiting', 'approved'))
      and r.payout_id not in (select id from payout where batch_id = ${batch.id} and state = 'approved')
      and not exists (
        select 1 from payout_entry v
        where v.payout_id = r.payout_id and v.round = r.round and v.kind = 'void'
          and not exists (
            select 1 from payout_entry p
            where p.payout_id = v.payout_id and p.round = v.round and p.kind = 'post')
          and not exists (
            select 1 from payout d where d.id = v.payout_id and ${contradicted('d')} and v.round = (
              select max(l.round) from payout_entry l where l.payout_id = d.id)))
    group by 1`.execute(tx);
  return new Map(rows.map(({ phone_hmac, sum }) => [phone_hmac.toString('hex'), BigInt(sum)]));
}
