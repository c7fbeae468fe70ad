/**
 * Money that customers sent by themselves, as C2B confirmations told it. It names no prompt of ours and settles nothing:
 * it is kept once per receipt, and people are told of what no payment here explains.
 */
import type { Tx } from '../db/tables.ts';
import { type AccountId, newId, type PaymentId } from '../domain/ids.ts';
import { maskMsisdn } from '../domain/msisdn.ts';
import type { PaymentState, Trust } from '../domain/payment.ts';
import type { UnaskedMoney } from '../gateways/gateway.ts';
import { audit } from '../ops/audit.ts';
import { receiptHash } from './audited.ts';
import type { PaymentDeps } from './context.ts';
import { lockReceipt } from './evidence.ts';

export interface UnaskedFinding {
  readonly accountId: AccountId;
  readonly trust: Trust;
  readonly inboxId: bigint | null;
  readonly money: UnaskedMoney;
}

/** known: its receipt was kept before. explained: it is a payment of ours that is paid or under way. */
export type Kept = 'known' | 'explained' | 'told';

export async function keepUnclaimed(tx: Tx, deps: PaymentDeps, finding: UnaskedFinding): Promise<Kept> {
  const { accountId, money } = finding;
  await lockReceipt(tx, money.receipt.number);
  const ours = await explaining(tx, finding);
  const now = deps.clock.now();
  const phone = money.msisdn === null ? null : deps.vault.hmac('phone', money.msisdn);
  const inserted = await tx
    .insertInto('unclaimed')
    .values({
      id: newId(deps.clock, deps.random) as string,
      account_id: accountId,
      receipt: money.receipt.number,
      amount_cents: money.amountCents,
      bill_reference: money.billReference,
      phone_hmac: phone,
      phone_masked: money.msisdn === null ? null : maskMsisdn(money.msisdn),
      payer_name: money.payerName,
      trust: finding.trust,
      inbox_id: finding.inboxId,
      seen_at: now,
      payment_id: ours?.id ?? null,
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'receipt']).doNothing())
    .returning((eb) => [
      'id',
      eb
        .selectFrom('gateway_account')
        .select('business_id')
        .where('gateway_account.id', '=', accountId)
        .$asScalar()
        .$notNull()
        .as('business'),
    ])
    .executeTakeFirst();
  if (inserted === undefined) return 'known';
  await audit(tx, now, inserted.business, null, 'unasked_came', {
    unasked: inserted.id,
    account: accountId,
    amountCents: Number(money.amountCents),
    payer: phone?.toString('hex') ?? null,
    receipt: receiptHash(deps.vault, money.receipt.number),
    trust: finding.trust,
    payment: ours?.id ?? null,
  });
  if (ours !== null && !isOver(ours.state)) return 'explained';
  await deps.tell.unasked(tx, inserted.id);
  return 'told';
}

/** Over without money, by all that was told: money that comes all the same is news. */
function isOver(state: PaymentState): boolean {
  return state === 'cancelled' || state === 'failed' || state === 'expired';
}

/**
 * M-Pesa confirms prompts of ours on this way too: under a receipt that the ledger holds, or with the reference of an
 * attempt as account number and its amount.
 */
async function explaining(
  tx: Tx,
  { accountId, money }: UnaskedFinding,
): Promise<{ id: PaymentId; state: PaymentState } | null> {
  const credited = await tx
    .selectFrom('ledger')
    .innerJoin('payment', 'payment.id', 'ledger.payment_id')
    .select(['payment.id', 'payment.state'])
    .where('ledger.account_id', '=', accountId)
    .where('ledger.direction', '=', 'in')
    .where('ledger.receipt', '=', money.receipt.number)
    .executeTakeFirst();
  if (credited !== undefined) return credited;
  const named = await tx
    .selectFrom('attempt')
    .innerJoin('payment', 'payment.id', 'attempt.payment_id')
    .select(['payment.id', 'payment.state'])
    .where('attempt.account_id', '=', accountId)
    .where('attempt.reference', '=', money.billReference.toUpperCase())
    .where('attempt.amount_cents', '=', money.amountCents)
    // A paid one's money came under another receipt: this would be a second one.
    .where('attempt.state', '!=', 'paid')
    .executeTakeFirst();
  return named ?? null;
}

/** A payment was proved under this receipt: the money is no longer without an owner. */
export async function claimUnasked(
  tx: Tx,
  accountId: AccountId,
  receipt: string,
  paymentId: PaymentId,
): Promise<void> {
  await tx
    .updateTable('unclaimed')
    .set({ payment_id: paymentId })
    .where('account_id', '=', accountId)
    .where('receipt', '=', receipt)
    .execute();
}
