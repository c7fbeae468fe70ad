/**
 * Asking for a payout's approval. What was asked is frozen under a hash from here on; any change makes a new version, that
 * no earlier approval or card fits.
 */
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { BusinessId, IdentityId, PayoutId } from '../domain/ids.ts';
import { may } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import { lockForDecision, roleOf } from './approve.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { payoutHash, voidAsked } from './hash.ts';
import { openOrPaidSince } from './moved.ts';
import { isRefundable } from './refundable.ts';
import { addEntry, type PayoutRow } from './reserve.ts';

/** How long a question waits for its yes, and that yes for its call: what was due then may have been paid by hand since. */
export const approvalLifeSeconds = 24 * 3600;

/** The same payee and amount within so long wants a typed reason, and for as long as the earlier one is open. */
export const sameAgainSeconds = 24 * 3600;

/** The newest payout to the same phone of the same sum that is open, or moved money within a day; null: there is none. */
export async function sentBefore(tx: Tx, payout: PayoutRow, now: Date): Promise<PayoutRow | null> {
  const row = await tx
    .selectFrom('payout')
    .selectAll()
    .where('business_id', '=', payout.business_id)
    .where('phone_hmac', '=', payout.phone_hmac)
    .where((eb) =>
      eb.or([
        eb('amount_cents', '=', payout.amount_cents),
        eb(eb('amount_cents', '-', eb.ref('charge_cents')), '=', payout.amount_cents - payout.charge_cents),
      ]),
    )
    .where('id', '!=', payout.id)
    .where(openOrPaidSince('payout', plusSeconds(now, -sameAgainSeconds)))
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

export type AskOutcome =
  | { readonly kind: 'waiting' }
  /** Somebody must write why the same is sent again; `before` is the earlier one. */
  | { readonly kind: 'again'; readonly before: PayoutRow }
  /** More than what is left of the payment: another refund of it waits, or went. */
  | { readonly kind: 'not_refundable' }
  | { readonly kind: 'not_now' };

/** Freezes what is asked, and asks for approval. `why`: the typed reason of a possible duplicate. */
export async function askApproval(
  tx: Tx,
  deps: PayoutDeps,
  id: PayoutId,
  by: IdentityId,
  why: string | null,
): Promise<AskOutcome> {
  const { payout } = await lockForDecision(tx, id);
  // A doubt about an earlier round is settled first: its money may have moved.
  if (payout.flag !== null) return { kind: 'not_now' };
  // A row of a file was approved with its file, once: it is asked for anew as a payout of its own.
  if (payout.batch_id !== null) return { kind: 'not_now' };
  if (payout.state !== 'draft' && payout.state !== 'failed') return { kind: 'not_now' };
  if (!(await isRefundable(tx, payout))) return { kind: 'not_refundable' };
  const now = deps.clock.now();
  const before = await sentBefore(tx, payout, now);
  if (before !== null && why === null) return { kind: 'again', before };
  const again = payout.state === 'failed';
  const round = again ? payout.round + 1 : payout.round;
  const version = payout.version + 1;
  const next = { ...payout, round, version };
  const hash = payoutHash(deps, next);
  await tx
    .updateTable('payout')
    .set({
      state: 'waiting',
      round,
      version,
      hash,
      requested_by: by,
      resend_reason: why,
      reason: null,
      expires_at: plusSeconds(now, approvalLifeSeconds),
      updated_at: now,
      ...(again && {
        gateway_payout_id: null,
        lease_token: null,
        receipt: null,
        receipt_final: null,
        receipt_trust: null,
        fee_cents: null,
        sent_at: null,
        ended_at: null,
        raw_code: null,
        detail: null,
        checks: 0,
        next_check_at: null,
      }),
    })
    .where('id', '=', id)
    .execute();
  await recordPayoutEvent(tx, now, id, 'waiting', { round });
  await audit(tx, now, payout.business_id, by, 'payout_asked', {
    payout: id,
    amountCents: Number(payout.amount_cents),
    payee: payout.phone_hmac.toString('hex'),
    account: payout.account_id,
    refundOf: payout.refund_of,
    hash: hash.toString('hex'),
    round,
  });
  await deps.tellPayout.payout(tx, id);
  return { kind: 'waiting' };
}

/**
 * It is taken back, or a draft is stopped. What is approved, and no sender has claimed, is dropped by whoever asked or anybody
 * who may approve, while they belong here: nothing was sent, and its money is set aside no longer. false: it is too late.
 */
export async function withdrawPayout(
  tx: Tx,
  deps: PayoutDeps,
  id: PayoutId,
  by: IdentityId,
): Promise<boolean> {
  const { business, payout } = await lockForDecision(tx, id);
  const dropped = payout.state === 'approved' && payout.batch_id === null && payout.flag === null;
  if (payout.state !== 'draft' && payout.state !== 'waiting' && !dropped) return false;
  if (dropped && !(await mayDrop(tx, business.id, payout, by))) return false;
  const now = deps.clock.now();
  await voidAsked(tx, payout, now);
  if (dropped) await addEntry(tx, payout, 'void', null, now);
  await recordPayoutEvent(tx, now, id, 'withdrawn', { round: payout.round, by });
  await audit(tx, now, payout.business_id, by, 'payout_withdrawn', {
    payout: id,
    was: payout.state,
    round: payout.round,
  });
  await deps.tellPayout.payout(tx, id);
  return true;
}

async function mayDrop(tx: Tx, businessId: BusinessId, payout: PayoutRow, by: IdentityId): Promise<boolean> {
  const role = await roleOf(tx, businessId, by);
  return role !== null && (by === payout.requested_by || may(role, 'approve_payout'));
}
