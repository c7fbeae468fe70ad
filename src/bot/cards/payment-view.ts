import type { Selectable } from 'kysely';
import type { AttemptTable, BusinessTable, EvidenceTable, PaymentTable, Tx } from '../../db/tables.ts';
import type { Vault } from '../../db/vault.ts';
import type { PaymentId } from '../../domain/ids.ts';
import type { Msisdn } from '../../domain/msisdn.ts';
import { openPhone, sealedAs } from '../../payments/context.ts';
import { customerAnswers, type SaidByCustomer } from '../../payments/customer-answers.ts';
import { accountChoices } from '../../payments/default-account.ts';
import { doubtEvidence } from '../../payments/doubt.ts';
import { type Refund, refundsOf } from '../../payouts/refund.ts';
import { refundable } from '../../payouts/refundable.ts';

/** All that a card of a payment can show. */
export interface PaymentView {
  readonly payment: Selectable<PaymentTable>;
  readonly business: Selectable<BusinessTable>;
  /** Oldest first. */
  readonly attempts: readonly Selectable<AttemptTable>[];
  readonly msisdn: Msisdn;
  readonly requester: { readonly name: string | null };
  /** The evidence behind the flag, or behind an amount that a person did not take. */
  readonly doubt: Selectable<EvidenceTable> | null;
  /** What customers said about it: what nobody has closed first, then the newest. */
  readonly customer: readonly SaidByCustomer[];
  /** Flagged as paid twice: another paid payment of the same once-link, the newest one. */
  readonly linkTwin: { readonly ref: string; readonly cents: bigint } | null;
  /** Through which account it is asked, where there is another one that takes prompts. */
  readonly via: string | null;
  /** What went back to the customer, oldest first. */
  readonly refunds: readonly Refund[];
  /** What may still be asked to go back. Cents. */
  readonly refundableCents: bigint;
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
    doubt: await doubtOf(tx, payment, attempts),
    customer: payment.state === 'paid' ? await customerAnswers(tx, id) : [],
    linkTwin: await linkTwinOf(tx, payment),
    via: await viaOf(tx, payment),
    refunds: payment.state === 'paid' ? await refundsOf(tx, id) : [],
    refundableCents: payment.state === 'paid' ? await refundable(tx, id) : 0n,
  };
}

async function linkTwinOf(tx: Tx, payment: Selectable<PaymentTable>): Promise<PaymentView['linkTwin']> {
  if (payment.flag !== 'twice' || payment.link_id === null) return null;
  const twin = await tx
    .selectFrom('payment')
    .innerJoin('pay_link', 'pay_link.id', 'payment.link_id')
    .innerJoin('ledger', (join) =>
      join.onRef('ledger.payment_id', '=', 'payment.id').on('ledger.direction', '=', 'in'),
    )
    .select(({ fn }) => ['payment.ref', fn.sum<string>('ledger.amount_cents').as('cents')])
    .where('pay_link.id', '=', payment.link_id)
    .where('pay_link.once', '=', true)
    .where('payment.id', '!=', payment.id)
    .where('payment.state', '=', 'paid')
    .groupBy(['payment.id', 'payment.ref'])
    .orderBy('payment.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return twin === undefined ? null : { ref: twin.ref, cents: BigInt(twin.cents) };
}

async function viaOf(tx: Tx, payment: Selectable<PaymentTable>): Promise<string | null> {
  if (payment.state === 'paid') return null;
  const choices = await accountChoices(tx, payment.business_id);
  if (!choices.some(({ active, id }) => active && id !== payment.account_id)) return null;
  return choices.find(({ id }) => id === payment.account_id)?.label ?? null;
}

/** Where nothing is flagged, what a person did not take is still to be named. */
async function doubtOf(
  tx: Tx,
  payment: Pick<Selectable<PaymentTable>, 'id' | 'flag' | 'told_before'>,
  attempts: readonly Selectable<AttemptTable>[],
): Promise<PaymentView['doubt']> {
  if (payment.flag !== null) return doubtEvidence(tx, payment.id, payment.flag);
  const refused = [payment.told_before, ...attempts.map(({ reason }) => reason)].includes('amount_refused');
  return refused ? doubtEvidence(tx, payment.id, 'amount_differs') : null;
}
