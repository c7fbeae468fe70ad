/** The house's ledger: money out, once for each payout. */
import type { Tx } from '../db/tables.ts';
import type { PayoutFinding } from './finding.ts';
import type { PayoutRow } from './reserve.ts';

/** The ledger's unique key on the payout holds that it is once. */
export async function postLedger(
  tx: Tx,
  payout: PayoutRow,
  finding: PayoutFinding,
  evidenceId: bigint | null,
  now: Date,
): Promise<void> {
  const { receipt } = finding.fact;
  await tx
    .insertInto('ledger')
    .values({
      business_id: payout.business_id,
      account_id: payout.account_id,
      payment_id: payout.refund_of,
      attempt_id: null,
      direction: 'out',
      amount_cents: payout.amount_cents,
      receipt: receipt?.final === true ? receipt.number : null,
      trust: finding.trust,
      evidence_id: null,
      payout_id: payout.id,
      payout_evidence_id: evidenceId,
      posted_at: now,
    })
    .execute();
}

/** M-Pesa's own number came after the money. */
export async function completeLedger(tx: Tx, payout: PayoutRow, finding: PayoutFinding): Promise<void> {
  await tx
    .updateTable('ledger')
    .set({ receipt: finding.fact.receipt?.number ?? null, trust: finding.trust })
    .where('payout_id', '=', payout.id)
    .where('direction', '=', 'out')
    .execute();
}
