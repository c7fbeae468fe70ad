/** Evidence rows of payouts: what was told, kept for ever. */
import type { Tx } from '../db/tables.ts';
import type { PayoutId } from '../domain/ids.ts';
import type { PayoutEffect } from '../domain/payout.ts';
import { lockReceipt } from '../payments/evidence.ts';
import type { PayoutDeps } from './context.ts';
import type { PayoutFinding } from './finding.ts';
import type { PayoutRow } from './reserve.ts';

/** The ledger already holds this receipt of this account for another movement out. */
export async function payoutReceiptUsed(tx: Tx, finding: PayoutFinding, id: PayoutId): Promise<boolean> {
  const { receipt } = finding.fact;
  if (receipt === null || !receipt.final) return false;
  await lockReceipt(tx, receipt.number);
  const other = await tx
    .selectFrom('ledger')
    .select('id')
    .where('account_id', '=', finding.accountId)
    .where('direction', '=', 'out')
    .where('receipt', '=', receipt.number)
    .where('payout_id', 'is distinct from', id)
    .executeTakeFirst();
  return other !== undefined;
}

/** The same fact of the same round told again is one row: its digest covers what it says, not when or how often it came. */
export async function keepPayoutEvidence(
  tx: Tx,
  deps: PayoutDeps,
  finding: PayoutFinding,
  about: { readonly payout: PayoutRow; readonly round: number } | null,
  effect: PayoutEffect | 'unmatched',
): Promise<bigint> {
  const { fact } = finding;
  const said = {
    reference: fact.reference,
    gateway_payout_id: fact.payoutId,
    amount_cents: fact.amountCents,
    receipt: fact.receipt?.number ?? null,
    receipt_final: fact.receipt?.final ?? null,
    phone_hmac: fact.msisdn === null ? null : deps.vault.hmac('phone', fact.msisdn),
    reason: fact.reason,
    raw_code: fact.rawCode,
  };
  const told = [
    about?.payout.id ?? null,
    about?.round ?? null,
    finding.source,
    finding.trust,
    fact.verdict,
    ...Object.values(said).map((value) => (Buffer.isBuffer(value) ? value.toString('hex') : String(value))),
  ];
  const row = await tx
    .insertInto('payout_evidence')
    .values({
      account_id: finding.accountId,
      payout_id: about?.payout.id ?? null,
      source: finding.source,
      trust: finding.trust,
      verdict: fact.verdict,
      ...said,
      effect,
      inbox_id: finding.inboxId,
      by_identity: finding.byIdentity,
      digest: deps.vault.hmac('digest', `payout ${JSON.stringify(told)}`),
      seen_at: deps.clock.now(),
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'digest']).doUpdateSet((eb) => ({ digest: eb.ref('excluded.digest') })),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}
