/** Whoever said yes may say it no more, and it was not sent yet: their yes is worth nothing any longer. */
import type { Database, Tx } from '../db/tables.ts';
import type { BatchId, IdentityId } from '../domain/ids.ts';
import { lockBusiness } from './approve.ts';
import { audit } from './audit.ts';
import { lockBatch } from './bulk-hash.ts';
import { changeBatch } from './bulk-request.ts';
import { approverLeft } from './claim.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { addEntry, type PayoutRow } from './reserve.ts';

/** It is over, and nothing is set aside for it; whoever asked is told, and may ask anew. The caller holds its row. */
export async function dropApproved(
  tx: Tx,
  deps: PayoutDeps,
  payout: PayoutRow,
  left: IdentityId,
): Promise<'put_off'> {
  const now = deps.clock.now();
  await tx
    .updateTable('payout')
    .set({ state: 'void', version: payout.version + 1, hash: null, ended_at: now, updated_at: now })
    .where('id', '=', payout.id)
    .execute();
  await addEntry(tx, payout, 'void', null, now);
  await recordPayoutEvent(tx, now, payout.id, 'withdrawn', { round: payout.round, approverLeft: left });
  await audit(tx, now, payout.business_id, null, 'payout_withdrawn', {
    payout: payout.id,
    was: payout.state,
    round: payout.round,
    approverLeft: left,
  });
  await deps.tellPayout.payout(tx, payout.id);
  return 'put_off';
}

/** Its rows that are not sent are held; a person stops it for good. true: something may have changed. */
export async function pauseOrphaned(
  deps: PayoutDeps & { readonly db: Database },
  id: BatchId,
): Promise<boolean> {
  return deps.db.transaction().execute(async (tx) => {
    const named = await tx
      .selectFrom('payout_batch')
      .select('business_id')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    await lockBusiness(tx, named.business_id);
    const batch = await lockBatch(tx, id);
    const row = await tx
      .selectFrom('payout')
      .selectAll()
      .where('batch_id', '=', id)
      .where('state', '=', 'approved')
      .limit(1)
      .executeTakeFirst();
    const left = row === undefined ? null : await approverLeft(tx, row);
    if (batch.state !== 'running' || left === null) return true;
    const now = deps.clock.now();
    await changeBatch(tx, batch, now, { state: 'paused', next_look_at: now });
    await audit(tx, now, batch.business_id, null, 'batch_paused', { batch: id, approverLeft: left });
    await deps.tellPayout.batch(tx, id);
    return true;
  });
}
