/** An owner has seen a doubt that changes nothing any more, such as money that M-Pesa took back: it is open no longer. */
import type { Tx } from '../db/tables.ts';
import type { IdentityId, PayoutId } from '../domain/ids.ts';
import type { PayoutState } from '../domain/payout.ts';
import { may } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import { lockForDecision, roleOf } from './approve.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';

export type Kept = 'kept' | 'not_open' | 'no_right';

/** Nothing can be sent any more. A flagged one that failed, or waits, might be sent again once nobody minds the flag. */
function isOver(state: PayoutState): boolean {
  return ['paid', 'reversed', 'rejected', 'expired', 'void'].includes(state);
}

/** Of what may have moved, two persons decide by the statement (`review.ts`), never one by looking away. */
export async function keepPayout(tx: Tx, deps: PayoutDeps, id: PayoutId, by: IdentityId): Promise<Kept> {
  const { business, payout } = await lockForDecision(tx, id);
  if (payout.flag === null || !isOver(payout.state)) return 'not_open';
  const role = await roleOf(tx, business.id, by);
  if (role === null || !may(role, 'allow_payouts')) return 'no_right';
  const now = deps.clock.now();
  await tx.updateTable('payout').set({ flag: null, updated_at: now }).where('id', '=', id).execute();
  await recordPayoutEvent(tx, now, id, 'marked', { as: 'kept', flag: payout.flag });
  await audit(tx, now, business.id, by, 'payout_marked', { payout: id, verdict: 'kept', flag: payout.flag });
  await deps.tellPayout.payout(tx, id);
  return 'kept';
}
