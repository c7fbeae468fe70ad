/** What owners and managers hear of money that customers sent by themselves: once, and that nothing proves it. */
import type { Tx } from '../../db/tables.ts';
import { showMoney } from '../../domain/money.ts';
import { may } from '../../domain/roles.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { marks } from '../marks.ts';
import { escapeHtml } from '../words.ts';
import { membersWho } from './members.ts';
import { type CardDeps, laneOf, loadReader } from './post.ts';

/** `unclaimedId`: a row of `unclaimed`. */
export async function tellUnasked(tx: Tx, deps: CardDeps, unclaimedId: string): Promise<void> {
  const money = await tx
    .selectFrom('unclaimed')
    .innerJoin('gateway_account', 'gateway_account.id', 'unclaimed.account_id')
    .innerJoin('business', 'business.id', 'gateway_account.business_id')
    .select(['business.id as businessId', 'business.locale', 'gateway_account.name'])
    .select(['amount_cents', 'receipt', 'bill_reference', 'phone_masked', 'payer_name'])
    .where('unclaimed.id', '=', unclaimedId)
    .executeTakeFirstOrThrow();
  for (const id of await membersWho(tx, money.businessId, (role) => may(role, 'review'))) {
    const reader = await loadReader(tx, id, money.locale);
    const payer = [money.payer_name, money.phone_masked].filter((each) => each !== null).join(', ');
    const text = deps.words.say(reader.locale, 'unasked', {
      amount: showMoney(money.amount_cents),
      payer: escapeHtml(payer) || deps.words.say(reader.locale, 'unasked-somebody'),
      gateway: escapeHtml(money.name),
      code: `M-Pesa ${escapeHtml(money.receipt)}`,
      account: escapeHtml(money.bill_reference) || '-',
    });
    await enqueue(tx, deps, {
      key: `unasked:${unclaimedId}:${id}`,
      channel: reader.channel,
      lane: laneOf(reader),
      method: 'sendMessage',
      payload: { chat_id: Number(reader.chatId), text: `${marks.unasked} ${text}`, parse_mode: 'HTML' },
    });
  }
}
