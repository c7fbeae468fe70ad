/** The two ways to invite: a link for whoever opens it first, and a contact, for that person alone. */
import { showTime } from '../../domain/eat.ts';
import type { BusinessId, IdentityId } from '../../domain/ids.ts';
import type { Role } from '../../domain/roles.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { findOrAddIdentity } from '../../payments/identities.ts';
import { inviteInChats, openInvitesMost } from '../../payouts/invite-view.ts';
import { type Invited, invite } from '../../payouts/invites.ts';
import { laneOf, loadReader } from '../cards/post.ts';
import { createStaffTell } from '../cards/staff-tell.ts';
import type { BotDeps } from '../context.ts';
import type { Answer, Kit, Read } from '../kit.ts';
import type { Turn } from '../turn.ts';

/** Values of a sentence about somebody. */
export interface Chosen {
  readonly shop: string;
  readonly name: string;
  readonly role: string;
  readonly [key: string]: string;
}

interface Wish {
  readonly businessId: BusinessId;
  /** null: no role was chosen, and the person has been told. */
  readonly role: Role | null;
}

interface Person {
  readonly userId: string;
  readonly name: string;
  readonly [key: string]: string;
}

export async function inviteLink(deps: BotDeps, kit: Kit, { role, ...wish }: Wish): Promise<void> {
  if (role === null) return;
  await kit.tell(await kit.act((turn) => make(deps, turn, { ...wish, role }, null)));
}

export async function inviteContact(deps: BotDeps, kit: Kit, { role, ...wish }: Wish): Promise<void> {
  if (role === null) return;
  const person = await kit.ask<Person>({ id: 'contact', say: { key: 'staff-contact' }, read: readPerson });
  if (person === null) return;
  await kit.tell(await kit.act((turn) => make(deps, turn, { ...wish, role }, person)));
}

function readPerson(answer: Answer): Read<Person> {
  if (answer.kind !== 'contact') return { again: { key: 'staff-contact' } };
  if (answer.userId === null) return { again: { key: 'staff-contact-hidden' } };
  return { value: { userId: answer.userId, name: answer.name } };
}

interface Told {
  readonly key: string;
  readonly values: Record<string, string>;
  readonly [key: string]: string | Record<string, string>;
}

const refusals = {
  no_right: 'not-yours',
  too_many: 'staff-too-many',
  is_member: 'staff-is-member',
} as const satisfies Record<Exclude<Invited['kind'], 'invited'>, string>;

async function make(
  deps: BotDeps,
  turn: Turn,
  wish: { businessId: BusinessId; role: Role },
  person: Person | null,
): Promise<Told> {
  const { businessId, role } = wish;
  const shop = turn.memberships.find((one) => one.businessId === businessId)?.businessName ?? '';
  const { channel } = turn.identity;
  const forIdentity =
    person === null ? null : await findOrAddIdentity(turn.tx, deps, { channel, externalId: person.userId });
  const staff = { ...deps, tellStaff: createStaffTell(deps) };
  const made = await invite(turn.tx, staff, { businessId, by: turn.identity.id, role, forIdentity });
  if (made.kind !== 'invited')
    return { key: refusals[made.kind], values: { shop, max: String(openInvitesMost) } };
  if (forIdentity !== null) await knock(deps, turn, { shop, role, expiresAt: made.expiresAt }, forIdentity);
  const values = {
    shop,
    name: person?.name ?? '',
    role: deps.words.say(turn.locale, `role-${role}`),
    end: showTime(made.expiresAt, deps.clock.now(), turn.locale),
    link: inviteInChats(deps.doors, made.token)
      .map(({ url }) => url)
      .join('\n'),
  };
  return { key: person === null ? 'staff-link' : 'staff-invited', values };
}

/** A bot may write only to people who wrote to it: whoever did hears of it now, the others by the link. */
async function knock(
  deps: BotDeps,
  turn: Turn,
  { shop, role, expiresAt }: { shop: string; role: Role; expiresAt: Date },
  id: IdentityId,
): Promise<void> {
  const person = await turn.tx
    .selectFrom('identity')
    .select('name')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (person.name === null) return;
  const reader = await loadReader(turn.tx, id, turn.locale);
  const values = {
    who: turn.identity.name ?? shop,
    shop,
    role: deps.words.say(reader.locale, `role-${role}`),
    end: showTime(expiresAt, deps.clock.now(), reader.locale),
  };
  await enqueue(turn.tx, deps, {
    key: `${turn.key}:invite:${id}`,
    channel: reader.channel,
    lane: laneOf(reader),
    method: 'sendMessage',
    payload: { chat_id: Number(reader.chatId), text: deps.words.say(reader.locale, 'join-waits', values) },
  });
}
