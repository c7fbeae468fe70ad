/** Who may say yes to a payout, as things stand. */
import { type Selectable, sql } from 'kysely';
import type { BusinessTable, Tx } from '../db/tables.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';
import { may, type Right, type Role, roles } from '../domain/roles.ts';

export interface Person {
  readonly id: IdentityId;
  readonly name: string | null;
  readonly role: Role;
}

/** Members who hold the right, the oldest member first. */
export async function membersWith(tx: Tx, businessId: BusinessId, right: Right): Promise<Person[]> {
  return tx
    .selectFrom('member')
    .innerJoin('identity', 'identity.id', 'member.identity_id')
    .select(['identity.id', 'identity.name', 'member.role'])
    .where('member.business_id', '=', businessId)
    .where('member.removed_at', 'is', null)
    .where(
      'member.role',
      'in',
      roles.filter((role) => may(role, right)),
    )
    .orderBy('member.created_at')
    .execute();
}

export interface Approvers {
  /** Other members than whoever asked, under any name. */
  readonly others: readonly Person[];
  /** Whoever asked may approve alone: an owner of a business of one, that chose so. */
  readonly alone: boolean;
}

export async function approversOf(
  tx: Tx,
  business: Pick<Selectable<BusinessTable>, 'id' | 'payout_alone'>,
  requestedBy: IdentityId,
): Promise<Approvers> {
  const all = await membersWith(tx, business.id, 'approve_payout');
  const same = await sameHands(tx, requestedBy);
  const others = all.filter(({ id }) => id !== requestedBy && !same.has(id));
  const asker = all.find(({ id }) => id === requestedBy);
  return { others, alone: business.payout_alone && asker?.role === 'owner' && others.length === 0 };
}

/**
 * Who is no second person beside this one: who linked the same phone, such as the same person in another app, and whoever was
 * joined to a chat that this one has or had, also where the chats were parted since.
 */
export async function sameHands(tx: Tx, id: IdentityId): Promise<ReadonlySet<IdentityId>> {
  const { rows } = await sql<{ id: IdentityId }>`
    with has as (select ${id}::uuid as id union select id from identity where person_id = ${id}),
    had as (select ${id}::uuid as id union select chat_id from chat_pair where person_id = ${id})
    select other.identity_id as id from phone_link own
    join phone_link other on other.phone_hmac = own.phone_hmac
    where own.identity_id = ${id}
    union select id from had
    union select chat.person_id from had join identity chat on chat.id = had.id where chat.person_id is not null
    union select pair.person_id from has join chat_pair pair on pair.chat_id = has.id`.execute(tx);
  return new Set(rows.map((row) => row.id).filter((other) => other !== id));
}
