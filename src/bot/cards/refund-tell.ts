/** A refund is told on its own card and on the payment's, whose receipt page shows it too. */
import type { Tx } from '../../db/tables.ts';
import type { Tell } from '../../payments/context.ts';
import type { PayoutTell } from '../../payouts/context.ts';

export function withRefunds(inner: PayoutTell, tell: Pick<Tell, 'payment'>): PayoutTell {
  return {
    ...inner,
    async payout(tx, id) {
      await inner.payout(tx, id);
      const { refund_of } = await tx
        .selectFrom('payout')
        .select('refund_of')
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      if (refund_of === null) return;
      await lockPayment(tx, refund_of);
      await tell.payment(tx, refund_of);
    },
  };
}

/** What is shown is what is so when the card is written. */
async function lockPayment(tx: Tx, id: NonNullable<Parameters<Tell['payment']>[1]>): Promise<void> {
  await tx.selectFrom('payment').select('id').where('id', '=', id).forNoKeyUpdate().execute();
}
