/** Evidence rows: what was told, kept for ever, and how the pure rule sees it. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { AttemptId } from '../domain/ids.ts';
import type { AttemptView, Effect, Evidence } from '../domain/payment.ts';
import type { PaymentDeps } from './context.ts';
import type { Finding } from './finding.ts';
import type { AttemptRow } from './match.ts';

export function viewOf(row: AttemptRow): AttemptView {
  return {
    id: row.id,
    state: row.state,
    reason: row.reason,
    amountCents: row.paid_cents ?? row.amount_cents,
    receipt:
      row.receipt === null
        ? null
        : { number: row.receipt, final: row.receipt_final === true && row.receipt_trust !== 'person' },
    liveUntil: row.live_until,
  };
}

export function evidenceOf(
  deps: PaymentDeps,
  finding: Finding,
  attempt: AttemptRow,
  keptPhone: Buffer | null = null,
): Evidence {
  const { evidence } = finding;
  const phone = evidence.msisdn === null ? keptPhone : deps.vault.hmac('phone', evidence.msisdn);
  return {
    verdict: evidence.verdict,
    trust: finding.trust,
    amountCents: evidence.amountCents,
    receipt: evidence.receipt,
    phoneMatches: phone === null ? null : phone.equals(attempt.phone_hmac),
    reason: evidence.reason,
    at: deps.clock.now(),
  };
}

/**
 * Until the transaction ends nobody else books this M-Pesa code: who asked whether it is used may rely on the answer.
 */
export async function lockReceipt(tx: Tx, receipt: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${receipt}, 0))`.execute(tx);
}

/** The ledger already holds this receipt of this account for another attempt. A stand-in is no number to compare. */
export async function receiptUsed(tx: Tx, finding: Finding, attemptId: AttemptId): Promise<boolean> {
  const receipt = finding.evidence.receipt;
  if (receipt === null || !receipt.final) return false;
  await lockReceipt(tx, receipt.number);
  const other = await tx
    .selectFrom('ledger')
    .select('id')
    .where('account_id', '=', finding.accountId)
    .where('direction', '=', 'in')
    .where('receipt', '=', receipt.number)
    .where('attempt_id', 'is distinct from', attemptId)
    .executeTakeFirst();
  return other !== undefined;
}

/** The same fact told again is one row: its digest covers what it says, not when or how often it came. */
export async function keepEvidence(
  tx: Tx,
  deps: PaymentDeps,
  finding: Finding,
  attemptId: AttemptId | null,
  effect: Effect | 'unmatched',
): Promise<bigint> {
  const { evidence } = finding;
  const said = {
    reference: evidence.reference,
    correlation_id: evidence.ids.correlationId,
    request_id: evidence.ids.requestId,
    amount_cents: evidence.amountCents,
    receipt: evidence.receipt?.number ?? null,
    receipt_final: evidence.receipt?.final ?? null,
    phone_hmac: evidence.msisdn === null ? null : deps.vault.hmac('phone', evidence.msisdn),
    reason: evidence.reason,
    raw_code: evidence.rawCode,
  };
  const digest = deps.vault.hmac(
    'digest',
    JSON.stringify([
      // Told at another attempt's address it is another fact: the one must not stand in the other's place.
      attemptId ?? (finding.attemptHint === null ? null : `at ${finding.attemptHint}`),
      finding.source,
      finding.trust,
      evidence.verdict,
      ...Object.values(said).map((value) => (Buffer.isBuffer(value) ? value.toString('hex') : String(value))),
    ]),
  );
  const row = await tx
    .insertInto('evidence')
    .values({
      account_id: finding.accountId,
      attempt_id: attemptId,
      attempt_hint: finding.attemptHint,
      source: finding.source,
      trust: finding.trust,
      verdict: evidence.verdict,
      ...said,
      effect,
      inbox_id: finding.inboxId,
      by_identity: finding.byIdentity,
      digest,
      seen_at: deps.clock.now(),
    })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'digest']).doUpdateSet((eb) => ({ digest: eb.ref('excluded.digest') })),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}
