/**
 * The only place where evidence changes a payment. The payment's row is locked, the pure rule of `domain/payment.ts`
 * decides, and evidence, attempt, ledger, time line and messages are written in the caller's transaction.
 */
import type { Selectable } from 'kysely';
import type { EvidenceTable, Tx } from '../db/tables.ts';
import { nextReceiptCheck } from '../domain/checks.ts';
import type { AttemptId, PaymentId } from '../domain/ids.ts';
import { applyEvidence, type Change, type Effect, type Evidence } from '../domain/payment.ts';
import type { GatewayEvidence } from '../gateways/gateway.ts';
import { auditEvidence } from './audited.ts';
import type { PaymentDeps } from './context.ts';
import { decideAgain, wasDecided } from './doubt.ts';
import { recordEvent } from './events.ts';
import { evidenceOf, keepEvidence, receiptUsed, viewOf } from './evidence.ts';
import type { Finding } from './finding.ts';
import {
  agrees,
  believed,
  type LockedAttempt,
  learnIds,
  lockAttempt,
  lockMatch,
  lockNames,
} from './match.ts';
import { refreshPayment } from './refresh.ts';
import { claimUnasked } from './unclaimed.ts';

export type Settled = { readonly effect: Effect | 'unmatched'; readonly paymentId: PaymentId | null };

/** Records the finding and applies it. A finding that belongs to no attempt of the account is kept as unmatched. */
export async function settle(tx: Tx, deps: PaymentDeps, told: Finding): Promise<Settled> {
  const finding = believed(told);
  const attempt = (await lockMatch(tx, finding)) ?? (await matchOnceNamed(tx, finding));
  if (attempt === null) {
    await keepEvidence(tx, deps, finding, null, 'unmatched');
    return { effect: 'unmatched', paymentId: null };
  }
  const used = await receiptUsed(tx, finding, attempt.id);
  const evidence = evidenceOf(deps, finding, attempt);
  const change = applyEvidence(viewOf(attempt), evidence, used);
  const kept =
    finding.evidence.verdict === 'pending'
      ? null
      : await keepEvidence(tx, deps, finding, attempt.id, change.effect);
  const learnt = mayTeach(attempt, evidence) && (await learnIds(tx, attempt, finding));
  await apply(tx, deps, attempt, change, finding, kept);
  if (learnt) await settleUnmatched(tx, deps, attempt.id);
  return { effect: change.effect, paymentId: attempt.payment_id };
}

/** The gateway's answer may be naming its attempt right now. */
async function matchOnceNamed(tx: Tx, finding: Finding): Promise<LockedAttempt | null> {
  await lockNames(tx, finding.accountId, finding.evidence.ids);
  return lockMatch(tx, finding);
}

/** A hint about other money teaches no name for this attempt: the look-up by it would prove that other money. */
function mayTeach(attempt: LockedAttempt, { trust, amountCents, phoneMatches }: Evidence): boolean {
  if (trust !== 'hint') return true;
  return (amountCents === null || amountCents === attempt.amount_cents) && phoneMatches !== false;
}

/**
 * Evidence that came before we knew the gateway's ids for this attempt is applied now. What came to another attempt's own
 * URL is not: whoever knows that URL could have written it.
 */
export async function settleUnmatched(tx: Tx, deps: PaymentDeps, attemptId: AttemptId): Promise<void> {
  const waiting = await tx
    .selectFrom('attempt')
    .innerJoin('evidence', 'evidence.account_id', 'attempt.account_id')
    .selectAll('evidence')
    .where('attempt.id', '=', attemptId)
    .where('evidence.attempt_id', 'is', null)
    .where((eb) => eb.or([eb('attempt_hint', 'is', null), eb('attempt_hint', '=', attemptId)]))
    // A name that is null on either side is equal to nothing.
    .where((eb) =>
      eb.or([
        eb('evidence.reference', '=', eb.ref('attempt.reference')),
        eb('evidence.correlation_id', '=', eb.ref('attempt.correlation_id')),
        eb('evidence.request_id', '=', eb.ref('attempt.request_id')),
      ]),
    )
    .orderBy('evidence.id')
    .execute();
  for (const row of waiting) await settleKept(tx, deps, attemptId, row);
}

async function settleKept(
  tx: Tx,
  deps: PaymentDeps,
  attemptId: AttemptId,
  row: Selectable<EvidenceTable>,
): Promise<void> {
  const finding: Finding = {
    accountId: row.account_id,
    source: row.source,
    trust: row.trust,
    attemptHint: attemptId,
    inboxId: row.inbox_id,
    byIdentity: row.by_identity,
    evidence: {
      verdict: row.verdict,
      ids: { correlationId: row.correlation_id, requestId: row.request_id },
      reference: row.reference,
      amountCents: row.amount_cents,
      receipt: row.receipt === null ? null : { number: row.receipt, final: row.receipt_final === true },
      msisdn: null,
      reason: row.reason as GatewayEvidence['reason'],
      rawCode: row.raw_code,
    },
  };
  const attempt = await lockAttempt(tx, attemptId);
  if (!agrees(attempt, finding)) return;
  const used = await receiptUsed(tx, finding, attemptId);
  const evidence = evidenceOf(deps, finding, attempt, row.phone_hmac);
  const change = applyEvidence(viewOf(attempt), evidence, used);
  await tx
    .updateTable('evidence')
    .set({ attempt_id: attemptId, effect: change.effect })
    .where('id', '=', row.id)
    .execute();
  await apply(tx, deps, attempt, change, finding, row.id);
}

async function apply(
  tx: Tx,
  deps: PaymentDeps,
  attempt: LockedAttempt,
  change: Change,
  finding: Finding,
  evidenceId: bigint | null,
): Promise<void> {
  const now = deps.clock.now();
  if (change.flag !== null && (await wasDecided(tx, attempt.id, change.flag, finding.evidence)))
    return void (evidenceId !== null && (await decideAgain(tx, evidenceId, now)));
  const quiet = change.effect === 'nothing_new' || change.effect === 'still_pending';
  if (!quiet)
    await recordEvent(tx, now, attempt.payment_id, attempt.id, 'evidence', {
      effect: change.effect,
      source: finding.source,
      trust: finding.trust,
      verdict: finding.evidence.verdict,
      receipt: finding.evidence.receipt?.number ?? null,
    });
  if (change.effect === 'hint') await checkNow(tx, attempt, now);
  else if (!quiet)
    await auditEvidence(tx, deps, now, attempt, finding, {
      effect: change.effect,
      creditedCents: change.credits ? creditedCents(attempt, finding) : 0n,
      evidenceId,
    });
  if (change.attempt !== null) await changeAttempt(tx, attempt, change.attempt, change.credits, finding, now);
  if (change.credits && evidenceId !== null) await credit(tx, attempt, finding, evidenceId, now);
  if (change.effect === 'receipt_completed' && change.attempt?.receipt)
    await tx
      .updateTable('ledger')
      .set({ receipt: change.attempt.receipt.number, trust: finding.trust })
      .where('attempt_id', '=', attempt.id)
      .where('direction', '=', 'in')
      .execute();
  if ((change.credits || change.effect === 'receipt_completed') && change.attempt?.receipt?.final)
    await claimUnasked(tx, attempt.account_id, change.attempt.receipt.number, attempt.payment_id);
  if (change.attempt !== null || change.flag !== null)
    await refreshPayment(tx, deps, attempt.payment_id, {
      flag: change.flag,
      credited: change.credits,
      proved: change.attempt?.state === 'paid' || change.attempt?.state === 'failed' ? attempt.id : null,
      toldBefore: change.effect === 'paid_late' ? (attempt.reason ?? 'not_given') : null,
    });
}

/** An unsigned callback is only a reason to ask the gateway at once. */
async function checkNow(tx: Tx, attempt: LockedAttempt, now: Date): Promise<void> {
  if (attempt.state === 'paid') return;
  await tx.updateTable('attempt').set({ next_check_at: now }).where('id', '=', attempt.id).execute();
}

async function changeAttempt(
  tx: Tx,
  attempt: LockedAttempt,
  to: NonNullable<Change['attempt']>,
  credits: boolean,
  finding: Finding,
  now: Date,
): Promise<void> {
  const over = to.state === 'failed' || to.state === 'paid';
  const ended = to.state === attempt.state ? (attempt.ended_at ?? now) : now;
  const owed = to.state === 'paid' && to.receipt?.final !== true;
  await tx
    .updateTable('attempt')
    .set({
      state: to.state,
      reason: to.reason,
      receipt: to.receipt?.number ?? null,
      receipt_final: to.receipt?.final ?? null,
      receipt_trust: to.receipt === null ? null : finding.trust,
      raw_code: finding.evidence.rawCode,
      ...(to.state === 'prompted' && { prompted_at: attempt.prompted_at ?? now }),
      ...(over && { ended_at: ended, lease_token: null, lease_until: null }),
      ...(over && { next_check_at: owed ? nextReceiptCheck(ended, now) : null }),
      ...(credits && { paid_cents: creditedCents(attempt, finding) }),
    })
    .where('id', '=', attempt.id)
    .execute();
}

function creditedCents(attempt: LockedAttempt, finding: Finding): bigint {
  return finding.acceptedCents ?? attempt.amount_cents;
}

/** Money in, once per attempt and once per receipt of the account: the ledger's unique keys hold it. */
async function credit(
  tx: Tx,
  attempt: LockedAttempt,
  finding: Finding,
  evidenceId: bigint,
  now: Date,
): Promise<void> {
  await tx
    .insertInto('ledger')
    .values({
      business_id: attempt.business_id,
      account_id: attempt.account_id,
      payment_id: attempt.payment_id,
      attempt_id: attempt.id,
      direction: 'in',
      amount_cents: creditedCents(attempt, finding),
      // A stand-in is no receipt: two payments may carry the same one.
      receipt: finding.evidence.receipt?.final === true ? finding.evidence.receipt.number : null,
      trust: finding.trust,
      evidence_id: evidenceId,
      posted_at: now,
    })
    .execute();
}
