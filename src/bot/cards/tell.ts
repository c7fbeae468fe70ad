/** Tells people about payments, in the transaction that changed them: the `Tell` that `payments/` asks for. */
import type { Selectable } from 'kysely';
import type { CardTable, Tx } from '../../db/tables.ts';
import { may } from '../../domain/roles.ts';
import type { Tell } from '../../payments/context.ts';
import { tellCustomer } from './customer.ts';
import { membersWho } from './members.ts';
import { loadPaymentView, type PaymentView } from './payment-view.ts';
import { type CardDeps, closeCard, postCard, renewCard, updateCard } from './post.ts';
import { tellAccounts } from './tell-accounts.ts';

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
    ...tellAccounts(deps),
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
