/** What /balance answers: each account with what is left there and how it has done lately. */
import type { Locale, Tx } from '../../db/tables.ts';
import { showTime } from '../../domain/eat.ts';
import type { AccountId, BusinessId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { accountHealth } from '../../payments/account-list.ts';
import { type Balance, type BalanceQuestion, seenBalances } from '../../payments/balances.ts';
import { accountChoices } from '../../payments/default-account.ts';
import { escapeHtml } from '../words.ts';
import { payoutOfFloatKey, showFloat } from './payout-float.ts';
import { type CardDeps, laneOf, loadReader } from './post.ts';

/** Sends the answer to whoever asked, once for each question. */
export async function tellBalances(
  tx: Tx,
  deps: CardDeps,
  asked: BalanceQuestion & { readonly silent: readonly AccountId[] },
): Promise<void> {
  const draft = payoutOfFloatKey(asked.key);
  if (draft !== null) return showFloat(tx, deps, draft);
  const business = await tx
    .selectFrom('business')
    .select(['name', 'locale'])
    .where('id', '=', asked.businessId)
    .executeTakeFirstOrThrow();
  const reader = await loadReader(tx, asked.identityId, business.locale);
  const parts = await accountParts(tx, deps, asked, reader.locale);
  await enqueue(tx, deps, {
    key: `${asked.key}:balances`,
    channel: reader.channel,
    lane: laneOf(reader),
    method: 'sendMessage',
    payload: {
      chat_id: Number(reader.chatId),
      text: [`<b>${escapeHtml(business.name)}</b>`, ...parts].join('\n\n'),
      parse_mode: 'HTML',
    },
  });
}

async function accountParts(
  tx: Tx,
  deps: CardDeps,
  { businessId, silent }: { readonly businessId: BusinessId; readonly silent: readonly AccountId[] },
  locale: Locale,
): Promise<string[]> {
  const parts: string[] = [];
  const say = (key: string, values?: Record<string, string>) => deps.words.say(locale, key, values);
  for (const { id, name, label } of await accountChoices(tx, businessId)) {
    const account = await tx
      .selectFrom('gateway_account')
      .select(['state', 'rest_until', 'balances_seen', 'balances_at'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const now = deps.clock.now();
    const health = await accountHealth(tx, deps.clock, id);
    const balances = seenBalances(account.balances_seen).map((balance) => sayBalance(balance, say));
    const at = account.balances_at === null ? '' : showTime(account.balances_at, now, locale);
    const resting = account.rest_until !== null && account.rest_until > now;
    parts.push(
      [
        `${escapeHtml(name)} · ${escapeHtml(label)}`,
        ...(balances.length === 0
          ? [say(silent.includes(id) ? 'balance-silent' : 'balance-none')]
          : [say('balance-is', { what: balances.join(', '), at })]),
        ...(account.state === 'stopped' ? [say('balance-stopped')] : []),
        ...(resting
          ? [say('balance-resting', { next: showTime(account.rest_until as Date, now, locale) })]
          : []),
        say('balance-health', {
          paid: health.paidPercent === null ? '–' : `${health.paidPercent}%`,
          seconds: health.callbackSeconds === null ? '–' : `${Math.round(health.callbackSeconds)} s`,
          unknown: String(health.unknown),
        }),
      ].join('\n'),
    );
  }
  return parts.length === 0 ? [say('balance-no-account')] : parts;
}

function sayBalance({ of, cents, units }: Balance, say: (key: string) => string): string {
  const amount = cents === null ? String(units ?? 0) : showMoney(cents - (cents % 100n));
  return `${say(`balance-${of}`)} ${amount}`;
}
