/** Through whom an SMS of a business goes. */
import { sql } from 'kysely';
import type { PaymentTable, Tx } from '../db/tables.ts';
import type { AccountId } from '../domain/ids.ts';
import type { Gateways } from './gateways.ts';

export type SmsCarrier =
  /** null: the program's own SMS. */
  { readonly kind: 'account'; readonly id: AccountId | null } | { readonly kind: 'no_account' | 'never' };

/**
 * The payment's own account where its gateway sends SMS, otherwise another active one of the business, otherwise the
 * program itself. no_account: those that send are stopped.
 */
export async function smsCarrier(
  tx: Tx,
  gateways: Gateways,
  payment: Pick<PaymentTable, 'business_id' | 'account_id'>,
): Promise<SmsCarrier> {
  const found = await accountThatSends(tx, gateways, payment);
  return found.kind !== 'account' && gateways.ownSms !== undefined ? { kind: 'account', id: null } : found;
}

async function accountThatSends(
  tx: Tx,
  gateways: Gateways,
  payment: Pick<PaymentTable, 'business_id' | 'account_id'>,
): Promise<SmsCarrier> {
  const accounts = await tx
    .selectFrom('gateway_account')
    .select(['id', 'state'])
    .where('business_id', '=', payment.business_id)
    .orderBy(sql`state = 'active'`, 'desc')
    .orderBy(sql`id = ${payment.account_id}`, 'desc')
    .orderBy('created_at')
    .execute();
  for (const { id, state } of accounts) {
    // One that does not open sends nothing; who submits prompts says so in the log.
    const gateway = await gateways.open(tx, id).catch(() => null);
    if (gateway?.sms !== undefined)
      return state === 'active' ? { kind: 'account', id } : { kind: 'no_account' };
  }
  return { kind: 'never' };
}
