/**
 * The second person's yes to a whole file. As with one payout, everything is asked again under the locks: who presses, what
 * exactly was asked, and whether the limits allow all of it together; the money of every row is set aside at once.
 */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { may } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import { approver, roleOf } from './approve.ts';
import { askerLeft } from './asker.ts';
import {
  type BatchApproval,
  type BatchApproved,
  lockBatchForDecision,
  recordDecision,
} from './bulk-decide.ts';
import { type BatchRow, batchHash } from './bulk-hash.ts';
import { endAbandoned } from './bulk-left.ts';
import { overAll } from './bulk-limits.ts';
import { changeBatch, changeRows, endBatch, recordRows } from './bulk-request.ts';
import { approveRest } from './bulk-rest.ts';
import type { PayoutDeps } from './context.ts';
import { readLimits } from './reserve.ts';

/** Of a file that waits for a yes, or of the rest of one whose approver may approve no more. */
export async function approveBatch(
  tx: Tx,
  deps: PayoutDeps,
  approval: BatchApproval,
): Promise<BatchApproved> {
  const { business, batch } = await lockBatchForDecision(tx, approval.batchId);
  if (batch.state === 'paused') return approveRest(tx, deps, { business, batch }, approval);
  const now = deps.clock.now();
  if (!stillAsked(batch, approval.version, now)) return { kind: 'not_now' };
  const who = await approver(tx, business, batch.requested_by, approval.by);
  if (who !== 'approved' && who !== 'alone') return { kind: who };
  if (await askerLeft(tx, batch)) {
    await endAbandoned(tx, deps, batch);
    return { kind: 'asker_left' };
  }
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

function stillAsked(batch: BatchRow, version: number, now: Date): boolean {
  const lapsed = batch.expires_at === null || batch.expires_at <= now;
  return batch.state === 'waiting' && batch.version === version && !lapsed;
}

async function reserveRows(tx: Tx, batch: BatchRow, now: Date): Promise<void> {
  await sql`
    insert into payout_entry
      (business_id, payout_id, round, kind, amount_cents, phone_hmac, requested_by, evidence_id, at)
    select business_id, id, round, 'reserve', amount_cents, phone_hmac, requested_by, null, ${now}::timestamptz
    from payout where batch_id = ${batch.id} order by batch_row`.execute(tx);
}
