/** The withdrawal charge on a draft's card: what a press adds, or takes off again. Pure. */
import { payoutMaxCents } from '../../domain/payout.ts';
import { withdrawalCharge } from '../../domain/tariff.ts';
import type { PayoutView } from './payout-view.ts';

export type ChargeAction = 'charge' | 'no-charge';

export interface ChargeOffer {
  readonly action: ChargeAction;
  /** What is added or taken off. Cents. */
  readonly charge: bigint;
  /** What the payout is then. Cents. */
  readonly amount: bigint;
}

/** Of a draft. null: nobody withdraws such a sum, M-Pesa sends no more than that, or it is a refund. */
export function chargeOffer({ payout }: Pick<PayoutView, 'payout'>): ChargeOffer | null {
  const { amount_cents, charge_cents, refund_of, batch_id } = payout;
  if (refund_of !== null || batch_id !== null) return null;
  if (charge_cents > 0n)
    return { action: 'no-charge', charge: charge_cents, amount: amount_cents - charge_cents };
  const charge = withdrawalCharge(amount_cents);
  if (charge === null || amount_cents + charge > payoutMaxCents) return null;
  return { action: 'charge', charge, amount: amount_cents + charge };
}
