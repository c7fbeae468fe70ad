/** An owner changes how much may leave. What is approved already stays approved. */
import type { Tx } from '../db/tables.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';
import type { LimitName, PayoutLimits } from '../domain/payout-limits.ts';
import { may } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import { lockBusiness, roleOf } from './approve.ts';
import type { PayoutDeps } from './context.ts';
import { readLimits, writeLimits } from './reserve.ts';

/** The business's row is locked, as by whoever approves: an approval sees the old limits or the new ones. null: no right. */
export async function changeLimit(
  tx: Tx,
  deps: Pick<PayoutDeps, 'clock'>,
  businessId: BusinessId,
  by: IdentityId,
  change: { readonly limit: LimitName; readonly cents: bigint },
): Promise<PayoutLimits | null> {
  const business = await lockBusiness(tx, businessId);
  const role = await roleOf(tx, businessId, by);
  if (role === null || !may(role, 'change_business')) return null;
  const before = readLimits(business.payout_limits);
  const limits: PayoutLimits = { ...before, [change.limit]: change.cents };
  await tx
    .updateTable('business')
    .set({ payout_limits: JSON.stringify(writeLimits(limits)) as never })
    .where('id', '=', businessId)
    .execute();
  await audit(tx, deps.clock.now(), businessId, by, 'limits_changed', {
    limit: change.limit,
    fromCents: Number(before[change.limit]),
    toCents: Number(change.cents),
  });
  return limits;
}
