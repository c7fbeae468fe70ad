/** Tells people about payments, in the transaction that changed them: the `Tell` that `payments/` asks for. */
import type { Selectable } from 'kysely';
import type { CardTable, Tx } from '../../db/tables.ts';
import type { AccountId, BusinessId, IdentityId } from '../../domain/ids.ts';
import type { Reason } from '../../domain/payment.ts';
import { may, type Role, roles } from '../../domain/roles.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import type { Tell } from '../../payments/context.ts';
import { marks } from '../marks.ts';
import { escapeHtml } from '../words.ts';
import { tellCustomer } from './customer.ts';
import { whyKey } from './payment-over.ts';
import { loadPaymentView, type PaymentView } from './payment-view.ts';
import { type CardDeps, closeCard, laneOf, loadReader, postCard, renewCard, updateCard } from './post.ts';

type Card = Selectable<CardTable>;

/** A card that stood still for so long has scrolled away: what was proved since is said in a new message. */
const staleMs = 5 * 60 * 1000;

export function createTell(deps: CardDeps): Tell {
  return {
    async payment(tx, paymentId) {
      const view = await loadPaymentView(tx, deps.vault, paymentId);
      const cards = await tx
        .selectFrom('card')
        .selectAll()
        .where('payment_id', '=', paymentId)
        .forUpdate()
        .execute();
      const members = new Set(await membersWho(tx, view.business.id, () => true));
      for (const card of cards)
        if (members.has(card.identity_id)) await tellOne(tx, deps, card, view);
        else await closeCard(tx, deps, card, view);
      if (view.payment.flag !== null) await alertManagers(tx, deps, view, cards);
      await tellCustomer(tx, deps, view);
    },
    accountStopped: (tx, accountId) => accountStopped(tx, deps, accountId),
    accountReady: (tx, accountId) => accountReady(tx, deps, accountId),
  };
}

async function tellOne(tx: Tx, deps: CardDeps, card: Card, view: PaymentView): Promise<void> {
  const stale = deps.clock.now().getTime() - card.updated_at.getTime() > staleMs;
  if (stale && (view.payment.flag !== null || provedSince(view, card.updated_at)))
    await renewCard(tx, deps, card, view);
  else await updateCard(tx, deps, card, view);
}

/** Money came, or an attempt ended, after the card was last written. */
function provedSince(view: PaymentView, shownAt: Date): boolean {
  const ends = [view.payment.paid_at, ...view.attempts.map((attempt) => attempt.ended_at)];
  return ends.some((at) => at !== null && at > shownAt);
}

/** Owners and managers get a card where a person must look; the requester has one already. */
async function alertManagers(
  tx: Tx,
  deps: CardDeps,
  view: PaymentView,
  cards: readonly Card[],
): Promise<void> {
  const reviewers = await membersWho(tx, view.business.id, (role) => may(role, 'review'));
  const told = new Set(cards.map((card) => card.identity_id));
  for (const id of reviewers) if (!told.has(id)) await postCard(tx, deps, view.payment.id, id, 'alert');
}

async function membersWho(
  tx: Tx,
  businessId: BusinessId,
  wanted: (role: Role) => boolean,
): Promise<IdentityId[]> {
  const members = await tx
    .selectFrom('member')
    .select('identity_id')
    .where('business_id', '=', businessId)
    .where('removed_at', 'is', null)
    .where('role', 'in', roles.filter(wanted))
    .orderBy('created_at')
    .execute();
  return members.map((member) => member.identity_id);
}

async function accountStopped(tx: Tx, deps: CardDeps, accountId: AccountId): Promise<void> {
  const account = await tx
    .selectFrom('gateway_account')
    .innerJoin('business', 'business.id', 'gateway_account.business_id')
    .select(['business.id as businessId', 'business.locale', 'gateway_account.name', 'stopped_reason'])
    .where('gateway_account.id', '=', accountId)
    .executeTakeFirstOrThrow();
  const stoppedAt = deps.clock.now().getTime();
  for (const id of await membersWho(tx, account.businessId, (role) => may(role, 'review'))) {
    const reader = await loadReader(tx, id, account.locale);
    const why = deps.words.say(reader.locale, whyKey((account.stopped_reason ?? 'not_given') as Reason));
    const text = deps.words.say(reader.locale, 'account-stopped', {
      gateway: escapeHtml(account.name),
      why,
    });
    await enqueue(tx, deps, {
      key: `stopped:${accountId}:${stoppedAt}:${id}`,
      channel: reader.channel,
      lane: laneOf(reader),
      method: 'sendMessage',
      payload: {
        chat_id: Number(reader.chatId),
        text: `${marks['account-stopped']} ${text}`,
        parse_mode: 'HTML',
      },
    });
  }
}

async function accountReady(tx: Tx, deps: CardDeps, accountId: AccountId): Promise<void> {
  const business = await tx
    .selectFrom('gateway_account')
    .innerJoin('business', 'business.id', 'gateway_account.business_id')
    .select(['business.id', 'business.locale', 'business.name'])
    .where('gateway_account.id', '=', accountId)
    .executeTakeFirstOrThrow();
  for (const id of await membersWho(tx, business.id, (role) => may(role, 'change_business'))) {
    const reader = await loadReader(tx, id, business.locale);
    const text = deps.words.say(reader.locale, 'biz-ready', { shop: business.name });
    await enqueue(tx, deps, {
      key: `ready:${accountId}:${id}`,
      channel: reader.channel,
      lane: laneOf(reader),
      method: 'sendMessage',
      payload: { chat_id: Number(reader.chatId), text },
    });
  }
}
