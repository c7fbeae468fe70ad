/**
 * What no look-up can prove, an owner or manager marks after comparing the gateway's statement. A mark is evidence of a
 * person: it goes through the same settlement, and later evidence of the gateway still counts.
 */
import type { Tx } from '../db/tables.ts';
import type { AttemptId, IdentityId, PaymentId } from '../domain/ids.ts';
import type { Effect, Receipt } from '../domain/payment.ts';
import { noIds } from '../gateways/gateway.ts';
import type { PaymentDeps } from './context.ts';
import { recordEvent } from './events.ts';
import { refreshPayment } from './refresh.ts';
import { settle } from './settle.ts';

/** What puts a payment into a person's hands by evidence. */
const doubts = [
  'amount_differs',
  'phone_differs',
  'receipt_used',
  'unmapped',
] as const satisfies readonly Effect[];

export type Marked =
  | { readonly kind: 'marked' }
  /** Somebody or something decided it meanwhile. */
  | { readonly kind: 'not_open' }
  | { readonly kind: 'receipt_used'; readonly ref: string };

interface Open {
  readonly paymentId: PaymentId;
  readonly attemptId: AttemptId;
  readonly accountId: Parameters<typeof settle>[2]['accountId'];
}

/** The attempt that is in doubt: the one whose evidence raised it, otherwise the last one that is not paid. */
async function openAttempt(tx: Tx, paymentId: PaymentId): Promise<Open | null> {
  const payment = await tx
    .selectFrom('payment')
    .select(['state', 'account_id'])
    .where('id', '=', paymentId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  if (payment.state !== 'review') return null;
  const attempt = await tx
    .selectFrom('attempt')
    .leftJoin('evidence', (join) =>
      join.onRef('evidence.attempt_id', '=', 'attempt.id').on('evidence.effect', 'in', doubts),
    )
    .select(['attempt.id', 'attempt.account_id'])
    .where('attempt.payment_id', '=', paymentId)
    .where('attempt.state', '!=', 'paid')
    .orderBy('evidence.id', (order) => order.desc().nullsLast())
    .orderBy('attempt.number', 'desc')
    .executeTakeFirst();
  if (attempt === undefined) return null;
  return { paymentId, attemptId: attempt.id, accountId: attempt.account_id };
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
  if (open === null) return { kind: 'not_open' };
  const usedFor = await receiptOwner(tx, open.accountId, receipt, open.attemptId);
  if (usedFor !== null) return { kind: 'receipt_used', ref: usedFor };
  await clearFlag(tx, paymentId);
  await mark(tx, deps, open, by, 'paid', { number: receipt, final: true });
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
  await clearFlag(tx, paymentId);
  await mark(tx, deps, open, by, 'failed', null);
  await recordEvent(tx, deps.clock.now(), paymentId, open.attemptId, 'marked', { as: 'not_paid' });
  return { kind: 'marked' };
}

/** Two payments of one request, or evidence against a paid one: the person has seen it, and it stands as it is. */
export async function keepAsIs(tx: Tx, deps: PaymentDeps, paymentId: PaymentId): Promise<Marked> {
  const kept = await tx
    .updateTable('payment')
    .set({ flag: null })
    .where('id', '=', paymentId)
    .where('state', '=', 'paid')
    .where('flag', 'is not', null)
    .executeTakeFirst();
  if (kept.numUpdatedRows === 0n) return { kind: 'not_open' };
  await recordEvent(tx, deps.clock.now(), paymentId, null, 'marked', { as: 'kept' });
  await refreshPayment(tx, deps, paymentId);
  return { kind: 'marked' };
}

async function receiptOwner(
  tx: Tx,
  accountId: Open['accountId'],
  receipt: string,
  exceptAttempt: AttemptId,
): Promise<string | null> {
  const row = await tx
    .selectFrom('ledger')
    .innerJoin('payment', 'payment.id', 'ledger.payment_id')
    .select('payment.ref')
    .where('ledger.account_id', '=', accountId)
    .where('ledger.direction', '=', 'in')
    .where('ledger.receipt', '=', receipt)
    .where('ledger.attempt_id', 'is distinct from', exceptAttempt)
    .executeTakeFirst();
  return row?.ref ?? null;
}

async function clearFlag(tx: Tx, paymentId: PaymentId): Promise<void> {
  await tx.updateTable('payment').set({ flag: null }).where('id', '=', paymentId).execute();
}

async function mark(
  tx: Tx,
  deps: PaymentDeps,
  open: Open,
  by: IdentityId,
  verdict: 'paid' | 'failed',
  receipt: Receipt | null,
  acceptedCents?: bigint,
): Promise<void> {
  await settle(tx, deps, {
    accountId: open.accountId,
    source: 'person',
    trust: 'person',
    attemptHint: open.attemptId,
    inboxId: null,
    byIdentity: by,
    ...(acceptedCents !== undefined && { acceptedCents }),
    evidence: {
      verdict,
      ids: noIds,
      reference: null,
      amountCents: null,
      receipt,
      msisdn: null,
      reason: verdict === 'failed' ? 'marked_not_paid' : null,
      rawCode: '',
    },
  });
  await refreshPayment(tx, deps, open.paymentId);
}

/** Accepts the amount that M-Pesa shows instead of the one asked: the ledger holds what really came. */
export async function acceptAmount(
  tx: Tx,
  deps: PaymentDeps,
  paymentId: PaymentId,
  by: IdentityId,
): Promise<Marked> {
  const open = await openAttempt(tx, paymentId);
  if (open === null) return { kind: 'not_open' };
  const told = await tx
    .selectFrom('evidence')
    .select(['amount_cents', 'receipt', 'receipt_final'])
    .where('attempt_id', '=', open.attemptId)
    .where('verdict', '=', 'paid')
    .where('effect', '=', 'amount_differs')
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (told?.amount_cents == null || told.receipt === null) return { kind: 'not_open' };
  const receipt = { number: told.receipt, final: told.receipt_final === true };
  const usedFor = await receiptOwner(tx, open.accountId, told.receipt, open.attemptId);
  if (usedFor !== null) return { kind: 'receipt_used', ref: usedFor };
  await clearFlag(tx, paymentId);
  await mark(tx, deps, open, by, 'paid', receipt, told.amount_cents);
  await recordEvent(tx, deps.clock.now(), paymentId, open.attemptId, 'marked', {
    as: 'accepted',
    amountCents: Number(told.amount_cents),
  });
  return { kind: 'marked' };
}
