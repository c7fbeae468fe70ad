/** One press stops every payout of the business, also those approved and not yet sent. Only an owner lets them go on. */
import type { Tx } from '../db/tables.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';
import { may } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import { lockBusiness, roleOf } from './approve.ts';
import type { PayoutDeps } from './context.ts';

export type Froze = { readonly kind: 'done' | 'was_so' | 'changed_since' | 'no_right' };

/** `seen`: the last change that the person had before them; null: whatever it was. */
export async function freezePayouts(
  tx: Tx,
  deps: PayoutDeps,
  businessId: BusinessId,
  by: IdentityId,
  seen: bigint | null = null,
): Promise<Froze> {
  return setFrozen(tx, deps, businessId, { by, frozen: true, seen });
}

/** As above: who allows them knows of the very stop that they lift. */
export async function allowPayouts(
  tx: Tx,
  deps: PayoutDeps,
  businessId: BusinessId,
  by: IdentityId,
  seen: bigint | null = null,
): Promise<Froze> {
  return setFrozen(tx, deps, businessId, { by, frozen: false, seen });
}

/** The newest stop or permission, as the audit log holds it. `id` 0: there was none yet. */
export async function lastFreezeChange(
  tx: Tx,
  businessId: BusinessId,
): Promise<{ readonly id: bigint; readonly name: string | null }> {
  const row = await tx
    .selectFrom('audit_entry')
    .leftJoin('identity', 'identity.id', 'audit_entry.actor')
    .select(['audit_entry.id', 'identity.name'])
    .where('audit_entry.business_id', '=', businessId)
    .where('action', 'in', ['frozen', 'unfrozen'])
    .orderBy('audit_entry.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? { id: 0n, name: null };
}

/** The lock makes it final for every call that is not on the wire yet: the submitter asks under the same row. */
async function setFrozen(
  tx: Tx,
  deps: PayoutDeps,
  businessId: BusinessId,
  { by, frozen, seen }: { by: IdentityId; frozen: boolean; seen: bigint | null },
): Promise<Froze> {
  const business = await lockBusiness(tx, businessId);
  const role = await roleOf(tx, businessId, by);
  if (role === null || !may(role, frozen ? 'freeze_payouts' : 'allow_payouts')) return { kind: 'no_right' };
  if ((business.frozen_at !== null) === frozen) return { kind: 'was_so' };
  if (seen !== null && (await lastFreezeChange(tx, businessId)).id !== seen) return { kind: 'changed_since' };
  const now = deps.clock.now();
  await tx
    .updateTable('business')
    .set({ frozen_at: frozen ? now : null, frozen_by: frozen ? by : null })
    .where('id', '=', businessId)
    .execute();
  await audit(tx, now, businessId, by, frozen ? 'frozen' : 'unfrozen', {});
  await deps.tellPayout.freeze(tx, businessId);
  return { kind: 'done' };
}
