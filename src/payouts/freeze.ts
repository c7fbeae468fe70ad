/** One press stops every payout of the business, also those approved and not yet sent. Only an owner lets them go on. */
import type { Tx } from '../db/tables.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';
import { may } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import { lockBusiness, roleOf } from './approve.ts';
import type { PayoutDeps } from './context.ts';

export type Froze = { readonly kind: 'done' | 'was_so' | 'no_right' };

export async function freezePayouts(
  tx: Tx,
  deps: PayoutDeps,
  businessId: BusinessId,
  by: IdentityId,
): Promise<Froze> {
  return setFrozen(tx, deps, businessId, by, true);
}

export async function allowPayouts(
  tx: Tx,
  deps: PayoutDeps,
  businessId: BusinessId,
  by: IdentityId,
): Promise<Froze> {
  return setFrozen(tx, deps, businessId, by, false);
}

/** The lock makes it final for every call that is not on the wire yet: the submitter asks under the same row. */
async function setFrozen(
  tx: Tx,
  deps: PayoutDeps,
  businessId: BusinessId,
  by: IdentityId,
  frozen: boolean,
): Promise<Froze> {
  const business = await lockBusiness(tx, businessId);
  const role = await roleOf(tx, businessId, by);
  if (role === null || !may(role, frozen ? 'freeze_payouts' : 'allow_payouts')) return { kind: 'no_right' };
  if ((business.frozen_at !== null) === frozen) return { kind: 'was_so' };
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
