/** Through which account a payment is asked, while nothing of it is on its way: a person chooses, the program never does. */
import type { Tx } from '../db/tables.ts';
import type { PaymentId } from '../domain/ids.ts';
import { isOver } from '../domain/payment.ts';
import type { PaymentDeps } from './context.ts';
import { type AccountChoice, accountChoices } from './default-account.ts';
import { recordEvent } from './events.ts';

/** The account after the payment's own among those that take prompts; null: there is no other. */
export async function nextAccount(
  tx: Tx,
  payment: { readonly business_id: Parameters<typeof accountChoices>[1]; readonly account_id: string },
): Promise<AccountChoice | null> {
  const choices = await accountChoices(tx, payment.business_id);
  const active = choices.filter((choice) => choice.active);
  const at = active.findIndex(({ id }) => id === payment.account_id);
  const next = active[(at + 1) % active.length];
  return next === undefined || next.id === payment.account_id ? null : next;
}

/** Asks through the next account. false: a prompt of it may be on its way, or there is no other account. */
export async function switchAccount(tx: Tx, deps: PaymentDeps, id: PaymentId): Promise<boolean> {
  const payment = await tx
    .selectFrom('payment')
    .select(['business_id', 'account_id', 'stopped', 'flag'])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const attempts = await tx.selectFrom('attempt').select('state').where('payment_id', '=', id).execute();
  if (payment.stopped || payment.flag !== null || !attempts.every(({ state }) => isOver(state))) return false;
  const next = await nextAccount(tx, payment);
  if (next === null) return false;
  const now = deps.clock.now();
  await tx
    .updateTable('payment')
    .set({ account_id: next.id, updated_at: now })
    .where('id', '=', id)
    .execute();
  await recordEvent(tx, now, id, null, 'changed', { account: next.name });
  return true;
}
