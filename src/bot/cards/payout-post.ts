/** Puts a payout's card into a chat, and edits it there. One row of `payout_card` is one card in one chat. */
import { type Selectable, sql } from 'kysely';
import type { Tx } from '../../db/tables.ts';
import type { PayoutCardTable } from '../../db/tables-payouts.ts';
import { type CardId, type IdentityId, newId, type PayoutId } from '../../domain/ids.ts';
import { editsInPlace, enqueue } from '../../outbox/enqueue.ts';
import { cardPayload, withoutButtons } from './payload.ts';
import { type RenderedPayout, renderPayoutCard } from './payout-card.ts';
import { type Place, placeOf } from './payout-place.ts';
import { loadPayoutView, type PayoutView } from './payout-view.ts';
import { type CardDeps, channelOfLane, newNonce } from './post.ts';
import { sameButFigures, sameButtons, shownOf } from './shown.ts';
import { approvalTemplate } from './templates.ts';

export type PayoutCard = Selectable<PayoutCardTable>;

/** Sends the card as a new message; an older one of the same payout in this chat loses its buttons. */
export async function postPayoutCard(
  tx: Tx,
  deps: CardDeps,
  payoutId: PayoutId,
  identityId: IdentityId,
  kind: PayoutCard['kind'],
  lane: string | null = null,
): Promise<void> {
  // What the card shows is what is so until it is written: whoever changes the payout waits, and edits it.
  await sql`select 1 from payout where id = ${payoutId} for no key update`.execute(tx);
  const view = await loadPayoutView(tx, deps.vault, payoutId);
  const place = await placeOf(tx, view, identityId, lane);
  const old = await tx
    .selectFrom('payout_card')
    .selectAll()
    .where('payout_id', '=', payoutId)
    .where('identity_id', '=', identityId)
    .where('lane', '=', place.lane)
    .forUpdate()
    .executeTakeFirst();
  const shownKind = kindNow(old, kind);
  const rendered = render(deps, view, place, shownKind);
  const id = old?.id ?? newId<CardId>(deps.clock, deps.random);
  const version = (old?.version ?? 0) + 1;
  const nonce = newNonce(deps.random);
  if (old !== undefined) await disarm(tx, deps, place, old, rendered);
  const template = shownKind === 'approval' ? approvalTemplate(deps, view, place.reader) : null;
  const messageId = await enqueue(tx, deps, {
    ...(template !== null && { template }),
    key: keyOf(payoutId, id, version),
    channel: place.reader.channel,
    lane: place.lane,
    method: 'sendMessage',
    payload: cardPayload(place.reader.chatId, rendered, `o:${nonce}`),
    passing: old === undefined && view.payout.state === 'draft' && view.float === null,
  });
  const now = deps.clock.now();
  const shown = shownNow(deps, view, place, shownKind);
  const row = { kind: shownKind, message_id: messageId, version, nonce, shown, updated_at: now };
  if (old !== undefined)
    await tx
      .updateTable('payout_card')
      .set({ ...row, ...freshTries(old, view) })
      .where('id', '=', id)
      .execute();
  else
    await tx
      .insertInto('payout_card')
      .values({
        id,
        payout_id: payoutId,
        batch_id: null,
        identity_id: identityId,
        lane: place.lane,
        created_at: now,
        ...row,
      })
      .execute();
}

/** Who only looked may be asked now; whose request it is, it stays. */
function kindNow(old: PayoutCard | undefined, kind: PayoutCard['kind']): PayoutCard['kind'] {
  return old === undefined || old.kind === 'alert' ? kind : old.kind;
}

function keyOf(payoutId: PayoutId, id: CardId, version: number): string {
  return `payout:${payoutId}:card:${id}:${version}`;
}

/** The old message says the same, without buttons: there is one live card. What the person left may be theirs no longer. */
async function disarm(
  tx: Tx,
  deps: CardDeps,
  place: Place,
  old: PayoutCard,
  rendered: RenderedPayout,
): Promise<void> {
  await enqueue(tx, deps, {
    key: `${keyOf(old.payout_id as PayoutId, old.id, old.version)}:old`,
    channel: channelOfLane(old.lane),
    lane: old.lane,
    tidies: true,
    ...(old.lane === place.lane
      ? {
          method: 'editMessageText',
          payload: cardPayload(place.reader.chatId, { ...rendered, buttons: [] }, ''),
        }
      : withoutButtons(old.lane)),
    targetId: old.message_id,
  });
}

/** Edits the card where what it says has changed. */
export async function updatePayoutCard(
  tx: Tx,
  deps: CardDeps,
  card: PayoutCard,
  view: PayoutView,
): Promise<void> {
  const place = await placeOf(tx, view, card.identity_id, card.lane);
  const rendered = render(deps, view, place, card.kind);
  const shown = shownNow(deps, view, place, card.kind);
  if (shown === card.shown) return;
  if (place.lane !== card.lane) return movePayoutCard(tx, deps, card, { view, place, rendered, shown });
  if (sameButFigures(shown, card.shown) && !editsInPlace(place.reader.channel)) return;
  const version = card.version + 1;
  const nonce = sameButtons(shown, card.shown) ? card.nonce : newNonce(deps.random);
  await enqueue(tx, deps, {
    key: keyOf(view.payout.id, card.id, version),
    channel: place.reader.channel,
    lane: card.lane,
    method: 'editMessageText',
    payload: cardPayload(place.reader.chatId, rendered, `o:${nonce}`),
    targetId: card.message_id,
    passing: isPassing(view),
  });
  await tx
    .updateTable('payout_card')
    .set({ version, nonce, shown, updated_at: deps.clock.now(), ...freshTries(card, view) })
    .where('id', '=', card.id)
    .execute();
}

/** On its way, and what the gateway says follows within seconds, except while every payout is stopped. */
function isPassing({ payout, business }: PayoutView): boolean {
  const { state, flag } = payout;
  return flag === null && (state === 'sending' || (state === 'approved' && business.frozen_at === null));
}

/** The person has gone on in another chat: the card goes along, and the tries at its digits with it. */
async function movePayoutCard(
  tx: Tx,
  deps: CardDeps,
  card: PayoutCard,
  to: { view: PayoutView; place: Place; rendered: RenderedPayout; shown: string },
): Promise<void> {
  const { view, place, rendered, shown } = to;
  await disarm(tx, deps, place, card, rendered);
  const there = await tx
    .selectFrom('payout_card')
    .select('id')
    .where('payout_id', '=', view.payout.id)
    .where('identity_id', '=', card.identity_id)
    .where('lane', '=', place.lane)
    .executeTakeFirst();
  // It stands there from before, and is written anew like every card.
  if (there !== undefined)
    return void (await tx.deleteFrom('payout_card').where('id', '=', card.id).execute());
  const version = card.version + 1;
  const nonce = newNonce(deps.random);
  const template = card.kind === 'approval' ? approvalTemplate(deps, view, place.reader) : null;
  const messageId = await enqueue(tx, deps, {
    ...(template !== null && { template }),
    key: keyOf(view.payout.id, card.id, version),
    channel: place.reader.channel,
    lane: place.lane,
    method: 'sendMessage',
    payload: cardPayload(place.reader.chatId, rendered, `o:${nonce}`),
  });
  const row = { lane: place.lane, message_id: messageId, version, nonce, shown };
  await tx
    .updateTable('payout_card')
    .set({ ...row, updated_at: deps.clock.now(), ...freshTries(card, view) })
    .where('id', '=', card.id)
    .execute();
}

/** `shown` of a card that was closed: nothing that is rendered reads so, so that who is back sees it anew. */
const closed = '0.closed.closed';

/** Who may not see it any more learns nothing new: the card stays as it is, without its buttons. */
export async function closePayoutCard(
  tx: Tx,
  deps: CardDeps,
  card: PayoutCard,
  view: PayoutView,
): Promise<void> {
  if (card.shown === closed) return;
  const version = card.version + 1;
  await enqueue(tx, deps, {
    key: keyOf(view.payout.id, card.id, version),
    channel: channelOfLane(card.lane),
    lane: card.lane,
    ...withoutButtons(card.lane),
    targetId: card.message_id,
  });
  await tx
    .updateTable('payout_card')
    .set({ version, nonce: newNonce(deps.random), shown: closed, updated_at: deps.clock.now() })
    .where('id', '=', card.id)
    .execute();
}

/** Says what has changed in a new message: the card has scrolled away, or an edit would not be heard. */
export async function renewPayoutCard(
  tx: Tx,
  deps: CardDeps,
  card: PayoutCard,
  view: PayoutView,
): Promise<void> {
  const place = await placeOf(tx, view, card.identity_id, card.lane);
  if (shownNow(deps, view, place, card.kind) === card.shown) return;
  await postPayoutCard(tx, deps, view.payout.id, card.identity_id, card.kind, card.lane);
}

function render(deps: CardDeps, view: PayoutView, place: Place, kind: PayoutCard['kind']): RenderedPayout {
  return renderPayoutCard(view, {
    words: deps.words,
    locale: place.reader.locale,
    now: deps.clock.now(),
    kind,
    namesBusiness: place.reader.belongsToSeveral,
    group: place.group,
  });
}

/** The float is a figure that comes and goes; that it is known at all is not. */
function shownNow(deps: CardDeps, view: PayoutView, place: Place, kind: PayoutCard['kind']): string {
  const float = view.float === null ? null : view.payout.amount_cents;
  const still = render(deps, { ...view, float }, place, kind);
  return shownOf(view.payout.version, render(deps, view, place, kind), still);
}

/** Which version of the payout the card's reader has seen. */
export function versionSeen(card: Pick<PayoutCard, 'shown'>): number {
  return Number(card.shown.split('.')[0]);
}

/** Wrong digits count against what was asked, not against what is asked anew. */
function freshTries(card: PayoutCard, view: PayoutView): { tries?: number } {
  return versionSeen(card) === view.payout.version ? {} : { tries: 0 };
}
