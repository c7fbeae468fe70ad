/**
 * The second person's yes to a whole file. As with one payout, everything is asked again under the locks: who presses, what
 * exactly was asked, and whether the limits allow all of it together; the money of every row is set aside at once.
 */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { eatDayStart } from '../domain/eat.ts';
import { type BatchId, type IdentityId, newId } from '../domain/ids.ts';
import { type OverLimit, overLimit, type PayoutLimits, type Spent } from '../domain/payout-limits.ts';
import { may } from '../domain/roles.ts';
import { approver, type Business, lockBusiness, roleOf } from './approve.ts';
import { audit } from './audit.ts';
import { type BatchRow, batchHash, lockBatch } from './bulk-hash.ts';
import { changeBatch, changeRows, endBatch, recordRows } from './bulk-request.ts';
import type { PayoutDeps } from './context.ts';
import { contradicted } from './moved.ts';
import { readLimits, spentToday } from './reserve.ts';

export type BatchApproved =
  | { readonly kind: 'approved' }
  | { readonly kind: 'not_now' }
  | { readonly kind: 'own' }
  | { readonly kind: 'no_right' }
  | { readonly kind: 'frozen' }
  | { readonly kind: 'over_limit'; readonly over: OverLimit }
  /** The total is to be typed. `wrong`: what was typed differs. */
  | { readonly kind: 'total'; readonly wrong: boolean };

export interface BatchApproval {
  readonly batchId: BatchId;
  readonly by: IdentityId;
  /** Of the card that was pressed. */
  readonly version: number;
  /** What the person typed for the total, where they were asked. Cents. */
  readonly totalCents: bigint | null;
}

export async function approveBatch(
  tx: Tx,
  deps: PayoutDeps,
  approval: BatchApproval,
): Promise<BatchApproved> {
  const { business, batch } = await lockBatchForDecision(tx, approval.batchId);
  const now = deps.clock.now();
  if (!stillAsked(batch, approval.version, now)) return { kind: 'not_now' };
  const who = await approver(tx, business, batch.requested_by, approval.by);
  if (who !== 'approved' && who !== 'alone') return { kind: who };
  if (business.frozen_at !== null) return { kind: 'frozen' };
  const limits = readLimits(business.payout_limits);
  const over = await overAll(tx, batch, limits, who === 'alone', now);
  if (over !== null) return { kind: 'over_limit', over };
  // Whoever approves alone types it whatever it is: nobody else looks.
  const typed = batch.total_cents > limits.digitsAbove || who === 'alone';
  if (typed && approval.totalCents !== batch.total_cents)
    return { kind: 'total', wrong: approval.totalCents !== null };
  const hash = await batchHash(tx, deps, batch, batch.version);
  // What is stored is not what was asked: nobody can have approved this.
  if (hash === null || batch.hash === null || !hash.equals(batch.hash)) return { kind: 'not_now' };
  await recordDecision(tx, deps, batch, hash, { kind: who, by: approval.by, why: null });
  await reserveRows(tx, batch, now);
  await changeRows(tx, batch, 'approved', now);
  await changeBatch(tx, batch, now, { state: 'running', expires_at: null, next_look_at: now });
  await recordRows(tx, batch.id, 'approved', now);
  await audit(tx, now, batch.business_id, approval.by, 'batch_approved', {
    batch: batch.id,
    rows: batch.rows,
    totalCents: Number(batch.total_cents),
    hash: hash.toString('hex'),
    alone: who === 'alone',
  });
  await deps.tellPayout.batch(tx, batch.id);
  return { kind: 'approved' };
}

export async function rejectBatch(
  tx: Tx,
  deps: PayoutDeps,
  rejection: Omit<BatchApproval, 'totalCents'> & { readonly why: string },
): Promise<'rejected' | 'not_now' | 'no_right'> {
  const { business, batch } = await lockBatchForDecision(tx, rejection.batchId);
  const now = deps.clock.now();
  if (!stillAsked(batch, rejection.version, now)) return 'not_now';
  const role = await roleOf(tx, business.id, rejection.by);
  if (role === null || !may(role, 'approve_payout')) return 'no_right';
  const { by, why } = rejection;
  await recordDecision(tx, deps, batch, batch.hash ?? Buffer.alloc(0), { kind: 'rejected', by, why });
  await endBatch(tx, batch, 'rejected', now);
  await audit(tx, now, batch.business_id, by, 'batch_rejected', { batch: batch.id });
  await deps.tellPayout.batch(tx, batch.id);
  return 'rejected';
}

/** In the order that every holder of several locks follows. */
export async function lockBatchForDecision(
  tx: Tx,
  id: BatchId,
): Promise<{ business: Business; batch: BatchRow }> {
  const named = await tx
    .selectFrom('payout_batch')
    .select('business_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const business = await lockBusiness(tx, named.business_id);
  return { business, batch: await lockBatch(tx, id) };
}

function stillAsked(batch: BatchRow, version: number, now: Date): boolean {
  const lapsed = batch.expires_at === null || batch.expires_at <= now;
  return batch.state === 'waiting' && batch.version === version && !lapsed;
}

/** The largest row against the limit of one; all of them together against those of a day, and of each payee. */
async function overAll(
  tx: Tx,
  batch: BatchRow,
  limits: PayoutLimits,
  alone: boolean,
  now: Date,
): Promise<OverLimit | null> {
  const { rows } = await sql<{ phone_hmac: Buffer; most: bigint; sum: bigint }>`
    select phone_hmac, max(amount_cents)::bigint as most, sum(amount_cents)::bigint as sum
    from payout where batch_id = ${batch.id} group by 1 order by sum(amount_cents) desc`.execute(tx);
  const largest = rows.reduce((most, row) => (BigInt(row.most) > most ? BigInt(row.most) : most), 0n);
  if (largest > limits.single) return { limit: 'single', most: limits.single, left: limits.single };
  const [first] = rows;
  if (first === undefined) return null;
  const spent = await spentToday(
    tx,
    { business_id: batch.business_id, requested_by: batch.requested_by, phone_hmac: first.phone_hmac },
    now,
  );
  const payees = await spentOn(tx, batch, now);
  const whole: Spent = { day: spent.day, memberDay: spent.memberDay, payeeDay: 0n };
  // One payee's sums are asked below; here the payee's limit is out of the way.
  const of = { ...limits, single: batch.total_cents, payeeDay: batch.total_cents };
  const over = overLimit(batch.total_cents, of, whole, alone);
  if (over !== null) return over;
  for (const { phone_hmac, sum } of rows) {
    const used = payees.get(phone_hmac.toString('hex')) ?? 0n;
    const left = limits.payeeDay > used ? limits.payeeDay - used : 0n;
    if (BigInt(sum) > left) return { limit: 'payeeDay', most: limits.payeeDay, left };
  }
  return null;
}

/** What each payee of the file was approved for today already, by phone; counted as `spentToday` counts. */
async function spentOn(tx: Tx, batch: BatchRow, now: Date): Promise<Map<string, bigint>> {
  const { rows } = await sql<{ phone_hmac: Buffer; sum: bigint }>`
    select r.phone_hmac, sum(r.amount_cents)::bigint as sum
    from payout_entry r
    where r.business_id = ${batch.business_id} and r.kind = 'reserve' and r.at >= ${eatDayStart(now)}
      and r.phone_hmac in (select phone_hmac from payout where batch_id = ${batch.id})
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

async function reserveRows(tx: Tx, batch: BatchRow, now: Date): Promise<void> {
  await sql`
    insert into payout_entry
      (business_id, payout_id, round, kind, amount_cents, phone_hmac, requested_by, evidence_id, at)
    select business_id, id, round, 'reserve', amount_cents, phone_hmac, requested_by, null, ${now}::timestamptz
    from payout where batch_id = ${batch.id} order by batch_row`.execute(tx);
}

async function recordDecision(
  tx: Tx,
  deps: PayoutDeps,
  batch: BatchRow,
  hash: Buffer,
  what: { kind: 'approved' | 'rejected' | 'alone'; by: IdentityId; why: string | null },
): Promise<void> {
  await tx
    .insertInto('approval')
    .values({
      id: newId(deps.clock, deps.random),
      business_id: batch.business_id,
      payout_id: null,
      batch_id: batch.id,
      round: 1,
      hash,
      kind: what.kind,
      by_identity: what.by,
      why: what.why,
      at: deps.clock.now(),
    } as never)
    .execute();
}
