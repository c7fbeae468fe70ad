/**
 * A button of a payment's card. Authority is checked here, at the press: whose card it is, whether it is the current
 * version, whether the person may still do this. What is refused says why and changes nothing.
 */

import type { Selectable } from 'kysely';
import type { CardTable, Tx } from '../../db/tables.ts';
import type { Reason } from '../../domain/payment.ts';
import { may, type Right } from '../../domain/roles.ts';
import { audit } from '../../ops/audit.ts';
import { type SendOutcome, sendPrompt, stopDraft } from '../../payments/request.ts';
import { keepAsIs } from '../../payments/review.ts';
import { switchAccount } from '../../payments/switch-account.ts';
import { roleValues } from '../commands/access.ts';
import { reply, toast } from '../commands/reply.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { type RefundStart, refundId } from '../conversations/refund.ts';
import { nothingKnown, type RequestStart, requestId } from '../conversations/request.ts';
import { type ReviewStart, reviewId } from '../conversations/review.ts';
import { lead } from '../enter.ts';
import { replacedCard } from './old-card.ts';
import type { CardAction } from './payment-card.ts';
import { whyKey } from './payment-over.ts';
import { loadPaymentView, type PaymentView } from './payment-view.ts';
import { postCard, updateCard } from './post.ts';
import { sendReceiptOnPress } from './receipt-document.ts';

type Card = Selectable<CardTable>;

const needs = {
  send: 'request_payment',
  account: 'request_payment',
  change: 'request_payment',
  cancel: 'request_payment',
  again: 'request_payment',
  open: 'review',
  both: 'review',
  receipt: 'see_payments',
  refund: 'request_payout',
  one: 'request_payout',
} as const satisfies Record<CardAction, Right>;

/** A confirm card that nobody pressed for a day is not what the customer is waiting for. */
const confirmLifeMs = 24 * 3600 * 1000;

export async function onCardPress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const [, nonce = '', pressed = ''] = data.split(':');
  const { tx, identity } = ctx.turn;
  const card = await lockCard(tx, nonce);
  if (card === undefined) return onOldCard(ctx, deps);
  if (card.identity_id !== identity.id || !(pressed in needs)) return toast(ctx, deps, 'not-yours');
  const action = pressed as CardAction;
  const view = await loadPaymentView(tx, deps.vault, card.payment_id);
  const membership = ctx.turn.memberships.find(({ businessId }) => businessId === view.business.id);
  if (membership === undefined) return toast(ctx, deps, 'not-yours');
  if (!may(membership.role, needs[action])) {
    const values = await roleValues(ctx, deps, membership.businessId, needs[action]);
    return toast(ctx, deps, 'role', values);
  }
  if (
    view.payment.state === 'created' &&
    deps.clock.now().getTime() - card.updated_at.getTime() > confirmLifeMs
  ) {
    await toast(ctx, deps, 'old-card');
    return postCard(tx, deps, card.payment_id, identity.id, card.kind);
  }
  await act(ctx, deps, action, card, view);
}

/** The payment is locked before its card, as everywhere: a callback that settles it holds them in this order too. */
async function lockCard(tx: Tx, nonce: string): Promise<Card | undefined> {
  const named = await tx
    .selectFrom('card')
    .innerJoin('payment', 'payment.id', 'card.payment_id')
    .select('payment.id')
    .where('nonce', '=', nonce)
    .forNoKeyUpdate('payment')
    .executeTakeFirst();
  if (named === undefined) return undefined;
  return tx.selectFrom('card').selectAll().where('nonce', '=', nonce).forUpdate().executeTakeFirst();
}

/** The card that was pressed is of an older version: the current one stands in its place, or is sent anew. */
async function onOldCard(ctx: BotContext, deps: BotDeps): Promise<void> {
  const { tx, identity } = ctx.turn;
  await toast(ctx, deps, 'old-card');
  const cardId = await replacedCard(ctx, 'card');
  if (cardId === null) return;
  const replaced = await tx
    .selectFrom('card')
    .select(['payment_id', 'kind'])
    .where('id', '=', cardId)
    .where('identity_id', '=', identity.id)
    .executeTakeFirst();
  if (replaced !== undefined) await postCard(tx, deps, replaced.payment_id, identity.id, replaced.kind);
}

async function act(
  ctx: BotContext,
  deps: BotDeps,
  action: CardAction,
  card: Card,
  view: PaymentView,
): Promise<void> {
  switch (action) {
    case 'send':
    case 'again':
      return send(ctx, deps, card);
    case 'change':
      await ctx.answerCallbackQuery();
      return lead(ctx, requestId, changeOf(view));
    case 'cancel':
      return stop(ctx, deps, card);
    case 'open':
      await ctx.answerCallbackQuery();
      return lead(ctx, reviewId, { paymentId: card.payment_id } satisfies ReviewStart);
    case 'both':
      await keepBoth(ctx, deps, view);
      return void (await ctx.answerCallbackQuery());
    case 'refund':
    case 'one':
      await ctx.answerCallbackQuery();
      return lead(ctx, refundId, {
        paymentId: card.payment_id,
        one: action === 'one',
      } satisfies RefundStart);
    case 'account':
      return changeAccount(ctx, deps, card, view);
    case 'receipt':
      return sendReceipt(ctx, deps, card);
  }
}

function changeOf(view: PaymentView): RequestStart {
  const { payment, msisdn } = view;
  const keeps = { cents: String(payment.amount_cents), msisdn, note: payment.note };
  return {
    ...nothingKnown,
    businessId: payment.business_id,
    payerName: payment.payer_name,
    changes: payment.id,
    keeps,
  };
}

async function send(ctx: BotContext, deps: BotDeps, card: Card): Promise<void> {
  const { tx, locale, identity } = ctx.turn;
  const outcome: SendOutcome = await sendPrompt(tx, deps, card.payment_id, identity.id);
  const view = await loadPaymentView(tx, deps.vault, card.payment_id);
  switch (outcome.kind) {
    case 'queued':
      await updateCard(tx, deps, card, view);
      return void (await ctx.answerCallbackQuery());
    case 'held':
      await updateCard(tx, deps, card, view, outcome);
      return void (await ctx.answerCallbackQuery());
    case 'not_now':
      await updateCard(tx, deps, card, view);
      return toast(ctx, deps, 'old-card');
    case 'account_stopped': {
      await ctx.answerCallbackQuery();
      const why = deps.words.say(locale, whyKey(outcome.why as Reason));
      return reply(ctx, deps, 'refused', { why });
    }
  }
}

async function sendReceipt(ctx: BotContext, deps: BotDeps, card: Card): Promise<void> {
  const { tx, identity } = ctx.turn;
  const receipt = { paymentId: card.payment_id, identityId: identity.id };
  const outcome = await sendReceiptOnPress(tx, deps, receipt);
  if (outcome !== 'sent') return toast(ctx, deps, outcome === 'above' ? 'receipt-above' : 'old-card');
  await ctx.answerCallbackQuery();
}

async function stop(ctx: BotContext, deps: BotDeps, card: Card): Promise<void> {
  const { tx, identity } = ctx.turn;
  // Where it is no draft, the no declines only another prompt, and the card says again how the last one ended.
  await stopDraft(tx, deps, card.payment_id, identity.id);
  await updateCard(tx, deps, card, await loadPaymentView(tx, deps.vault, card.payment_id));
  await ctx.answerCallbackQuery();
}

async function changeAccount(
  ctx: BotContext,
  deps: BotDeps,
  card: Card,
  { payment: { account_id: was } }: PaymentView,
): Promise<void> {
  const { tx, identity } = ctx.turn;
  const changed = await switchAccount(tx, deps, card.payment_id);
  const view = await loadPaymentView(tx, deps.vault, card.payment_id);
  await updateCard(tx, deps, card, view);
  if (!changed) return toast(ctx, deps, 'old-card');
  const { id: payment, account_id: account, business_id } = view.payment;
  const facts = { payment, account, was };
  await audit(tx, deps.clock.now(), business_id, identity.id, 'payment_account', facts);
  await ctx.answerCallbackQuery();
}

async function keepBoth(ctx: BotContext, deps: BotDeps, { payment }: PaymentView): Promise<void> {
  const { tx, identity } = ctx.turn;
  const { kind } = await keepAsIs(tx, deps, payment.id);
  if (kind !== 'marked') return;
  const facts = { payment: payment.id, verdict: 'both' };
  await audit(tx, deps.clock.now(), payment.business_id, identity.id, 'payment_marked', facts);
}
