/** Payouts in /history: the same pages, of what went out. */
import { showTime } from '../../domain/eat.ts';
import type { PayoutId } from '../../domain/ids.ts';
import { openPhone, sealedAs } from '../../payments/context.ts';
import { payoutPage } from '../../payouts/queries.ts';
import type { PayoutRow } from '../../payouts/reserve.ts';
import { payoutHead, payoutMark } from '../cards/payout-card.ts';
import type { BotContext, BotDeps } from '../context.ts';
import type { Membership } from '../turn.ts';
import { toast } from './reply.ts';

type Button = { text: string; callback_data: string };
type From = { readonly side: 'older' | 'newer'; readonly id: PayoutId } | null;

/** Under the first list, where money went out as well. */
export async function payoutsButton(
  ctx: BotContext,
  deps: BotDeps,
  { businessId }: Membership,
): Promise<Button[][]> {
  const { tx, locale } = ctx.turn;
  const { rows } = await payoutPage(tx, businessId, null);
  if (rows.length === 0) return [];
  return [[{ text: deps.words.say(locale, 'btn-payouts'), callback_data: 'h:w' }]];
}

/** `h:w`, `h:wo:<id>`, `h:wn:<id>`: the first page of payouts, an older one, a newer one. */
export async function onPayoutsPage(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const match = /^h:w(?:([on]):([0-9a-f-]{36}))?$/.exec(data);
  const { membership } = ctx.turn;
  if (match === null || membership === null) return toast(ctx, deps, 'old-card');
  const from: From =
    match[1] === undefined ? null : { side: match[1] === 'o' ? 'older' : 'newer', id: match[2] as PayoutId };
  const page = await renderPage(ctx, deps, membership, from);
  if (page === null) return toast(ctx, deps, 'history-no-payouts');
  await ctx.answerCallbackQuery();
  await ctx.editMessageText(page.text, { reply_markup: { inline_keyboard: page.buttons } });
}

async function renderPage(
  ctx: BotContext,
  deps: BotDeps,
  { businessId, businessName }: Membership,
  from: From,
): Promise<{ text: string; buttons: Button[][] } | null> {
  const { locale, tx } = ctx.turn;
  const page = await payoutPage(tx, businessId, from);
  if (page.rows.length === 0) return null;
  const button = (key: string, data: string): Button => ({
    text: deps.words.say(locale, key),
    callback_data: data,
  });
  const lines = [
    deps.words.say(locale, 'history-payouts', { shop: businessName }),
    ...page.rows.map((payout) => lineOf(payout, ctx, deps)),
  ];
  const turns = [
    ...(page.newer === null ? [] : [button('btn-newer', `h:wn:${page.newer}`)]),
    ...(page.older === null ? [] : [button('btn-older', `h:wo:${page.older}`)]),
  ];
  return { text: lines.join('\n'), buttons: turns.length === 0 ? [] : [turns] };
}

function lineOf(payout: PayoutRow, ctx: BotContext, deps: BotDeps): string {
  const msisdn = openPhone(deps.vault, payout.phone_sealed, sealedAs.payoutPhone(payout.id));
  const at = showTime(payout.paid_at ?? payout.created_at, deps.clock.now(), ctx.turn.locale);
  return `${payoutMark(payout)} ${payoutHead({ payout, msisdn }, false)} · ${at}`;
}
