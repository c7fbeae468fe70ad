/** Why a yes to a file did not count, in words. */
import type { BatchApproved } from '../../payouts/bulk-decide.ts';
import { type ApprovalSaid, sayApproval } from './payout-approval.ts';

/** `rest`: of what is left of a file that was approved before. */
export function sayBulkApproval(
  outcome: Exclude<BatchApproved, { kind: 'approved' | 'total' }>,
  rest: boolean,
): ApprovalSaid {
  return outcome.kind === 'asker_left' && rest
    ? { key: 'bulk-asker-gone', values: {} }
    : sayApproval(outcome);
}
