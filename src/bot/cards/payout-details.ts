/** What an approver asks to see before saying yes: the account, what is left of the day's limits, who got what. */
import { showTime } from '../../domain/eat.ts';
import { showMoney } from '../../domain/money.ts';
import { spentToday } from '../../payouts/reserve.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { payoutHead, payoutMark } from './payout-card.ts';
import type { PayoutView } from './payout-view.ts';

const shownBefore = 3;

export async function sayDetails(ctx: BotContext, deps: BotDeps, view: PayoutView): Promise<void> {
  const { tx, locale } = ctx.turn;
  const { payout, limits } = view;
  const now = deps.clock.now();
  const spent = await spentToday(tx, payout, now);
  const say = (key: string, values: Record<string, string>) => deps.words.say(locale, key, values);
  const left = (most: bigint, used: bigint): string => showMoney(most > used ? most - used : 0n);
  const before = await tx
    .selectFrom('payout')
    .select(['ref', 'amount_cents', 'state', 'flag', 'created_at', 'note'])
    .where('business_id', '=', payout.business_id)
    .where('phone_hmac', '=', payout.phone_hmac)
    .where('id', '!=', payout.id)
    .where('state', 'not in', ['draft', 'void'])
    .orderBy('created_at', 'desc')
    .limit(shownBefore)
    .execute();
  const lines = [
    payoutHead(view, false),
    say('po-details', { account: view.account, reference: payout.reference }),
    say('po-left', {
      day: left(limits.day, spent.day),
      member: left(limits.memberDay, spent.memberDay),
      phone: left(limits.payeeDay, spent.payeeDay),
    }),
    ...before.map(
      (row) =>
        `${payoutMark(row)} ${showMoney(row.amount_cents)} · ${row.ref} · ${showTime(row.created_at, now, locale)} · ${row.note}`,
    ),
  ];
  await ctx.reply(lines.join('\n'));
}
