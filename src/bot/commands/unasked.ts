/** Money that nobody asked for, where an owner looks for it: in /review, until somebody has compared it with the statement. */

import { showTime } from '../../domain/eat.ts';
import type { BusinessId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { may } from '../../domain/roles.ts';
import { cleanText } from '../../domain/typed-text.ts';
import { audit } from '../../ops/audit.ts';
import {
  compareUnasked,
  openUnasked,
  type UnaskedMoney,
  type UnaskedSums,
  unaskedSums,
} from '../../payments/unasked-list.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { roleValues } from './access.ts';
import { reply, toast } from './reply.ts';
import { longId, shortId } from './settings-data.ts';

/** So many lines fit on a phone's screen; the next ones come when these were compared. */
const shownAtOnce = 8;

export async function showUnasked(ctx: BotContext, deps: BotDeps, businessId: BusinessId): Promise<void> {
  const { tx, locale } = ctx.turn;
  const money = await openUnasked(tx, businessId, shownAtOnce);
  const last = money.at(-1);
  if (last === undefined) return;
  const sums = await unaskedSums(tx, businessId);
  const values = { ...shownSums(sums), list: money.map((one) => lineOf(ctx, deps, one)).join('\n') };
  await reply(ctx, deps, 'unasked-list', values, [
    [
      {
        text: deps.words.say(locale, 'btn-compared'),
        callback_data: `q:${shortId(businessId)}:${shortId(last.id)}`,
      },
    ],
  ]);
}

const shownSums = ({ count, cents }: UnaskedSums) => ({ count: String(count), sum: showMoney(cents) });

function lineOf(ctx: BotContext, deps: BotDeps, money: UnaskedMoney): string {
  const { locale } = ctx.turn;
  const payer = [money.payerName, money.phoneMasked].filter((each) => each !== null).join(', ');
  return deps.words.say(locale, 'unasked-line', {
    amount: showMoney(money.amountCents),
    at: showTime(money.seenAt, deps.clock.now(), locale),
    payer: cleanText(payer) || deps.words.say(locale, 'unasked-somebody'),
    gateway: money.gateway,
    code: `M-Pesa ${cleanText(money.receipt)}`,
    account: cleanText(money.billReference) || '-',
  });
}

/** The button names its business, and the last of what was shown; whether the person may is asked now. */
export async function onUnaskedPress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const [, business = '', upTo = ''] = data.split(':');
  const { tx, identity, locale, memberships } = ctx.turn;
  const membership = memberships.find(({ businessId }) => businessId === longId<BusinessId>(business));
  const last = longId<string>(upTo);
  if (membership === undefined || last === null) return toast(ctx, deps, 'not-yours');
  const { businessId } = membership;
  if (!may(membership.role, 'review'))
    return toast(ctx, deps, 'role', await roleValues(ctx, deps, businessId, 'review'));
  const now = deps.clock.now();
  const compared = await compareUnasked(tx, businessId, last, identity.id, now);
  if (compared.count === 0) {
    const { count } = await unaskedSums(tx, businessId);
    await toast(ctx, deps, count === 0 ? 'unasked-none' : 'old-card');
    await ctx.editMessageReplyMarkup();
    return showUnasked(ctx, deps, businessId);
  }
  const facts = { upTo: last, count: compared.count, cents: Number(compared.cents) };
  await audit(tx, now, businessId, identity.id, 'unasked_seen', facts);
  await ctx.answerCallbackQuery();
  const values = { ...shownSums(compared), who: identity.name ?? '', at: showTime(now, now, locale) };
  await ctx.editMessageText(deps.words.say(locale, 'unasked-compared', values));
  await showUnasked(ctx, deps, businessId);
}
