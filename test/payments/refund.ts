/** Money given back of a payment, as a paid refund leaves it: a payout and its row in the ledger. */
import type { Database, Tx } from '../../src/db/tables.ts';
import type { Vault } from '../../src/db/vault.ts';
import type { Clock } from '../../src/domain/clock.ts';
import type { PaymentId } from '../../src/domain/ids.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { Random } from '../../src/domain/random.ts';
import { audit } from '../../src/ops/audit.ts';
import { draftPayout } from '../../src/payouts/draft.ts';

/** `state`: what became of the payout afterwards. */
export async function giveBack(
  db: Database,
  deps: { readonly vault: Vault; readonly clock: Clock; readonly random: Random },
  of: PaymentId,
  cents: bigint,
  state: 'paid' | 'reversed' = 'paid',
): Promise<void> {
  await db.transaction().execute(async (tx: Tx) => {
    const money = await tx
      .selectFrom('ledger')
      .innerJoin('payment', 'payment.id', 'ledger.payment_id')
      .selectAll('ledger')
      .select('payment.requested_by')
      .where('ledger.payment_id', '=', of)
      .where('direction', '=', 'in')
      .executeTakeFirstOrThrow();
    const { id: _, requested_by: requestedBy, ...row } = money;
    const payoutId = await draftPayout(tx, deps as never, {
      businessId: row.business_id,
      accountId: row.account_id,
      requestedBy,
      amountCents: cents,
      chargeCents: 0n,
      msisdn: '254712345678' as Msisdn,
      payeeName: null,
      note: 'refund',
      refundOf: of,
    });
    await tx.updateTable('payout').set({ state }).where('id', '=', payoutId).execute();
    await tx
      .insertInto('ledger')
      .values({
        ...row,
        direction: 'out',
        amount_cents: cents,
        receipt: null,
        attempt_id: null,
        payout_id: payoutId,
      })
      .execute();
    const now = deps.clock.now();
    await audit(tx, now, row.business_id, null, 'payout_evidence', { payout: payoutId, entry: 'post' });
  });
}
