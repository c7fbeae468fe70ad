/** The hands of a test or a page on the simulated BluePay. */

import type { Journal, RequestEntry, WebhookEntry } from '../gateway-kit/journal.ts';
import type { ArmedFault, Fault } from './faults.ts';
import type { AutoOutcome, Office } from './office.ts';
import { planPayout, reversePayout } from './payouts.ts';
import { planCallback, settleStk, topUpService } from './settle.ts';
import type { Account, PayLink, Payout, Stk, StoreSnapshot } from './store.ts';
import { accountOf, changeAccount, restoreStore, storeSnapshot } from './store.ts';

export interface BluepaySnapshot {
  readonly store: StoreSnapshot;
  readonly faults: readonly ArmedFault[];
  readonly autos: readonly (readonly [string, AutoOutcome])[];
}

export interface BluepayControl {
  /** Adds a merchant; what is not given is made up, the credentials and one paybill channel included. */
  addAccount(settings?: Partial<Account>): Account;
  account(merchantId: string): Account;
  accounts(): readonly Account[];
  setAccount(merchantId: string, change: Partial<Omit<Account, 'merchantId'>>): void;
  /** `fixed` null: a default link, whose request names channel and amount. */
  addPayLink(merchantId: string, fixed: PayLink['fixed']): PayLink;
  /** The next request or prompt that it fits meets the fault, `times` times (once unless told). */
  arm(fault: Fault, setting?: number, times?: number): void;
  clear(fault: Fault): void;
  clearAll(): void;
  armed(): readonly ArmedFault[];
  /** What a phone does by itself with prompts of this gateway; `*` for every phone without its own; null: nothing. */
  auto(msisdn: string, outcome: AutoOutcome | null): void;
  /** Puts M-Pesa's own receipt where a stand-in RCHK-… was; answers how many. */
  completeReceipts(): number;
  reversePayout(payoutId: string): boolean;
  /** The merchant buys service tokens. `copies`: how often BluePay tells, each time under another key. */
  topUpService(merchantId: string, amountKes: number, copies?: number): void;
  stks(): readonly Readonly<Stk>[];
  payouts(): readonly Readonly<Payout>[];
  /** The newest thousand, oldest first; credentials are blanked. */
  requests(): readonly RequestEntry[];
  webhooks(): readonly WebhookEntry[];
  /** Resolves when every webhook that set out was answered or given up. */
  idle(): Promise<void>;
  onChange(listener: () => void): () => void;
  snapshot(): BluepaySnapshot;
  /** The phones are restored first: live prompts are found there again. */
  restore(snapshot: BluepaySnapshot): void;
}

export interface ControlDeps {
  readonly office: Office;
  readonly requests: Journal<RequestEntry>;
  readonly webhooks: Journal<WebhookEntry>;
  readonly listeners: Set<() => void>;
}

export function createControl({ office, requests, webhooks, listeners }: ControlDeps): BluepayControl {
  const { store, faults } = office;
  return {
    addAccount: (settings = {}) => addAccount(office, settings),
    account: (merchantId) => accountOf(store, merchantId),
    accounts: () => [...store.accounts.values()],
    setAccount: (merchantId, change) => {
      changeAccount(store, merchantId, change);
      office.changed();
    },
    addPayLink: (merchantId, fixed) => addPayLink(office, merchantId, fixed),
    arm: (fault, setting, times) => {
      faults.arm(fault, setting, times);
      office.changed();
    },
    clear: (fault) => {
      faults.clear(fault);
      office.changed();
    },
    clearAll: () => {
      faults.clearAll();
      office.changed();
    },
    armed: faults.armed,
    auto: (msisdn, outcome) => {
      if (outcome === null) office.autos.delete(msisdn);
      else office.autos.set(msisdn, outcome);
      office.changed();
    },
    completeReceipts: () => completeReceipts(office),
    reversePayout: (payoutId) => reversePayout(office, payoutId),
    topUpService: (merchantId, amountKes, copies) => topUpService(office, merchantId, amountKes, copies),
    stks: () => [...store.stks.values()],
    payouts: () => [...store.payouts.values()],
    requests: requests.entries,
    webhooks: webhooks.entries,
    idle: office.webhooks.idle,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: () => ({ store: storeSnapshot(store), faults: faults.armed(), autos: [...office.autos] }),
    restore: (snapshot) => restore(office, snapshot),
  };
}

function addAccount(office: Office, settings: Partial<Account>): Account {
  const { store, random } = office;
  store.counters.account += 1;
  const number = 10_000 + store.counters.account;
  const account: Account = {
    merchantId: `BP-${number}`,
    merchantName: `Merchant ${number}`,
    apiSecret: random.bytes(24).toString('hex'),
    apiUsername: `api_${number}`,
    apiPassword: random.bytes(12).toString('hex'),
    channels: [
      {
        channelId: randomUuid(office),
        channelType: 'paybill',
        shortCode: '123456',
        isActive: true,
        requiredPrefix: null,
      },
    ],
    callbackUrl: null,
    livemode: true,
    isActive: true,
    isB2cEnabled: true,
    serviceTokenKes: 1_000,
    b2cWalletKes: 0,
    stkFeeKes: 1,
    smsFeeKes: 2.5,
    b2cFeeKes: 25,
    ...settings,
  };
  store.accounts.set(account.merchantId, account);
  office.changed();
  return account;
}

/** A random UUID (version 4), as channel ids are. */
function randomUuid(office: Office): string {
  const bytes = office.random.bytes(16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function addPayLink(office: Office, merchantId: string, fixed: PayLink['fixed']): PayLink {
  const t = office.random.bytes(16).toString('hex');
  const link = { t, merchantId: accountOf(office.store, merchantId).merchantId, fixed };
  office.store.payLinks.set(t, link);
  office.changed();
  return link;
}

function completeReceipts(office: Office): number {
  const waiting = [...office.store.stks.values()].filter((stk) => stk.payment?.standIn);
  for (const stk of waiting) if (stk.payment !== null) stk.payment = { ...stk.payment, standIn: null };
  office.changed();
  return waiting.length;
}

function restore(office: Office, snapshot: BluepaySnapshot): void {
  const { store, faults, autos } = office;
  restoreStore(store, snapshot.store);
  faults.clearAll();
  for (const one of snapshot.faults) faults.arm(one.fault, one.setting, one.times);
  autos.clear();
  for (const [msisdn, outcome] of snapshot.autos) autos.set(msisdn, outcome);
  resumeRows(office);
  office.changed();
}

/** Plans anew what the rows still wait for: after a restore, and when it listens again after a stop. */
export function resumeRows(office: Office): void {
  const { store, mpesa, rowTimers } = office;
  rowTimers.cancelAll();
  for (const stk of store.stks.values()) {
    if (stk.callbackDueAt !== null) planCallback(office, stk, stk.callbackDueAt);
    if (stk.status === 'PENDING' && stk.promptId !== null)
      mpesa.watch(stk.promptId, (outcome) => settleStk(office, stk, outcome));
  }
  for (const payout of store.payouts.values()) if (payout.status === 'PENDING') planPayout(office, payout);
}
