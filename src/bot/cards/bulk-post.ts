/** Puts the card of a file of payouts into a chat, and edits it there. One row of `payout_card` is one card in one chat. */
import type { Tx } from '../../db/tables.ts';
import { plusSeconds } from '../../domain/clock.ts';
import { type BatchId, type CardId, type IdentityId, newId } from '../../domain/ids.ts';
import { editsInPlace, enqueue } from '../../outbox/enqueue.ts';
import { type RenderedBulk, renderBulkCard } from './bulk-card.ts';
import type { BulkView } from './bulk-view.ts';
import { cardPayload, withoutButtons } from './payload.ts';
import { isGroupLane, placeOf } from './payout-place.ts';
import { type PayoutCard, versionSeen } from './payout-post.ts';
import { type CardDeps, channelOfLane, laneOf, newNonce, type Reader } from './post.ts';
import { sameButFigures, sameButtons, shownOf } from './shown.ts';
import { bulkApprovalTemplate } from './templates.ts';

/** Whom it is said to: a person in their own chat, or the group that an owner named. */
async function readerOf(
  tx: Tx,
  view: BulkView,
  identityId: IdentityId,
  lane: string | null,
): Promise<Reader> {
  return (await placeOf(tx, view, identityId, lane)).reader;
}

/**
 * Sends the card as a new message; an older one of the same file in this chat loses its buttons. The caller holds the batch.
 * `identityId`: whose card it is; in a group (`lane`), whose request.
 */
export async function postBulkCard(
  tx: Tx,
  deps: CardDeps,
  view: BulkView,
  identityId: IdentityId,
  kind: PayoutCard['kind'],
  lane: string | null = null,
): Promise<void> {
  const reader = await readerOf(tx, view, identityId, lane);
  const old = await tx
    .selectFrom('payout_card')
    .selectAll()
    .where('batch_id', '=', view.batch.id)
    .where('identity_id', '=', identityId)
    .where('lane', '=', laneOf(reader))
    .forUpdate()
    .executeTakeFirst();
  // Who only looked at it may have been given more to do since.
  const shownKind = old === undefined || old.kind === 'alert' ? kind : old.kind;
  const rendered = render(deps, view, reader, shownKind);
  const id = old?.id ?? newId<CardId>(deps.clock, deps.random);
  const version = (old?.version ?? 0) + 1;
  const nonce = newNonce(deps.random);
  if (old !== undefined) await disarm(tx, deps, reader, old, rendered);
  const key = keyOf(view.batch.id, id, version);
  const messageId = await send(tx, deps, { view, reader, kind: shownKind, rendered, key, nonce });
  const now = deps.clock.now();
  const row = {
    kind: shownKind,
    message_id: messageId,
    version,
    nonce,
    shown: shownNow(deps, view, reader, shownKind),
    updated_at: now,
  };
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
        payout_id: null,
        batch_id: view.batch.id,
        identity_id: identityId,
        lane: laneOf(reader),
        created_at: now,
        ...row,
      })
      .execute();
}

function keyOf(batchId: BatchId, id: CardId, version: number): string {
  return `batch:${batchId}:card:${id}:${version}`;
}

interface NewCard {
  readonly view: BulkView;
  readonly reader: Reader;
  readonly kind: PayoutCard['kind'];
  readonly rendered: RenderedBulk;
  readonly key: string;
  readonly nonce: string;
}

async function send(
  tx: Tx,
  deps: CardDeps,
  { view, reader, kind, rendered, key, nonce }: NewCard,
): Promise<bigint> {
  const template = kind === 'approval' ? bulkApprovalTemplate(deps, view, reader) : null;
  return enqueue(tx, deps, {
    ...(template !== null && { template }),
    key,
    channel: reader.channel,
    lane: laneOf(reader),
    method: 'sendMessage',
    payload: cardPayload(reader.chatId, rendered, `b:${nonce}`),
  });
}

/** The old message says the same, without buttons: there is one live card. What the person left may be theirs no longer. */
async function disarm(
  tx: Tx,
  deps: CardDeps,
  reader: Reader,
  old: PayoutCard,
  rendered: RenderedBulk,
): Promise<void> {
  await enqueue(tx, deps, {
    key: `${keyOf(old.batch_id as BatchId, old.id, old.version)}:old`,
    channel: channelOfLane(old.lane),
    lane: old.lane,
    tidies: true,
    ...(old.lane === laneOf(reader)
      ? { method: 'editMessageText', payload: cardPayload(reader.chatId, { ...rendered, buttons: [] }, '') }
      : withoutButtons(old.lane)),
    targetId: old.message_id,
  });
}

/** Where every edit is a new message: how far the file is comes no more often, until its end. */
const figuresSeconds = 300;

/** Nothing of it is open any more: nobody looks at it again, and these figures are its last. */
function isEnd({ batch, progress }: BulkView): boolean {
  return batch.state === 'done' && progress?.open === 0;
}

/** Edits the card where what it says has changed. */
export async function updateBulkCard(
  tx: Tx,
  deps: CardDeps,
  card: PayoutCard,
  view: BulkView,
): Promise<void> {
  const reader = await readerOf(tx, view, card.identity_id, card.lane);
  const rendered = render(deps, view, reader, card.kind);
  const shown = shownNow(deps, view, reader, card.kind);
  if (shown === card.shown) return;
  if (laneOf(reader) !== card.lane) return moveBulkCard(tx, deps, card, { view, reader, rendered, shown });
  const soon = deps.clock.now() < plusSeconds(card.updated_at, figuresSeconds);
  const waits = soon && !isEnd(view) && sameButFigures(shown, card.shown);
  if (waits && !editsInPlace(reader.channel)) return;
  const version = card.version + 1;
  const nonce = sameButtons(shown, card.shown) ? card.nonce : newNonce(deps.random);
  await enqueue(tx, deps, {
    key: keyOf(view.batch.id, card.id, version),
    channel: reader.channel,
    lane: card.lane,
    method: 'editMessageText',
    payload: cardPayload(reader.chatId, rendered, `b:${nonce}`),
    targetId: card.message_id,
  });
  await tx
    .updateTable('payout_card')
    .set({ version, nonce, shown, updated_at: deps.clock.now(), ...freshTries(card, view) })
    .where('id', '=', card.id)
    .execute();
}

/** The person has gone on in another chat: the card goes along. */
async function moveBulkCard(
  tx: Tx,
  deps: CardDeps,
  card: PayoutCard,
  to: { view: BulkView; reader: Reader; rendered: RenderedBulk; shown: string },
): Promise<void> {
  const { view, reader, rendered, shown } = to;
  await disarm(tx, deps, reader, card, rendered);
  const lane = laneOf(reader);
  const there = await tx
    .selectFrom('payout_card')
    .select('id')
    .where('batch_id', '=', view.batch.id)
    .where('identity_id', '=', card.identity_id)
    .where('lane', '=', lane)
    .executeTakeFirst();
  // It stands there from before, and is written anew like every card.
  if (there !== undefined)
    return void (await tx.deleteFrom('payout_card').where('id', '=', card.id).execute());
  const version = card.version + 1;
  const nonce = newNonce(deps.random);
  const key = keyOf(view.batch.id, card.id, version);
  const message_id = await send(tx, deps, { view, reader, kind: card.kind, rendered, key, nonce });
  await tx
    .updateTable('payout_card')
    .set({ lane, message_id, version, nonce, shown, updated_at: deps.clock.now(), ...freshTries(card, view) })
    .where('id', '=', card.id)
    .execute();
}

/** `shown` of a card that was closed: nothing that is rendered reads so. */
const closed = '0.closed.closed';

/** Who may not see it any more learns nothing new: the card stays as it is, without its buttons. */
export async function closeBulkCard(tx: Tx, deps: CardDeps, card: PayoutCard): Promise<void> {
  if (card.shown === closed) return;
  const version = card.version + 1;
  await enqueue(tx, deps, {
    key: keyOf(card.batch_id as BatchId, card.id, version),
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

function render(deps: CardDeps, view: BulkView, reader: Reader, kind: PayoutCard['kind']): RenderedBulk {
  return renderBulkCard(view, {
    words: deps.words,
    locale: reader.locale,
    now: deps.clock.now(),
    kind,
    namesBusiness: reader.belongsToSeveral,
    group: isGroupLane(laneOf(reader)),
  });
}

/** How far it is comes and goes. */
function shownNow(deps: CardDeps, view: BulkView, reader: Reader, kind: PayoutCard['kind']): string {
  const still = render(deps, { ...view, progress: null }, reader, kind);
  return shownOf(view.batch.version, render(deps, view, reader, kind), still);
}

/** Wrong totals count against what was asked, not against what is asked anew. */
function freshTries(card: PayoutCard, { batch }: BulkView): { tries?: number } {
  return versionSeen(card) === batch.version ? {} : { tries: 0 };
}
