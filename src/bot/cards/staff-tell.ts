/** Tells who joined, left or does something else now: the `StaffTell` that `payouts/` asks for. */
import type { Locale, Tx } from '../../db/tables.ts';
import type { BusinessId, IdentityId } from '../../domain/ids.ts';
import { may } from '../../domain/roles.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import type { PayoutTell } from '../../payouts/context.ts';
import type { StaffChange, StaffTell } from '../../payouts/staff.ts';
import { membersWho } from './members.ts';
import { refreshApprovals } from './payout-tell.ts';
import { type CardDeps, closeCard, laneOf, loadReader } from './post.ts';

interface StaffTellDeps extends CardDeps {
  readonly tellPayout: PayoutTell;
}

export function createStaffTell(deps: StaffTellDeps): StaffTell {
  return {
    async member(tx, change) {
      await tellPeople(tx, deps, change);
      if (change.kind === 'removed') await closeOpenCards(tx, deps, change);
      await refreshApprovals(tx, deps, change.businessId);
    },
  };
}

const toOwners = {
  joined: 'staff-told-joined',
  role: 'staff-told-role',
  removed: 'staff-told-removed',
} as const satisfies Record<StaffChange['kind'], string>;

/** What an operator did, whom nobody here knows by name. */
const byOperator: Readonly<Record<string, string>> = {
  'staff-told-joined': 'staff-op-joined',
  'staff-told-role': 'staff-op-role',
  'staff-told-approver': 'staff-op-approver',
  'staff-you-role': 'staff-op-you',
};

/** Whoever joins is answered by the conversation itself. */
const toWhom = {
  joined: null,
  role: 'staff-you-role',
  removed: 'staff-you-removed',
} as const satisfies Record<StaffChange['kind'], string | null>;

/** Who did it reads the answer to what they did; all other owners, and whom it is about, get a message. */
async function tellPeople(tx: Tx, deps: StaffTellDeps, change: StaffChange): Promise<void> {
  const { kind, businessId, identityId, by } = change;
  const shop = await tx
    .selectFrom('business')
    .select(['name', 'locale'])
    .where('id', '=', businessId)
    .executeTakeFirstOrThrow();
  const all = await membersWho(tx, businessId, (role) => may(role, 'manage_staff'));
  // An operator sets a shop up before its owner comes.
  const owners = by === null ? await whoWrote(tx, all) : all;
  const withdrawn = (change.invites ?? 0) > 0;
  const others = owners.filter((id) => id !== identityId && (kind === 'joined' || withdrawn || id !== by));
  const managers = await newApproverTold(tx, change, owners);
  const self = toWhom[kind];
  const told = [
    ...others.map((id) => ({ id, key: toOwners[kind] as string })),
    ...managers.map((id) => ({ id, key: 'staff-told-approver' })),
    ...(self === null || identityId === by ? [] : [{ id: identityId, key: self as string }]),
  ];
  for (const { id, key } of told) {
    const reader = await loadReader(tx, id, shop.locale);
    const values = {
      shop: shop.name,
      name: await nameOf(tx, deps, identityId, reader.locale),
      who: by === null ? '' : await nameOf(tx, deps, by, reader.locale),
      role: deps.words.say(reader.locale, `role-${change.role}`),
    };
    await enqueue(tx, deps, {
      key: `staff:${change.entry}:${id}`,
      channel: reader.channel,
      lane: laneOf(reader),
      method: 'sendMessage',
      payload: {
        chat_id: Number(reader.chatId),
        text: [
          deps.words.say(reader.locale, by === null ? (byOperator[key] ?? key) : key, values),
          ...(withdrawn && id !== identityId ? [deps.words.say(reader.locale, 'staff-told-invites')] : []),
        ].join('\n'),
      },
    });
  }
}

async function whoWrote(tx: Tx, people: readonly IdentityId[]): Promise<IdentityId[]> {
  if (people.length === 0) return [];
  const chats = await tx
    .selectFrom('identity')
    .select(['id', 'person_id'])
    .where((where) => where.or([where('id', 'in', people), where('person_id', 'in', people)]))
    .where('wrote_at', 'is not', null)
    .execute();
  const wrote = new Set(chats.map(({ id, person_id }) => person_id ?? id));
  return people.filter((id) => wrote.has(id));
}

/** Whoever decides beside them knows who else says yes; owners hear it anyway. */
async function newApproverTold(
  tx: Tx,
  { kind, businessId, identityId, role, by }: StaffChange,
  owners: readonly IdentityId[],
): Promise<IdentityId[]> {
  if (kind === 'removed' || !may(role, 'approve_payout')) return [];
  const all = await membersWho(tx, businessId, (each) => may(each, 'approve_payout'));
  return all.filter((id) => id !== identityId && id !== by && !owners.includes(id));
}

async function nameOf(tx: Tx, deps: CardDeps, id: IdentityId, locale: Locale): Promise<string> {
  const person = await tx
    .selectFrom('identity')
    .select('name')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return person.name ?? deps.words.say(locale, 'staff-nameless');
}

/** Older ones close when something happens to them; every press is looked at anyway. */
const closedAtOnce = 50;

/**
 * Only the card is locked, never the payment: the business's row is held here, which comes after the payment's. Whoever
 * edits the card meanwhile holds it too, and finds it closed.
 */
async function closeOpenCards(
  tx: Tx,
  deps: StaffTellDeps,
  { businessId, identityId }: { businessId: BusinessId; identityId: IdentityId },
): Promise<void> {
  const cards = await tx
    .selectFrom('card')
    .innerJoin('payment', 'payment.id', 'card.payment_id')
    .selectAll('card')
    .where('card.identity_id', '=', identityId)
    .where('payment.business_id', '=', businessId)
    .where((eb) =>
      eb.or([
        eb('payment.state', 'in', ['created', 'sending', 'prompted', 'unknown', 'review']),
        eb('payment.flag', 'is not', null),
      ]),
    )
    .orderBy('card.id', 'desc')
    .limit(closedAtOnce)
    .forUpdate('card')
    .execute();
  for (const card of cards) await closeCard(tx, deps, card);
}
