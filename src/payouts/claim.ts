/** Which approved payout is next, and whether it is still what was approved. */
import type { Tx } from '../db/tables.ts';
import type { AccountId, BusinessId, PayoutId } from '../domain/ids.ts';
import type { PayoutOrder } from '../gateways/abilities.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { lockPayout, payoutHash } from './hash.ts';
import type { PayoutRow } from './reserve.ts';

export interface ClaimedPayout {
  readonly id: PayoutId;
  readonly businessId: BusinessId;
  readonly accountId: AccountId;
  readonly round: number;
  readonly leaseToken: string;
  readonly sentAt: Date;
  readonly order: PayoutOrder;
}

/** The oldest approval whose business and account may send now. Batches that pause keep their rows back. */
export async function nextApproved(
  tx: Tx,
  now: Date,
): Promise<{ id: PayoutId; business_id: BusinessId } | null> {
  const row = await tx
    .selectFrom('payout')
    .innerJoin('business', 'business.id', 'payout.business_id')
    .innerJoin('gateway_account', 'gateway_account.id', 'payout.account_id')
    .leftJoin('payout_batch', 'payout_batch.id', 'payout.batch_id')
    .select(['payout.id', 'payout.business_id'])
    .where('payout.state', '=', 'approved')
    .where('business.frozen_at', 'is', null)
    .where('gateway_account.state', '=', 'active')
    .where((eb) =>
      eb.or([
        eb('gateway_account.next_payout_at', 'is', null),
        eb('gateway_account.next_payout_at', '<=', now),
      ]),
    )
    .where((eb) =>
      eb.or([eb('gateway_account.rest_until', 'is', null), eb('gateway_account.rest_until', '<=', now)]),
    )
    .where((eb) => eb.or([eb('payout.batch_id', 'is', null), eb('payout_batch.state', '=', 'running')]))
    .where((eb) => eb.or([eb('payout.next_check_at', 'is', null), eb('payout.next_check_at', '<=', now)]))
    .orderBy('payout.updated_at')
    .orderBy('payout.batch_row')
    .limit(1)
    .forNoKeyUpdate('payout')
    .skipLocked()
    .executeTakeFirst();
  return row ?? null;
}

export async function takeApproved(tx: Tx, id: PayoutId): Promise<PayoutRow | null> {
  const payout = await lockPayout(tx, id);
  return payout.state === 'approved' ? payout : null;
}

/** The approval of this round is of exactly what would be sent now; for a row of a batch, of the batch as it stands. */
export async function isApproved(tx: Tx, deps: PayoutDeps, payout: PayoutRow): Promise<boolean> {
  const hash = payoutHash(deps, payout);
  if (payout.hash === null || !hash.equals(payout.hash)) return false;
  if (payout.batch_id !== null) {
    const batch = await tx
      .selectFrom('payout_batch')
      .innerJoin('approval', 'approval.batch_id', 'payout_batch.id')
      .select(['payout_batch.hash as batchHash', 'approval.hash as approvedHash'])
      .where('payout_batch.id', '=', payout.batch_id)
      .where('approval.kind', '!=', 'rejected')
      .executeTakeFirst();
    return batch?.batchHash?.equals(batch.approvedHash) ?? false;
  }
  const approval = await tx
    .selectFrom('approval')
    .select(['hash', 'kind'])
    .where('payout_id', '=', payout.id)
    .where('round', '=', payout.round)
    .executeTakeFirst();
  return approval !== undefined && approval.kind !== 'rejected' && approval.hash.equals(hash);
}

/** Claims that ran out: the process ended between the call and its answer, and nobody knows. */
export async function endLostCall(tx: Tx, deps: PayoutDeps): Promise<boolean> {
  const now = deps.clock.now();
  const lost = await tx
    .selectFrom('payout')
    .selectAll()
    .where('state', '=', 'sending')
    .where('lease_until', '<=', now)
    .limit(1)
    .forNoKeyUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (lost === undefined) return false;
  await tx
    .updateTable('payout')
    .set({
      state: 'unknown',
      detail: 'The process ended between the call and its answer.',
      lease_until: null,
      next_check_at: now,
      updated_at: now,
    })
    .where('id', '=', lost.id)
    .execute();
  await recordPayoutEvent(tx, now, lost.id, 'answer_lost');
  await deps.tellPayout.payout(tx, lost.id);
  return true;
}
