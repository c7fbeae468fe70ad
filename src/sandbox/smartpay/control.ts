/** The hands of a test or a page on the simulated SmartPay: what a merchant does in its dashboard, and what SmartPay does. */
import { eatTime } from '../mpesa/texts.ts';
import type { SmartpayOffice } from './entry.ts';
import { addKey } from './keys.ts';
import type { Key, Limits, Merchant, TransactionShape } from './state.ts';
import { changeKey, changeMerchant, keyOf, merchantOf, printedLimits } from './state.ts';

export interface SmartpayControl {
  /** A merchant and its default key, which is active; what is not given is made up. */
  addMerchant(merchant?: Partial<Merchant>, key?: Partial<Key>): Key;
  merchant(merchantId: number): Merchant;
  setMerchant(merchantId: number, change: Partial<Merchant>): void;
  addKey(key: Partial<Key> & Pick<Key, 'merchantId'>): Key;
  key(id: number): Key;
  keys(): readonly Key[];
  /** Also suspends it, blocks it for fraud, or changes where its money lands behind the merchant's back. */
  setKey(id: number, change: Partial<Key>): void;
  setTransactionShape(shape: TransactionShape): void;
  /** What is not given is as printed. */
  setLimits(limits: Partial<Limits>): void;
}

const monthMs = 30 * 24 * 60 * 60_000;

export function createControl(office: SmartpayOffice): SmartpayControl {
  const { state, changed } = office;
  return {
    addMerchant: (merchant = {}, key = {}) => addMerchant(office, merchant, key),
    merchant: (merchantId) => merchantOf(state, merchantId),
    setMerchant: (merchantId, change) => {
      changeMerchant(state, merchantId, change);
      changed();
    },
    addKey: (key) => addKey(office, key),
    key: (id) => keyOf(state, id),
    keys: () => state.keys,
    setKey: (id, change) => {
      changeKey(state, id, change);
      changed();
    },
    setTransactionShape: (shape) => {
      state.transactionShape = shape;
      changed();
    },
    setLimits: (limits) => {
      state.limits = { ...printedLimits, ...limits };
      changed();
    },
  };
}

function addMerchant(office: SmartpayOffice, given: Partial<Merchant>, key: Partial<Key>): Key {
  const { state, scheduler } = office;
  state.merchantCount += 1;
  const merchant: Merchant = {
    merchantId: state.merchantCount,
    accountNumber: `SP${36_413_505 + state.merchantCount}`,
    fullname: 'John Kamau',
    verified: true,
    plan: 'Professional',
    subscriptionStatus: 'active',
    expiresAt: `${eatTime(new Date(scheduler.now().getTime() + monthMs)).slice(0, 10)} 00:00:00`,
    apiCalls: 5000,
    smsCredits: 100,
    ...given,
  };
  state.merchants = [...state.merchants, merchant];
  const { merchantId, apiCalls: limit } = merchant;
  return addKey(office, {
    name: 'Default Account',
    isDefault: true,
    active: true,
    limit,
    ...key,
    merchantId,
  });
}
