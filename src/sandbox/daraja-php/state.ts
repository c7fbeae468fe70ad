/** What a simulated Daraja PHP platform keeps beside its pushes. */
import type { Token } from '../gateway-kit/tokens.ts';

export interface DarajaPhpAccount {
  readonly accountId: string;
  readonly shortCode: string;
  readonly merchantName: string;
  /** Sent as Basic; null: tokens are given to whoever asks, as the document's request without credentials has it. */
  readonly credentials: { readonly consumerKey: string; readonly consumerSecret: string } | null;
  /** Where STK results go; the document does not say how it is set. null: nowhere. */
  readonly callbackUrl: string | null;
  /** "Current configuration uses Safaricom's sandbox": test phones only, and 1–70,000. */
  readonly sandbox: boolean;
  readonly urls: C2bUrls | null;
  /** How confirmations carry the phone: plain as printed, or as Safaricom sends it elsewhere. */
  readonly msisdnForm: 'plain' | 'masked' | 'hashed';
}

export interface C2bUrls {
  readonly confirmation: string;
  readonly validation: string;
  /** What happens to a payment when the validation URL does not answer. */
  readonly onSilence: 'Completed' | 'Cancelled';
}

export interface DarajaPhpState {
  accounts: DarajaPhpAccount[];
  tokens: Token[];
  tokenLifeMs: number;
  /** true: a new token ends the account's old one, as at Safaricom. */
  newTokenEndsOld: boolean;
  /** true: refusals keep HTTP 200 and say it in `status` only. */
  statusInBodyOnly: boolean;
  accountCount: number;
}

export const hourMs = 60 * 60_000;

export function createState(): DarajaPhpState {
  return {
    accounts: [],
    tokens: [],
    tokenLifeMs: hourMs,
    newTokenEndsOld: false,
    statusInBodyOnly: false,
    accountCount: 0,
  };
}

export function accountOf(state: DarajaPhpState, accountId: string): DarajaPhpAccount {
  const account = state.accounts.find((one) => one.accountId === accountId);
  if (account === undefined) throw new Error(`no simulated Daraja PHP account ${accountId}`);
  return account;
}

export function changeAccount(
  state: DarajaPhpState,
  accountId: string,
  change: Partial<DarajaPhpAccount>,
): void {
  const account = { ...accountOf(state, accountId), ...change, accountId };
  state.accounts = state.accounts.map((one) => (one.accountId === accountId ? account : one));
}
