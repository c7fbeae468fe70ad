/** Files without a yes, or without an asker: whose approver may approve no more or did so too long ago; whose requester may not ask. */
import type { Database, Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { BatchId, BusinessId, IdentityId } from '../domain/ids.ts';
import { audit } from '../ops/audit.ts';
import { askerLeft } from './asker.ts';
import { lockBatchForDecision } from './bulk-decide.ts';
import { type BatchRow, restOf } from './bulk-hash.ts';
import { changeBatch, endBatch } from './bulk-request.ts';
import { lostApproval } from './claim.ts';
import type { PayoutDeps } from './context.ts';
import { approvalLifeSeconds } from './request.ts';

/**
 * Its rows that are not sent are held until another approves them, a person stops them for good, or the question lapses as
 * every other one does. The approval that there was is void from now on, also where its approver is let back in. true: something may have changed.
 */
export async function pauseOrphaned(
  deps: PayoutDeps & { readonly db: Database },
  id: BatchId,
): Promise<boolean> {
  return deps.db.transaction().execute(async (tx) => {
    const { batch } = await lockBatchForDecision(tx, id);
    const row = await tx
      .selectFrom('payout')
      .selectAll()
      .where('batch_id', '=', id)
      .where('state', '=', 'approved')
      .limit(1)
      .executeTakeFirst();
    const now = deps.clock.now();
    const lost = row === undefined ? null : await lostApproval(tx, row, now);
    if (batch.state !== 'running' || lost === null) return true;
    const version = batch.version + 1;
    const rest = await restOf(tx, deps, batch, version);
    await changeBatch(tx, batch, now, {
      state: 'paused',
      paused_by: null,
      pause_reason: lost.why === 'left' ? 'approver_left' : 'approval_lapsed',
      version,
      hash: rest?.hash ?? null,
      expires_at: plusSeconds(now, approvalLifeSeconds),
      next_look_at: now,
    });
    await audit(tx, now, batch.business_id, null, 'batch_paused', {
      batch: id,
      ...(lost.why === 'left' ? { approverLeft: lost.by } : { approvalLapsed: lost.by }),
    });
    await deps.tellPayout.batch(tx, id);
    return true;
  });
}

/** What waits is over: nobody approves what nobody may ask for. The caller holds the file. */
export async function endAbandoned(
  tx: Tx,
  deps: Pick<PayoutDeps, 'clock' | 'tellPayout'>,
  batch: BatchRow,
): Promise<void> {
  const now = deps.clock.now();
  await endBatch(tx, batch, 'void', now);
  await changeBatch(tx, batch, now, { pause_reason: 'asker_left' });
  await audit(tx, now, batch.business_id, null, 'batch_withdrawn', {
    batch: batch.id,
    was: batch.state,
    askerLeft: batch.requested_by,
  });
  await deps.tellPayout.batch(tx, batch.id);
}

/** All files that this person left waiting. The caller holds the business's row, and no payout yet. */
export async function endAbandonedOf(
  tx: Tx,
  deps: Pick<PayoutDeps, 'clock' | 'tellPayout'>,
  businessId: BusinessId,
  asker: IdentityId,
): Promise<void> {
  if (!(await askerLeft(tx, { business_id: businessId, requested_by: asker }))) return;
  const waiting = await tx
    .selectFrom('payout_batch')
    .selectAll()
    .where('business_id', '=', businessId)
    .where('requested_by', '=', asker)
    .where('state', '=', 'waiting')
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  for (const batch of waiting) await endAbandoned(tx, deps, batch);
}
