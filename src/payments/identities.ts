/**
 * Who somebody in a chat is. Telegram's user id is all there is. On WhatsApp a person has a number, an id for this business
 * account, or both (developers.facebook.com, "Business-scoped user IDs"): the id outranks the number, since a number is
 * given to somebody else a few months after its owner let it go, and with it would go the owner's shop.
 */
import type { ChatChannel, Database, Locale, Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { ChatIdentity } from '../domain/chat-identity.ts';
import type { Clock } from '../domain/clock.ts';
import { type BusinessId, type IdentityId, newId } from '../domain/ids.ts';
import type { Random } from '../domain/random.ts';

export interface IdentityDeps {
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
}

/** Someone who writes, as the platform names them. */
export interface ChatPerson extends ChatIdentity {
  /** WhatsApp's id for this business account. */
  readonly scopedId?: string | null;
  readonly name: string | null;
}

export interface KnownIdentity {
  readonly id: IdentityId;
  readonly external_id: string;
  readonly name: string | null;
  readonly locale: Locale | null;
  readonly current_business_id: BusinessId | null;
  readonly wrote_at: Date | null;
  /** The person, where this is another chat of theirs. */
  readonly person_id: IdentityId | null;
}

/** Who wrote: the person's own row, and the chat that it was written in. */
export interface KnownPerson extends Omit<KnownIdentity, 'wrote_at' | 'person_id'> {
  readonly chatId: IdentityId;
}

const columns = [
  'id',
  'external_id',
  'name',
  'locale',
  'current_business_id',
  'wrote_at',
  'person_id',
] as const;

/** A number is not kept readable: its keyed hash stands for it. What is a key already stays as it is. */
export function identityKey(vault: Vault, { channel, externalId }: ChatIdentity): string {
  if (channel === 'telegram' || !isNumber(externalId)) return externalId;
  return `n${vault.hmac('chat', externalId).toString('hex').slice(0, 40)}`;
}

/** The chat of a person, for the inbox and the outbox: `channel:key`. */
export function laneOfPerson(vault: Vault, who: ChatIdentity): string {
  return `${who.channel}:${identityKey(vault, who)}`;
}

function isNumber(externalId: string): boolean {
  return /^\d{5,20}$/.test(externalId);
}

/** `KE.13491208655302741918`, also with `.ENT` behind the country. */
export function isScopedId(externalId: string): boolean {
  return /^[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/.test(externalId);
}

/** The person's row, whichever of their chats is named; they may have written before, or never. */
export async function findOrAddIdentity(tx: Tx, deps: IdentityDeps, who: ChatIdentity): Promise<IdentityId> {
  const key = identityKey(deps.vault, who);
  const found = await byKey(tx, who.channel, key);
  const row = found ?? (await add(tx, deps, { ...who, name: null }, key));
  return row.person_id ?? row.id;
}

/** Who wrote, known from now on. */
export async function knowIdentity(tx: Tx, deps: IdentityDeps, who: ChatPerson): Promise<KnownPerson> {
  const key = identityKey(deps.vault, who);
  const known = await find(tx, who, key);
  const row = known ?? (await add(tx, deps, who, key));
  const chat = await seen(tx, deps, row, who.name);
  if (chat.person_id === null) return { ...chat, chatId: chat.id };
  const person = await tx
    .selectFrom('identity')
    .select(['id', 'name', 'locale', 'current_business_id'])
    .where('id', '=', chat.person_id)
    .executeTakeFirstOrThrow();
  return { ...person, name: person.name ?? chat.name, external_id: chat.external_id, chatId: chat.id };
}

async function find(tx: Tx, who: ChatPerson, key: string): Promise<KnownIdentity | undefined> {
  const scopedId = who.scopedId ?? null;
  if (scopedId === null) return byKey(tx, who.channel, key);
  const scoped = await tx
    .selectFrom('identity')
    .select(columns)
    .where('channel', '=', who.channel)
    .where('scoped_id', '=', scopedId)
    .executeTakeFirst();
  if (scoped !== undefined) return scoped;
  const byNumber = await tx
    .selectFrom('identity')
    .select([...columns, 'scoped_id'])
    .where('channel', '=', who.channel)
    .where('external_id', '=', key)
    .forUpdate()
    .executeTakeFirst();
  if (byNumber === undefined) return undefined;
  if (byNumber.scoped_id === null) {
    await tx.updateTable('identity').set({ scoped_id: scopedId }).where('id', '=', byNumber.id).execute();
    return byNumber;
  }
  // The number has another owner now; whoever had it is reached by their own id, and keeps what is theirs.
  await tx
    .updateTable('identity')
    .set({ external_id: byNumber.scoped_id, address_sealed: null })
    .where('id', '=', byNumber.id)
    .execute();
  return undefined;
}

function byKey(tx: Tx, channel: ChatChannel, key: string): Promise<KnownIdentity | undefined> {
  return tx
    .selectFrom('identity')
    .select(columns)
    .where('channel', '=', channel)
    .where('external_id', '=', key)
    .executeTakeFirst();
}

/** Two transactions may meet the person at once: the second finds the first one's row. */
async function add(tx: Tx, deps: IdentityDeps, who: ChatPerson, key: string): Promise<KnownIdentity> {
  const { channel, externalId } = who;
  const id = newId<IdentityId>(deps.clock, deps.random);
  const reached = channel === 'whatsapp' && isNumber(externalId);
  return await tx
    .insertInto('identity')
    .values({
      id,
      channel,
      external_id: key,
      scoped_id: who.scopedId ?? (channel === 'whatsapp' && isScopedId(externalId) ? externalId : null),
      address_sealed: reached ? deps.vault.seal(externalId, addressIdentity(key)) : null,
      name: who.name,
      locale: null,
      current_business_id: null,
      created_at: deps.clock.now(),
    })
    .onConflict((conflict) => conflict.columns(['channel', 'external_id']).doUpdateSet({ external_id: key }))
    .returning(columns)
    .executeTakeFirstOrThrow();
}

/** How exactly the time of the last message is kept: a write for each one would cost more than it tells. */
const exactMs = 10_000;

async function seen(
  tx: Tx,
  deps: IdentityDeps,
  row: KnownIdentity,
  name: string | null,
): Promise<KnownIdentity> {
  const now = deps.clock.now();
  const renamed = name !== null && name !== row.name;
  const fresh = row.wrote_at !== null && now.getTime() - row.wrote_at.getTime() < exactMs;
  if (!renamed && fresh) return row;
  await tx
    .updateTable('identity')
    .set({ wrote_at: now, ...(renamed && { name }) })
    .where('id', '=', row.id)
    .execute();
  return { ...row, name: name ?? row.name };
}

/** The associated data under which a number is sealed. */
function addressIdentity(key: string): string {
  return `identity:${key}:address`;
}

export interface ChatAddress {
  /** phone: digits with the country's code. scoped: WhatsApp's id. */
  readonly kind: 'phone' | 'scoped';
  readonly value: string;
  readonly wroteAt: Date | null;
  /** Chosen, or of the business that the person works in; null: neither. */
  readonly locale: Locale | null;
}

/** Where a lane of WhatsApp goes; null: nobody is known there. */
export async function addressOfLane(
  tx: Pick<Tx, 'selectFrom'>,
  vault: Vault,
  lane: string,
): Promise<ChatAddress | null> {
  const key = lane.slice(lane.indexOf(':') + 1);
  const row = await tx
    .selectFrom('identity as chat')
    .innerJoin('identity as person', (join) =>
      join.on(({ eb, fn }) => eb('person.id', '=', fn.coalesce('chat.person_id', 'chat.id'))),
    )
    .leftJoin('business', 'business.id', 'person.current_business_id')
    .select(['chat.address_sealed', 'chat.scoped_id', 'chat.wrote_at', 'person.locale'])
    .select('business.locale as businessLocale')
    .where('chat.channel', '=', 'whatsapp')
    .where('chat.external_id', '=', key)
    .executeTakeFirst();
  if (row === undefined) return null;
  const about = { wroteAt: row.wrote_at, locale: row.locale ?? row.businessLocale };
  if (row.address_sealed !== null)
    return { kind: 'phone', value: vault.open(row.address_sealed, addressIdentity(key)), ...about };
  return row.scoped_id === null ? null : { kind: 'scoped', value: row.scoped_id, ...about };
}

/** The platform says that the person wrote too long ago, whatever we thought. */
export async function closeWindow(db: Database, lane: string): Promise<void> {
  await db
    .updateTable('identity')
    .set({ wrote_at: null })
    .where('channel', '=', 'whatsapp')
    .where('external_id', '=', lane.slice(lane.indexOf(':') + 1))
    .execute();
}
