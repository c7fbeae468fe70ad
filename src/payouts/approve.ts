/**
 * The second person's yes. Everything is asked again at the moment of the press and in the transaction that sets the money
 * aside: who presses, what exactly was asked, whether it still stands, and whether the limits allow it.
 */
import type { Selectable } from 'kysely';
import type { BusinessTable, Tx } from '../db/tables.ts';
import { type BusinessId, type IdentityId, newId, type PaymentId, type PayoutId } from '../domain/ids.ts';
import { type OverLimit, overLimit } from '../domain/payout-limits.ts';
import { may, type Role } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import { openPhone, sealedAs } from '../payments/context.ts';
import { askerLeft, dropOrphan } from './asker.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { lockPayout, payoutHash } from './hash.ts';
import { approversOf, sameHands } from './people.ts';
import { isRefundable } from './refundable.ts';
import { addEntry, type PayoutRow, readLimits, spentToday } from './reserve.ts';

export type Business = Selectable<BusinessTable>;

export type Approved =
  | { readonly kind: 'approved' }
  /** Somebody decided it meanwhile, it lapsed, or it was changed since the card was drawn. */
  | { readonly kind: 'not_now' }
  /** Whoever asked never approves, except alone. */
  | { readonly kind: 'own' }
  | { readonly kind: 'no_right' }
  | { readonly kind: 'frozen' }
  | { readonly kind: 'over_limit'; readonly over: OverLimit }
  /** The last four digits of the phone are to be typed. `wrong`: those that were typed differ. */
  | { readonly kind: 'digits'; readonly wrong: boolean }
  /** The payment has not so much left to give back. */
  | { readonly kind: 'not_refundable' }
  /** Whoever asked may ask no more: it is over now, and every card of it says so. */
  | { readonly kind: 'asker_left' };

export interface Approval {
  readonly payoutId: PayoutId;
  readonly by: IdentityId;
  /** Of the card that was pressed: of what the person saw. */
  readonly version: number;
  /** What the person typed, where they were asked. */
  readonly digits: string | null;
}

export async function approvePayout(tx: Tx, deps: PayoutDeps, approval: Approval): Promise<Approved> {
  const { business, payout } = await lockForDecision(tx, approval.payoutId);
  const now = deps.clock.now();
  if (payout.batch_id !== null || !stillAsked(payout, approval.version, now)) return { kind: 'not_now' };
  const who = await approver(tx, business, payout.requested_by, approval.by);
  if (who !== 'approved' && who !== 'alone') return { kind: who };
  if (await askerLeft(tx, payout)) {
    await dropOrphan(tx, deps, payout);
    return { kind: 'asker_left' };
  }
  if (business.frozen_at !== null) return { kind: 'frozen' };
  const hash = payoutHash(deps, payout);
  // What is stored is not what was asked: nobody can have approved this.
  if (payout.hash === null || !hash.equals(payout.hash)) return { kind: 'not_now' };
  const limits = readLimits(business.payout_limits);
  const spent = await spentToday(tx, payout, now);
  const over = overLimit(payout.amount_cents, limits, spent, who === 'alone');
  if (over !== null) return { kind: 'over_limit', over };
  if (!(await isRefundable(tx, payout))) return { kind: 'not_refundable' };
  if (payout.amount_cents > limits.digitsAbove) {
    const last = openPhone(deps.vault, payout.phone_sealed, sealedAs.payoutPhone(payout.id)).slice(-4);
    if (approval.digits !== last) return { kind: 'digits', wrong: approval.digits !== null };
  }
  await recordApproval(tx, deps, payout, { kind: who, by: approval.by, why: null });
  await addEntry(tx, payout, 'reserve', null, now);
  await tx
    .updateTable('payout')
    .set({ state: 'approved', expires_at: null, updated_at: now })
    .where('id', '=', payout.id)
    .execute();
  await recordPayoutEvent(tx, now, payout.id, 'approved', { round: payout.round });
  await audit(tx, now, payout.business_id, approval.by, 'payout_approved', {
    payout: payout.id,
    round: payout.round,
    hash: hash.toString('hex'),
    alone: who === 'alone',
  });
  await deps.tellPayout.payout(tx, payout.id);
  return { kind: 'approved' };
}

export type Rejected = { readonly kind: 'rejected' | 'not_now' | 'no_right' };

export async function rejectPayout(
  tx: Tx,
  deps: PayoutDeps,
  rejection: Omit<Approval, 'digits'> & { readonly why: string },
): Promise<Rejected> {
  const { business, payout } = await lockForDecision(tx, rejection.payoutId);
  const now = deps.clock.now();
  if (payout.batch_id !== null || !stillAsked(payout, rejection.version, now)) return { kind: 'not_now' };
  const role = await roleOf(tx, business.id, rejection.by);
  if (role === null || !may(role, 'approve_payout')) return { kind: 'no_right' };
  await recordApproval(tx, deps, payout, { kind: 'rejected', by: rejection.by, why: rejection.why });
  await tx
    .updateTable('payout')
    .set({ state: 'rejected', expires_at: null, ended_at: now, updated_at: now })
    .where('id', '=', payout.id)
    .execute();
  await recordPayoutEvent(tx, now, payout.id, 'rejected');
  await audit(tx, now, payout.business_id, rejection.by, 'payout_rejected', { payout: payout.id });
  await deps.tellPayout.payout(tx, payout.id);
  return { kind: 'rejected' };
}

/** In the order that every holder of several locks follows: payment, business, payout. */
export async function lockForDecision(
  tx: Tx,
  id: PayoutId,
): Promise<{ business: Business; payout: PayoutRow }> {
  const named = await tx
    .selectFrom('payout')
    .select(['business_id', 'refund_of'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (named.refund_of !== null) await lockPayment(tx, named.refund_of);
  const business = await lockBusiness(tx, named.business_id);
  return { business, payout: await lockPayout(tx, id) };
}

async function lockPayment(tx: Tx, id: PaymentId): Promise<void> {
  await tx.selectFrom('payment').select('id').where('id', '=', id).forNoKeyUpdate().execute();
}

/** Approvals of one business wait for each other: the day's limits are one sum. */
export async function lockBusiness(tx: Tx, id: BusinessId): Promise<Business> {
  return tx
    .selectFrom('business')
    .selectAll()
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
}

function stillAsked(payout: PayoutRow, version: number, now: Date): boolean {
  const lapsed = payout.expires_at === null || payout.expires_at <= now;
  // A doubt about an earlier round: its money may have moved, so that nothing is sent beside it.
  return payout.state === 'waiting' && payout.flag === null && payout.version === version && !lapsed;
}

export async function roleOf(tx: Tx, businessId: BusinessId, who: IdentityId): Promise<Role | null> {
  const member = await tx
    .selectFrom('member')
    .select('role')
    .where('business_id', '=', businessId)
    .where('identity_id', '=', who)
    .where('removed_at', 'is', null)
    // Nobody loses the role between this and the commit of what it allows.
    .forShare()
    .executeTakeFirst();
  return member?.role ?? null;
}

/**
 * As what this person may say yes now: as another member, or alone where the business chose that and nobody else may. The
 * caller holds the business's row, which whoever lets another member in waits for.
 */
export async function approver(
  tx: Tx,
  business: Business,
  requestedBy: IdentityId,
  by: IdentityId,
): Promise<'approved' | 'alone' | 'own' | 'no_right'> {
  const role = await roleOf(tx, business.id, by);
  if (role === null || !may(role, 'approve_payout')) return 'no_right';
  if (by !== requestedBy) return (await sameHands(tx, requestedBy)).has(by) ? 'own' : 'approved';
  return (await approversOf(tx, business, requestedBy)).alone ? 'alone' : 'own';
}

async function recordApproval(
  tx: Tx,
  deps: PayoutDeps,
  payout: PayoutRow,
  what: { kind: 'approved' | 'rejected' | 'alone'; by: IdentityId; why: string | null },
): Promise<void> {
  await tx
    .insertInto('approval')
    .values({
      id: newId(deps.clock, deps.random),
      business_id: payout.business_id,
      payout_id: payout.id,
      batch_id: null,
      round: payout.round,
      hash: payoutHash(deps, payout),
      kind: what.kind,
      by_identity: what.by,
      why: what.why,
      at: deps.clock.now(),
    } as never)
    .execute();
}
