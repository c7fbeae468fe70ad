import type { Selectable } from 'kysely';
import type { AttemptTable, BusinessTable, EvidenceTable, PaymentTable, Tx } from '../../db/tables.ts';
import type { Vault } from '../../db/vault.ts';
import type { PaymentId } from '../../domain/ids.ts';
import type { Msisdn } from '../../domain/msisdn.ts';
import { openPhone, sealedAs } from '../../payments/context.ts';

/** All that a card of a payment can show. */
export interface PaymentView {
  readonly payment: Selectable<PaymentTable>;
  readonly business: Selectable<BusinessTable>;
  /** Oldest first. */
  readonly attempts: readonly Selectable<AttemptTable>[];
  readonly msisdn: Msisdn;
  readonly requester: { readonly name: string | null };
  /** The evidence that put the payment under review, where one did. */
  readonly doubt: Selectable<EvidenceTable> | null;
}

export async function loadPaymentView(tx: Tx, vault: Vault, id: PaymentId): Promise<PaymentView> {
  const payment = await tx.selectFrom('payment').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const business = await tx
    .selectFrom('business')
    .selectAll()
    .where('id', '=', payment.business_id)
    .executeTakeFirstOrThrow();
  const attempts = await tx
    .selectFrom('attempt')
    .selectAll()
    .where('payment_id', '=', id)
    .orderBy('number')
    .execute();
  const requester = await tx
    .selectFrom('identity')
    .select('name')
    .where('id', '=', payment.requested_by)
    .executeTakeFirstOrThrow();
  return {
    payment,
    business,
    attempts,
    requester,
    msisdn: openPhone(vault, payment.phone_sealed, sealedAs.paymentPhone(id)),
    doubt: payment.flag === null ? null : await doubtOf(tx, id),
  };
}

async function doubtOf(tx: Tx, id: PaymentId): Promise<Selectable<EvidenceTable> | null> {
  const row = await tx
    .selectFrom('evidence')
    .innerJoin('attempt', 'attempt.id', 'evidence.attempt_id')
    .selectAll('evidence')
    .where('attempt.payment_id', '=', id)
    .where('effect', 'in', ['amount_differs', 'phone_differs', 'receipt_used', 'unmapped', 'contradiction'])
    .orderBy('evidence.id', 'desc')
    .executeTakeFirst();
  return row ?? null;
}
