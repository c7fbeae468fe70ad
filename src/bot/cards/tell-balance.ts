/** What owners hear where the gateway's prepaid balance or plan runs low. */
import type { Tx } from '../../db/tables.ts';
import type { AccountId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { may } from '../../domain/roles.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import type { TellBalance } from '../../payments/service-balance.ts';
import { marks } from '../marks.ts';
import { escapeHtml } from '../words.ts';
import { membersWho } from './members.ts';
import { type CardDeps, laneOf, loadReader } from './post.ts';

type LowKey = 'balance-low' | 'balance-ended' | 'units-low';
type Say = (key: string) => string;

export function tellBalanceLow(deps: CardDeps): TellBalance {
  return {
    balanceLow: (tx, id, cents) =>
      tellOwners(tx, deps, id, cents === null ? 'balance-ended' : 'balance-low', () => ({
        left: showMoney(cents ?? 0n),
      })),
    unitsLow: (tx, id, low) =>
      tellOwners(tx, deps, id, 'units-low', (say) => ({
        what: low.map(({ of, units }) => `${say(`balance-${of}`)} ${units ?? 0}`).join(', '),
      })),
  };
}

async function tellOwners(
  tx: Tx,
  deps: CardDeps,
  accountId: AccountId,
  key: LowKey,
  valuesOf: (say: Say) => Readonly<Record<string, string>>,
): Promise<void> {
  const account = await tx
    .selectFrom('gateway_account')
    .innerJoin('business', 'business.id', 'gateway_account.business_id')
    .select(['business.id as businessId', 'business.locale', 'gateway_account.name'])
    .where('gateway_account.id', '=', accountId)
    .executeTakeFirstOrThrow();
  const stamp = deps.clock.now().getTime();
  const kind = key === 'units-low' ? 'units' : 'low';
  for (const id of await membersWho(tx, account.businessId, (role) => may(role, 'change_business'))) {
    const reader = await loadReader(tx, id, account.locale);
    const values = valuesOf((name) => deps.words.say(reader.locale, name));
    const text = deps.words.say(reader.locale, key, { gateway: escapeHtml(account.name), ...values });
    await enqueue(tx, deps, {
      key: `${kind}:${accountId}:${stamp}:${id}`,
      channel: reader.channel,
      lane: laneOf(reader),
      method: 'sendMessage',
      payload: { chat_id: Number(reader.chatId), text: `${marks[key]} ${text}`, parse_mode: 'HTML' },
    });
  }
}
