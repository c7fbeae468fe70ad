/** One payment with all that is known about it, for an operator: phones masked, times as ISO instants. */
import type { Database } from '../db/tables.ts';
import type { PaymentId } from '../domain/ids.ts';
import { maskPhoneIn } from '../domain/msisdn.ts';
import type { Ref } from '../domain/refs.ts';

/** `receiptFinal: false` is a stand-in of the gateway. Cents are whole numbers that JSON holds exactly. */
export interface ShownAttempt {
  readonly number: number;
  readonly reference: string;
  readonly state: string;
  readonly reason: string | null;
  readonly rawCode: string | null;
  readonly detail: string | null;
  readonly amountCents: number;
  readonly correlationId: string | null;
  readonly requestId: string | null;
  readonly receipt: string | null;
  readonly receiptFinal: boolean | null;
  readonly queuedAt: string;
  readonly sentAt: string | null;
  readonly endedAt: string | null;
  readonly nextCheckAt: string | null;
}

export interface ShownEvidence {
  readonly at: string;
  readonly attempt: number | null;
  readonly source: string;
  readonly trust: string;
  readonly verdict: string;
  readonly amountCents: number | null;
  readonly receipt: string | null;
  readonly reason: string | null;
  readonly rawCode: string;
  readonly effect: string;
}

export interface ShownSms {
  readonly to: string;
  readonly phone: string;
  readonly state: string;
  readonly reason: string | null;
  readonly detail: string | null;
  /** null: Africa's Talking, on the operator's own account. */
  readonly account: string | null;
  readonly reference: string;
  readonly messageId: string | null;
  readonly parts: number | null;
  readonly costCents: number | null;
  readonly createdAt: string;
  readonly endedAt: string | null;
}

export interface ShownStep {
  readonly at: string;
  readonly kind: string;
  readonly attempt: number | null;
  readonly [detail: string]: unknown;
}

export interface ShownPayment {
  readonly ref: string;
  readonly state: string;
  readonly amountCents: number;
  /** Of the paid attempt; null while the gateway has not given M-Pesa's own number. */
  readonly receipt: string | null;
  readonly reason: string | null;
  readonly flag: string | null;
  readonly phone: string;
  readonly note: string;
  readonly paidAt: string | null;
  readonly createdAt: string;
  readonly business: string;
  readonly account: string;
  readonly attempts: readonly ShownAttempt[];
  /** What customers answered on the receipt: the last word of each, the newest first. */
  readonly customer: readonly {
    readonly answer: string;
    readonly at: string;
    readonly closedAt: string | null;
  }[];
  readonly evidence: readonly ShownEvidence[];
  readonly sms: readonly ShownSms[];
  readonly timeline: readonly ShownStep[];
}

/** null: no payment has this number. */
export async function showPayment(db: Database, ref: Ref): Promise<ShownPayment | null> {
  // One snapshot: an attempt that ends meanwhile must not show its end without its evidence.
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const payment = await findPayment(tx, ref);
      if (payment === undefined) return null;
      const attempts = await readAttempts(tx, payment.id);
      const numbers = new Map(attempts.map(({ id, number }) => [id as string, number]));
      const numberOf = (id: string | null): number | null => numbers.get(id ?? '') ?? null;
      const paid = attempts.find((attempt) => attempt.state === 'paid' && attempt.receipt_final === true);
      return {
        ref: payment.ref,
        state: payment.state,
        amountCents: Number(payment.amount_cents),
        receipt: paid?.receipt ?? null,
        reason: payment.reason,
        flag: payment.flag,
        phone: payment.phone_masked,
        note: payment.note,
        paidAt: iso(payment.paid_at),
        createdAt: payment.created_at.toISOString(),
        business: payment.business,
        account: payment.account,
        attempts: attempts.map(showAttempt),
        customer: (await readAnswers(tx, payment.id)).map((row) => ({
          answer: row.answer,
          at: row.at.toISOString(),
          closedAt: iso(row.decided_at),
        })),
        evidence: (await readEvidence(tx, payment.id)).map((row) => showEvidence(row, numberOf)),
        sms: (await readSms(tx, payment.id)).map(showSms),
        timeline: (await readSteps(tx, payment.id)).map((step) => ({
          ...step.detail,
          at: step.at.toISOString(),
          kind: step.kind,
          attempt: numberOf(step.attempt_id),
        })),
      };
    });
}

function findPayment(db: Database, ref: Ref) {
  return db
    .selectFrom('payment')
    .innerJoin('business', 'business.id', 'payment.business_id')
    .innerJoin('gateway_account', 'gateway_account.id', 'payment.account_id')
    .selectAll('payment')
    .select(['business.name as business', 'gateway_account.label as account'])
    .where('payment.ref', '=', ref)
    .executeTakeFirst();
}

function readAttempts(db: Database, id: PaymentId) {
  return db.selectFrom('attempt').selectAll().where('payment_id', '=', id).orderBy('number').execute();
}
type AttemptRow = Awaited<ReturnType<typeof readAttempts>>[number];

function readEvidence(db: Database, id: PaymentId) {
  return db
    .selectFrom('evidence')
    .innerJoin('attempt', 'attempt.id', 'evidence.attempt_id')
    .selectAll('evidence')
    .where('attempt.payment_id', '=', id)
    .orderBy('evidence.id')
    .execute();
}
type EvidenceRow = Awaited<ReturnType<typeof readEvidence>>[number];

function readSms(db: Database, id: PaymentId) {
  return db
    .selectFrom('sms')
    .leftJoin('gateway_account', 'gateway_account.id', 'sms.account_id')
    .selectAll('sms')
    .select('gateway_account.label as account')
    .where('payment_id', '=', id)
    .orderBy('sms.created_at')
    .orderBy('kind')
    .execute();
}
type SmsRow = Awaited<ReturnType<typeof readSms>>[number];

function readSteps(db: Database, id: PaymentId) {
  return db.selectFrom('event').selectAll().where('payment_id', '=', id).orderBy('id').execute();
}

function readAnswers(db: Database, id: PaymentId) {
  return db
    .selectFrom('customer_answer')
    .select(['answer', 'at', 'decided_at'])
    .where('payment_id', '=', id)
    .orderBy('at', 'desc')
    .execute();
}

function showAttempt(row: AttemptRow): ShownAttempt {
  return {
    number: row.number,
    reference: row.reference,
    state: row.state,
    reason: row.reason,
    rawCode: row.raw_code,
    detail: maskTail(row.detail),
    amountCents: Number(row.amount_cents),
    correlationId: maskTail(row.correlation_id),
    requestId: maskTail(row.request_id),
    receipt: row.receipt,
    receiptFinal: row.receipt_final,
    queuedAt: row.queued_at.toISOString(),
    sentAt: iso(row.sent_at),
    endedAt: iso(row.ended_at),
    nextCheckAt: iso(row.next_check_at),
  };
}

function showEvidence(row: EvidenceRow, numberOf: (id: string | null) => number | null): ShownEvidence {
  return {
    at: row.seen_at.toISOString(),
    attempt: numberOf(row.attempt_id),
    source: row.source,
    trust: row.trust,
    verdict: row.verdict,
    amountCents: row.amount_cents === null ? null : Number(row.amount_cents),
    receipt: row.receipt,
    reason: row.reason,
    rawCode: row.raw_code,
    effect: row.effect,
  };
}

function showSms(row: SmsRow): ShownSms {
  return {
    to: row.kind,
    phone: row.phone_masked,
    state: row.state,
    reason: row.reason,
    detail: row.detail,
    account: row.account,
    reference: row.reference,
    messageId: row.message_id,
    parts: row.parts,
    costCents: row.cost_cents === null ? null : Number(row.cost_cents),
    createdAt: row.created_at.toISOString(),
    endedAt: iso(row.ended_at),
  };
}

function maskTail(text: string | null): string | null {
  return text === null ? null : maskPhoneIn(text);
}

function iso(at: Date | null): string | null {
  return at === null ? null : at.toISOString();
}
