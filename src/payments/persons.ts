/**
 * One person in two chats. The chat that made the code is the person: it holds the memberships, the linked phone and everything
 * that was done; the other one points to it. What is said goes to the chat that was used last.
 */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { IdentityId } from '../domain/ids.ts';
import type { Msisdn } from '../domain/msisdn.ts';
import type { Random } from '../domain/random.ts';
import { audit } from '../ops/audit.ts';
import type { IdentityDeps } from './identities.ts';
import { businessesOf, isJoined, joinTo, secondOf } from './joining.ts';

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
  | {
      readonly kind: 'joined';
      readonly person: IdentityId;
      /** A phone whose receipts come to nobody any more: the person had another one. */
      readonly letGo: Msisdn | null;
      /** Where the code was made, which is told of it. */
      readonly maker: JoinedChat;
    }
  /** Unknown, used, or too old. */
  | { readonly kind: 'no_code' }
  /** It was made in this very chat, or in another one of the same channel. */
  | { readonly kind: 'same_channel' }
  /** One of the two is joined to a chat already. */
  | { readonly kind: 'joined_before' }
  /** Both chats work for a business: as one person they could approve what they asked for. */
  | { readonly kind: 'both_members' }
  /** Authority goes only to whoever types what was made where it is: nobody is talked into typing it away. */
  | { readonly kind: 'make_here' };

export interface JoinedChat {
  readonly channel: 'telegram' | 'whatsapp';
  readonly external_id: string;
  readonly locale: 'en' | 'sw' | null;
}

/** The lane of the chat that made the code, for the caller to hold: no turn of that chat goes on beside. null: no such code. */
export async function laneOfCode(tx: Tx, deps: IdentityDeps, code: string): Promise<string | null> {
  const row = await tx
    .selectFrom('chat_code')
    .innerJoin('identity', 'identity.id', 'chat_code.identity_id')
    .select(['identity.channel', 'identity.external_id'])
    .where('code_hmac', '=', codeHmac(deps, code))
    .executeTakeFirst();
  return row === undefined ? null : `${row.channel}:${row.external_id}`;
}

/**
 * `chat`: the identity of the chat where the code was typed, and not the person it may belong to. The chat that made the code
 * is the person. Any use ends the code.
 */
export async function joinChats(tx: Tx, deps: IdentityDeps, chat: IdentityId, code: string): Promise<Joined> {
  const made = await tx
    .deleteFrom('chat_code')
    .where('code_hmac', '=', codeHmac(deps, code))
    .returning(['identity_id', 'expires_at'])
    .executeTakeFirst();
  if (made === undefined || made.expires_at <= deps.clock.now()) return { kind: 'no_code' };
  const [maker, typer] = await lockBoth(tx, made.identity_id, chat);
  if (maker === undefined || typer === undefined || maker.channel === typer.channel)
    return { kind: 'same_channel' };
  if ((await isJoined(tx, maker)) || (await isJoined(tx, typer))) return { kind: 'joined_before' };
  if ((await businessesOf(tx, typer.id)).length > 0)
    return { kind: (await businessesOf(tx, maker.id)).length > 0 ? 'both_members' : 'make_here' };
  const letGo = await joinTo(tx, deps, maker.id, typer.id);
  return { kind: 'joined', person: maker.id, letGo, maker };
}

/**
 * In one order everywhere, and against whoever is made a member meanwhile (`findOrAddIdentity`). The one whose id was asked
 * for first comes first.
 */
async function lockBoth(tx: Tx, one: IdentityId, other: IdentityId) {
  const rows = await tx
    .selectFrom('identity')
    .select(['id', 'channel', 'external_id', 'locale', 'person_id'])
    .where('id', 'in', [one, other])
    .orderBy('id')
    .forUpdate()
    .execute();
  return [rows.find(({ id }) => id === one), rows.find(({ id }) => id === other)] as const;
}

/** Each chat is a person of its own again; what the two had stays with the first. false: they were not joined. */
export async function partChats(tx: Tx, deps: IdentityDeps, person: IdentityId): Promise<boolean> {
  const second = await secondOf(tx, person);
  if (second === undefined) return false;
  // Older names of the second chat go with it.
  const { rows } = await sql<{ id: IdentityId }>`
    update identity chat set person_id = case when chat.id = ${second.id} then null else ${second.id}::uuid end
    from identity person
    where person.id = ${person} and chat.person_id = person.id and chat.channel <> person.channel
    returning chat.id`.execute(tx);
  const now = deps.clock.now();
  for (const { id } of rows)
    for (const business of await businessesOf(tx, person))
      await audit(tx, now, business, person, 'chat_parted', { chat: id });
  return true;
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
