/** What the customer says about a payment that is proved: kept, told to the shop, and never a reason to undo paid. */
import type { CustomerAnswerTable, Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { IdentityId, PaymentId } from '../domain/ids.ts';
import type { Flag } from '../domain/payment.ts';
import { auditPayment } from './audited.ts';
import type { PaymentDeps } from './context.ts';
import { nextDoubt } from './doubt.ts';
import { recordEvent } from './events.ts';
import { refreshPayment } from './refresh.ts';

export type CustomerAnswer = CustomerAnswerTable['answer'];
export const wrongAnswers = [
  'not_me',
  'amount',
  'goods',
  'other',
] as const satisfies readonly CustomerAnswer[];

/** Over all of a payment's answers: who goes back and forth without end is not heard each time. */
export const mostAnswers = 6;

export interface SaidByCustomer {
  readonly identityId: IdentityId;
  readonly answer: CustomerAnswer;
  readonly at: Date;
  /** When a member closed it; always null for `me`. */
  readonly decidedAt: Date | null;
}

/** Of each person the last answer: what nobody has closed first, then the newest. */
export async function customerAnswers(tx: Tx, paymentId: PaymentId): Promise<SaidByCustomer[]> {
  const rows = await tx
    .selectFrom('customer_answer')
    .selectAll()
    .where('payment_id', '=', paymentId)
    .orderBy((eb) => eb.and([eb('answer', '!=', 'me'), eb('decided_at', 'is', null)]), 'desc')
    .orderBy('at', 'desc')
    .execute();
  return rows.map((row) => ({
    identityId: row.identity_id,
    answer: row.answer,
    at: row.at,
    decidedAt: row.decided_at,
  }));
}

/** How often customers answered about this payment. */
export async function answersGiven(tx: Tx, paymentId: PaymentId): Promise<number> {
  const { given } = await tx
    .selectFrom('event')
    .select((eb) => eb.fn.countAll<bigint>().as('given'))
    .where('payment_id', '=', paymentId)
    .where('kind', '=', 'customer')
    .executeTakeFirstOrThrow();
  return Number(given);
}

/**
 * Keeps the answer in place of the person's last one; the time line has them all. A wrong opens a review, unless another
 * flag stands, behind which it waits; "It was me" takes the person's own doubt back. The caller holds the payment's row.
 */
export async function keepAnswer(
  tx: Tx,
  deps: PaymentDeps,
  about: { readonly paymentId: PaymentId; readonly identityId: IdentityId; readonly answer: CustomerAnswer },
): Promise<'kept' | 'not_now'> {
  const { paymentId, identityId, answer } = about;
  const payment = await tx
    .selectFrom('payment')
    .select(['state', 'flag'])
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow();
  if (payment.state !== 'paid' || (await answersGiven(tx, paymentId)) >= mostAnswers) return 'not_now';
  const now = deps.clock.now();
  const row = { answer, at: await laterThanLast(tx, about, now), decided_at: null };
  await tx
    .insertInto('customer_answer')
    .values({ payment_id: paymentId, identity_id: identityId, ...row })
    .onConflict((conflict) => conflict.columns(['payment_id', 'identity_id']).doUpdateSet(row))
    .execute();
  await recordEvent(tx, now, paymentId, null, 'customer', { answer });
  await auditPayment(tx, now, paymentId, identityId, 'payment_doubted', { answer });
  const flag = await flagAfter(tx, paymentId, payment.flag, answer, now);
  if (flag !== payment.flag)
    await tx.updateTable('payment').set({ flag }).where('id', '=', paymentId).execute();
  await refreshPayment(tx, deps, paymentId);
  return 'kept';
}

async function flagAfter(
  tx: Tx,
  paymentId: PaymentId,
  standing: Flag | null,
  answer: CustomerAnswer,
  now: Date,
): Promise<Flag | null> {
  if (standing === 'customer_says') return nextDoubt(tx, paymentId, now);
  return standing ?? (answer === 'me' ? null : 'customer_says');
}

/** The moment is also the version of what the buttons show: no two answers share it. */
async function laterThanLast(
  tx: Tx,
  about: { readonly paymentId: PaymentId; readonly identityId: IdentityId },
  now: Date,
): Promise<Date> {
  const last = await tx
    .selectFrom('customer_answer')
    .select('at')
    .where('payment_id', '=', about.paymentId)
    .where('identity_id', '=', about.identityId)
    .executeTakeFirst();
  return last === undefined || last.at < now ? now : plusSeconds(last.at, 0.001);
}
