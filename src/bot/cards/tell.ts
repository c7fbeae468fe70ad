/** Tells people about payments, in the transaction that changed them: the `Tell` that `payments/` asks for. */
import type { Selectable } from 'kysely';
import type { CardTable, Tx } from '../../db/tables.ts';
import type { PaymentId } from '../../domain/ids.ts';
import { may } from '../../domain/roles.ts';
import type { Tell } from '../../payments/context.ts';
import type { SmsTell } from '../../payments/sms.ts';
import { tellBalances } from './balances.ts';
import { tellCustomer } from './customer.ts';
import { membersWho } from './members.ts';
import { loadPaymentView, type PaymentView } from './payment-view.ts';
import { type CardDeps, closeCard, postCard, renewCard, updateCard } from './post.ts';
import { type SmsDeps, smsTell, tellBySms } from './sms.ts';
import { tellAccounts } from './tell-accounts.ts';
import { tellUnasked } from './unasked.ts';

type Card = Selectable<CardTable>;

/** A card that stood still for so long has scrolled away: what was proved since is said in a new message. */
const staleMs = 5 * 60 * 1000;

export function createTell(deps: SmsDeps): Tell & SmsTell {
  return {
    async payment(tx, paymentId) {
      const view = await loadPaymentView(tx, deps.vault, paymentId);
      const cards = await tx
        .selectFrom('card')
        .selectAll('card')
        .select((eb) =>
          eb
            .exists(
              eb
                .selectFrom('member')
                .select('member.identity_id')
                .whereRef('member.identity_id', '=', 'card.identity_id')
                .where('member.business_id', '=', view.business.id)
                .where('member.removed_at', 'is', null),
            )
            .as('of_member'),
        )
        .where('payment_id', '=', paymentId)
        .forUpdate('card')
        .execute();
      for (const card of cards)
        if (card.of_member === true) await tellOne(tx, deps, card, view);
        else await closeCard(tx, deps, card);
      if (view.payment.flag !== null) await alertManagers(tx, deps, view, cards);
      await tellCustomer(tx, deps, view);
      await tellBySms(tx, deps, view);
    },
    askedByLink: (tx, paymentId) => askedByLink(tx, deps, paymentId),
    ...tellAccounts(deps),
    unasked: (tx, id) => tellUnasked(tx, deps, id),
    ...smsTell(deps),
    balances: (tx, asked) => tellBalances(tx, deps, asked),
  };
}

/** Who made the link may have left: then the owners have it. */
async function askedByLink(tx: Tx, deps: CardDeps, paymentId: PaymentId): Promise<void> {
  const payment = await tx
    .selectFrom('payment')
    .select(['business_id', 'requested_by'])
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow();
  const members = await membersWho(tx, payment.business_id, () => true);
  const readers = members.includes(payment.requested_by)
    ? [payment.requested_by]
    : await membersWho(tx, payment.business_id, (role) => may(role, 'change_business'));
  for (const id of readers) await postCard(tx, deps, paymentId, id, 'request');
}

async function tellOne(tx: Tx, deps: CardDeps, card: Card, view: PaymentView): Promise<void> {
  if (objectedSince(view, card.updated_at)) return renewCard(tx, deps, card, view);
  const stale = deps.clock.now().getTime() - card.updated_at.getTime() > staleMs;
  if (stale && (view.payment.flag !== null || provedSince(view, card.updated_at)))
    await renewCard(tx, deps, card, view);
  else await updateCard(tx, deps, card, view);
}

/** The customer said that something is wrong: an edit makes no sound, and this is to be heard. */
function objectedSince(view: PaymentView, shownAt: Date): boolean {
  return view.customer.some(
    ({ answer, decidedAt, at }) => answer !== 'me' && decidedAt === null && at > shownAt,
  );
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
