/** A payout that begins: its draft, its card, and a look at the float that does not keep anybody waiting. */
import type { BusinessId, IdentityId, PaymentId, PayoutId } from '../../domain/ids.ts';
import type { Msisdn } from '../../domain/msisdn.ts';
import { askBalances } from '../../payments/balances.ts';
import { payoutAccount } from '../../payouts/accounts.ts';
import { draftPayout } from '../../payouts/draft.ts';
import { connectWith } from '../commands/connect.ts';
import { reply } from '../commands/reply.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { nothingKnown, type PayoutStart } from '../conversations/payout-start.ts';
import type { Turn } from '../turn.ts';
import { floatKey } from './payout-float.ts';
import { postPayoutCard } from './payout-post.ts';
import type { PayoutView } from './payout-view.ts';

export interface AskedPayout {
  readonly businessId: BusinessId;
  /** Whole shillings, in cents, the withdrawal charge not counted. */
  readonly netCents: bigint;
  readonly chargeCents: bigint;
  readonly msisdn: Msisdn;
  readonly payeeName: string | null;
  readonly note: string;
  /** The payment of which this gives back. */
  readonly refundOf?: PaymentId;
}

/** null: no account of the business can pay out. */
export async function beginPayout(deps: BotDeps, turn: Turn, asked: AskedPayout): Promise<PayoutId | null> {
  const account = await payoutAccount(turn.tx, deps.gateways, asked.businessId);
  if (account === null) return null;
  const id = await draftPayout(turn.tx, deps, {
    businessId: asked.businessId,
    accountId: account.id,
    requestedBy: turn.identity.id,
    amountCents: asked.netCents + asked.chargeCents,
    chargeCents: asked.chargeCents,
    msisdn: asked.msisdn,
    payeeName: asked.payeeName,
    note: asked.note,
    ...(asked.refundOf !== undefined && { refundOf: asked.refundOf }),
  });
  await showDraft(deps, turn, asked.businessId, id);
  return id;
}

/**
 * The card comes at once with what is known; the gateways are asked after the turn, and the card follows. Where it could not
 * be edited, one without a float waits a moment for that.
 */
export async function showDraft(
  deps: BotDeps,
  turn: Turn,
  businessId: BusinessId,
  id: PayoutId,
): Promise<void> {
  await postPayoutCard(turn.tx, deps, id, turn.identity.id, 'request');
  await askFloat(deps, turn, businessId, turn.identity.id, id);
}

async function askFloat(
  deps: BotDeps,
  turn: Turn,
  businessId: BusinessId,
  identityId: IdentityId,
  id: PayoutId,
): Promise<void> {
  await askBalances(turn.tx, deps, { businessId, identityId, key: floatKey(id, turn.key) });
}

/** Nobody said yes in time: the same is asked for anew, under a number of its own. */
export async function askAgain(ctx: BotContext, deps: BotDeps, view: PayoutView): Promise<void> {
  const { payout, msisdn } = view;
  const id = await beginPayout(deps, ctx.turn, {
    businessId: payout.business_id,
    netCents: payout.amount_cents - payout.charge_cents,
    chargeCents: payout.charge_cents,
    msisdn,
    payeeName: payout.payee_name,
    note: payout.note,
  });
  const membership = ctx.turn.memberships.find(({ businessId }) => businessId === payout.business_id);
  if (id === null && membership !== undefined)
    await reply(ctx, deps, 'po-no-gateway', connectWith(membership));
}

export function changeOf(view: PayoutView): PayoutStart {
  const { payout, msisdn } = view;
  return {
    ...nothingKnown,
    businessId: payout.business_id,
    changes: payout.id,
    keeps: {
      cents: String(payout.amount_cents - payout.charge_cents),
      msisdn,
      name: payout.payee_name,
      note: payout.note,
    },
  };
}
