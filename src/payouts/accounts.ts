/** Which account of a business pays out: the first that is in order and whose gateway can. */
import type { Tx } from '../db/tables.ts';
import type { AccountId, BusinessId } from '../domain/ids.ts';
import { payoutMaxCents, payoutMinCents } from '../domain/payout.ts';
import { accountChoices } from '../payments/default-account.ts';
import type { Gateways } from '../payments/gateways.ts';

export interface PayoutAccount {
  readonly id: AccountId;
  readonly label: string;
  /** What one payout may be, by M-Pesa and by the gateway. Cents. */
  readonly leastCents: bigint;
  readonly mostCents: bigint;
}

/** Opening reads the database only. null: no account of the business can pay out. */
export async function payoutAccount(
  tx: Tx,
  gateways: Gateways,
  businessId: BusinessId,
): Promise<PayoutAccount | null> {
  for (const { id, label, active } of await accountChoices(tx, businessId)) {
    if (!active) continue;
    // One that does not open pays nothing; who submits says so in the log.
    const payout = (await gateways.open(tx, id).catch(() => null))?.payout;
    if (payout === undefined) continue;
    return {
      id,
      label,
      leastCents: payout.leastCents > payoutMinCents ? payout.leastCents : payoutMinCents,
      mostCents: payout.mostCents < payoutMaxCents ? payout.mostCents : payoutMaxCents,
    };
  }
  return null;
}
