/** How much of a payment may still be given back. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { PaymentId, PayoutId } from '../domain/ids.ts';
import { mayHaveGone } from './moved.ts';
import type { PayoutRow } from './reserve.ts';

/**
 * What came in, less what went back or may have: refunds that are waiting, approved, under way, paid or in doubt. Cents; the
 * caller holds the payment's row where money depends on it. `except`: the refund that is being decided.
 */
export async function refundable(
  tx: Tx,
  paymentId: PaymentId,
  except: PayoutId | null = null,
): Promise<bigint> {
  const { rows } = await sql<{ left: bigint }>`
    select (
      coalesce((select sum(amount_cents) from ledger where payment_id = ${paymentId} and direction = 'in'), 0)
      - coalesce((
          select sum(amount_cents - charge_cents) from payout
          where refund_of = ${paymentId} and id is distinct from ${except}
            and ${mayHaveGone('payout')}), 0)
    )::bigint as left`.execute(tx);
  return BigInt(rows[0]?.left ?? 0);
}

/** Whether what is asked or decided is a refund of no more than is left; what refunds nothing always is. */
export async function isRefundable(
  tx: Tx,
  payout: Pick<PayoutRow, 'id' | 'refund_of' | 'amount_cents' | 'charge_cents'>,
): Promise<boolean> {
  if (payout.refund_of === null) return true;
  return (await refundable(tx, payout.refund_of, payout.id)) >= payout.amount_cents - payout.charge_cents;
}
