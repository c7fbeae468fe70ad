/** Whoever asked may ask no more: what they left waiting is over, so that nobody says yes to it without knowing. */
import type { Tx } from '../db/tables.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';
import { audit } from '../ops/audit.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { voidAsked } from './hash.ts';
import { membersWith } from './people.ts';
import type { PayoutRow } from './reserve.ts';

/** The caller holds the business's row, which every change of its members holds. */
export async function askerLeft(
  tx: Tx,
  asked: { readonly business_id: BusinessId; readonly requested_by: IdentityId },
): Promise<boolean> {
  const may = await membersWith(tx, asked.business_id, 'request_payout');
  return !may.some(({ id }) => id === asked.requested_by);
}

type Deps = Pick<PayoutDeps, 'clock' | 'tellPayout'>;

/** Nothing was set aside yet. Every open card says who asked, and why it is over. The caller holds its row. */
export async function dropOrphan(tx: Tx, deps: Deps, payout: PayoutRow): Promise<void> {
  const now = deps.clock.now();
  await voidAsked(tx, payout, now);
  const left = payout.requested_by;
  await recordPayoutEvent(tx, now, payout.id, 'withdrawn', { round: payout.round, askerLeft: left });
  await audit(tx, now, payout.business_id, null, 'payout_withdrawn', {
    payout: payout.id,
    was: payout.state,
    round: payout.round,
    askerLeft: left,
  });
  await deps.tellPayout.payout(tx, payout.id);
}

/**
 * All that this person left waiting, where they may not ask any more. What is in doubt about an earlier round stays with
 * those who look at it: it cannot be approved before, and then is asked about again. The caller holds the business's row.
 */
export async function dropOrphansOf(
  tx: Tx,
  deps: Deps,
  businessId: BusinessId,
  asker: IdentityId,
): Promise<void> {
  if (!(await askerLeft(tx, { business_id: businessId, requested_by: asker }))) return;
  const waiting = await tx
    .selectFrom('payout')
    .selectAll()
    .where('business_id', '=', businessId)
    .where('requested_by', '=', asker)
    .where('state', '=', 'waiting')
    .where('batch_id', 'is', null)
    .where('flag', 'is', null)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  for (const payout of waiting) await dropOrphan(tx, deps, payout);
}
