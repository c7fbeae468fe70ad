/** Whoever said yes may say it no more, or said it too long ago, and it was not sent yet: their yes is worth nothing any longer. */
import type { Tx } from '../db/tables.ts';
import { audit } from '../ops/audit.ts';
import type { LostApproval } from './claim.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { addEntry, type PayoutRow } from './reserve.ts';

/** It is over, and nothing is set aside for it; whoever asked is told, and may ask anew. The caller holds its row. */
export async function dropApproved(
  tx: Tx,
  deps: PayoutDeps,
  payout: PayoutRow,
  lost: LostApproval,
): Promise<'put_off'> {
  const now = deps.clock.now();
  const why = lost.why === 'left' ? { approverLeft: lost.by } : { approvalLapsed: lost.by };
  await tx
    .updateTable('payout')
    .set({ state: 'void', version: payout.version + 1, hash: null, ended_at: now, updated_at: now })
    .where('id', '=', payout.id)
    .execute();
  await addEntry(tx, payout, 'void', null, now);
  await recordPayoutEvent(tx, now, payout.id, 'withdrawn', { round: payout.round, ...why });
  await audit(tx, now, payout.business_id, null, 'payout_withdrawn', {
    payout: payout.id,
    was: payout.state,
    round: payout.round,
    ...why,
  });
  await deps.tellPayout.payout(tx, payout.id);
  return 'put_off';
}
