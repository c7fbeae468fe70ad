/**
 * Who somebody in a chat is. Telegram's user id is all there is. On WhatsApp a person has a number, an id for this business
 * account, or both (developers.facebook.com, "Business-scoped user IDs"): the id outranks the number, since a number is
 * given to somebody else a few months after its owner let it go, and with it would go the owner's shop.
 */
import type { ChatChannel, Locale, Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { ChatIdentity } from '../domain/chat-identity.ts';
import { type Clock, plusSeconds } from '../domain/clock.ts';
import { type BusinessId, type IdentityId, newId } from '../domain/ids.ts';
import type { Random } from '../domain/random.ts';
import { addressIdentity } from './addresses.ts';
import { claimNumber, holdNumber, letGoOfNumber, meetNumber, numberHmac } from './numbers.ts';

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
  /** WhatsApp's id, where it is known. */
  readonly scoped_id: string | null;
  /** The person, where this is another chat of theirs. */
  readonly person_id: IdentityId | null;
}

/** Who wrote: the person's own row, and the chat that it was written in. */
export interface KnownPerson extends Omit<KnownIdentity, 'wrote_at' | 'scoped_id' | 'person_id'> {
  readonly chatId: IdentityId;
}

const columns = [
  'id',
  'external_id',
  'name',
  'locale',
  'current_business_id',
  'wrote_at',
  'scoped_id',
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

function scopedIdOf({ channel, externalId }: ChatIdentity): string | null {
  return channel === 'whatsapp' && isScopedId(externalId) ? externalId : null;
}

/**
 * The person's row, whichever of their chats is named; they may have written before, or never. Nobody joins the chat to another
 * person until the transaction ends: what they are given here is theirs.
 */
export async function findOrAddIdentity(tx: Tx, deps: IdentityDeps, who: ChatIdentity): Promise<IdentityId> {
  const scopedId = scopedIdOf(who);
  const { id } = await findOrAdd(tx, deps, { ...who, scopedId, name: null });
  const { person_id } = await tx
    .selectFrom('identity')
    .select('person_id')
    .where('id', '=', id)
    .forKeyShare()
    .executeTakeFirstOrThrow();
  return person_id ?? id;
}

/** Who wrote, known from now on. */
export async function knowIdentity(tx: Tx, deps: IdentityDeps, who: ChatPerson): Promise<KnownPerson> {
  const row = await findOrAdd(tx, deps, who);
  const chat = await seen(tx, deps, row, who.name);
  if (chat.person_id === null) return { ...chat, chatId: chat.id };
  const person = await tx
    .selectFrom('identity')
    .select(['id', 'name', 'locale', 'current_business_id'])
    .where('id', '=', chat.person_id)
    .executeTakeFirstOrThrow();
  return { ...person, name: person.name ?? chat.name, external_id: chat.external_id, chatId: chat.id };
}

async function find(
  tx: Tx,
  deps: IdentityDeps,
  who: ChatPerson,
  key: string,
): Promise<KnownIdentity | undefined> {
  const scopedId = who.scopedId ?? null;
  if (scopedId === null) return byKey(tx, who.channel, key);
  const scoped = await tx
    .selectFrom('identity')
    .select(columns)
    .where('channel', '=', who.channel)
    .where('scoped_id', '=', scopedId)
    .executeTakeFirst();
  if (scoped?.external_id === key || !isNumber(who.externalId)) return scoped;
  // They have another number now: what leads to the old one leads to its next owner.
  if (scoped !== undefined && scoped.external_id !== scopedId) await letGoOfNumber(tx, scoped, scopedId);
  await holdNumber(tx, scoped?.id ?? null, scopedId, numberHmac(deps.vault, who.externalId));
  const numbered = await tx
    .selectFrom('identity')
    .select(columns)
    .where('channel', '=', who.channel)
    .where('external_id', '=', key)
    .forUpdate()
    .executeTakeFirst();
  if (numbered !== undefined && numbered.scoped_id !== null)
    // The number has another owner now; whoever had it is reached by their own id, and keeps what is theirs.
    await letGoOfNumber(tx, numbered, numbered.scoped_id);
  else if (numbered !== undefined) return await claim(tx, deps, scopedId, scoped, numbered);
  return scoped === undefined ? undefined : await byId(tx, scoped.id);
}

/** Nobody has shown an id with this number before: whoever does first, Meta's word on it, is its person. */
async function claim(
  tx: Tx,
  deps: IdentityDeps,
  scopedId: string,
  scoped: KnownIdentity | undefined,
  numbered: KnownIdentity,
): Promise<KnownIdentity> {
  if (scoped !== undefined) return await byId(tx, await meetNumber(tx, deps, scoped.id, numbered.id));
  await claimNumber(tx, deps, numbered.id, scopedId);
  return { ...numbered, scoped_id: scopedId };
}

function byId(tx: Tx, id: IdentityId): Promise<KnownIdentity> {
  return tx.selectFrom('identity').select(columns).where('id', '=', id).executeTakeFirstOrThrow();
}

function byKey(tx: Tx, channel: ChatChannel, key: string): Promise<KnownIdentity | undefined> {
  return tx
    .selectFrom('identity')
    .select(columns)
    .where('channel', '=', channel)
    .where('external_id', '=', key)
    .executeTakeFirst();
}

/** Two transactions may meet the person at once: undefined for the second, which finds the first one's row. */
async function add(
  tx: Tx,
  deps: IdentityDeps,
  who: ChatPerson,
  key: string,
): Promise<KnownIdentity | undefined> {
  const { channel, externalId } = who;
  const id = newId<IdentityId>(deps.clock, deps.random);
  const reached = channel === 'whatsapp' && isNumber(externalId);
  return await tx
    .insertInto('identity')
    .values({
      id,
      channel,
      external_id: key,
      scoped_id: who.scopedId ?? scopedIdOf(who),
      address_sealed: reached ? deps.vault.seal(externalId, addressIdentity(key)) : null,
      phone_hmac: reached ? numberHmac(deps.vault, externalId) : null,
      name: who.name,
      locale: null,
      current_business_id: null,
      created_at: deps.clock.now(),
    })
    // The same key, or the same id under another key.
    .onConflict((conflict) => conflict.doNothing())
    .returning(columns)
    .executeTakeFirst();
}

async function findOrAdd(tx: Tx, deps: IdentityDeps, who: ChatPerson): Promise<KnownIdentity> {
  const key = identityKey(deps.vault, who);
  // Another transaction adds the person, or somebody else under this number, at the same moment.
  for (let tries = 0; tries < 3; tries++) {
    const row = (await find(tx, deps, who, key)) ?? (await add(tx, deps, who, key));
    if (row !== undefined) return row;
  }
  throw new Error('An identity is being added by somebody else, again and again.');
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
  const elsewhere = await wroteElsewhere(tx, row);
  if (!renamed && fresh && (elsewhere === null || elsewhere < row.wrote_at)) return row;
  // Which chat was used last is asked to the message.
  const wrote_at = elsewhere === null || elsewhere < now ? now : plusSeconds(elsewhere, 0.001);
  await tx
    .updateTable('identity')
    .set({ wrote_at, ...(renamed && { name }) })
    .where('id', '=', row.id)
    .execute();
  return { ...row, name: name ?? row.name };
}

/** When the person last wrote in another chat of theirs. */
async function wroteElsewhere(tx: Tx, { id, person_id }: KnownIdentity): Promise<Date | null> {
  const person = person_id ?? id;
  const { at } = await tx
    .selectFrom('identity')
    .select((eb) => eb.fn.max('wrote_at').as('at'))
    .where((eb) => eb.or([eb('id', '=', person), eb('person_id', '=', person)]))
    .where('id', '!=', id)
    .executeTakeFirstOrThrow();
  return at;
}
