/** Members come and change by an operator's commands too: the running program tells it, as it tells what /staff does. */
import type { Database, Tx } from '../db/tables.ts';
import type { MemberId } from '../domain/ids.ts';
import { lockBusiness } from './approve.ts';
import { endAskedBy, type StaffDeps } from './staff.ts';

export function createStaffNews(deps: StaffDeps & { readonly db: Database }) {
  return {
    /** Tells of one member; false when there is nothing to tell. */
    async runOnce(): Promise<boolean> {
      const next = await deps.db
        .selectFrom('member')
        .select(['id', 'business_id'])
        .where('untold_entry', 'is not', null)
        .orderBy('untold_entry')
        .limit(1)
        .executeTakeFirst();
      if (next === undefined) return false;
      await deps.db.transaction().execute(async (tx) => {
        await lockBusiness(tx, next.business_id);
        await tell(tx, deps, next.id);
      });
      return true;
    },
  };
}

/** The caller holds the business's row: another process may have told it meanwhile. */
async function tell(tx: Tx, deps: StaffDeps, id: MemberId): Promise<void> {
  const member = await tx
    .selectFrom('member')
    .innerJoin('audit_entry', 'audit_entry.id', 'member.untold_entry')
    .select(['member.business_id', 'member.identity_id', 'member.role', 'member.removed_at'])
    .select(['audit_entry.id as entry', 'audit_entry.action'])
    .where('member.id', '=', id)
    .executeTakeFirst();
  if (member === undefined) return;
  await tx.updateTable('member').set({ untold_entry: null }).where('id', '=', id).execute();
  // Whoever removed them was told already.
  if (member.removed_at !== null) return;
  const { business_id: businessId, identity_id: identityId, role, entry } = member;
  const kind = member.action === 'member_joined' ? 'joined' : 'role';
  await endAskedBy(tx, deps, businessId, identityId);
  await deps.tellStaff.member(tx, { kind, businessId, identityId, role, by: null, entry });
}
