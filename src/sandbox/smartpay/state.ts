/** What a simulated SmartPay keeps: merchants, their API keys ("accounts" in its document), and what it counts. */

export interface Merchant {
  readonly merchantId: number;
  readonly accountNumber: string;
  readonly fullname: string;
  readonly verified: boolean;
  readonly plan: string;
  readonly subscriptionStatus: string;
  /** As printed, EAT. */
  readonly expiresAt: string;
  readonly apiCalls: number;
  readonly smsCredits: number;
}

export type Destination =
  | { readonly method: 'wallet' }
  | { readonly method: 'phone'; readonly phone: string }
  | { readonly method: 'paybill'; readonly paybill_number: string; readonly account_number: string }
  | { readonly method: 'till'; readonly till_number: string }
  | { readonly method: 'bankpaybill'; readonly bank_code: string; readonly bank_account: string };

export type FraudBlock =
  | 'FRAUD_BLOCK_FAILURE_RATE'
  | 'FRAUD_BLOCK_PHONE_DIVERSITY'
  | 'FRAUD_BLOCK_BURST'
  | 'FRAUD_BLOCK_CANCEL_RATE';

export interface Key {
  readonly id: number;
  readonly merchantId: number;
  readonly name: string;
  readonly apiKey: string;
  readonly isDefault: boolean;
  /** false: no subscription pays for it. */
  readonly active: boolean;
  /** Pushes that it may still make. */
  readonly limit: number;
  readonly fraudSuspended: boolean;
  readonly fraudBlock: FraudBlock | null;
  /** Switched off: as good as unknown. */
  readonly disabled: boolean;
  readonly deleted: boolean;
  readonly destination: Destination;
  /** '': none. */
  readonly callbackurl: string;
  readonly notifyEmail: string;
  readonly notifyPhone: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

/** How GET /v1/transactions/{id} answers: its document does not show it. */
export interface TransactionShape {
  readonly form: 'status' | 'daraja';
  readonly under: 'top' | 'transaction' | 'data';
}

export interface Limits {
  readonly ipPerMinute: number;
  readonly keyPerMinute: number;
  readonly keyPerDay: number;
  readonly phonePerFiveMinutes: number;
}

export interface SmartpayState {
  merchants: Merchant[];
  keys: Key[];
  transactionShape: TransactionShape;
  limits: Limits;
  /** IP → when its requests of the last minute came, in milliseconds. */
  ipHits: { [ip: string]: readonly number[] };
  /** Key id → the same. */
  keyHits: { [id: string]: readonly number[] };
  /** Key id → day (EAT) and requests on it. */
  days: { [id: string]: { readonly day: string; readonly count: number } };
  merchantCount: number;
  keyCount: number;
}

export const printedLimits: Limits = {
  ipPerMinute: 200,
  keyPerMinute: 60,
  keyPerDay: 10_000,
  phonePerFiveMinutes: 3,
};

export function createState(): SmartpayState {
  return {
    merchants: [],
    keys: [],
    transactionShape: { form: 'status', under: 'transaction' },
    limits: printedLimits,
    ipHits: {},
    keyHits: {},
    days: {},
    merchantCount: 0,
    keyCount: 0,
  };
}

export function merchantOf(state: SmartpayState, merchantId: number): Merchant {
  const merchant = state.merchants.find((one) => one.merchantId === merchantId);
  if (merchant === undefined) throw new Error(`no simulated SmartPay merchant ${merchantId}`);
  return merchant;
}

/** Also one that was deleted: its payments stay. */
export function keyOf(state: SmartpayState, id: number): Key {
  const key = state.keys.find((one) => one.id === id);
  if (key === undefined) throw new Error(`no simulated SmartPay key ${id}`);
  return key;
}

export function keysOf(state: SmartpayState, merchantId: number): readonly Key[] {
  return state.keys.filter((key) => key.merchantId === merchantId && !key.deleted);
}

export function changeKey(state: SmartpayState, id: number, change: Partial<Key>): Key {
  const changed = { ...keyOf(state, id), ...change, id };
  state.keys = state.keys.map((key) => (key.id === id ? changed : key));
  return changed;
}

export function changeMerchant(state: SmartpayState, merchantId: number, change: Partial<Merchant>): void {
  const changed = { ...merchantOf(state, merchantId), ...change, merchantId };
  state.merchants = state.merchants.map((one) => (one.merchantId === merchantId ? changed : one));
}
