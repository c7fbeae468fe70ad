/**
 * Asking for a payout's approval. What was asked is frozen under a hash from here on; any change makes a new version, that
 * no earlier approval or card fits.
 */
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { IdentityId, PayoutId } from '../domain/ids.ts';
import { audit } from './audit.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { lockPayout, payoutHash } from './hash.ts';
import type { PayoutRow } from './reserve.ts';

/** How long an approval may take. */
export const approvalLifeSeconds = 24 * 3600;

/** The same payee and amount within so long wants a typed reason. */
export const sameAgainSeconds = 24 * 3600;

/** The newest payout to the same phone of the same amount that moved money or still may; null: there is none. */
export async function sentBefore(tx: Tx, payout: PayoutRow, now: Date): Promise<PayoutRow | null> {
  const row = await tx
    .selectFrom('payout')
    .selectAll()
    .where('business_id', '=', payout.business_id)
    .where('phone_hmac', '=', payout.phone_hmac)
    .where('amount_cents', '=', payout.amount_cents)
    .where('id', '!=', payout.id)
    .where('state', 'in', ['waiting', 'approved', 'sending', 'sent_to_gateway', 'unknown', 'review', 'paid'])
    .where('updated_at', '>', plusSeconds(now, -sameAgainSeconds))
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

export type AskOutcome =
  | { readonly kind: 'waiting' }
  /** Somebody must write why the same is sent again; `before` is the earlier one. */
  | { readonly kind: 'again'; readonly before: PayoutRow }
  | { readonly kind: 'not_now' };

/** Freezes what is asked, and asks for approval. `why`: the typed reason of a possible duplicate. */
export async function askApproval(
  tx: Tx,
  deps: PayoutDeps,
  id: PayoutId,
  by: IdentityId,
  why: string | null,
): Promise<AskOutcome> {
  const payout = await lockPayout(tx, id);
  // A doubt about an earlier round is settled first: its money may have moved.
  if (payout.flag !== null) return { kind: 'not_now' };
  // A row of a file was approved with its file, once: it is asked for anew as a payout of its own.
  if (payout.batch_id !== null) return { kind: 'not_now' };
  if (payout.state !== 'draft' && payout.state !== 'failed') return { kind: 'not_now' };
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
    hash: hash.toString('hex'),
    round,
  });
  await deps.tellPayout.payout(tx, id);
  return { kind: 'waiting' };
}

/** The requester takes it back, or stops a draft. false: it is too late. */
export async function withdrawPayout(
  tx: Tx,
  deps: PayoutDeps,
  id: PayoutId,
  by: IdentityId,
): Promise<boolean> {
  const payout = await lockPayout(tx, id);
  if (payout.state !== 'draft' && payout.state !== 'waiting') return false;
  const now = deps.clock.now();
  await tx
    .updateTable('payout')
    .set({
      state: 'void',
      version: payout.version + 1,
      hash: null,
      expires_at: null,
      ended_at: now,
      updated_at: now,
    })
    .where('id', '=', id)
    .execute();
  await recordPayoutEvent(tx, now, id, 'withdrawn');
  await audit(tx, now, payout.business_id, by, 'payout_withdrawn', { payout: id, was: payout.state });
  await deps.tellPayout.payout(tx, id);
  return true;
}
