/**
 * The button of a draft's card that adds the withdrawal charge, or takes it off again: a change like any other, by whoever
 * asks, of what the card shows. Every other press, and one that cannot count, goes where presses of payouts go.
 */
import type { Tx } from '../../db/tables.ts';
import { may } from '../../domain/roles.ts';
import { lockForDecision } from '../../payouts/approve.ts';
import { changePayout } from '../../payouts/draft.ts';
import { toast } from '../commands/reply.ts';
import type { BotContext, BotDeps } from '../context.ts';
import type { Turn } from '../turn.ts';
import { actionsOf } from './payout-card.ts';
import { chargeOffer } from './payout-charge.ts';
import { onPayoutPress } from './payout-press.ts';
import { loadPayoutView } from './payout-view.ts';
import type { CardDeps } from './post.ts';

export async function onPayoutCardPress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const [, nonce = '', pressed = ''] = data.split(':');
  if (pressed !== 'charge' && pressed !== 'no-charge') return onPayoutPress(ctx, deps, data);
  const view = await ownDraft(ctx.turn, deps, nonce);
  // What stands in its way stands in the way of every change of the draft, and is said there.
  if (view === null) return onPayoutPress(ctx, deps, `o:${nonce}:change`);
  const { payout, msisdn } = view;
  const offer = chargeOffer(view);
  if (offer?.action !== pressed) return toast(ctx, deps, 'old-card');
  await changePayout(ctx.turn.tx, deps, payout.id, ctx.turn.identity.id, {
    amountCents: offer.amount,
    chargeCents: offer.action === 'charge' ? offer.charge : 0n,
    msisdn,
    payeeName: payout.payee_name,
    note: payout.note,
  });
  await ctx.answerCallbackQuery();
}

/** Locked, as the person's own card shows it; null: they may not change it, or not any more. */
async function ownDraft({ tx, identity, memberships }: Turn, deps: CardDeps, nonce: string) {
  const card = await tx
    .selectFrom('payout_card')
    .select(['payout_id', 'kind', 'identity_id'])
    .where('nonce', '=', nonce)
    .executeTakeFirst();
  if (card?.payout_id == null || card.identity_id !== identity.id) return null;
  await lockForDecision(tx, card.payout_id);
  if (!(await isCurrent(tx, nonce))) return null;
  const view = await loadPayoutView(tx, deps.vault, card.payout_id);
  const membership = memberships.find(({ businessId }) => businessId === view.business.id);
  const asks = membership !== undefined && may(membership.role, 'request_payout');
  const changes = actionsOf(view, { kind: card.kind, group: false }).includes('change');
  return asks && changes && view.payout.requested_by === identity.id ? view : null;
}

/** The payout is locked before the card, as everywhere: the card may have been drawn anew meanwhile. */
async function isCurrent(tx: Tx, nonce: string): Promise<boolean> {
  const card = await tx
    .selectFrom('payout_card')
    .select('id')
    .where('nonce', '=', nonce)
    .forUpdate()
    .executeTakeFirst();
  return card !== undefined;
}
