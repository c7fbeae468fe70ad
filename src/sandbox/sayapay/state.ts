/** What a simulated SayaPay keeps beside its pushes. */
import type { Token } from '../gateway-kit/tokens.ts';

export interface SayapayAccount {
  readonly accountId: string;
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly merchantName: string;
  /** "Configure your default callback in the dashboard"; null: none. */
  readonly callbackUrl: string | null;
  readonly isActive: boolean;
}

export interface Payout {
  readonly conversationId: string;
  readonly originatorId: string;
  readonly accountId: string;
  readonly phone: string;
  readonly amountKes: number;
  readonly remarks: string;
  /** null: M-Pesa did not know the phone. */
  readonly receipt: string | null;
}

/** Named in the menu, with no page behind it: under the base URL; null: not there. */
export interface Paths {
  readonly stkQuery: string | null;
  readonly b2c: string | null;
}

export interface SayapayState {
  accounts: SayapayAccount[];
  tokens: Token[];
  /** How long a token works; `expires_in` says 3599 whatever happens. */
  tokenLifeMs: number;
  /** true: a new token ends the account's old one, as at Safaricom. */
  newTokenEndsOld: boolean;
  paths: Paths;
  payouts: Payout[];
  accountCount: number;
}

export const tokenSeconds = 3599;

export function createState(): SayapayState {
  return {
    accounts: [],
    tokens: [],
    tokenLifeMs: tokenSeconds * 1000,
    newTokenEndsOld: false,
    paths: { stkQuery: null, b2c: null },
    payouts: [],
    accountCount: 0,
  };
}

export function accountOf(state: SayapayState, accountId: string): SayapayAccount {
  const account = state.accounts.find((one) => one.accountId === accountId);
  if (account === undefined) throw new Error(`no simulated SayaPay account ${accountId}`);
  return account;
}
