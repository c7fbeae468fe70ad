/**
 * What nobody could prove, two persons mark after comparing the gateway's statement: the first says what it shows, another
 * one agrees. Only then is it evidence, and it goes through the same settlement; later evidence of the gateway still counts.
 */
import type { Selectable } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { PayoutMarkTable } from '../db/tables-payouts.ts';
import type { BusinessId, IdentityId, PayoutId } from '../domain/ids.ts';
import { may, type Role } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import { lockForDecision, roleOf } from './approve.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { sameHands } from './people.ts';
import type { PayoutRow } from './reserve.ts';
import { settlePayout } from './settle.ts';

export interface PayoutMarking {
  readonly payoutId: PayoutId;
  /** What the person was asked about: a mark of an earlier round says nothing of the next. */
  readonly round: number;
  readonly by: IdentityId;
  readonly verdict: 'paid' | 'failed';
  /** The M-Pesa code on the statement; with `paid` only. */
  readonly receipt: string | null;
}

export type PayoutMarked =
  /** Another owner or manager is to agree. */
  | { readonly kind: 'first' }
  | { readonly kind: 'marked' }
  /** The first mark says something else: nothing was decided, and that mark is gone. */
  | { readonly kind: 'differs' }
  | { readonly kind: 'own' | 'not_open' | 'no_right' };

export async function markPayout(tx: Tx, deps: PayoutDeps, marking: PayoutMarking): Promise<PayoutMarked> {
  const { business, payout } = await lockForDecision(tx, marking.payoutId);
  if (payout.round !== marking.round) return { kind: 'not_open' };
  // A failure that the gateway contradicts is as open as one that nobody proved, also where it was asked for again.
  const ended = payout.state === 'failed' || payout.state === 'waiting';
  const contradicted = ended && payout.flag !== null;
  if (payout.state !== 'review' && payout.state !== 'unknown' && !contradicted) return { kind: 'not_open' };
  const role = await roleOf(tx, business.id, marking.by);
  if (role === null || !may(role, 'approve_payout')) return { kind: 'no_right' };
  const now = deps.clock.now();
  const receipt = marking.verdict === 'paid' ? marking.receipt : null;
  const first = await firstMark(tx, business.id, payout, now);
  if (first === null) {
    await tx
      .insertInto('payout_mark')
      .values({
        payout_id: payout.id,
        round: payout.round,
        verdict: marking.verdict,
        receipt,
        by_identity: marking.by,
        at: now,
      })
      .execute();
    await recordPayoutEvent(tx, now, payout.id, 'marked', { as: marking.verdict, by: 'first' });
    await auditMark(tx, deps, payout.id, business.id, marking, 'first');
    await deps.tellPayout.payout(tx, payout.id);
    return { kind: 'first' };
  }
  if (first.by_identity === marking.by || (await sameHands(tx, first.by_identity)).has(marking.by))
    return { kind: 'own' };
  // One of the two is an owner.
  if (role !== 'owner' && first.role !== 'owner') return { kind: 'no_right' };
  const agrees = first.verdict === marking.verdict && first.receipt === receipt;
  await dropMark(tx, payout);
  await auditMark(tx, deps, payout.id, business.id, marking, agrees ? 'agreed' : 'differs');
  if (!agrees) {
    await deps.tellPayout.payout(tx, payout.id);
    return { kind: 'differs' };
  }
  await recordPayoutEvent(tx, now, payout.id, 'marked', { as: marking.verdict, by: 'second' });
  await settlePayout(tx, deps, {
    accountId: payout.account_id,
    source: 'person',
    trust: 'person',
    hint: payout.id,
    inboxId: null,
    byIdentity: marking.by,
    fact: {
      verdict: marking.verdict,
      payoutId: null,
      reference: null,
      amountCents: null,
      receipt: receipt === null ? null : { number: receipt, final: true },
      msisdn: null,
      feeCents: null,
      reason: marking.verdict === 'failed' ? 'marked_not_paid' : null,
      rawCode: '',
    },
  });
  if (contradicted && marking.verdict === 'failed') {
    await tx
      .updateTable('payout')
      .set({ flag: null, next_check_at: null })
      .where('id', '=', payout.id)
      .execute();
    await deps.tellPayout.payout(tx, payout.id);
  }
  return { kind: 'marked' };
}

/** The standing mark of somebody who may still mark; one of a member who lost that right is gone. */
async function firstMark(
  tx: Tx,
  businessId: BusinessId,
  payout: PayoutRow,
  now: Date,
): Promise<(Selectable<PayoutMarkTable> & { readonly role: Role }) | null> {
  const mark = await tx
    .selectFrom('payout_mark')
    .selectAll()
    .where('payout_id', '=', payout.id)
    .where('round', '=', payout.round)
    .executeTakeFirst();
  if (mark === undefined) return null;
  const role = await roleOf(tx, businessId, mark.by_identity);
  if (role !== null && may(role, 'approve_payout')) return { ...mark, role };
  await dropMark(tx, payout);
  const { verdict, by_identity: of } = mark;
  await audit(tx, now, businessId, null, 'payout_marked', { payout: payout.id, verdict, step: 'void', of });
  return null;
}

async function dropMark(tx: Tx, payout: PayoutRow): Promise<void> {
  await tx
    .deleteFrom('payout_mark')
    .where('payout_id', '=', payout.id)
    .where('round', '=', payout.round)
    .execute();
}

async function auditMark(
  tx: Tx,
  deps: PayoutDeps,
  payoutId: PayoutId,
  businessId: BusinessId,
  marking: PayoutMarking,
  step: string,
): Promise<void> {
  await audit(tx, deps.clock.now(), businessId, marking.by, 'payout_marked', {
    payout: payoutId,
    verdict: marking.verdict,
    step,
  });
}
