/**
 * One person in two chats. The first chat's identity is the person: it holds the memberships, the linked phone and everything
 * that was done; the other one points to it. What is said goes to the chat that was used last.
 */
import { type Selectable, sql } from 'kysely';
import type { IdentityTable, Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';
import type { Random } from '../domain/random.ts';
import { audit } from '../ops/audit.ts';
import type { IdentityDeps } from './identities.ts';
import { moveLink } from './phone-links.ts';

export const codeLifeSeconds = 10 * 60;
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeLength = 8;

/** Eight characters of Crockford's base 32 (40 bits), for one use within ten minutes; an older code of the chat ends. */
export async function makeChatCode(
  tx: Tx,
  deps: IdentityDeps,
  chat: IdentityId,
): Promise<{ readonly code: string; readonly expiresAt: Date }> {
  const code = newCode(deps.random);
  const expiresAt = plusSeconds(deps.clock.now(), codeLifeSeconds);
  const row = { code_hmac: codeHmac(deps, code), expires_at: expiresAt };
  await tx
    .insertInto('chat_code')
    .values({ identity_id: chat, ...row })
    .onConflict((conflict) => conflict.column('identity_id').doUpdateSet(row))
    .execute();
  return { code, expiresAt };
}

function newCode(random: Random): string {
  let code = '';
  for (const byte of random.bytes(codeLength)) code += alphabet.charAt(byte & 31);
  return code;
}

function codeHmac(deps: IdentityDeps, code: string): Buffer {
  return deps.vault.hmac('invite', `chat:${code}`);
}

/** What a person typed for a code: any case, with or without a dash, O for 0, I or L for 1. null: not one. */
export function readChatCode(text: string): string | null {
  const bare = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return bare.length === codeLength && [...bare].every((letter) => alphabet.includes(letter)) ? bare : null;
}

export type Joined =
  | { readonly kind: 'joined' }
  /** Unknown, used, or too old. */
  | { readonly kind: 'no_code' }
  /** It was made in this very chat, or in another one of the same channel. */
  | { readonly kind: 'same_channel' }
  /** One of the two is joined to a chat already. */
  | { readonly kind: 'joined_before' }
  /** Both chats work for a business: as one person they could approve what they asked for. */
  | { readonly kind: 'both_members' };

/** `chat`: the identity of the chat where the code was typed, and not the person it may belong to. */
export async function joinChats(tx: Tx, deps: IdentityDeps, chat: IdentityId, code: string): Promise<Joined> {
  const made = await tx
    .deleteFrom('chat_code')
    .where('code_hmac', '=', codeHmac(deps, code))
    .returning(['identity_id', 'expires_at'])
    .executeTakeFirst();
  if (made === undefined || made.expires_at <= deps.clock.now()) return { kind: 'no_code' };
  const [one, other] = await lockBoth(tx, made.identity_id, chat);
  if (one === undefined || other === undefined || one.channel === other.channel)
    return { kind: 'same_channel' };
  if ((await isJoined(tx, one)) || (await isJoined(tx, other))) return { kind: 'joined_before' };
  const oneWorks = await businessesOf(tx, one.id);
  const otherWorks = await businessesOf(tx, other.id);
  if (oneWorks.length > 0 && otherWorks.length > 0) return { kind: 'both_members' };
  const [person, second] = otherWorks.length > 0 ? [other, one] : [one, other];
  await tx.updateTable('identity').set({ person_id: person.id }).where('id', '=', second.id).execute();
  await moveLink(tx, deps, second.id, person.id);
  await note(tx, deps, person.id, 'chat_joined', second.id);
  return { kind: 'joined' };
}

/** In one order everywhere. The one whose id was asked for first comes first. */
async function lockBoth(tx: Tx, one: IdentityId, other: IdentityId) {
  const rows = await tx
    .selectFrom('identity')
    .select(['id', 'channel', 'person_id'])
    .where('id', 'in', [one, other])
    .orderBy('id')
    .forUpdate()
    .execute();
  return [rows.find(({ id }) => id === one), rows.find(({ id }) => id === other)] as const;
}

async function isJoined(
  tx: Tx,
  { id, person_id }: Pick<Selectable<IdentityTable>, 'id' | 'person_id'>,
): Promise<boolean> {
  if (person_id !== null) return true;
  const second = await tx.selectFrom('identity').select('id').where('person_id', '=', id).executeTakeFirst();
  return second !== undefined;
}

async function businessesOf(tx: Tx, id: IdentityId): Promise<BusinessId[]> {
  const rows = await tx
    .selectFrom('member')
    .select('business_id')
    .where('identity_id', '=', id)
    .where('removed_at', 'is', null)
    .execute();
  return rows.map(({ business_id }) => business_id);
}

/** Each chat is a person of its own again; what the two had stays with the first. false: they were not joined. */
export async function partChats(tx: Tx, deps: IdentityDeps, person: IdentityId): Promise<boolean> {
  const parted = await tx
    .updateTable('identity')
    .set({ person_id: null })
    .where('person_id', '=', person)
    .returning('id')
    .execute();
  for (const { id } of parted) await note(tx, deps, person, 'chat_parted', id);
  return parted.length > 0;
}

/** A chat that joins may from now on what the person may: every business of theirs keeps it. */
async function note(
  tx: Tx,
  deps: IdentityDeps,
  person: IdentityId,
  action: 'chat_joined' | 'chat_parted',
  chat: IdentityId,
): Promise<void> {
  for (const business of await businessesOf(tx, person))
    await audit(tx, deps.clock.now(), business, person, action, { chat });
}

export interface LastUsed {
  readonly channel: 'telegram' | 'whatsapp';
  readonly external_id: string;
  readonly locale: 'en' | 'sw' | null;
  /** How many the person works for. */
  readonly businesses: bigint;
}

/** The chat that the person wrote from last. */
export async function lastUsedChat(tx: Tx, id: IdentityId): Promise<LastUsed> {
  const { rows } = await sql<LastUsed>`
    select chat.channel, chat.external_id, person.locale,
      (select count(*) from member m where m.identity_id = person.id and m.removed_at is null) as businesses
    from identity asked
    join identity person on person.id = coalesce(asked.person_id, asked.id)
    join identity chat on chat.id = person.id or chat.person_id = person.id
    where asked.id = ${id}
    order by chat.wrote_at desc nulls last, (chat.id = person.id) desc
    limit 1`.execute(tx);
  const chat = rows[0];
  if (chat === undefined) throw new Error('There is no such identity.');
  return chat;
}
