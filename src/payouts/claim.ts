/** Which approved payout is next, and whether it is still what was approved. */
import type { Tx } from '../db/tables.ts';
import type { AccountId, BusinessId, IdentityId, PaymentId, PayoutId } from '../domain/ids.ts';
import { may } from '../domain/roles.ts';
import type { PayoutOrder } from '../gateways/abilities.ts';
import { roleOf } from './approve.ts';
import { audit } from './audit.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { lockPayout, lockRefunded, payoutHash } from './hash.ts';
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

/** Approved, in no doubt, and its business and account may send now. Batches that pause keep their rows back. */
function sendable(tx: Tx, now: Date) {
  return tx
    .selectFrom('payout')
    .innerJoin('business', 'business.id', 'payout.business_id')
    .innerJoin('gateway_account', 'gateway_account.id', 'payout.account_id')
    .leftJoin('payout_batch', 'payout_batch.id', 'payout.batch_id')
    .where('payout.state', '=', 'approved')
    .where('payout.flag', 'is', null)
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
    .limit(1);
}

/** Whose approval is the oldest. The payment that it refunds is locked, and nothing else: the business comes next. */
export async function nextSender(
  tx: Tx,
  now: Date,
): Promise<{ businessId: BusinessId; refundOf: PaymentId | null } | null> {
  const row = await sendable(tx, now)
    .select(['payout.id', 'payout.business_id', 'payout.refund_of'])
    .executeTakeFirst();
  if (row === undefined) return null;
  await lockRefunded(tx, row.id);
  return { businessId: row.business_id, refundOf: row.refund_of };
}

/**
 * Locks the business's next one that nobody else holds, and that refunds nothing but the payment that is locked. The caller
 * holds the business's row.
 */
export async function takeApproved(
  tx: Tx,
  { businessId, refundOf }: { readonly businessId: BusinessId; readonly refundOf: PaymentId | null },
  now: Date,
): Promise<PayoutRow | null> {
  const row = await sendable(tx, now)
    .selectAll('payout')
    .where('payout.business_id', '=', businessId)
    .where((eb) =>
      eb.or([
        eb('payout.refund_of', 'is', null),
        ...(refundOf === null ? [] : [eb('payout.refund_of', '=', refundOf)]),
      ]),
    )
    .forNoKeyUpdate('payout')
    .skipLocked()
    .executeTakeFirst();
  return row ?? null;
}

/** Who said yes to what would be sent now may say it no more: nothing is sent by their word. null: nobody said it. */
export async function approverLeft(tx: Tx, payout: PayoutRow): Promise<IdentityId | null> {
  const approval = await tx
    .selectFrom('approval')
    .select('by_identity')
    .where((eb) =>
      payout.batch_id === null
        ? eb('payout_id', '=', payout.id).and('round', '=', payout.round)
        : eb('batch_id', '=', payout.batch_id),
    )
    .where('kind', '!=', 'rejected')
    .executeTakeFirst();
  if (approval === undefined) return null;
  const role = await roleOf(tx, payout.business_id, approval.by_identity);
  return role !== null && may(role, 'approve_payout') ? null : approval.by_identity;
}

/**
 * The approval of this round is of exactly what would be sent now, for a row of a batch of the batch as it stands; and the
 * money is set aside.
 */
export async function isApproved(tx: Tx, deps: PayoutDeps, payout: PayoutRow): Promise<boolean> {
  const hash = payoutHash(deps, payout);
  if (payout.hash === null || !hash.equals(payout.hash)) return false;
  if (!(await isSetAside(tx, payout))) return false;
  if (payout.batch_id !== null) {
    // One approval of the file is one call of each row.
    if (payout.round !== 1) return false;
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

async function isSetAside(tx: Tx, payout: PayoutRow): Promise<boolean> {
  const entries = await tx
    .selectFrom('payout_entry')
    .select(['kind', 'amount_cents', 'phone_hmac'])
    .where('payout_id', '=', payout.id)
    .where('round', '=', payout.round)
    .execute();
  const [reserve, ...others] = entries;
  return (
    reserve?.kind === 'reserve' &&
    others.length === 0 &&
    reserve.amount_cents === payout.amount_cents &&
    reserve.phone_hmac.equals(payout.phone_hmac)
  );
}

/** Claims that ran out: the process ended between the call and its answer, and nobody knows. */
export async function endLostCall(tx: Tx, deps: PayoutDeps): Promise<boolean> {
  const now = deps.clock.now();
  const due = await tx
    .selectFrom('payout')
    .select('id')
    .where('state', '=', 'sending')
    .where('lease_until', '<=', now)
    .limit(1)
    .executeTakeFirst();
  if (due === undefined) return false;
  await lockRefunded(tx, due.id);
  const lost = await lockPayout(tx, due.id);
  // Its answer, or a callback, came while we waited for it.
  if (lost.state !== 'sending' || lost.lease_until === null || lost.lease_until > now) return true;
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
  await audit(tx, now, lost.business_id, null, 'payout_outcome', {
    payout: lost.id,
    round: lost.round,
    outcome: 'lost',
    counted: true,
  });
  await deps.tellPayout.payout(tx, lost.id);
  return true;
}
