/**
 * The only place where evidence changes a payment. The payment's row is locked, the pure rule of `domain/payment.ts`
 * decides, and evidence, attempt, ledger, time line and messages are written in the caller's transaction.
 */
import type { Selectable } from 'kysely';
import type { AttemptTable, EvidenceTable, Tx } from '../db/tables.ts';
import type { AccountId, AttemptId, IdentityId, PaymentId } from '../domain/ids.ts';
import {
  type AttemptView,
  applyEvidence,
  type Change,
  type Effect,
  type Evidence,
  type Flag,
  paymentState,
  type Trust,
} from '../domain/payment.ts';
import { nextReceiptCheck } from '../domain/checks.ts';
import type { GatewayEvidence } from '../gateways/gateway.ts';
import type { PaymentDeps } from './context.ts';
import { recordEvent } from './events.ts';

export interface Finding {
  readonly accountId: AccountId;
  readonly source: EvidenceTable['source'];
  readonly trust: Trust;
  readonly evidence: GatewayEvidence;
  /** The attempt that was asked about, or whose own callback URL was used. */
  readonly attemptHint: AttemptId | null;
  readonly inboxId: bigint | null;
  readonly byIdentity: IdentityId | null;
  /** What a person accepted instead of the amount asked: it is what the ledger holds. */
  readonly acceptedCents?: bigint;
}

export type Settled = { readonly effect: Effect | 'unmatched'; readonly paymentId: PaymentId | null };

type AttemptRow = Selectable<AttemptTable>;

/** Records the finding and applies it. A finding that belongs to no attempt of the account is kept as unmatched. */
export async function settle(tx: Tx, deps: PaymentDeps, finding: Finding): Promise<Settled> {
  const attempt = await lockMatch(tx, finding);
  if (attempt === null) {
    await keepEvidence(tx, deps, finding, null, 'unmatched');
    return { effect: 'unmatched', paymentId: null };
  }
  const used = await receiptUsed(tx, finding, attempt.id);
  const change = applyEvidence(viewOf(attempt), evidenceOf(deps, finding, attempt), used);
  const kept =
    finding.evidence.verdict === 'pending'
      ? null
      : await keepEvidence(tx, deps, finding, attempt.id, change.effect);
  await learnIds(tx, attempt, finding);
  await apply(tx, deps, attempt, change, finding, kept);
  return { effect: change.effect, paymentId: attempt.payment_id };
}

/** Evidence that came before we knew the gateway's ids for this attempt is applied now. */
export async function settleUnmatched(tx: Tx, deps: PaymentDeps, attemptId: AttemptId): Promise<void> {
  const attempt = await tx
    .selectFrom('attempt')
    .select(['account_id', 'reference', 'correlation_id', 'request_id'])
    .where('id', '=', attemptId)
    .executeTakeFirstOrThrow();
  const waiting = await tx
    .selectFrom('evidence')
    .selectAll()
    .where('account_id', '=', attempt.account_id)
    .where('attempt_id', 'is', null)
    .where((eb) =>
      eb.or([
        eb('reference', '=', attempt.reference),
        ...(attempt.correlation_id === null ? [] : [eb('correlation_id', '=', attempt.correlation_id)]),
        ...(attempt.request_id === null ? [] : [eb('request_id', '=', attempt.request_id)]),
      ]),
    )
    .orderBy('id')
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

/**
 * Finds the attempt by what the evidence itself names, the gateway's ids first. The hint serves only where it names
 * nothing, or agrees: a callback to one attempt's URL that names another one belongs to neither.
 */
async function lockMatch(tx: Tx, finding: Finding): Promise<AttemptRow | null> {
  const { reference, ids } = finding.evidence;
  const names: [column: 'correlation_id' | 'request_id' | 'reference', value: string | null][] = [
    ['correlation_id', ids.correlationId],
    ['request_id', ids.requestId],
    ['reference', reference],
  ];
  const found = new Set<AttemptId>();
  for (const [column, value] of names) {
    if (value === null) continue;
    const row = await tx
      .selectFrom('attempt')
      .select('id')
      .where('account_id', '=', finding.accountId)
      .where(column, '=', value)
      .executeTakeFirst();
    if (row !== undefined) found.add(row.id);
  }
  const unnamed = names.every(([, value]) => value === null);
  if (unnamed && finding.attemptHint !== null) found.add(finding.attemptHint);
  const [id, ...others] = found;
  if (id === undefined || others.length > 0) return null;
  if (finding.attemptHint !== null && finding.attemptHint !== id) return null;
  return lockAttempt(tx, id);
}

/** Locks the payment, then reads the attempt: every change of a payment takes this lock first. */
async function lockAttempt(tx: Tx, id: AttemptId): Promise<AttemptRow> {
  await tx
    .selectFrom('payment')
    .innerJoin('attempt', 'attempt.payment_id', 'payment.id')
    .select('payment.id')
    .where('attempt.id', '=', id)
    .forNoKeyUpdate('payment')
    .execute();
  return tx.selectFrom('attempt').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

function viewOf(row: AttemptRow): AttemptView {
  return {
    id: row.id,
    state: row.state,
    reason: row.reason,
    amountCents: row.amount_cents,
    receipt: row.receipt === null ? null : { number: row.receipt, final: row.receipt_final === true },
    liveUntil: row.live_until,
  };
}

function evidenceOf(
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

async function receiptUsed(tx: Tx, finding: Finding, attemptId: AttemptId): Promise<boolean> {
  const receipt = finding.evidence.receipt;
  if (receipt === null) return false;
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
async function keepEvidence(
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
      attemptId,
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

async function learnIds(tx: Tx, attempt: AttemptRow, finding: Finding): Promise<void> {
  const { correlationId, requestId } = finding.evidence.ids;
  const correlation = attempt.correlation_id ?? correlationId;
  const request = attempt.request_id ?? requestId;
  if (correlation === attempt.correlation_id && request === attempt.request_id) return;
  await tx
    .updateTable('attempt')
    .set({ correlation_id: correlation, request_id: request })
    .where('id', '=', attempt.id)
    .execute();
}

async function apply(
  tx: Tx,
  deps: PaymentDeps,
  attempt: AttemptRow,
  change: Change,
  finding: Finding,
  evidenceId: bigint | null,
): Promise<void> {
  const quiet = change.effect === 'nothing_new' || change.effect === 'still_pending';
  const now = deps.clock.now();
  if (!quiet)
    await recordEvent(tx, now, attempt.payment_id, attempt.id, 'evidence', {
      effect: change.effect,
      source: finding.source,
      trust: finding.trust,
      verdict: finding.evidence.verdict,
      receipt: finding.evidence.receipt?.number ?? null,
    });
  if (change.effect === 'hint') await checkNow(tx, attempt, now);
  if (change.attempt !== null) await changeAttempt(tx, attempt, change.attempt, finding, now);
  if (change.credits && evidenceId !== null) await credit(tx, attempt, finding, evidenceId, now);
  if (change.effect === 'receipt_completed' && change.attempt?.receipt)
    await tx
      .updateTable('ledger')
      .set({ receipt: change.attempt.receipt.number })
      .where('attempt_id', '=', attempt.id)
      .where('direction', '=', 'in')
      .execute();
  if (change.attempt !== null || change.flag !== null)
    await refreshPayment(tx, deps, attempt.payment_id, {
      flag: change.flag,
      credited: change.credits,
      proved: change.attempt?.state === 'paid' || change.attempt?.state === 'failed',
      toldBefore: change.effect === 'paid_late' ? (attempt.reason ?? 'not_given') : null,
    });
}

/** An unsigned callback is only a reason to ask the gateway at once. */
async function checkNow(tx: Tx, attempt: AttemptRow, now: Date): Promise<void> {
  if (attempt.state === 'paid') return;
  await tx.updateTable('attempt').set({ next_check_at: now }).where('id', '=', attempt.id).execute();
}

async function changeAttempt(
  tx: Tx,
  attempt: AttemptRow,
  to: NonNullable<Change['attempt']>,
  finding: Finding,
  now: Date,
): Promise<void> {
  const over = to.state === 'failed' || to.state === 'paid';
  await tx
    .updateTable('attempt')
    .set({
      state: to.state,
      reason: to.reason,
      receipt: to.receipt?.number ?? null,
      receipt_final: to.receipt?.final ?? null,
      raw_code: finding.evidence.rawCode,
      ...(over && { ended_at: attempt.ended_at ?? now, lease_token: null, lease_until: null }),
      ...(over && { next_check_at: to.receipt?.final === false ? nextReceiptCheck(now, now) : null }),
    })
    .where('id', '=', attempt.id)
    .execute();
}

/** Money in, once per attempt and once per receipt of the account: the ledger's unique keys hold it. */
async function credit(
  tx: Tx,
  attempt: AttemptRow,
  finding: Finding,
  evidenceId: bigint,
  now: Date,
): Promise<void> {
  const cents = finding.acceptedCents ?? attempt.amount_cents;
  await tx.updateTable('attempt').set({ paid_cents: cents }).where('id', '=', attempt.id).execute();
  const payment = await tx
    .updateTable('payment')
    .set((eb) => ({ paid_at: eb.fn.coalesce('paid_at', eb.val(now)) }))
    .where('id', '=', attempt.payment_id)
    .returning('business_id')
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('ledger')
    .values({
      business_id: payment.business_id,
      account_id: attempt.account_id,
      payment_id: attempt.payment_id,
      attempt_id: attempt.id,
      direction: 'in',
      amount_cents: cents,
      receipt: finding.evidence.receipt?.number ?? null,
      trust: finding.trust,
      evidence_id: evidenceId,
      posted_at: now,
    })
    .execute();
}

export interface News {
  readonly flag: Flag | null;
  /** Money came in with this change. */
  readonly credited: boolean;
  /** This change proved an outcome, which lifts a doubt. */
  readonly proved: boolean;
  readonly toldBefore: string | null;
}
const noNews: News = { flag: null, credited: false, proved: false, toldBefore: null };

/** Recomputes what the payment is from its attempts, and has everybody who holds a card told. */
export async function refreshPayment(
  tx: Tx,
  deps: PaymentDeps,
  paymentId: PaymentId,
  news: News = noNews,
): Promise<void> {
  const payment = await tx
    .selectFrom('payment')
    .select(['flag', 'stopped', 'told_before'])
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow();
  const attempts = await tx
    .selectFrom('attempt')
    .select(['state', 'reason'])
    .where('payment_id', '=', paymentId)
    .orderBy('number')
    .execute();
  const paid = attempts.filter(({ state }) => state === 'paid').length;
  const flag = news.flag ?? flagAfter(payment.flag, paid, news);
  await tx
    .updateTable('payment')
    .set({
      state: paymentState(attempts, flag, payment.stopped),
      flag,
      reason: paid > 0 ? null : (attempts.at(-1)?.reason ?? null),
      told_before: news.toldBefore ?? payment.told_before,
      updated_at: deps.clock.now(),
    })
    .where('id', '=', paymentId)
    .execute();
  await deps.tell.payment(tx, paymentId);
}

/** Proof lifts a doubt; a second payment of the same thing raises one. */
function flagAfter(flag: Flag | null, paid: number, news: News): Flag | null {
  if (news.credited && paid > 1) return flag ?? 'twice';
  if (news.proved && (flag === 'unproved' || flag === 'unmapped')) return null;
  return flag;
}
