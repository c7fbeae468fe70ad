import type { Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import type { BatchId, BusinessId, PayoutId } from '../domain/ids.ts';
import type { Random } from '../domain/random.ts';
import type { Logger } from '../ops/log.ts';

/** What is said about payouts is written in the transaction that made it true; who says it is wired in `app.ts`. */
export interface PayoutTell {
  /** Every card of the payout shows what is so now; those who may approve, or must look, get one. */
  payout(tx: Tx, id: PayoutId): Promise<void>;
  batch(tx: Tx, id: BatchId): Promise<void>;
  /** Payouts were stopped or allowed again: owners and managers are told. */
  freeze(tx: Tx, id: BusinessId): Promise<void>;
}

/**
 * Lock order, everywhere: the payment that is refunded, the business, the batch, the payout, the card. Who needs two of
 * them takes them in this order.
 */
export interface PayoutDeps {
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly publicUrl: string;
  readonly tellPayout: PayoutTell;
}
