/**
 * What no look-up can prove, an owner or manager marks after comparing the gateway's statement. A mark is evidence of a
 * person: it goes through the same settlement, and later evidence of the gateway still counts.
 */
import type { Selectable } from 'kysely';
import type { EvidenceTable, Tx } from '../db/tables.ts';
import type { AttemptId, IdentityId, PaymentId } from '../domain/ids.ts';
import type { Flag, Reason, Receipt } from '../domain/payment.ts';
import { noIds } from '../gateways/gateway.ts';
import type { PaymentDeps } from './context.ts';
import { closeCustomerDoubts, decide, doubtEvidence, doubts, nextDoubt } from './doubt.ts';
import { recordEvent } from './events.ts';
import { lockReceipt } from './evidence.ts';
import { refreshPayment } from './refresh.ts';
import { settle } from './settle.ts';

export type Marked =
  | { readonly kind: 'marked' }
  /** Somebody or something decided it meanwhile. */
  | { readonly kind: 'not_open' }
  /** `ref`: of the payment that has it; null: one of another business, which is not named. */
  | { readonly kind: 'receipt_used'; readonly ref: string | null };

interface Open {
  readonly paymentId: PaymentId;
  readonly attemptId: AttemptId;
  readonly accountId: Parameters<typeof settle>[2]['accountId'];
  readonly flag: Flag;
  /** null: the flag follows from the attempts alone. */
  readonly evidence: Selectable<EvidenceTable> | null;
}

/** The unpaid attempt that the flag is about. null: nothing is flagged, or what is flagged has been paid. */
async function openAttempt(tx: Tx, paymentId: PaymentId): Promise<Open | null> {
  const payment = await tx
    .selectFrom('payment')
    .select('flag')
    .where('id', '=', paymentId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const { flag } = payment;
  if (flag === null) return null;
  const evidence = await doubtEvidence(tx, paymentId, flag);
  if (flag !== 'unproved' && evidence === null) return null;
  const attempt = await tx
    .selectFrom('attempt')
    .select(['id', 'account_id'])
    .where('payment_id', '=', paymentId)
    .where('state', '!=', 'paid')
    .$if(flag === 'unproved', (query) => query.where('state', 'in', ['prompted', 'unknown']))
    .$if(evidence !== null, (query) => query.where('id', '=', evidence?.attempt_id ?? null))
    .orderBy('number', 'desc')
    .executeTakeFirst();
  if (attempt === undefined) return null;
  return { paymentId, attemptId: attempt.id, accountId: attempt.account_id, flag, evidence };
}

/** The flag is about an attempt that is not paid, so that a person can say what became of it. */
export async function canBeMarked(tx: Tx, paymentId: PaymentId): Promise<boolean> {
  return (await openAttempt(tx, paymentId)) !== null;
}

/** `receipt`: the M-Pesa code on the statement. */
export async function markPaid(
  tx: Tx,
  deps: PaymentDeps,
  paymentId: PaymentId,
  by: IdentityId,
  receipt: string,
): Promise<Marked> {
  const open = await openAttempt(tx, paymentId);
  // What came is known there, and it is not what was asked: only that amount can be taken.
  if (open === null || open.flag === 'amount_differs') return { kind: 'not_open' };
  const used = await receiptOwner(tx, receipt, open);
  if (used !== null) return { kind: 'receipt_used', ref: used.ref };
  await mark(tx, deps, open, by, { verdict: 'paid', receipt: { number: receipt, final: true } });
  await recordEvent(tx, deps.clock.now(), paymentId, open.attemptId, 'marked', { as: 'paid', receipt });
  return { kind: 'marked' };
}

export async function markNotPaid(
  tx: Tx,
  deps: PaymentDeps,
  paymentId: PaymentId,
  by: IdentityId,
): Promise<Marked> {
  const open = await openAttempt(tx, paymentId);
  if (open === null) return { kind: 'not_open' };
  const reason = open.flag === 'amount_differs' ? 'amount_refused' : 'marked_not_paid';
  await mark(tx, deps, open, by, { verdict: 'failed', reason });
  await recordEvent(tx, deps.clock.now(), paymentId, open.attemptId, 'marked', { as: 'not_paid' });
  return { kind: 'marked' };
}

/**
 * Two payments of one request, evidence against a paid one, or a customer who says that something is wrong: the person has
 * seen it, and it stands as it is.
 */
export async function keepAsIs(tx: Tx, deps: PaymentDeps, paymentId: PaymentId): Promise<Marked> {
  const payment = await tx
    .selectFrom('payment')
    .select(['state', 'flag'])
    .where('id', '=', paymentId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  if (payment.state !== 'paid' || payment.flag === null) return { kind: 'not_open' };
  if ((await openAttempt(tx, paymentId)) !== null) return { kind: 'not_open' };
  const evidence = await doubtEvidence(tx, paymentId, payment.flag);
  const now = deps.clock.now();
  if (evidence?.attempt_id != null) await decide(tx, evidence.attempt_id, [payment.flag], now);
  if (payment.flag === 'customer_says') await closeCustomerDoubts(tx, paymentId, now);
  await setNextFlag(tx, paymentId, now);
  await recordEvent(tx, now, paymentId, null, 'marked', { as: 'kept', flag: payment.flag });
  await refreshPayment(tx, deps, paymentId);
  return { kind: 'marked' };
}

/**
 * M-Pesa gives each code once, whichever account it came through: the whole ledger is asked. What a person of another
 * business typed does not count, or anybody could keep a shop from its own code.
 */
async function receiptOwner(
  tx: Tx,
  receipt: string,
  open: Pick<Open, 'paymentId' | 'attemptId'>,
): Promise<{ readonly ref: string | null } | null> {
  await lockReceipt(tx, receipt);
  const { business_id: own } = await tx
    .selectFrom('payment')
    .select('business_id')
    .where('id', '=', open.paymentId)
    .executeTakeFirstOrThrow();
  const row = await tx
    .selectFrom('ledger')
    .innerJoin('payment', 'payment.id', 'ledger.payment_id')
    .select(['payment.ref', 'payment.business_id'])
    .where('ledger.direction', '=', 'in')
    .where('ledger.receipt', '=', receipt)
    .where('ledger.attempt_id', 'is distinct from', open.attemptId)
    .where((eb) => eb.or([eb('payment.business_id', '=', own), eb('ledger.trust', '!=', 'person')]))
    .orderBy((eb) => eb('payment.business_id', '=', own), 'desc')
    .executeTakeFirst();
  if (row === undefined) return null;
  return { ref: row.business_id === own ? row.ref : null };
}

async function setNextFlag(tx: Tx, paymentId: PaymentId, now: Date): Promise<void> {
  const flag = await nextDoubt(tx, paymentId, now);
  await tx.updateTable('payment').set({ flag }).where('id', '=', paymentId).execute();
}

interface Mark {
  readonly verdict: 'paid' | 'failed';
  readonly receipt?: Receipt | null;
  readonly reason?: Reason;
  readonly acceptedCents?: bigint;
}

/** Everything that was in doubt about this attempt is decided by the mark; what is in doubt about another one stands. */
async function mark(tx: Tx, deps: PaymentDeps, open: Open, by: IdentityId, what: Mark): Promise<void> {
  const now = deps.clock.now();
  await decide(tx, open.attemptId, doubts, now);
  await tx.updateTable('payment').set({ flag: null }).where('id', '=', open.paymentId).execute();
  await settle(tx, deps, {
    accountId: open.accountId,
    source: 'person',
    trust: 'person',
    attemptHint: open.attemptId,
    inboxId: null,
    byIdentity: by,
    ...(what.acceptedCents !== undefined && { acceptedCents: what.acceptedCents }),
    evidence: {
      verdict: what.verdict,
      ids: noIds,
      reference: null,
      amountCents: null,
      receipt: what.receipt ?? null,
      msisdn: null,
      reason: what.reason ?? null,
      rawCode: '',
    },
  });
  const raised = await tx
    .selectFrom('payment')
    .select('flag')
    .where('id', '=', open.paymentId)
    .executeTakeFirstOrThrow();
  if (raised.flag === null) await setNextFlag(tx, open.paymentId, now);
  await refreshPayment(tx, deps, open.paymentId);
}

/**
 * Accepts the amount that M-Pesa shows instead of the one asked: the ledger holds what really came. `shownCents`: what the
 * person was asked about, and agreed to.
 */
export async function acceptAmount(
  tx: Tx,
  deps: PaymentDeps,
  paymentId: PaymentId,
  by: IdentityId,
  shownCents: bigint,
): Promise<Marked> {
  const open = await openAttempt(tx, paymentId);
  const told = open?.flag === 'amount_differs' ? open.evidence : null;
  if (open === null || told === null || told.amount_cents !== shownCents) return { kind: 'not_open' };
  const receipt = told.receipt === null ? null : { number: told.receipt, final: told.receipt_final === true };
  const used = receipt?.final === true ? await receiptOwner(tx, receipt.number, open) : null;
  if (used !== null) return { kind: 'receipt_used', ref: used.ref };
  await mark(tx, deps, open, by, { verdict: 'paid', receipt, acceptedCents: shownCents });
  await recordEvent(tx, deps.clock.now(), paymentId, open.attemptId, 'marked', {
    as: 'accepted',
    amountCents: Number(shownCents),
  });
  return { kind: 'marked' };
}
