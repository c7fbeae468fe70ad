/**
 * What the simulated BluePay remembers, as plain JSON values so that a snapshot is a copy.
 *
 * account   one merchant: its credentials, channels, prepaid service tokens and Callback URL
 * stk       one STK push: a row from the moment that BluePay takes it up
 * Amounts are Kenyan shillings as numbers, as the document prints them; instants are milliseconds.
 */
import type { CallbackPlan } from './faults.ts';

export interface Channel {
  readonly channelId: string;
  readonly channelType: string;
  readonly shortCode: string;
  readonly isActive: boolean;
  /** References must begin with it; null: no rule. */
  readonly requiredPrefix: string | null;
}

export interface Account {
  /** BluePay's own name of the merchant, BP-…; never an account reference. */
  readonly merchantId: string;
  readonly merchantName: string;
  readonly apiSecret: string;
  readonly apiUsername: string;
  readonly apiPassword: string;
  readonly channels: readonly Channel[];
  readonly callbackUrl: string | null;
  readonly livemode: boolean;
  readonly isActive: boolean;
  readonly isB2cEnabled: boolean;
  readonly serviceTokenKes: number;
  readonly b2cWalletKes: number;
  readonly stkFeeKes: number;
  /** Per SMS segment. */
  readonly smsFeeKes: number;
  readonly b2cFeeKes: number;
}

export interface StkPayment {
  readonly id: number;
  /** M-Pesa's own number. */
  readonly receipt: string;
  /** The stand-in RCHK-… that is printed until the receipt is completed; null: it is. */
  readonly standIn: string | null;
  readonly at: number;
}

export interface Stk {
  readonly id: number;
  readonly merchantId: string;
  readonly channelId: string;
  readonly checkoutRequestId: string;
  readonly reference: string;
  readonly phone: string;
  /** What the phone was asked for. */
  readonly amountKes: number;
  /** What BluePay tells; differs only under the fault `wrong_amount`. */
  readonly toldKes: number;
  readonly callbackUrl: string | null;
  readonly createdAt: number;
  readonly plan: CallbackPlan;
  /** null: no prompt was made. */
  promptId: string | null;
  status: 'PENDING' | 'SUCCESS' | 'FAILED';
  payment: StkPayment | null;
  /** When a callback that was put off is to be sent; null: none is. */
  callbackDueAt: number | null;
}

export interface PayLink {
  readonly t: string;
  readonly merchantId: string;
  /** null: a default link, which takes channel and amount from the request. */
  readonly fixed: { readonly channelId: string; readonly amountKes: number } | null;
}

export interface SentSms {
  readonly merchantId: string;
  readonly reference: string;
  /** null: still PENDING. */
  answer: { readonly [field: string]: unknown } | null;
}

export interface Payout {
  readonly id: string;
  readonly merchantId: string;
  readonly reference: string;
  readonly phone: string;
  readonly amountKes: number;
  readonly feeKes: number;
  readonly callbackUrl: string | null;
  readonly dueAt: number;
  /** M-Pesa will refuse it, whatever the phone. */
  readonly doomed: boolean;
  readonly callbackLost: boolean;
  status: 'PENDING' | 'SUCCESS' | 'FAILED' | 'REVERSED';
  receipt: string | null;
}

export interface Counters {
  stk: number;
  payment: number;
  sms: number;
  account: number;
}

export interface Store {
  readonly accounts: Map<string, Account>;
  readonly stks: Map<number, Stk>;
  readonly byCheckout: Map<string, Stk>;
  /** Merchant and reference → the latest STK. */
  readonly byReference: Map<string, Stk>;
  readonly payLinks: Map<string, PayLink>;
  readonly smses: Map<string, SentSms>;
  readonly payouts: Map<string, Payout>;
  readonly counters: Counters;
}

export interface StoreSnapshot {
  readonly accounts: readonly Account[];
  readonly stks: readonly Stk[];
  readonly payLinks: readonly PayLink[];
  readonly smses: readonly SentSms[];
  readonly payouts: readonly Payout[];
  readonly counters: Counters;
}

export function createStore(): Store {
  return {
    accounts: new Map(),
    stks: new Map(),
    byCheckout: new Map(),
    byReference: new Map(),
    payLinks: new Map(),
    smses: new Map(),
    payouts: new Map(),
    counters: { stk: 0, payment: 0, sms: 0, account: 0 },
  };
}

export function putStk(store: Store, stk: Stk): void {
  store.stks.set(stk.id, stk);
  store.byCheckout.set(stk.checkoutRequestId, stk);
  store.byReference.set(ownKey(stk.merchantId, stk.reference), stk);
}

/** References and message ids are a merchant's own: two merchants may use the same. */
export function ownKey(merchantId: string, reference: string): string {
  return `${merchantId}\n${reference}`;
}

export function accountOf(store: Store, merchantId: string): Account {
  const account = store.accounts.get(merchantId);
  if (account === undefined) throw new Error(`no simulated BluePay merchant ${merchantId}`);
  return account;
}

export function changeAccount(store: Store, merchantId: string, change: Partial<Account>): void {
  store.accounts.set(merchantId, { ...accountOf(store, merchantId), ...change, merchantId });
}

export function storeSnapshot(store: Store): StoreSnapshot {
  return structuredClone({
    accounts: [...store.accounts.values()],
    stks: [...store.stks.values()],
    payLinks: [...store.payLinks.values()],
    smses: [...store.smses.values()],
    payouts: [...store.payouts.values()],
    counters: store.counters,
  });
}

export function restoreStore(store: Store, snapshot: StoreSnapshot): void {
  const stored = structuredClone(snapshot);
  const { accounts, stks, byCheckout, byReference, payLinks, smses, payouts } = store;
  for (const part of [accounts, stks, byCheckout, byReference, payLinks, smses, payouts]) part.clear();
  for (const account of stored.accounts) accounts.set(account.merchantId, account);
  for (const stk of stored.stks) putStk(store, stk);
  for (const link of stored.payLinks) payLinks.set(link.t, link);
  // A send that was under way ended with its connection; its reference must not stay taken for ever.
  for (const sms of stored.smses)
    if (sms.answer !== null) smses.set(ownKey(sms.merchantId, sms.reference), sms);
  for (const payout of stored.payouts) payouts.set(payout.id, payout);
  Object.assign(store.counters, stored.counters);
}
