import { type Selectable, sql } from 'kysely';
import type { AttemptTable, BusinessTable, EvidenceTable, PaymentTable, Tx } from '../../db/tables.ts';
import type { Vault } from '../../db/vault.ts';
import type { IdentityId, PaymentId } from '../../domain/ids.ts';
import type { Msisdn } from '../../domain/msisdn.ts';
import type { PaymentState } from '../../domain/payment.ts';
import { openPhone, sealedAs } from '../../payments/context.ts';
import { customerAnswers, type SaidByCustomer } from '../../payments/customer-answers.ts';
import { accountChoices } from '../../payments/default-account.ts';
import { doubtEvidence } from '../../payments/doubt.ts';
import { linkedTo } from '../../payments/phone-links.ts';
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
  /** Who linked the phone in a chat. Empty where nothing is told to customers: only of what is prompted or paid. */
  readonly linked: readonly IdentityId[];
  /** What went back to the customer, oldest first. */
  readonly refunds: readonly Refund[];
  /** What may still be asked to go back. Cents. */
  readonly refundableCents: bigint;
}

/** `locked`: the payment's row is locked first, and what is read is what is so until the transaction ends. */
export async function loadPaymentView(
  tx: Tx,
  vault: Vault,
  id: PaymentId,
  how: 'read' | 'locked' = 'read',
): Promise<PaymentView> {
  const { requester_name: name, ...payment } = await tx
    .selectFrom('payment')
    .innerJoin('identity', 'identity.id', 'payment.requested_by')
    .selectAll('payment')
    .select('identity.name as requester_name')
    .where('payment.id', '=', id)
    .$if(how === 'locked', (query) => query.forNoKeyUpdate('payment'))
    .executeTakeFirstOrThrow();
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
  return {
    payment,
    business,
    attempts,
    requester: { name },
    msisdn: openPhone(vault, payment.phone_sealed, sealedAs.paymentPhone(id)),
    doubt: await doubtOf(tx, payment, attempts),
    linkTwin: await linkTwinOf(tx, payment),
    via: await viaOf(tx, payment),
    linked:
      payment.state === 'paid' || payment.state === 'prompted' ? await linkedTo(tx, payment.phone_hmac) : [],
    ...(payment.state === 'paid' ? await sincePaid(tx, id) : nothingSince),
  };
}

type SincePaid = Pick<PaymentView, 'customer' | 'refunds' | 'refundableCents'>;
const nothingSince: SincePaid = { customer: [], refunds: [], refundableCents: 0n };

/** Most payments are neither answered nor given back: one question finds that out. */
async function sincePaid(tx: Tx, id: PaymentId): Promise<SincePaid> {
  const { rows } = await sql<{ answered: boolean; back: boolean; cents: bigint }>`
    select exists (select from customer_answer where payment_id = ${id}) as answered,
      exists (select from payout where refund_of = ${id}) as back,
      coalesce((select sum(amount_cents) from ledger where payment_id = ${id} and direction = 'in'), 0)::bigint as cents`.execute(
    tx,
  );
  const [since] = rows;
  return {
    customer: since?.answered === false ? [] : await customerAnswers(tx, id),
    refunds: since?.back === false ? [] : await refundsOf(tx, id),
    refundableCents: since?.back === false ? since.cents : await refundable(tx, id),
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

/** Where a prompt is out, or the money is in, nobody chooses where it goes any more. */
const mayChooseAccount = {
  created: true,
  sending: false,
  prompted: false,
  paid: false,
  cancelled: true,
  failed: true,
  expired: true,
  unknown: false,
  review: false,
} as const satisfies Record<PaymentState, boolean>;

async function viaOf(tx: Tx, payment: Selectable<PaymentTable>): Promise<string | null> {
  if (!mayChooseAccount[payment.state]) return null;
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
