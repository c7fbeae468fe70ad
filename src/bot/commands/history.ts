import { showTime } from '../../domain/eat.ts';
import type { PaymentId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { showMsisdn } from '../../domain/msisdn.ts';
import { historyPage } from '../../payments/queries.ts';
import { paymentMark } from '../cards/payment-card.ts';
import { loadPaymentView, type PaymentView } from '../cards/payment-view.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { marks } from '../marks.ts';
import type { Membership } from '../turn.ts';
import { requireRight } from './access.ts';
import { onPayoutsPage, payoutsButton } from './history-payouts.ts';
import { reply, toast } from './reply.ts';

type From = { readonly side: 'older' | 'newer'; readonly id: PaymentId } | null;
type Button = { text: string; callback_data: string };

export async function onHistory(ctx: BotContext, deps: BotDeps): Promise<void> {
  const membership = await requireRight(ctx, deps, 'see_payments');
  if (membership === null) return;
  const page = await renderPage(ctx, deps, membership, null);
  if (page === null) await reply(ctx, deps, 'history-empty', {}, await payoutsButton(ctx, deps, membership));
  else await ctx.reply(page.text, { reply_markup: { inline_keyboard: page.buttons } });
}

/** A press of Newer or Older turns the page in place. */
export async function onHistoryPage(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  if (data.startsWith('h:w')) return onPayoutsPage(ctx, deps, data);
  const match = /^h:([on]):([0-9a-f-]{36})$/.exec(data);
  const membership = ctx.turn.membership;
  if (match === null || membership === null) return toast(ctx, deps, 'old-card');
  const from: From = { side: match[1] === 'o' ? 'older' : 'newer', id: match[2] as PaymentId };
  const page = await renderPage(ctx, deps, membership, from);
  if (page === null) return toast(ctx, deps, 'history-empty');
  await ctx.answerCallbackQuery();
  await ctx.editMessageText(page.text, { reply_markup: { inline_keyboard: page.buttons } });
}

async function renderPage(
  ctx: BotContext,
  deps: BotDeps,
  membership: Membership,
  from: From,
): Promise<{ text: string; buttons: Button[][] } | null> {
  const { locale, tx } = ctx.turn;
  const page = await historyPage(tx, membership.businessId, from);
  if (page.ids.length === 0) return null;
  const lines = [deps.words.say(locale, 'history-head', { shop: membership.businessName })];
  for (const id of page.ids) lines.push(lineOf(await loadPaymentView(tx, deps.vault, id), ctx, deps));
  const row: Button[] = [];
  if (page.newer !== null)
    row.push({ text: deps.words.say(locale, 'btn-newer'), callback_data: `h:n:${page.newer}` });
  if (page.older !== null)
    row.push({ text: deps.words.say(locale, 'btn-older'), callback_data: `h:o:${page.older}` });
  const payouts = await payoutsButton(ctx, deps, membership);
  return { text: lines.join('\n'), buttons: [...(row.length === 0 ? [] : [row]), ...payouts] };
}

function lineOf(view: PaymentView, ctx: BotContext, deps: BotDeps): string {
  const { payment } = view;
  const at = showTime(payment.paid_at ?? payment.created_at, deps.clock.now(), ctx.turn.locale);
  const mark = paymentMark(view) ?? marks.unknown;
  return `${mark} ${showMoney(payment.amount_cents)} · ${showMsisdn(view.msisdn)} · ${payment.ref} · ${at}`;
}
