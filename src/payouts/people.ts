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
 * Who is no second person beside this one: who has the same phone, linked or as the number of a chat, such as the same person in
 * another app, and whoever was joined to a chat that this one has or had, also where the chats were parted since. Who is one with
 * somebody is one with all of theirs, so that each of two names the other.
 */
export async function sameHands(tx: Tx, id: IdentityId): Promise<ReadonlySet<IdentityId>> {
  const { rows } = await sql<{ id: IdentityId }>`
    with recursive hand as (
      select ${id}::uuid as id
      union
      select next.id from hand cross join lateral (
        select person_id as id from identity where id = hand.id and person_id is not null
        union all select id from identity where person_id = hand.id
        union all select chat_id from chat_pair where person_id = hand.id
        union all select person_id from chat_pair where chat_id = hand.id
        union all select other.id from (
          select phone_hmac from phone_link where identity_id = hand.id
          union all select phone_hmac from identity where id = hand.id and phone_hmac is not null
        ) own cross join lateral (
          select identity_id as id from phone_link where phone_hmac = own.phone_hmac
          union all select id from identity where phone_hmac = own.phone_hmac
        ) other
      ) next
    )
    select id from hand where id <> ${id}`.execute(tx);
  return new Set(rows.map((row) => row.id));
}
