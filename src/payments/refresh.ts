/** The payment's own row, recomputed from its attempts. */
import type { Tx } from '../db/tables.ts';
import type { PaymentId } from '../domain/ids.ts';
import { type Flag, paymentState } from '../domain/payment.ts';
import type { PaymentDeps } from './context.ts';

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
