/** Puts a payment's card into a chat, and edits it there. One row of `card` is one card in one chat. */
import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { CardTable, Locale, Tx } from '../../db/tables.ts';
import type { Vault } from '../../db/vault.ts';
import type { Clock } from '../../domain/clock.ts';
import { type CardId, type IdentityId, newId, type PaymentId } from '../../domain/ids.ts';
import type { Random } from '../../domain/random.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { lastUsedChat } from '../../payments/persons.ts';
import type { Words } from '../words.ts';
import { cardPayload, withoutButtons } from './payload.ts';
import { type RenderedCard, renderPaymentCard } from './payment-card.ts';
import type { Hold } from './payment-said.ts';
import { loadPaymentView, type PaymentView } from './payment-view.ts';
import { merchantReceiptTemplate } from './templates.ts';

export interface CardDeps {
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly words: Words;
  readonly publicUrl: string;
}

type Card = Selectable<CardTable>;

/** Someone who gets a card: where, and how it is to be said to them. */
export interface Reader {
  readonly id: IdentityId;
  readonly channel: 'telegram' | 'whatsapp';
  readonly chatId: string;
  readonly locale: Locale;
  readonly belongsToSeveral: boolean;
}

export async function loadReader(tx: Tx, id: IdentityId, businessLocale: Locale): Promise<Reader> {
  const chat = await lastUsedChat(tx, id);
  return {
    id,
    channel: chat.channel,
    chatId: chat.external_id,
    locale: chat.locale ?? businessLocale,
    belongsToSeveral: chat.businesses > 1n,
  };
}

export function laneOf(reader: Pick<Reader, 'channel' | 'chatId'>): string {
  return `${reader.channel}:${reader.chatId}`;
}

export function channelOfLane(lane: string): 'telegram' | 'whatsapp' {
  return lane.startsWith('whatsapp:') ? 'whatsapp' : 'telegram';
}

/** Sends the card as a new message; an older one of the same payment in this chat loses its buttons. */
export async function postCard(
  tx: Tx,
  deps: CardDeps,
  paymentId: PaymentId,
  readerId: IdentityId,
  kind: CardTable['kind'],
): Promise<void> {
  // What the card shows is what is so until it is written: a callback that settles the payment waits, and edits it.
  const view = await loadPaymentView(tx, deps.vault, paymentId, 'locked');
  const reader = await loadReader(tx, readerId, view.business.locale);
  const old = await tx
    .selectFrom('card')
    .selectAll()
    .where('payment_id', '=', paymentId)
    .where('identity_id', '=', readerId)
    .forUpdate()
    .executeTakeFirst();
  const rendered = render(deps, view, reader, old?.kind ?? kind, null);
  const id = old?.id ?? newId<CardId>(deps.clock, deps.random);
  const version = (old?.version ?? 0) + 1;
  const nonce = newNonce(deps.random);
  if (old !== undefined) await disarm(tx, deps, reader, old, rendered);
  const isNews = old === undefined || paidSince(view, old.updated_at);
  const template = isNews ? merchantReceiptTemplate(deps, view, reader) : null;
  const messageId = await enqueue(tx, deps, {
    ...(template !== null && { template }),
    key: cardKey(paymentId, id, version),
    channel: reader.channel,
    lane: laneOf(reader),
    method: 'sendMessage',
    payload: payloadOf(reader, rendered, nonce),
    // A customer asked for it by a link. Who asks to see a card sees it at once.
    passing: old === undefined && kind === 'request' && isPassing(view, null),
  });
  const now = deps.clock.now();
  const row = {
    message_id: messageId,
    lane: laneOf(reader),
    version,
    nonce,
    shown: digest(rendered),
    updated_at: now,
  };
  if (old !== undefined) await tx.updateTable('card').set(row).where('id', '=', id).execute();
  else
    await tx
      .insertInto('card')
      .values({
        id,
        payment_id: paymentId,
        identity_id: readerId,
        kind,
        created_at: now,
        ...row,
      })
      .execute();
}

/** Holds the payment's id, so that the log lines of its messages can be found by it. */
function cardKey(paymentId: PaymentId, id: CardId, version: number): string {
  return `payment:${paymentId}:card:${id}:${version}`;
}

/** The card whose message an outbox row is or was; null for any other row. */
export function cardOfKey(key: string): CardId | null {
  return (/:card:([0-9a-f-]{36}):/.exec(key)?.[1] as CardId | undefined) ?? null;
}

/** The old message says the same, without buttons: there is one live card. What the person left may be theirs no longer. */
async function disarm(
  tx: Tx,
  deps: CardDeps,
  reader: Reader,
  old: Card,
  rendered: RenderedCard,
): Promise<void> {
  await enqueue(tx, deps, {
    key: `${cardKey(old.payment_id, old.id, old.version)}:old`,
    channel: channelOfLane(old.lane),
    lane: old.lane,
    tidies: true,
    ...(old.lane === laneOf(reader)
      ? { method: 'editMessageText', payload: payloadOf(reader, { ...rendered, buttons: [] }, '') }
      : withoutButtons(old.lane)),
    targetId: old.message_id,
  });
}

/** Edits the card where what it says has changed. `held` is shown once, in answer to a press. */
export async function updateCard(
  tx: Tx,
  deps: CardDeps,
  card: Card,
  view: PaymentView,
  held: Hold | null = null,
): Promise<void> {
  const reader = await loadReader(tx, card.identity_id, view.business.locale);
  const rendered = render(deps, view, reader, card.kind, held);
  const shown = digest(rendered);
  if (shown === card.shown) return;
  // The person has gone on in another chat: the card goes along.
  if (laneOf(reader) !== card.lane) return postCard(tx, deps, view.payment.id, card.identity_id, card.kind);
  const version = card.version + 1;
  const nonce = newNonce(deps.random);
  const template = paidSince(view, card.updated_at) ? merchantReceiptTemplate(deps, view, reader) : null;
  await enqueue(tx, deps, {
    ...(template !== null && { template }),
    key: cardKey(card.payment_id, card.id, version),
    channel: reader.channel,
    lane: card.lane,
    method: 'editMessageText',
    payload: payloadOf(reader, rendered, nonce),
    targetId: card.message_id,
    passing: isPassing(view, held),
  });
  await tx
    .updateTable('card')
    .set({ version, nonce, shown, updated_at: deps.clock.now() })
    .where('id', '=', card.id)
    .execute();
}

/** On its way to the phone: how that went follows within seconds. */
function isPassing({ payment }: PaymentView, held: Hold | null): boolean {
  return payment.state === 'sending' && payment.flag === null && held === null;
}

/** A template rings once for the money, and not again for what is said about it later. */
function paidSince(view: PaymentView, shownAt: Date): boolean {
  return view.attempts.some(
    ({ state, ended_at }) => state === 'paid' && ended_at !== null && ended_at >= shownAt,
  );
}

/** `shown` of a card that was closed: nothing that is rendered has this digest, so that a member who is back sees it anew. */
const closed = 'closed';

/** Who is no member any more learns nothing new: the card stays as it is, without its buttons. */
export async function closeCard(tx: Tx, deps: CardDeps, card: Card): Promise<void> {
  if (card.shown === closed) return;
  const version = card.version + 1;
  await enqueue(tx, deps, {
    key: cardKey(card.payment_id, card.id, version),
    channel: channelOfLane(card.lane),
    lane: card.lane,
    ...withoutButtons(card.lane),
    targetId: card.message_id,
  });
  await tx
    .updateTable('card')
    .set({ version, nonce: newNonce(deps.random), shown: closed, updated_at: deps.clock.now() })
    .where('id', '=', card.id)
    .execute();
}

/** Says what has changed in a new message: the card has scrolled away. */
export async function renewCard(tx: Tx, deps: CardDeps, card: Card, view: PaymentView): Promise<void> {
  const reader = await loadReader(tx, card.identity_id, view.business.locale);
  if (digest(render(deps, view, reader, card.kind, null)) === card.shown) return;
  await postCard(tx, deps, view.payment.id, card.identity_id, card.kind);
}

function render(
  deps: CardDeps,
  view: PaymentView,
  reader: Reader,
  kind: CardTable['kind'],
  held: Hold | null,
): RenderedCard {
  return renderPaymentCard(view, {
    words: deps.words,
    locale: reader.locale,
    now: deps.clock.now(),
    kind,
    namesBusiness: reader.belongsToSeveral,
    held,
  });
}

export function digest(rendered: object): string {
  return createHash('sha256').update(JSON.stringify(rendered)).digest('base64url').slice(0, 22);
}

/** 64 bits: a button of an older version matches no card, whatever somebody guesses. */
export function newNonce(random: Random): string {
  return random.bytes(8).toString('hex');
}

function payloadOf(reader: Reader, rendered: RenderedCard, nonce: string): Record<string, unknown> {
  return cardPayload(reader.chatId, rendered, `p:${nonce}`);
}
