/** What becomes of the things of a chat that is another person's from now on. Who may join which chats is decided by the caller. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';
import type { Msisdn } from '../domain/msisdn.ts';
import { audit } from '../ops/audit.ts';
import { moveLink } from './phone-links.ts';

interface JoinDeps {
  readonly vault: Vault;
  readonly clock: Clock;
}

/** Businesses that the identity works for. */
export async function businessesOf(tx: Tx, id: IdentityId): Promise<BusinessId[]> {
  const rows = await tx
    .selectFrom('member')
    .select('business_id')
    .where('identity_id', '=', id)
    .where('removed_at', 'is', null)
    .orderBy('business_id')
    .execute();
  return rows.map(({ business_id }) => business_id);
}

/** To a chat of another channel. */
export async function isJoined(
  tx: Tx,
  { id, person_id }: { readonly id: IdentityId; readonly person_id: IdentityId | null },
): Promise<boolean> {
  if (person_id !== null) return true;
  return (await secondOf(tx, id)) !== undefined;
}

/** As `isJoined`, of whoever a turn names as its person. */
export async function isPersonJoined(tx: Tx, person: IdentityId): Promise<boolean> {
  return isJoined(tx, { id: person, person_id: null });
}

/** A chat of the same channel is an older name of the person there (`numbers.ts`), and no second chat. */
export function secondOf(tx: Tx, person: IdentityId): Promise<{ id: IdentityId } | undefined> {
  return tx
    .selectFrom('identity as chat')
    .innerJoin('identity as person', 'person.id', 'chat.person_id')
    .select('chat.id')
    .where('person.id', '=', person)
    .whereRef('chat.channel', '!=', 'person.channel')
    .executeTakeFirst();
}

/**
 * The chat belongs to the person. Their phone comes along unless the person has one, and so do the invitations that name the
 * chat and what was said there about payments. Answers the phone that is linked nowhere any more. The caller holds both rows,
 * and has made sure that the chat works for no business.
 */
export async function joinTo(
  tx: Tx,
  deps: JoinDeps,
  person: IdentityId,
  chat: IdentityId,
): Promise<Msisdn | null> {
  const now = deps.clock.now();
  await sql`update identity set person_id = ${person} where id = ${chat} or person_id = ${chat}`.execute(tx);
  await sql`
    update identity p set locale = coalesce(p.locale, c.locale) from identity c
    where p.id = ${person} and c.id = ${chat} and p.locale is null`.execute(tx);
  await keepPair(tx, deps, person, chat);
  const letGo = await moveLink(tx, deps, chat, person);
  await tx
    .updateTable('invite')
    .set({ for_identity: person })
    .where('for_identity', '=', chat)
    .where('used_at', 'is', null)
    .execute();
  await sql`
    update customer_answer a set identity_id = ${person} where identity_id = ${chat} and not exists (
      select from customer_answer o where o.payment_id = a.payment_id and o.identity_id = ${person})`.execute(
    tx,
  );
  for (const business of await businessesOf(tx, person))
    await audit(tx, now, business, person, 'chat_joined', { chat });
  return letGo;
}

/**
 * Kept for good: whoever held both chats once is no second person to approve what the other one asks for. false: it was known.
 */
export async function keepPair(
  tx: Tx,
  deps: Pick<JoinDeps, 'clock'>,
  person: IdentityId,
  chat: IdentityId,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows: kept } = await tx
    .insertInto('chat_pair')
    .values({ person_id: person, chat_id: chat, joined_at: deps.clock.now() })
    .onConflict((conflict) => conflict.columns(['person_id', 'chat_id']).doNothing())
    .executeTakeFirstOrThrow();
  return kept === 1n;
}
