import { showDay } from '../../domain/eat.ts';
import { showMoney } from '../../domain/money.ts';
import { unaskedSums } from '../../payments/unasked-list.ts';
import { closeAudit, newestBatch, shortHead } from '../../payouts/audit-chain.ts';
import { sumsOfDay } from '../../payouts/day.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { requireRight } from './access.ts';

/**
 * The day so far, for those who answer for the money: it tells what was paid out, too. The head of the audit log is in it, so
 * that each such message, kept by Telegram and by its reader, proves the log up to then.
 */
export async function onToday(ctx: BotContext, deps: BotDeps): Promise<void> {
  const membership = await requireRight(ctx, deps, 'review');
  if (membership === null) return;
  const { tx, locale } = ctx.turn;
  const { businessId, businessName } = membership;
  const now = deps.clock.now();
  const sums = await sumsOfDay(tx, businessId, now);
  const { count, cents } = await unaskedSums(tx, businessId);
  const line = { amount: showMoney(cents), count: String(count) };
  // Where somebody writes just now, the batch is closed a little later, and the head before it is as true.
  await closeAudit(tx, deps, businessId);
  const batch = await newestBatch(tx, businessId);
  const day = deps.words.say(locale, 'day', {
    shop: businessName,
    date: showDay(now, locale),
    in: showMoney(sums.inCents),
    count: String(sums.inCount),
    out: showMoney(sums.outCents),
    back: showMoney(sums.refundCents),
    open: String(sums.unknown),
    review: String(sums.review + count),
    head: batch === undefined ? deps.words.say(locale, 'day-no-audit') : shortHead(batch),
  });
  await ctx.reply(count === 0 ? day : `${day}\n${deps.words.say(locale, 'day-unasked', line)}`);
}
