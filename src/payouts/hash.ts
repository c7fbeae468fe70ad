/** What an approval is bound to, and the lock under which it is asked. */
import type { Tx } from '../db/tables.ts';
import type { PayoutId } from '../domain/ids.ts';
import { openPhone, sealedAs } from '../payments/context.ts';
import type { PayoutDeps } from './context.ts';
import type { PayoutRow } from './reserve.ts';

export async function lockPayout(tx: Tx, id: PayoutId): Promise<PayoutRow> {
  return tx.selectFrom('payout').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirstOrThrow();
}

/** A refund is decided under its payment's row, which comes before all others; nothing is locked yet. */
export async function lockRefunded(tx: Tx, id: PayoutId): Promise<void> {
  await tx
    .selectFrom('payment')
    .select('payment.id')
    .where('payment.id', '=', (eb) => eb.selectFrom('payout').select('refund_of').where('id', '=', id))
    .forNoKeyUpdate()
    .execute();
}

/** It is asked no more: no approval of it counts from here, and no card drawn of it before. The caller holds its row. */
export async function voidAsked(tx: Tx, { id, version }: PayoutRow, now: Date): Promise<void> {
  await tx
    .updateTable('payout')
    .set({
      state: 'void',
      version: version + 1,
      hash: null,
      expires_at: null,
      ended_at: now,
      updated_at: now,
    })
    .where('id', '=', id)
    .execute();
}

/** What an approval is bound to. The whole phone goes in, unsealed, so that no re-sealing can change it. */
export function payoutHash(
  deps: Pick<PayoutDeps, 'vault'>,
  payout: Pick<
    PayoutRow,
    | 'id'
    | 'business_id'
    | 'account_id'
    | 'amount_cents'
    | 'charge_cents'
    | 'phone_sealed'
    | 'reference'
    | 'batch_id'
    | 'refund_of'
    | 'round'
    | 'version'
  >,
): Buffer {
  const msisdn = openPhone(deps.vault, payout.phone_sealed, sealedAs.payoutPhone(payout.id));
  const bound = [
    payout.id,
    payout.business_id,
    payout.account_id,
    msisdn,
    String(payout.amount_cents),
    String(payout.charge_cents),
    payout.reference,
    payout.batch_id,
    payout.refund_of,
    payout.round,
    payout.version,
  ];
  return deps.vault.hmac('digest', `payout ${JSON.stringify(bound)}`);
}
