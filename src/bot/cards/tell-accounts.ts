/** What owners and managers hear about their accounts at gateways. */
import type { Locale, Tx } from '../../db/tables.ts';
import { showTime } from '../../domain/eat.ts';
import type { AccountId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import type { Reason } from '../../domain/payment.ts';
import { may, type Right } from '../../domain/roles.ts';
import { audit } from '../../ops/audit.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import type { Tell } from '../../payments/context.ts';
import { marks } from '../marks.ts';
import { escapeHtml } from '../words.ts';
import { membersWho } from './members.ts';
import { whyKey } from './payment-over.ts';
import { type CardDeps, laneOf, loadReader } from './post.ts';

type AccountTell = Pick<
  Tell,
  'accountStopped' | 'accountReady' | 'accountResting' | 'setupChanged' | 'toppedUp'
>;

export function tellAccounts(deps: CardDeps): AccountTell {
  const stamp = (): number => deps.clock.now().getTime();
  return {
    async accountStopped(tx, id) {
      const account = await load(tx, id);
      const reason = (account.stopped_reason ?? 'not_given') as Reason;
      const stopped = { account: id, reason };
      await audit(tx, deps.clock.now(), account.businessId, null, 'account_stopped', stopped);
      await tellMembers(tx, deps, account, 'review', `stopped:${id}:${stamp()}`, (locale) => {
        const why = deps.words.say(locale, whyKey(reason));
        const values = { gateway: escapeHtml(account.name), why };
        return `${marks['account-stopped']} ${deps.words.say(locale, 'account-stopped', values)}`;
      });
    },
    async accountReady(tx, id) {
      const account = await load(tx, id);
      await tellMembers(tx, deps, account, 'change_business', `ready:${id}`, (locale) => {
        const ready = deps.words.say(locale, 'biz-ready', { shop: escapeHtml(account.shop) });
        if (account.setup_seen === null) return ready;
        const where = escapeHtml(account.setup_seen);
        return `${ready}\n${deps.words.say(locale, 'setup-is', { where })}`;
      });
    },
    async accountResting(tx, id, until) {
      const account = await load(tx, id);
      const now = deps.clock.now();
      await tellMembers(tx, deps, account, 'review', `resting:${id}:${until.getTime()}`, (locale) => {
        const values = { gateway: escapeHtml(account.name), next: showTime(until, now, locale) };
        return `${marks['account-resting']} ${deps.words.say(locale, 'account-resting', values)}`;
      });
    },
    async toppedUp(tx, id, { of, amountCents, cause }) {
      const account = await load(tx, id);
      await tellMembers(tx, deps, account, 'change_business', `topup:${id}:${cause}`, (locale) =>
        deps.words.say(locale, `topup-${of}`, {
          gateway: escapeHtml(account.name),
          amount: showMoney(amountCents - (amountCents % 100n)),
        }),
      );
    },
    async setupChanged(tx, id, before, after) {
      const account = await load(tx, id);
      const hash = (text: string): string => deps.vault.hmac('audit', `setup ${text}`).toString('hex');
      await audit(tx, deps.clock.now(), account.businessId, null, 'account_setup', {
        account: id,
        was: before === null ? null : hash(before),
        lands: hash(after),
      });
      await tellMembers(tx, deps, account, 'change_business', `setup:${id}:${stamp()}`, (locale) => {
        const where = escapeHtml(after);
        if (before === null) return deps.words.say(locale, 'setup-is', { where });
        const values = { gateway: escapeHtml(account.name), where, was: escapeHtml(before) };
        return `${marks['setup-changed']} ${deps.words.say(locale, 'setup-changed', values)}`;
      });
    },
  };
}

type Account = Awaited<ReturnType<typeof load>>;

function load(tx: Tx, id: AccountId) {
  return tx
    .selectFrom('gateway_account')
    .innerJoin('business', 'business.id', 'gateway_account.business_id')
    .select([
      'business.id as businessId',
      'business.locale',
      'business.name as shop',
      'gateway_account.name',
      'stopped_reason',
      'setup_seen',
    ])
    .where('gateway_account.id', '=', id)
    .executeTakeFirstOrThrow();
}

async function tellMembers(
  tx: Tx,
  deps: CardDeps,
  account: Account,
  right: Right,
  cause: string,
  say: (locale: Locale) => string,
): Promise<void> {
  for (const id of await membersWho(tx, account.businessId, (role) => may(role, right))) {
    const reader = await loadReader(tx, id, account.locale);
    await enqueue(tx, deps, {
      key: `${cause}:${id}`,
      channel: reader.channel,
      lane: laneOf(reader),
      method: 'sendMessage',
      payload: { chat_id: Number(reader.chatId), text: say(reader.locale), parse_mode: 'HTML' },
    });
  }
}
