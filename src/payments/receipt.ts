/**
 * What a receipt says, and only of a payment that is proved paid. Pages and papers are shown to anybody, so that no whole
 * phone leaves this file.
 */
import type { Selectable } from 'kysely';
import type { AttemptTable, Locale, Tx } from '../db/tables.ts';
import { receiptFollowsSeconds } from '../domain/checks.ts';
import { type Clock, plusSeconds } from '../domain/clock.ts';
import type { PaymentId } from '../domain/ids.ts';
import { maskPhonesIn } from '../domain/msisdn.ts';
import type { Flag } from '../domain/payment.ts';

/** `under_review`: the money is proved, and a person must look at something about it. */
export type ReceiptStatus = 'paid' | 'under_review' | 'part_refunded' | 'refunded';

export interface ReceiptFacts {
  readonly status: ReceiptStatus;
  readonly business: { readonly name: string; readonly locale: Locale };
  readonly ref: string;
  /** What really came in, over all prompts of the payment. */
  readonly amountCents: bigint;
  readonly refundedCents: bigint;
  /** M-Pesa's own numbers, in the order of the prompts: one, unless the customer paid twice. */
  readonly numbers: readonly string[];
  /** Those of them that the gateway itself has not named: a person typed it, or the message was not signed. */
  readonly unconfirmed: readonly string[];
  /** The gateway still owes a number: it follows, or after some minutes the customer finds it in the M-Pesa SMS. */
  readonly owed: 'follows' | 'in_sms' | null;
  readonly paidAt: Date;
  /** `2547****678`. */
  readonly payer: string;
  /** May be empty. A phone written in it is masked. */
  readonly note: string;
  /** Where the money went, such as "Paybill 123456". */
  readonly gateway: string;
}

/** null: the payment is not proved paid, so there is no receipt. */
export async function loadReceipt(
  tx: Tx,
  deps: { readonly clock: Clock },
  paymentId: PaymentId,
): Promise<ReceiptFacts | null> {
  const payment = await tx
    .selectFrom('payment')
    .innerJoin('business', 'business.id', 'payment.business_id')
    .select(['payment.state', 'ref', 'flag', 'paid_at', 'phone_masked', 'note', 'name', 'locale'])
    .where('payment.id', '=', paymentId)
    .executeTakeFirst();
  const paid = await paidAttempts(tx, paymentId);
  const [first] = paid;
  if (payment?.state !== 'paid' || payment.paid_at === null || first === undefined) return null;
  const amountCents = paid.reduce(
    (sum, { paid_cents, amount_cents }) => sum + (paid_cents ?? amount_cents),
    0n,
  );
  const refundedCents = await refunded(tx, paymentId);
  return {
    status: statusOf(payment.flag, amountCents, refundedCents),
    business: { name: payment.name, locale: payment.locale },
    ref: payment.ref,
    amountCents,
    refundedCents,
    ...numbersOf(paid, payment.paid_at, deps.clock.now()),
    paidAt: payment.paid_at,
    payer: payment.phone_masked,
    note: maskPhonesIn(payment.note),
    gateway: first.label,
  };
}

function paidAttempts(tx: Tx, paymentId: PaymentId) {
  return tx
    .selectFrom('attempt')
    .innerJoin('gateway_account', 'gateway_account.id', 'attempt.account_id')
    .select(['amount_cents', 'paid_cents', 'receipt', 'receipt_final', 'receipt_trust', 'label'])
    .where('payment_id', '=', paymentId)
    .where('attempt.state', '=', 'paid')
    .orderBy('number')
    .execute();
}

/** In cents. A refund that M-Pesa took back did not reach the customer. */
export async function refunded(tx: Tx, paymentId: PaymentId): Promise<bigint> {
  const rows = await tx
    .selectFrom('ledger')
    .innerJoin('payout', 'payout.id', 'ledger.payout_id')
    .select('ledger.amount_cents')
    .where('ledger.payment_id', '=', paymentId)
    .where('ledger.direction', '=', 'out')
    .where('payout.state', '=', 'paid')
    .execute();
  return rows.reduce((sum, { amount_cents }) => sum + amount_cents, 0n);
}

function statusOf(flag: Flag | null, amountCents: bigint, refundedCents: bigint): ReceiptStatus {
  if (flag !== null) return 'under_review';
  if (refundedCents === 0n) return 'paid';
  return refundedCents < amountCents ? 'part_refunded' : 'refunded';
}

type Numbered = Pick<Selectable<AttemptTable>, 'receipt' | 'receipt_final' | 'receipt_trust'>;

/** A number stays unconfirmed until the gateway itself names it. */
export function isUnconfirmed({ receipt_trust: trust }: Pick<Numbered, 'receipt_trust'>): boolean {
  return trust === 'person' || trust === 'accepted_unsigned';
}

/** A stand-in of the gateway is no receipt number. */
function numbersOf(
  paid: readonly Numbered[],
  paidAt: Date,
  now: Date,
): Pick<ReceiptFacts, 'numbers' | 'unconfirmed' | 'owed'> {
  const named = paid.flatMap(({ receipt, receipt_final, ...row }) =>
    receipt !== null && receipt_final === true ? [{ receipt, unconfirmed: isUnconfirmed(row) }] : [],
  );
  const numbers = named.map(({ receipt }) => receipt);
  const unconfirmed = named.flatMap(({ receipt, unconfirmed }) => (unconfirmed ? [receipt] : []));
  const late = now >= plusSeconds(paidAt, receiptFollowsSeconds);
  if (numbers.length === paid.length) return { numbers, unconfirmed, owed: null };
  return { numbers, unconfirmed, owed: late ? 'in_sms' : 'follows' };
}
