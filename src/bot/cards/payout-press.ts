/**
 * A button of a payout's card. Authority is checked here, at the press: whose card it is, or in a group who presses;
 * whether it is the current version; whether the person may still do this. What is refused says why and changes nothing.
 */

import type { Tx } from '../../db/tables.ts';
import { may, type Right } from '../../domain/roles.ts';
import { approvePayout, lockForDecision } from '../../payouts/approve.ts';
import { changePayout } from '../../payouts/draft.ts';
import { askApproval, withdrawPayout } from '../../payouts/request.ts';
import { roleValues } from '../commands/access.ts';
import { reply, toast } from '../commands/reply.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { aloneId } from '../conversations/alone.ts';
import { type DigitsStart, digitsId, mostDigitTries } from '../conversations/digits.ts';
import { payoutId as payoutTalk } from '../conversations/payout.ts';
import { type ResendStart, resendId } from '../conversations/payout-resend.ts';
import { type PoReviewStart, poReviewId } from '../conversations/po-review.ts';
import { type RejectStart, rejectId } from '../conversations/reject.ts';
import { lead } from '../enter.ts';
import { mayHold, replacedCard } from './old-card.ts';
import { sayApproval } from './payout-approval.ts';
import { actionsOf, type PayoutAction } from './payout-card.ts';
import { chargeOffer } from './payout-charge.ts';
import { sayDetails } from './payout-details.ts';
import { askAgain, changeOf } from './payout-draft.ts';
import { isGroupLane } from './payout-place.ts';
import { type PayoutCard, postPayoutCard, updatePayoutCard, versionSeen } from './payout-post.ts';
import { loadPayoutView, type PayoutView } from './payout-view.ts';

const needs = {
  ask: 'request_payout',
  charge: 'request_payout',
  'no-charge': 'request_payout',
  change: 'request_payout',
  cancel: 'request_payout',
  withdraw: 'request_payout',
  approve: 'approve_payout',
  details: 'approve_payout',
  reject: 'approve_payout',
  open: 'approve_payout',
} as const satisfies Record<PayoutAction, Right>;

interface Press {
  readonly card: PayoutCard;
  readonly view: PayoutView;
  readonly group: boolean;
}

export async function onPayoutPress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const [, nonce = '', pressed = ''] = data.split(':');
  const { tx, identity, lane } = ctx.turn;
  const card = await lockCard(tx, nonce);
  if (card === undefined || card.payout_id === null) return onOldCard(ctx, deps);
  const group = isGroupLane(card.lane);
  const mine = group ? card.lane === lane : card.identity_id === identity.id;
  if (!mine || !(pressed in needs)) return toast(ctx, deps, 'not-yours');
  const action = pressed as PayoutAction;
  const view = await loadPayoutView(tx, deps.vault, card.payout_id);
  const membership = ctx.turn.memberships.find(({ businessId }) => businessId === view.business.id);
  if (membership === undefined) return toast(ctx, deps, 'not-yours');
  if (!may(membership.role, needs[action])) {
    const values = await roleValues(ctx, deps, membership.businessId, needs[action]);
    return toast(ctx, deps, 'role', values);
  }
  if (!actionsOf(view, { kind: card.kind, group }).includes(action)) return sayOld(ctx, deps, card, view);
  await act(ctx, deps, action, { card, view, group });
}

/** The business and the payout are locked before the card, as everywhere; two who decide at once wait for each other. */
async function lockCard(tx: Tx, nonce: string): Promise<PayoutCard | undefined> {
  const named = await tx
    .selectFrom('payout_card')
    .select('payout_id')
    .where('nonce', '=', nonce)
    .executeTakeFirst();
  if (named?.payout_id == null) return undefined;
  await lockForDecision(tx, named.payout_id);
  return tx.selectFrom('payout_card').selectAll().where('nonce', '=', nonce).forUpdate().executeTakeFirst();
}

async function sayOld(ctx: BotContext, deps: BotDeps, card: PayoutCard, view: PayoutView): Promise<void> {
  await updatePayoutCard(ctx.turn.tx, deps, card, view);
  await toast(ctx, deps, 'old-card');
}

/** The card that was pressed is of an older version: the current one stands in its place, or is sent anew. */
async function onOldCard(ctx: BotContext, deps: BotDeps): Promise<void> {
  const { tx, identity, lane } = ctx.turn;
  await toast(ctx, deps, 'old-card');
  const cardId = isGroupLane(lane) ? null : await replacedCard(ctx, 'payout_card');
  if (cardId === null) return;
  const replaced = await tx
    .selectFrom('payout_card')
    .select(['payout_id', 'kind'])
    .where('id', '=', cardId)
    .where('identity_id', '=', identity.id)
    .executeTakeFirst();
  if (replaced?.payout_id == null) return;
  const payout = await tx
    .selectFrom('payout')
    .select('business_id')
    .where('id', '=', replaced.payout_id)
    .executeTakeFirstOrThrow();
  const membership = ctx.turn.memberships.find(({ businessId }) => businessId === payout.business_id);
  if (membership !== undefined && mayHold(membership.role, replaced.kind))
    await postPayoutCard(tx, deps, replaced.payout_id, identity.id, replaced.kind);
}

async function act(ctx: BotContext, deps: BotDeps, action: PayoutAction, press: Press): Promise<void> {
  const { card, view, group } = press;
  const { payout } = view;
  switch (action) {
    case 'ask':
      return ask(ctx, deps, press);
    case 'charge':
    case 'no-charge':
      return switchCharge(ctx, deps, press);
    case 'change':
      await ctx.answerCallbackQuery();
      return lead(ctx, payoutTalk, changeOf(view));
    case 'cancel':
    case 'withdraw':
      if (!(await withdrawPayout(ctx.turn.tx, deps, payout.id, ctx.turn.identity.id)))
        return sayOld(ctx, deps, card, view);
      return void (await ctx.answerCallbackQuery());
    case 'approve':
      return approve(ctx, deps, press);
    case 'details':
      if (group) return inOwnChat(ctx, deps, press);
      await ctx.answerCallbackQuery();
      return sayDetails(ctx, deps, view);
    case 'reject':
      if (group) return inOwnChat(ctx, deps, press);
      await ctx.answerCallbackQuery();
      return lead(ctx, rejectId, {
        payoutId: payout.id,
        version: versionSeen(card),
        by: view.requester,
      } satisfies RejectStart);
    case 'open':
      await ctx.answerCallbackQuery();
      return lead(ctx, poReviewId, { payoutId: payout.id } satisfies PoReviewStart);
  }
}

/** What is to be typed or read in full belongs into the person's own chat: the card is put there. */
async function inOwnChat(ctx: BotContext, deps: BotDeps, { view }: Press): Promise<void> {
  await toast(ctx, deps, 'po-own-chat');
  await postPayoutCard(ctx.turn.tx, deps, view.payout.id, ctx.turn.identity.id, 'approval');
}

/** A change like any other: what was asked before it is void. */
async function switchCharge(ctx: BotContext, deps: BotDeps, { card, view }: Press): Promise<void> {
  const { payout, msisdn } = view;
  const offer = chargeOffer(view);
  const changed =
    offer !== null &&
    (await changePayout(ctx.turn.tx, deps, payout.id, ctx.turn.identity.id, {
      amountCents: offer.amount,
      chargeCents: offer.action === 'charge' ? offer.charge : 0n,
      msisdn,
      payeeName: payout.payee_name,
      note: payout.note,
    }));
  if (!changed) return sayOld(ctx, deps, card, view);
  await ctx.answerCallbackQuery();
}

async function ask(ctx: BotContext, deps: BotDeps, { card, view }: Press): Promise<void> {
  const { tx, identity } = ctx.turn;
  const { payout, approvers } = view;
  if (approvers.others.length === 0 && !approvers.alone) {
    await ctx.answerCallbackQuery();
    return reply(ctx, deps, 'po-nobody');
  }
  if (payout.state === 'expired' || payout.state === 'void') {
    await ctx.answerCallbackQuery();
    return askAgain(ctx, deps, view);
  }
  const outcome = await askApproval(tx, deps, payout.id, identity.id, null);
  switch (outcome.kind) {
    case 'waiting':
      await ctx.answerCallbackQuery();
      return approvers.alone ? lead(ctx, aloneId, { payoutId: payout.id }) : undefined;
    case 'again':
      await ctx.answerCallbackQuery();
      return lead(ctx, resendId, {
        payoutId: payout.id,
        ref2: outcome.before.ref,
        sent: outcome.before.sent_at !== null,
        at: (outcome.before.sent_at ?? outcome.before.created_at).toISOString(),
      } satisfies ResendStart);
    case 'not_refundable':
      return toast(ctx, deps, 'po-not-refundable');
    case 'not_now':
      return sayOld(ctx, deps, card, view);
  }
}

async function approve(ctx: BotContext, deps: BotDeps, press: Press): Promise<void> {
  const { tx, identity } = ctx.turn;
  const { card, view, group } = press;
  const { payout } = view;
  if (payout.requested_by === identity.id) {
    if (!view.approvers.alone) return toast(ctx, deps, 'own');
    if (group) return inOwnChat(ctx, deps, press);
    await ctx.answerCallbackQuery();
    return lead(ctx, aloneId, { payoutId: payout.id });
  }
  if (card.tries >= mostDigitTries) return toast(ctx, deps, 'digits-over');
  const version = versionSeen(card);
  const outcome = await approvePayout(tx, deps, {
    payoutId: payout.id,
    by: identity.id,
    version,
    digits: null,
  });
  if (outcome.kind === 'approved') return void (await ctx.answerCallbackQuery());
  if (outcome.kind === 'not_now') {
    if (payout.expires_at !== null && payout.expires_at <= deps.clock.now())
      return toast(ctx, deps, 'po-over-time');
    return sayOld(ctx, deps, card, await loadPayoutView(tx, deps.vault, payout.id));
  }
  if (outcome.kind === 'digits') {
    if (group) return inOwnChat(ctx, deps, press);
    await ctx.answerCallbackQuery();
    return lead(ctx, digitsId, { payoutId: payout.id, version } satisfies DigitsStart);
  }
  if (outcome.kind === 'no_right')
    return toast(ctx, deps, 'role', await roleValues(ctx, deps, view.business.id, 'approve_payout'));
  const { key, values } = sayApproval(outcome);
  await toast(ctx, deps, key, values);
}
