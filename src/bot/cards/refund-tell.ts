/** A refund is told on its own card and on the payment's, whose receipt page shows it too. */
import type { Tx } from '../../db/tables.ts';
import type { PaymentId } from '../../domain/ids.ts';
import { audit } from '../../ops/audit.ts';
import type { PaymentDeps } from '../../payments/context.ts';
import { keepAsIs } from '../../payments/review.ts';
import type { PayoutTell } from '../../payouts/context.ts';
import { refundsOf } from '../../payouts/refund.ts';

export function withRefunds(inner: PayoutTell, deps: PaymentDeps): PayoutTell {
  return {
    ...inner,
    async payout(tx, id) {
      await inner.payout(tx, id);
      const { refund_of, state } = await tx
        .selectFrom('payout')
        .select(['refund_of', 'state'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      if (refund_of === null || !(await holdsPayment(tx, refund_of))) return;
      if (state === 'paid') await settleTwice(tx, deps, refund_of);
      await deps.tell.payment(tx, refund_of);
    },
  };
}

/**
 * Whoever changes a refund has locked its payment before it, so that what is shown is what is so. Who only draws cards anew
 * has not, and must not wait for it here; where somebody else holds it, they show it.
 */
async function holdsPayment(tx: Tx, id: PaymentId): Promise<boolean> {
  const held = await tx
    .selectFrom('payment')
    .select('id')
    .where('id', '=', id)
    .forNoKeyUpdate()
    .skipLocked()
    .executeTakeFirst();
  return held !== undefined;
}

/** "Paid twice" is settled once so much has gone back, provably, that no more than one payment is left. */
async function settleTwice(tx: Tx, deps: PaymentDeps, id: PaymentId): Promise<void> {
  const payment = await tx
    .selectFrom('payment')
    .select(['business_id', 'flag', 'amount_cents'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (payment.flag !== 'twice') return;
  const credits = await tx
    .selectFrom('ledger')
    .select('amount_cents')
    .where('payment_id', '=', id)
    .where('direction', '=', 'in')
    .execute();
  const sum = (rows: readonly bigint[]): bigint => rows.reduce((total, cents) => total + cents, 0n);
  const came = sum(credits.map(({ amount_cents }) => amount_cents));
  const back = sum((await refundsOf(tx, id)).map(({ amountCents }) => amountCents));
  // Of a link for one payment, the other one is a payment of its own.
  const stays = credits.length > 1 ? payment.amount_cents : 0n;
  if (came - back > stays) return;
  const kept = await keepAsIs(tx, deps, id);
  if (kept.kind === 'marked')
    await audit(tx, deps.clock.now(), payment.business_id, null, 'payment_marked', {
      payment: id,
      verdict: 'refunded',
    });
}
