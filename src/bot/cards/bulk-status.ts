/** The card of a file of payouts, asked for by its number. */
import { may } from '../../domain/roles.ts';
import type { BotDeps } from '../context.ts';
import type { Turn } from '../turn.ts';
import { showBulkCard } from './bulk-tell.ts';

/**
 * To whoever asked and to whoever may approve with buttons, to others as it stands; false: there is no such file, or it was
 * never asked for and is still its sender's own.
 */
export async function showBatchStatus(deps: BotDeps, turn: Turn, ref: string): Promise<boolean> {
  const { membership, identity, tx } = turn;
  if (membership === null) return false;
  const batch = await tx
    .selectFrom('payout_batch')
    .select(['id', 'requested_by', 'state'])
    .where('business_id', '=', membership.businessId)
    .where('ref', '=', ref)
    .executeTakeFirst();
  if (batch === undefined) return false;
  const mine = batch.requested_by === identity.id;
  if (batch.state === 'draft' && !mine) return false;
  const decides = may(membership.role, 'approve_payout');
  await showBulkCard(tx, deps, batch.id, identity.id, mine ? 'request' : decides ? 'approval' : 'alert');
  return true;
}
