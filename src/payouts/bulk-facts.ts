/** What is known about a batch before it is approved, and how far it is after. */
import { type RawBuilder, sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { BatchId, BusinessId, IdentityId } from '../domain/ids.ts';
import { bandOf } from '../domain/tariff.ts';
import type { BatchRow } from './bulk-hash.ts';
import { isOpen, openOrPaidSince } from './moved.ts';
import { lastFee } from './queries.ts';
import { sameAgainSeconds } from './request.ts';

export interface BatchFacts {
  /** Rows that cannot be paid. */
  readonly bad: number;
  /** Rows whose phone stands in the file more than once. */
  readonly twice: number;
  /** Rows whose phone and sum stand in the file more than once. */
  readonly same: number;
  /** Rows whose phone got the same sum in the last days, or may still get it. */
  readonly lately: number;
  /** Rows whose phone got the same sum within a day, or may still get it. */
  readonly again: number;
  /** Rows whose phone was never paid by this business. */
  readonly fresh: number;
  /** The same file, of the last day, that was not turned down. */
  readonly before: { readonly ref: string; readonly at: Date } | null;
}

const lateDays = 7;

export async function batchFacts(tx: Tx, batch: BatchRow, now: Date): Promise<BatchFacts> {
  // Each way of being alike is a join of its own, so that neither compares every row with every other one of a phone.
  const alike = (same: RawBuilder<unknown>) => sql`
    select seen.*, (${isOpen('p')} or p.updated_at > ${plusSeconds(now, -sameAgainSeconds)}) as again
    from seen join payout p on p.phone_hmac = seen.phone_hmac and p.business_id = ${batch.business_id} and ${same}
    where p.batch_id is distinct from ${batch.id}::uuid
      and ${openOrPaidSince('p', plusSeconds(now, -lateDays * 24 * 3600))}`;
  const { rows } = await sql<Record<'bad' | 'twice' | 'same' | 'lately' | 'again' | 'fresh', bigint>>`
    with r as materialized (
      select phone_hmac, amount_cents, charge_cents,
        count(*) over (partition by phone_hmac) as phones,
        count(*) over (partition by phone_hmac, amount_cents) as sames
      from payout where batch_id = ${batch.id}),
    seen as materialized (
      select distinct phone_hmac, amount_cents, charge_cents from r),
    older as materialized (
      select phone_hmac, amount_cents, charge_cents, bool_or(again) as again
      from (${alike(sql`p.amount_cents = seen.amount_cents`)}
        union all
        ${alike(sql`p.amount_cents - p.charge_cents = seen.amount_cents - seen.charge_cents`)}) each
      group by 1, 2, 3),
    paid as materialized (
      select distinct p.phone_hmac
      from (select distinct phone_hmac from seen) s
      join payout p on p.phone_hmac = s.phone_hmac and p.business_id = ${batch.business_id}
      where p.state = 'paid')
    select
      (select count(*) from payout_batch_row where batch_id = ${batch.id}) as bad,
      count(*) filter (where r.phones > 1) as twice,
      count(*) filter (where r.sames > 1) as same,
      count(older.again) as lately,
      count(*) filter (where older.again) as again,
      count(*) filter (where paid.phone_hmac is null) as fresh
    from r
    left join older on older.phone_hmac = r.phone_hmac and older.amount_cents = r.amount_cents
      and older.charge_cents = r.charge_cents
    left join paid on paid.phone_hmac = r.phone_hmac`.execute(tx);
  const [counts] = rows;
  const number = (name: keyof NonNullable<typeof counts>): number => Number(counts?.[name] ?? 0);
  return {
    bad: number('bad'),
    twice: number('twice'),
    same: number('same'),
    lately: number('lately'),
    again: number('again'),
    fresh: number('fresh'),
    before: await sameFile(tx, batch, now),
  };
}

async function sameFile(tx: Tx, batch: BatchRow, now: Date): Promise<BatchFacts['before']> {
  const row = await tx
    .selectFrom('payout_batch')
    .select(['ref', 'updated_at as at'])
    .where('business_id', '=', batch.business_id)
    .where('source_digest', '=', batch.source_digest)
    .where('id', '!=', batch.id)
    .where('state', 'in', ['waiting', 'approved', 'running', 'paused', 'done'])
    .where('updated_at', '>', plusSeconds(now, -sameAgainSeconds))
    .orderBy('updated_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Files that wait for a yes, oldest first. */
export async function waitingBatches(
  tx: Tx,
  businessId: BusinessId,
  now: Date,
): Promise<{ id: BatchId; requestedBy: IdentityId }[]> {
  return tx
    .selectFrom('payout_batch')
    .select(['id', 'requested_by as requestedBy'])
    .where('business_id', '=', businessId)
    .where('state', '=', 'waiting')
    .where('expires_at', '>', now)
    .orderBy('updated_at')
    .limit(100)
    .execute();
}

/** Somebody must write why: what stands here may have been paid already, or twice by itself. */
export function wantsReason(facts: BatchFacts): boolean {
  return facts.same > 0 || facts.again > 0 || facts.before !== null;
}

/** What the gateway will take for all of it, by what it took for the last ones like them. null: not all is known. */
export async function batchFee(tx: Tx, batch: BatchRow): Promise<bigint | null> {
  const sums = await tx
    .selectFrom('payout')
    .select('amount_cents')
    .select((eb) => eb.fn.countAll<bigint>().as('n'))
    .where('batch_id', '=', batch.id)
    .groupBy('amount_cents')
    .execute();
  const fees = new Map<bigint, bigint | null>();
  let total = 0n;
  for (const { amount_cents, n } of sums) {
    const band = bandOf(amount_cents);
    if (band === null) return null;
    if (!fees.has(band.least)) fees.set(band.least, await lastFee(tx, batch.account_id, band));
    const fee = fees.get(band.least) ?? null;
    if (fee === null) return null;
    total += fee * BigInt(n);
  }
  return total;
}

export interface BatchProgress {
  readonly sent: number;
  /** Provably not sent, for any reason. */
  readonly not: number;
  /** Sent to the gateway, and not known yet. */
  readonly open: number;
  /** Approved, and not sent to the gateway. */
  readonly left: number;
  /** Of the open ones, those that time alone will not settle: a person looks. */
  readonly review: number;
}

export async function batchProgress(tx: Tx, id: BatchId): Promise<BatchProgress> {
  const rows = await tx
    .selectFrom('payout')
    .select('state')
    .select((eb) => eb.fn.countAll<bigint>().as('n'))
    .where('batch_id', '=', id)
    .groupBy('state')
    .execute();
  const count = (...states: string[]): number =>
    rows.filter(({ state }) => states.includes(state)).reduce((sum, { n }) => sum + Number(n), 0);
  return {
    sent: count('paid'),
    not: count('failed', 'reversed', 'rejected', 'expired', 'void'),
    open: count('sending', 'sent_to_gateway', 'unknown', 'review'),
    left: count('draft', 'waiting', 'approved'),
    review: count('review'),
  };
}
