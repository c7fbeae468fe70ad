import type { Tx } from '../../db/tables.ts';
import type { BusinessId, IdentityId } from '../../domain/ids.ts';
import { type Role, roles } from '../../domain/roles.ts';

/** Who of the business may be told, oldest member first. */
export async function membersWho(
  tx: Tx,
  businessId: BusinessId,
  wanted: (role: Role) => boolean,
): Promise<IdentityId[]> {
  const members = await tx
    .selectFrom('member')
    .select('identity_id')
    .where('business_id', '=', businessId)
    .where('removed_at', 'is', null)
    .where('role', 'in', roles.filter(wanted))
    .orderBy('created_at')
    .execute();
  return members.map((member) => member.identity_id);
}
