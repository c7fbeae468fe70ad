/** Tells people about files of payouts, in the transaction that changed them. */
import type { Tx } from '../../db/tables.ts';
import type { BatchId, BusinessId, IdentityId } from '../../domain/ids.ts';
import { may, type Role } from '../../domain/roles.ts';
import { attach } from '../../outbox/attach.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { lockBatch } from '../../payouts/bulk-hash.ts';
import type { FileRefusal, StoredFile } from '../../payouts/bulk-intake.ts';
import type { PayoutTell } from '../../payouts/context.ts';
import { closeBulkCard, postBulkCard, updateBulkCard } from './bulk-post.ts';
import { resultFile } from './bulk-result.ts';
import { type BulkView, loadBulkView } from './bulk-view.ts';
import { membersWho } from './members.ts';
import { isGroupLane } from './payout-place.ts';
import { type PayoutCard, versionSeen } from './payout-post.ts';
import { type CardDeps, laneOf, loadReader } from './post.ts';

/** One payout of a file changes many times a second; its file is looked at by a worker instead, every few seconds. */
export function withBatches(tell: PayoutTell, deps: CardDeps): PayoutTell {
  return {
    ...tell,
    batch: (tx, id) => tellBatch(tx, deps, id),
    freeze: async (tx, businessId) => {
      await tell.freeze(tx, businessId);
      for (const id of await goingOn(tx, businessId)) await tellBatch(tx, deps, id);
    },
  };
}

/** Locks what it names: the business is held already, and batches come after it. */
async function goingOn(tx: Tx, businessId: BusinessId): Promise<BatchId[]> {
  const rows = await tx
    .selectFrom('payout_batch')
    .select('id')
    .where('business_id', '=', businessId)
    .where('state', 'in', ['running', 'paused'])
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  return rows.map(({ id }) => id);
}

/** Every card shows what is so now; those who may approve get one while it waits. The caller holds the batch. */
export async function tellBatch(tx: Tx, deps: CardDeps, id: BatchId): Promise<void> {
  const view = await loadBulkView(tx, id, deps.clock.now());
  const cards = await tx
    .selectFrom('payout_card')
    .selectAll()
    .where('batch_id', '=', id)
    .orderBy('id')
    .forUpdate()
    .execute();
  const members = new Set(await membersWho(tx, view.business.id, () => true));
  const approvers = new Set(await membersWho(tx, view.business.id, (role) => may(role, 'approve_payout')));
  for (const card of cards) {
    const readers = card.kind === 'approval' ? approvers : members;
    if (!isGroupLane(card.lane) && !readers.has(card.identity_id)) await closeBulkCard(tx, deps, card);
    else if (isHeard(card, view)) await postBulkCard(tx, deps, view, card.identity_id, card.kind, card.lane);
    else await updateBulkCard(tx, deps, card, view);
  }
  await tellMore(tx, deps, view, cards);
}

/** The program itself held it, or ended it: nobody looks at the card just now, and an edit makes no sound. */
function isHeard(card: PayoutCard, { batch, restCents }: BulkView): boolean {
  const ours = batch.pause_reason !== null && (batch.state === 'paused' || batch.state === 'void');
  const concerns = !isGroupLane(card.lane) || restCents !== null || batch.state === 'void';
  return ours && concerns && versionSeen(card) < batch.version;
}

/** Who may approve, while that is asked; owners, where the program held it. Each has one card. */
async function tellMore(tx: Tx, deps: CardDeps, view: BulkView, cards: readonly PayoutCard[]): Promise<void> {
  const { batch, business, restCents } = view;
  const asked = batch.state === 'waiting' || restCents !== null;
  const held = batch.state === 'paused' && batch.pause_reason !== null;
  const own = cards.filter(({ kind, lane }) => kind !== 'alert' && !isGroupLane(lane));
  const has = new Set(own.map((card) => card.identity_id));
  const owners = held ? await membersWho(tx, business.id, (role) => role === 'owner') : [];
  const to = [...(asked ? view.approvers.others.map(({ id }) => id) : []), ...owners];
  for (const id of new Set(to)) {
    const kind = id === batch.requested_by ? 'request' : 'approval';
    if (!has.has(id)) await postBulkCard(tx, deps, view, id, kind);
  }
  const group = business.approvals_group;
  if (asked && group !== null && isGroupLane(group) && !cards.some(({ lane }) => lane === group))
    await postBulkCard(tx, deps, view, batch.requested_by, 'approval', group);
}

/** Puts the card at the end of a chat. */
export async function showBulkCard(
  tx: Tx,
  deps: CardDeps,
  id: BatchId,
  to: IdentityId,
  kind: PayoutCard['kind'],
): Promise<void> {
  await lockBatch(tx, id);
  await postBulkCard(tx, deps, await loadBulkView(tx, id, deps.clock.now()), to, kind);
}

/** The dry run, to whoever sent the file. */
export async function tellDrafted(tx: Tx, deps: CardDeps, id: BatchId, to: IdentityId): Promise<void> {
  await postBulkCard(tx, deps, await loadBulkView(tx, id, deps.clock.now()), to, 'request');
}

export async function tellRefused(tx: Tx, deps: CardDeps, file: StoredFile, why: FileRefusal): Promise<void> {
  const business = await tx
    .selectFrom('business')
    .select('locale')
    .where('id', '=', file.business_id)
    .executeTakeFirstOrThrow();
  const reader = await loadReader(tx, file.identity_id, business.locale);
  await enqueue(tx, deps, {
    key: `file:${file.id}:refused`,
    channel: reader.channel,
    lane: laneOf(reader),
    method: 'sendMessage',
    payload: {
      chat_id: Number(reader.chatId),
      text: deps.words.say(reader.locale, `bulk-no-${why.replaceAll('_', '-')}`, { file: file.name }),
    },
  });
}

/** To whoever asked and whoever approved. It holds whole phones: as long as they may pay out, whoever they were then. */
export async function tellResult(tx: Tx, deps: CardDeps, id: BatchId, times: number): Promise<void> {
  const view = await loadBulkView(tx, id, deps.clock.now());
  const { batch, business, decided } = view;
  const paysOut = (role: Role) => may(role, 'request_payout') || may(role, 'approve_payout');
  const readers = new Set(await membersWho(tx, business.id, paysOut));
  const to = new Set([batch.requested_by, ...(decided?.all ?? [])]);
  for (const identityId of to) {
    if (!readers.has(identityId)) continue;
    const reader = await loadReader(tx, identityId, business.locale);
    const bytes = await resultFile(tx, deps, view, reader.locale);
    await enqueue(tx, deps, {
      key: `batch:${id}:result:${times}:${identityId}`,
      channel: reader.channel,
      lane: laneOf(reader),
      method: 'sendDocument',
      payload: {
        chat_id: Number(reader.chatId),
        caption: deps.words.say(reader.locale, 'bulk-result', resultNumbers(view)),
        document: attach(`${batch.ref}${times > 1 ? `-${times}` : ''}.csv`, 'text/csv', bytes),
      },
    });
  }
}

function resultNumbers({ batch, progress }: BulkView): Record<string, string> {
  return {
    ref: batch.ref,
    sent: String(progress?.sent ?? 0),
    not: String(progress?.not ?? 0),
    open: String(progress?.open ?? 0),
  };
}
