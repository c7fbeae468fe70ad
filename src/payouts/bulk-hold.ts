/**
 * What the gateway answers to one row of a file and would answer to every further one: the file is held at once, instead of
 * being refused row after row. The row itself ends as its answer says; those that were not sent stay approved. A row of which
 * nobody knows holds nothing but itself.
 */
import type { Tx } from '../db/tables.ts';
import type { Reason } from '../domain/payment.ts';
import type { PayoutOutcome } from '../gateways/abilities.ts';
import { audit } from '../ops/audit.ts';
import { lockBatchForDecision } from './bulk-decide.ts';
import type { BatchRow } from './bulk-hash.ts';
import { changeBatch } from './bulk-request.ts';
import type { ClaimedPayout } from './claim.ts';
import type { PayoutDeps } from './context.ts';

/** They are about the account, not about the row. */
const ofEveryRow: readonly Reason[] = [
  'credentials_refused',
  'float_too_low',
  'no_service_tokens',
  'channel_inactive',
  'account_blocked',
  'plan_used_up',
  'misconfigured',
  'provider_down',
  'gateway_busy',
];

/** So many rows in a row that the gateway provably did not take are no chance. */
const mostInARow = 4;

/** Before the row is locked, as the order of locks wants it; null: the answer is of no file, or the row may have been taken. */
export async function lockFileOf(
  tx: Tx,
  claimed: ClaimedPayout,
  outcome: PayoutOutcome,
): Promise<BatchRow | null> {
  const mayBeTaken = outcome.kind === 'accepted' || outcome.kind === 'unknown';
  if (claimed.batchId === null || mayBeTaken) return null;
  return (await lockBatchForDecision(tx, claimed.batchId)).batch;
}

/** After the outcome was stored. A file that a person holds already stays theirs. */
export async function holdAfter(
  tx: Tx,
  deps: PayoutDeps,
  batch: BatchRow,
  outcome: PayoutOutcome,
): Promise<void> {
  if (batch.state !== 'running') return;
  const reason: Reason = outcome.kind === 'refused' ? outcome.reason : 'gateway_unreachable';
  const ofAll = outcome.kind === 'refused' && ofEveryRow.includes(reason);
  if (!ofAll && !(await noneTaken(tx, batch))) return;
  const now = deps.clock.now();
  await changeBatch(tx, batch, now, {
    state: 'paused',
    paused_by: null,
    pause_reason: reason,
    version: batch.version + 1,
    next_look_at: now,
  });
  await audit(tx, now, batch.business_id, null, 'batch_paused', { batch: batch.id, reason });
  await deps.tellPayout.batch(tx, batch.id);
}

/** Of the last calls since somebody let the file go on whose end is known; one that may have been taken counts neither way. */
async function noneTaken(tx: Tx, batch: BatchRow): Promise<boolean> {
  const calls = await tx
    .selectFrom('payout_call')
    .innerJoin('payout', 'payout.id', 'payout_call.payout_id')
    .select(['payout_call.outcome', 'payout_call.gateway_payout_id'])
    .where('payout.batch_id', '=', batch.id)
    .where('payout_call.sent_at', '>=', batch.updated_at)
    .where('payout_call.outcome', 'in', ['accepted', 'refused', 'not_sent'])
    .orderBy('payout_call.sent_at', 'desc')
    .limit(mostInARow)
    .execute();
  return (
    calls.length === mostInARow &&
    calls.every((call) => call.outcome !== 'accepted' && call.gateway_payout_id === null)
  );
}
