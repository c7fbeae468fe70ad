/** What of a payment went back, and what may still go. A refund is a payout to the phone that paid, with every rule of one. */
import type { Tx } from '../db/tables.ts';
import type { BusinessId, PaymentId, PayoutId } from '../domain/ids.ts';
import type { Msisdn } from '../domain/msisdn.ts';
import { openPhone, sealedAs } from '../payments/context.ts';
import type { PayoutDeps } from './context.ts';
import { refundable } from './refundable.ts';

export interface RefundBasis {
  readonly ref: string;
  readonly businessId: BusinessId;
  readonly msisdn: Msisdn;
  readonly payerName: string | null;
  readonly paidCents: bigint;
  /** Proved to have gone back. */
  readonly doneCents: bigint;
  /** What may still be asked for: refunds on their way are counted as gone. */
  readonly leftCents: bigint;
  /** What one of several payments of the same thing was; null: there was one. */
  readonly oneCents: bigint | null;
}

/** null: nothing of it was paid. */
export async function refundBasis(
  tx: Tx,
  deps: Pick<PayoutDeps, 'vault'>,
  id: PaymentId,
): Promise<RefundBasis | null> {
  const payment = await tx
    .selectFrom('payment')
    .select(['ref', 'business_id', 'phone_sealed', 'payer_name', 'state'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (payment.state !== 'paid') return null;
  const credits = await tx
    .selectFrom('ledger')
    .select('amount_cents')
    .where('payment_id', '=', id)
    .where('direction', '=', 'in')
    .orderBy('id')
    .execute();
  const done = await refundsOf(tx, id);
  return {
    ref: payment.ref,
    businessId: payment.business_id,
    msisdn: openPhone(deps.vault, payment.phone_sealed, sealedAs.paymentPhone(id)),
    payerName: payment.payer_name,
    paidCents: credits.reduce((sum, row) => sum + row.amount_cents, 0n),
    doneCents: done.reduce((sum, row) => sum + row.amountCents, 0n),
    leftCents: await refundable(tx, id),
    oneCents: credits.length > 1 ? (credits.at(-1)?.amount_cents ?? null) : null,
  };
}

export interface Refund {
  readonly id: PayoutId;
  readonly ref: string;
  readonly amountCents: bigint;
  readonly at: Date;
  /** M-Pesa's number, once the gateway named it. */
  readonly receipt: string | null;
}

/** The refunds that moved money and were not taken back by M-Pesa, oldest first. */
export async function refundsOf(tx: Tx, id: PaymentId): Promise<Refund[]> {
  const rows = await tx
    .selectFrom('payout')
    .select(['id', 'ref', 'amount_cents', 'paid_at', 'updated_at', 'receipt', 'receipt_final'])
    .where('refund_of', '=', id)
    .where('state', '=', 'paid')
    .orderBy('paid_at')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    ref: row.ref,
    amountCents: row.amount_cents,
    at: row.paid_at ?? row.updated_at,
    receipt: row.receipt_final === true ? row.receipt : null,
  }));
}
