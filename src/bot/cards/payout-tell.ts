/** Tells people about payouts, in the transaction that changed them: the `PayoutTell` that `payouts/` asks for. */
import type { Tx } from '../../db/tables.ts';
import type { BusinessId, IdentityId, PayoutId } from '../../domain/ids.ts';
import { may } from '../../domain/roles.ts';
import type { PayoutTell } from '../../payouts/context.ts';
import { approversOf } from '../../payouts/people.ts';
import { membersWho } from './members.ts';
import { tellFreeze } from './payout-freeze.ts';
import { tellPayee } from './payout-payee.ts';
import { isGroupLane } from './payout-place.ts';
import {
  closePayoutCard,
  type PayoutCard,
  postPayoutCard,
  renewPayoutCard,
  updatePayoutCard,
  versionSeen,
} from './payout-post.ts';
import { loadPayoutView, type PayoutView } from './payout-view.ts';
import type { SmsDeps } from './sms.ts';

/** A card that stood still for so long has scrolled away: what was proved since is said in a new message. */
const staleMs = 5 * 60 * 1000;

/** `batch`: who tells about files of payouts. */
export function createPayoutTell(deps: SmsDeps, batch?: PayoutTell['batch']): PayoutTell {
  const tell: PayoutTell = {
    payout: (tx, id) => tellPayout(tx, deps, id, batch),
    batch: batch ?? (async () => undefined),
    freeze: (tx, id) => tellFreeze(tx, deps, id),
  };
  return tell;
}

async function tellPayout(
  tx: Tx,
  deps: SmsDeps,
  id: PayoutId,
  batch: PayoutTell['batch'] | undefined,
): Promise<void> {
  if (await isQuietRow(tx, id, batch)) return;
  const view = await loadPayoutView(tx, deps.vault, id);
  const cards = await tx
    .selectFrom('payout_card')
    .selectAll()
    .where('payout_id', '=', id)
    .orderBy('id')
    .forUpdate()
    .execute();
  const readers = await readersOf(tx, view);
  for (const card of cards)
    if (mayRead(card, readers)) await tellOne(tx, deps, card, view);
    else await closePayoutCard(tx, deps, card, view);
  const { state, flag, batch_id } = view.payout;
  if (batch_id !== null) await batch?.(tx, batch_id);
  else if (state === 'waiting' && flag === null) await askApprovers(tx, deps, view, cards);
  if (flag !== null || state === 'review' || view.marked !== null) await alert(tx, deps, view, cards);
  await tellPayee(tx, deps, view);
}

/** A row of a file on its way, as thousands are: its file's card tells of it, and nobody has a card of its own. */
async function isQuietRow(tx: Tx, id: PayoutId, batch: PayoutTell['batch'] | undefined): Promise<boolean> {
  const row = await tx
    .selectFrom('payout')
    .select(['batch_id', 'state', 'flag'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (row.batch_id === null || row.flag !== null || row.state === 'review' || row.state === 'paid')
    return false;
  const card = await tx.selectFrom('payout_card').select('id').where('payout_id', '=', id).executeTakeFirst();
  if (card !== undefined) return false;
  await batch?.(tx, row.batch_id);
  return true;
}

interface Readers {
  readonly members: ReadonlySet<IdentityId>;
  readonly approvers: ReadonlySet<IdentityId>;
}

async function readersOf(tx: Tx, view: PayoutView): Promise<Readers> {
  const { id } = view.business;
  return {
    members: new Set(await membersWho(tx, id, () => true)),
    approvers: new Set(await membersWho(tx, id, (role) => may(role, 'approve_payout'))),
  };
}

/** Whoever may not approve any more sees no more of what was put before them as an approver. */
function mayRead(card: PayoutCard, { members, approvers }: Readers): boolean {
  if (isGroupLane(card.lane)) return true;
  return card.kind === 'approval' ? approvers.has(card.identity_id) : members.has(card.identity_id);
}

async function tellOne(tx: Tx, deps: SmsDeps, card: PayoutCard, view: PayoutView): Promise<void> {
  // What was asked anew is to be heard: an edit of a card that was decided makes no sound.
  const again = view.payout.state === 'waiting' && card.kind === 'approval' && isOver(card, view);
  const loud = view.payout.flag !== null || view.payout.state === 'review';
  const stale = deps.clock.now().getTime() - card.updated_at.getTime() > staleMs;
  const concerns = card.kind === 'request' || card.identity_id === view.decided?.by;
  const heard = loud || (concerns && provedSince(view, card.updated_at));
  // Over, and by nobody's word: whoever counted on it, or would have decided, hears why.
  const orphaned = view.dropped !== null && view.dropped.left !== null;
  if (again || orphaned || view.payout.flag === 'reversed' || (stale && heard))
    await renewPayoutCard(tx, deps, card, view);
  else await updatePayoutCard(tx, deps, card, view);
}

/** The card is of an earlier version of what is asked. */
function isOver(card: PayoutCard, view: PayoutView): boolean {
  return versionSeen(card) !== view.payout.version;
}

function provedSince(view: PayoutView, shownAt: Date): boolean {
  const { paid_at, ended_at } = view.payout;
  return [paid_at, ended_at].some((at) => at !== null && at > shownAt);
}

/** Everybody who may say yes, in their own chats and in the group that the owner named. */
async function askApprovers(
  tx: Tx,
  deps: SmsDeps,
  view: PayoutView,
  cards: readonly PayoutCard[],
): Promise<void> {
  const { payout, business } = view;
  const { others } = await approversOf(tx, business, payout.requested_by);
  const has = new Set(cards.filter(({ lane }) => !isGroupLane(lane)).map((card) => card.identity_id));
  for (const { id } of others) if (!has.has(id)) await postPayoutCard(tx, deps, payout.id, id, 'approval');
  const group = business.approvals_group;
  if (group !== null && isGroupLane(group) && !cards.some(({ lane }) => lane === group))
    await postPayoutCard(tx, deps, payout.id, payout.requested_by, 'approval', group);
}

/** Owners and managers get a card where a person must look; who has one sees it there. */
async function alert(tx: Tx, deps: SmsDeps, view: PayoutView, cards: readonly PayoutCard[]): Promise<void> {
  const told = new Set(cards.filter(({ lane }) => !isGroupLane(lane)).map((card) => card.identity_id));
  for (const id of await membersWho(tx, view.business.id, (role) => may(role, 'approve_payout')))
    if (!told.has(id)) await postPayoutCard(tx, deps, view.payout.id, id, 'alert');
}

/** After roles or the group changed: every payout that is being decided is put before whoever decides now. */
export async function refreshApprovals(
  tx: Tx,
  deps: { readonly tellPayout: PayoutTell },
  businessId: BusinessId,
): Promise<void> {
  const open = await tx
    .selectFrom('payout')
    .select('id')
    .where('business_id', '=', businessId)
    .where('batch_id', 'is', null)
    .where((eb) =>
      eb.or([eb('state', '=', 'waiting'), eb('state', '=', 'review'), eb('flag', 'is not', null)]),
    )
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  // Nobody who holds a file waits for a payout that is not a row of it.
  const batches = await tx
    .selectFrom('payout_batch')
    .select('id')
    .where('business_id', '=', businessId)
    .where('state', 'in', ['waiting', 'running', 'paused'])
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  for (const { id } of batches) await deps.tellPayout.batch(tx, id);
  for (const { id } of open) await deps.tellPayout.payout(tx, id);
}
