/** The payment's own row, recomputed from its attempts. */
import type { Tx } from '../db/tables.ts';
import type { AttemptId, PaymentId } from '../domain/ids.ts';
import { type Flag, paymentState } from '../domain/payment.ts';
import type { PaymentDeps } from './context.ts';
import { decide, doubtEvidence, nextDoubt } from './doubt.ts';
import { otherUse } from './links.ts';

export interface News {
  readonly flag: Flag | null;
  /** Money came in with this change. */
  readonly credited: boolean;
  /** The attempt whose outcome this change proved, which lifts a doubt about it. */
  readonly proved: AttemptId | null;
  readonly toldBefore: string | null;
}
const noNews: News = { flag: null, credited: false, proved: null, toldBefore: null };

/**
 * Recomputes what the payment is from its attempts, and has everybody who holds a card told. A second payment of the same
 * thing, by another prompt or by the same once-link, outranks the other doubts: it is money that somebody may have to give
 * back, and the evidence of another doubt waits until a person has seen it.
 */
export async function refreshPayment(
  tx: Tx,
  deps: PaymentDeps,
  paymentId: PaymentId,
  news: News = noNews,
): Promise<void> {
  const payment = await tx
    .selectFrom('payment')
    .select(['id', 'flag', 'stopped', 'told_before', 'link_id'])
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow();
  const attempts = await tx
    .selectFrom('attempt')
    .select(['state', 'reason'])
    .where('payment_id', '=', paymentId)
    .orderBy('number')
    .execute();
  const paid = attempts.filter(({ state }) => state === 'paid').length;
  if (news.proved !== null) await decide(tx, news.proved, ['unmapped'], deps.clock.now());
  const open = attempts.some(({ state }) => state === 'prompted' || state === 'unknown');
  const lifted = news.proved !== null && (await isLifted(tx, paymentId, payment.flag, open));
  const standing = lifted ? await nextDoubt(tx, paymentId, deps.clock.now()) : payment.flag;
  const twice = news.credited && (paid > 1 || (await otherUse(tx, payment)) === 'paid');
  const flag = twice || standing === 'twice' ? 'twice' : (news.flag ?? standing);
  await tx
    .updateTable('payment')
    .set((eb) => ({
      state: paymentState(attempts, flag, payment.stopped),
      flag,
      reason: paid > 0 ? null : (attempts.at(-1)?.reason ?? null),
      told_before: news.toldBefore ?? payment.told_before,
      updated_at: deps.clock.now(),
      ...(news.credited && { paid_at: eb.fn.coalesce('paid_at', eb.val(deps.clock.now())) }),
    }))
    .where('id', '=', paymentId)
    .execute();
  await deps.tell.payment(tx, paymentId);
}

/** Proof of one attempt says nothing about another one that nobody has proved. `open`: there is one. */
async function isLifted(tx: Tx, paymentId: PaymentId, flag: Flag | null, open: boolean): Promise<boolean> {
  if (flag === 'unproved') return !open;
  return flag === 'unmapped' && (await doubtEvidence(tx, paymentId, flag))?.decided_at != null;
}
