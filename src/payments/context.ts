import type { Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import type {
  AccountId,
  AttemptId,
  BatchId,
  BusinessId,
  FileId,
  IdentityId,
  LinkId,
  PaymentId,
  PayoutId,
} from '../domain/ids.ts';
import type { Msisdn } from '../domain/msisdn.ts';
import type { Random } from '../domain/random.ts';
import type { Logger } from '../ops/log.ts';

/** What is said about a payment is written in the transaction that made it true; who says it is wired in `app.ts`. */
export interface Tell {
  /** Every card of the payment shows what is so now; managers get one where a person must look. */
  payment(tx: Tx, paymentId: PaymentId): Promise<void>;
  /** The account cannot take prompts until somebody acts: owners and managers are told, once. */
  accountStopped(tx: Tx, accountId: AccountId): Promise<void>;
  /** The account's gateway does not answer: new prompts of it wait until then. */
  accountResting(tx: Tx, accountId: AccountId, until: Date): Promise<void>;
  /** Where the account lands its money is not what it was. `before`: null at the first look. */
  setupChanged(tx: Tx, accountId: AccountId, before: string | null, now: string): Promise<void>;
  /** Our own balance at the gateway was filled: owners are told, once for each. `cause`: names it. */
  toppedUp(
    tx: Tx,
    accountId: AccountId,
    topup: { readonly of: 'service' | 'float'; readonly amountCents: bigint; readonly cause: string },
  ): Promise<void>;
  /** What somebody asked for with /balance. `key`: of the question. */
  balances(
    tx: Tx,
    asked: {
      readonly identityId: IdentityId;
      readonly businessId: BusinessId;
      readonly key: string;
      /** Accounts whose gateway could tell a balance and did not answer. */
      readonly silent: readonly AccountId[];
    },
  ): Promise<void>;
  /** A customer asked for a prompt by a link: its maker gets the card, as for a request of their own. */
  askedByLink(tx: Tx, paymentId: PaymentId): Promise<void>;
  /** Money came that nobody asked for here (`unclaimed`); it is not proved. Owners and managers are told, once. */
  unasked(tx: Tx, unclaimedId: string): Promise<void>;
  /** The account was added: its business can ask for money now. */
  accountReady(tx: Tx, accountId: AccountId): Promise<void>;
}

export interface PaymentDeps {
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  readonly log: Logger;
  /** Where gateways and people reach us, without a trailing slash. */
  readonly publicUrl: string;
}

/** The row identities under which phones and tokens of a payment are sealed. */
export const sealedAs = {
  paymentPhone: (id: PaymentId) => `payment:${id}:phone`,
  attemptPhone: (id: AttemptId) => `attempt:${id}:phone`,
  attemptCallback: (id: AttemptId) => `attempt:${id}:callback`,
  accountConfig: (id: AccountId) => `gateway_account:${id}:config`,
  payoutPhone: (id: PayoutId) => `payout:${id}:phone`,
  payoutCallback: (id: PayoutId) => `payout:${id}:callback`,
  batchRow: (id: BatchId, number: number) => `payout_batch:${id}:${number}`,
  storedFile: (id: FileId) => `stored_file:${id}`,
  accountToken: (id: string) => `account_token:${id}`,
  accountAction: (id: string) => `account_action:${id}`,
  receiptPage: (id: PaymentId) => `receipt_page:${id}`,
  payLink: (id: LinkId) => `pay_link:${id}`,
  merchantSmsPhone: (id: BusinessId) => `business:${id}:merchant_sms_phone`,
  accountCallback: (id: AccountId) => `gateway_account:${id}:callback`,
} as const;

export function openPhone(vault: Vault, sealed: Buffer, identity: string): Msisdn {
  return vault.open(sealed, identity) as Msisdn;
}
