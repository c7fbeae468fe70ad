/** A payment's lines in the log of money and authority: ids, states, sums and keyed hashes. */
import type { Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { IdentityId, PaymentId } from '../domain/ids.ts';
import type { Effect } from '../domain/payment.ts';
import { type AuditAction, type AuditFacts, audit } from '../ops/audit.ts';
import type { Finding } from './finding.ts';
import type { LockedAttempt } from './match.ts';

/** Where the caller does not know the business; `actor` null: the gateway or the program itself. */
export async function auditPayment(
  tx: Tx,
  at: Date,
  payment: PaymentId,
  actor: IdentityId | null,
  action: AuditAction,
  facts: AuditFacts,
): Promise<void> {
  const { business_id } = await tx
    .selectFrom('payment')
    .select('business_id')
    .where('id', '=', payment)
    .executeTakeFirstOrThrow();
  await audit(tx, at, business_id, actor, action, { payment, ...facts });
}

export interface EvidenceLine {
  readonly effect: Effect;
  /** What the ledger got by it; 0: nothing. */
  readonly creditedCents: bigint;
  /** null: it was not kept. */
  readonly evidenceId: bigint | null;
}

/** What a finding did to an attempt, and by whose word. */
export async function auditEvidence(
  tx: Tx,
  deps: { readonly vault: Vault },
  at: Date,
  attempt: LockedAttempt,
  finding: Finding,
  { effect, creditedCents, evidenceId }: EvidenceLine,
): Promise<void> {
  const { receipt } = finding.evidence;
  await audit(tx, at, attempt.business_id, finding.byIdentity, 'payment_evidence', {
    payment: attempt.payment_id,
    attempt: attempt.id,
    evidence: evidenceId === null ? null : Number(evidenceId),
    effect,
    source: finding.source,
    trust: finding.trust,
    creditedCents: Number(creditedCents),
    receipt: receipt?.final === true ? receiptHash(deps.vault, receipt.number) : null,
  });
}

/** M-Pesa's number as the log holds it, in hex. */
export function receiptHash(vault: Vault, receipt: string): string {
  return vault.hmac('audit', `receipt ${receipt}`).toString('hex');
}
