/** Alone mode: a business of one approves its own payouts, within a lower limit of the day. */
import type { Tx } from '../db/tables.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';
import { may } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import { lockBusiness, roleOf } from './approve.ts';
import type { PayoutDeps } from './context.ts';
import { membersWith } from './people.ts';

export type AloneSet =
  | { readonly kind: 'done' | 'was_so' | 'no_right' }
  /** Somebody else could approve: then two decide. */
  | { readonly kind: 'others'; readonly who: string };

export async function setAlone(
  tx: Tx,
  deps: Pick<PayoutDeps, 'clock'>,
  businessId: BusinessId,
  by: IdentityId,
  on: boolean,
): Promise<AloneSet> {
  const business = await lockBusiness(tx, businessId);
  const role = await roleOf(tx, businessId, by);
  if (role === null || !may(role, 'change_business')) return { kind: 'no_right' };
  const others = (await membersWith(tx, businessId, 'approve_payout')).filter(({ id }) => id !== by);
  if (on && others.length > 0)
    return { kind: 'others', who: others.map(({ name }) => name ?? '–').join(', ') };
  if (business.payout_alone === on) return { kind: 'was_so' };
  await tx.updateTable('business').set({ payout_alone: on }).where('id', '=', businessId).execute();
  await audit(tx, deps.clock.now(), businessId, by, 'alone_changed', { on });
  return { kind: 'done' };
}

/** Somebody else may approve from now on: two decide. The caller holds the business's row. */
export async function endAlone(
  tx: Tx,
  deps: Pick<PayoutDeps, 'clock'>,
  businessId: BusinessId,
  by: IdentityId | null,
): Promise<void> {
  if ((await membersWith(tx, businessId, 'approve_payout')).length < 2) return;
  const { numUpdatedRows } = await tx
    .updateTable('business')
    .set({ payout_alone: false })
    .where('id', '=', businessId)
    .where('payout_alone', '=', true)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) await audit(tx, deps.clock.now(), businessId, by, 'alone_changed', { on: false });
}
