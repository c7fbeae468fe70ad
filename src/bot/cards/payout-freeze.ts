/** Payouts were stopped or allowed again: every owner and manager hears it, in a message of its own. */
import type { Tx } from '../../db/tables.ts';
import { showTime } from '../../domain/eat.ts';
import type { BusinessId, IdentityId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { may } from '../../domain/roles.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { lastFreezeChange } from '../../payouts/freeze.ts';
import { membersWith } from '../../payouts/people.ts';
import { payoutsOnHold } from '../../payouts/queries.ts';
import { marks } from '../marks.ts';
import { escapeHtml } from '../words.ts';
import { updatePayoutCard } from './payout-post.ts';
import { loadPayoutView } from './payout-view.ts';
import { type CardDeps, laneOf, loadReader } from './post.ts';

export async function tellFreeze(tx: Tx, deps: CardDeps, businessId: BusinessId): Promise<void> {
  const cause = `freeze:${businessId}:${(await lastFreezeChange(tx, businessId)).id}`;
  for (const { id } of await membersWith(tx, businessId, 'freeze_payouts'))
    await postFreeze(tx, deps, businessId, id, `${cause}:${id}`);
  await refreshHeld(tx, deps, businessId);
}

/** The button knows which change was before the person: a later one is none that they have seen. */
export function freezeData(what: string, businessId: BusinessId, last: { readonly id: bigint }): string {
  return `z:${what}:${businessId}:${last.id.toString(36)}`;
}

/** What is so now, to one person. `key`: of the cause. */
export async function postFreeze(
  tx: Tx,
  deps: CardDeps,
  businessId: BusinessId,
  identityId: IdentityId,
  key: string,
): Promise<void> {
  const business = await tx
    .selectFrom('business')
    .select(['name', 'locale', 'frozen_at'])
    .where('id', '=', businessId)
    .executeTakeFirstOrThrow();
  const reader = await loadReader(tx, identityId, business.locale);
  const say = (text: string, values: Record<string, string> = {}) =>
    deps.words.say(reader.locale, text, values);
  const now = deps.clock.now();
  const stopped = business.frozen_at !== null;
  const held = await payoutsOnHold(tx, businessId);
  const last = await lastFreezeChange(tx, businessId);
  const values = {
    who: escapeHtml(last.name ?? '–'),
    at: showTime(business.frozen_at ?? now, now, reader.locale),
    count: String(held.count),
    sum: showMoney(held.cents),
  };
  const member = await tx
    .selectFrom('member')
    .select('role')
    .where('business_id', '=', businessId)
    .where('identity_id', '=', identityId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  const allows = stopped && member !== undefined && may(member.role, 'allow_payouts');
  await enqueue(tx, deps, {
    key,
    channel: reader.channel,
    lane: laneOf(reader),
    method: 'sendMessage',
    payload: {
      chat_id: Number(reader.chatId),
      text: [
        stopped ? `${marks.frozen} ${say('frozen', values)}` : say('unfrozen', values),
        ...(reader.belongsToSeveral ? [escapeHtml(business.name)] : []),
      ].join('\n'),
      parse_mode: 'HTML',
      ...(allows && {
        reply_markup: {
          inline_keyboard: [
            [{ text: say('btn-allow'), callback_data: freezeData('allow', businessId, last) }],
          ],
        },
      }),
    },
  });
}

/** One that a sender holds at this moment is told by whatever the sender makes of it. */
async function refreshHeld(tx: Tx, deps: CardDeps, businessId: BusinessId): Promise<void> {
  const held = await tx
    .selectFrom('payout')
    .select('id')
    .where('business_id', '=', businessId)
    .where('state', '=', 'approved')
    .where('batch_id', 'is', null)
    .orderBy('id')
    .forNoKeyUpdate()
    .skipLocked()
    .execute();
  for (const { id } of held) {
    const view = await loadPayoutView(tx, deps.vault, id);
    const cards = await tx
      .selectFrom('payout_card')
      .selectAll()
      .where('payout_id', '=', id)
      .forUpdate()
      .execute();
    for (const card of cards) await updatePayoutCard(tx, deps, card, view);
  }
}
