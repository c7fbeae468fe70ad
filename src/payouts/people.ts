/** Who may say yes to a payout, as things stand. */
import type { Selectable } from 'kysely';
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
  const same = await sharingPhone(tx, requestedBy);
  const others = all.filter(({ id }) => id !== requestedBy && !same.has(id));
  const asker = all.find(({ id }) => id === requestedBy);
  return { others, alone: business.payout_alone && asker?.role === 'owner' && others.length === 0 };
}

/** Who linked the same phone, such as the same person in another app: they are no second person. */
export async function sharingPhone(tx: Tx, id: IdentityId): Promise<ReadonlySet<IdentityId>> {
  const rows = await tx
    .selectFrom('phone_link as own')
    .innerJoin('phone_link as other', 'other.phone_hmac', 'own.phone_hmac')
    .select('other.identity_id')
    .where('own.identity_id', '=', id)
    .where('other.identity_id', '!=', id)
    .execute();
  return new Set(rows.map(({ identity_id }) => identity_id));
}
