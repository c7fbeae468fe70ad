import type { Tx } from '../db/tables.ts';
import type { AccountId } from '../domain/ids.ts';
import type { Reason } from '../domain/payment.ts';
import type { Tell } from './context.ts';

/** Refusals that every further prompt of the account would meet too. */
const stopping: readonly Reason[] = [
  'credentials_refused',
  'channel_inactive',
  'account_blocked',
  'plan_used_up',
];

export function stopsAccount(reason: Reason): boolean {
  return stopping.includes(reason);
}

/** Stops new prompts of the account; its owner is told once. `gateway check` starts it again when the check passes. */
export async function stopAccount(tx: Tx, tell: Tell, accountId: AccountId, reason: Reason): Promise<void> {
  const stopped = await tx
    .updateTable('gateway_account')
    .set({ state: 'stopped', stopped_reason: reason })
    .where('id', '=', accountId)
    .where('state', '=', 'active')
    .executeTakeFirst();
  if (stopped.numUpdatedRows > 0n) await tell.accountStopped(tx, accountId);
}
