/**
 * The yes to what is left of a file whose approver may approve no more, or did so more than a day ago. It is bound to exactly the rows that were not sent, as
 * they stood when the file was held; their money is set aside already, and counts against the limits of today. It lapses
 * like every question: what was due then may have been paid by hand since.
 */
import type { Tx } from '../db/tables.ts';
import { audit } from '../ops/audit.ts';
import { approver, type Business } from './approve.ts';
import { askerLeft } from './asker.ts';
import { type BatchApproval, type BatchApproved, recordDecision } from './bulk-decide.ts';
import { type BatchRow, restOf } from './bulk-hash.ts';
import { overAll } from './bulk-limits.ts';
import { changeBatch, endLeft } from './bulk-request.ts';
import type { PayoutDeps } from './context.ts';
import { readLimits } from './reserve.ts';

/** The caller holds both. */
export async function approveRest(
  tx: Tx,
  deps: PayoutDeps,
  { business, batch }: { readonly business: Business; readonly batch: BatchRow },
  approval: BatchApproval,
): Promise<BatchApproved> {
  const now = deps.clock.now();
  const lapsed = batch.expires_at === null || batch.expires_at <= now;
  if (!wantsNewApproval(batch) || lapsed || batch.version !== approval.version) return { kind: 'not_now' };
  const who = await approver(tx, business, batch.requested_by, approval.by);
  if (who !== 'approved' && who !== 'alone') return { kind: who };
  if (await askerLeft(tx, batch)) return { kind: 'asker_left' };
  if (business.frozen_at !== null) return { kind: 'frozen' };
  const limits = readLimits(business.payout_limits);
  const over = await overAll(tx, batch, limits, who === 'alone', now);
  if (over !== null) return { kind: 'over_limit', over };
  const rest = await restOf(tx, deps, batch, batch.version);
  // What is stored is not what was held: nobody can have approved this.
  if (rest === null || rest.rows === 0 || batch.hash === null || !rest.hash.equals(batch.hash))
    return { kind: 'not_now' };
  const typed = rest.totalCents > limits.digitsAbove || who === 'alone';
  if (typed && approval.totalCents !== rest.totalCents)
    return { kind: 'total', wrong: approval.totalCents !== null };
  await recordDecision(tx, deps, batch, rest.hash, { kind: who, by: approval.by, why: null });
  await changeBatch(tx, batch, now, {
    state: 'running',
    pause_reason: null,
    expires_at: null,
    next_look_at: now,
  });
  await audit(tx, now, batch.business_id, approval.by, 'batch_approved', {
    batch: batch.id,
    rows: rest.rows,
    totalCents: Number(rest.totalCents),
    hash: rest.hash.toString('hex'),
    alone: who === 'alone',
    rest: true,
  });
  await deps.tellPayout.batch(tx, batch.id);
  return { kind: 'approved' };
}

/**
 * Nobody said yes in time: what was not sent is never sent, and its money is not set aside any more. `expires_at` and the
 * reason stay, to say so. The caller holds the file.
 */
export async function lapseRest(tx: Tx, batch: BatchRow, now: Date): Promise<void> {
  const rows = await endLeft(tx, batch.id, { state: 'expired', event: 'expired' }, now);
  await changeBatch(tx, batch, now, { state: 'running', version: batch.version + 1, hash: null });
  await audit(tx, now, batch.business_id, null, 'batch_expired', { batch: batch.id, rows });
}

export function isLapsedRest(batch: BatchRow, now: Date): boolean {
  return wantsNewApproval(batch) && batch.expires_at !== null && batch.expires_at <= now;
}

/** Held because its approval is worth nothing any more: it goes on by a new one, and by nothing else. */
export function wantsNewApproval(batch: Pick<BatchRow, 'state' | 'pause_reason'>): boolean {
  return batch.state === 'paused' && lostItsApproval(batch);
}

/** It was held because of its approval; whatever became of the rest. */
export function lostItsApproval({ pause_reason }: Pick<BatchRow, 'pause_reason'>): boolean {
  return pause_reason === 'approver_left' || pause_reason === 'approval_lapsed';
}
