/** A button of a customer's receipt. It belongs to one payment and one person; what the person says never changes paid. */
import type { IdentityId, PaymentId } from '../../domain/ids.ts';
import { answersGiven, type CustomerAnswer, keepAnswer } from '../../payments/customer-answers.ts';
import { reply, toast } from '../commands/reply.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { ownerOf, type ReceiptAction, readButton, receiptMessage, versionOf } from './customer-receipt.ts';
import { whatWasSaid } from './payment-said.ts';
import { loadPaymentView } from './payment-view.ts';
import { loadReader } from './post.ts';
import { sendReceiptOnPress } from './receipt-document.ts';

export async function onReceiptPress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const pressed = readButton(data);
  const { tx, identity } = ctx.turn;
  // A receipt that came before two chats became one names the chat, and not the person.
  const names = [identity.id, identity.chatId];
  if (pressed === null || !names.some((id) => pressed.owner === ownerOf(deps.vault, pressed.paymentId, id)))
    return toast(ctx, deps, 'not-yours');
  const { paymentId, action } = pressed;
  await tx
    .selectFrom('payment')
    .select('id')
    .where('id', '=', paymentId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  if (pressed.version !== (await currentVersion(ctx, paymentId, identity.id))) {
    await toast(ctx, deps, 'old-card');
    return showReceipt(ctx, deps, paymentId, false);
  }
  switch (action) {
    case 'receipt':
      return document(ctx, deps, paymentId);
    case 'wrong':
    case 'back':
      await ctx.answerCallbackQuery();
      return showReceipt(ctx, deps, paymentId, action === 'wrong');
    default:
      return answer(ctx, deps, paymentId, action);
  }
}

async function currentVersion(ctx: BotContext, paymentId: PaymentId, id: IdentityId): Promise<string> {
  const said = await ctx.turn.tx
    .selectFrom('customer_answer')
    .select('at')
    .where('payment_id', '=', paymentId)
    .where('identity_id', '=', id)
    .executeTakeFirst();
  return versionOf(said ?? null);
}

async function answer(
  ctx: BotContext,
  deps: BotDeps,
  paymentId: PaymentId,
  said: CustomerAnswer & ReceiptAction,
): Promise<void> {
  const { tx, identity } = ctx.turn;
  const kept = await keepAnswer(tx, deps, { paymentId, identityId: identity.id, answer: said });
  if (kept === 'not_now') {
    await toast(ctx, deps, 'old-card');
    return showReceipt(ctx, deps, paymentId, false);
  }
  await ctx.answerCallbackQuery();
  await showReceipt(ctx, deps, paymentId, false);
  const view = await loadPaymentView(tx, deps.vault, paymentId);
  const what = whatWasSaid(said, { words: deps.words, locale: ctx.turn.locale });
  await reply(ctx, deps, 'kept', { shop: view.business.name, what });
}

/** The whole text again, not its buttons alone: where the message is gone from the chat, it is said anew. */
async function showReceipt(ctx: BotContext, deps: BotDeps, id: PaymentId, asking: boolean): Promise<void> {
  const { tx, identity } = ctx.turn;
  const view = await loadPaymentView(tx, deps.vault, id);
  const reader = await loadReader(tx, identity.id, view.business.locale);
  const given = await answersGiven(tx, id);
  const { chat_id, text, ...rest } = receiptMessage(deps, view, reader, { asking, given });
  const messageId = ctx.callbackQuery?.message?.message_id;
  if (messageId === undefined) await ctx.api.sendMessage(Number(chat_id), String(text), rest);
  else await ctx.api.editMessageText(Number(chat_id), messageId, String(text), rest);
}

async function document(ctx: BotContext, deps: BotDeps, paymentId: PaymentId): Promise<void> {
  const { tx, identity } = ctx.turn;
  const outcome = await sendReceiptOnPress(tx, deps, { paymentId, identityId: identity.id });
  if (outcome === 'above') return toast(ctx, deps, 'receipt-above');
  await ctx.answerCallbackQuery();
}
