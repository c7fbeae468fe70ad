/**
 * A simulated SayaPay, written from SayaPay's own document and strict. What the document's menu names without a page (STK
 * query, B2C) is there once `control` gives it a path.
 */
import type { Route } from '../gateway-kit/server.ts';
import type { CommonControl, Simulator, SimulatorDeps } from '../gateway-kit/simulator.ts';
import { createOffice, createSimulator } from '../gateway-kit/simulator.ts';
import { payOut } from './b2c.ts';
import type { SayapayOffice } from './entry.ts';
import { giveToken, refusal } from './entry.ts';
import type { Paths, Payout, SayapayAccount, SayapayState } from './state.ts';
import { accountOf, createState } from './state.ts';
import { pushStk, queryStk } from './stk.ts';

type Switches = Pick<SayapayState, 'tokenLifeMs' | 'newTokenEndsOld'>;

export interface SayapayControl {
  /** What is not given is made up. */
  addAccount(account?: Partial<SayapayAccount>): SayapayAccount;
  account(accountId: string): SayapayAccount;
  accounts(): readonly SayapayAccount[];
  setAccount(accountId: string, change: Partial<Omit<SayapayAccount, 'accountId'>>): void;
  /** Where the two endpoints without a page are: `/stkpush/query`. */
  setPaths(paths: Partial<Paths>): void;
  /** A `tokenLifeMs` under an hour: tokens die early. */
  setSwitches(change: Partial<Switches>): void;
  /** Every token that is out is over at once. */
  endTokens(): void;
  payouts(): readonly Payout[];
}

export type Sayapay = Simulator<SayapayControl & CommonControl<SayapayState>>;

export function createSayapay(deps: SimulatorDeps): Sayapay {
  const office: SayapayOffice = createOffice(deps, {
    state: createState(),
    // Neither is in the document; Safaricom posts once.
    policy: { patienceMs: 10_000, retryAfterMs: [] },
    callbackUrlOf: (state, { accountId }) => accountOf(state, accountId).callbackUrl,
  });
  return createSimulator({
    deps,
    office,
    basePath: '/api/v1',
    routes: () => routesOf(office),
    // In no document.
    noSuchPath: refusal(deps, '404.001.01', 'Resource not found'),
    wrongMethod: refusal(deps, '405.001.01', 'Method not allowed'),
    control: createControl(office),
  });
}

function routesOf(office: SayapayOffice): Route[] {
  const { stkQuery, b2c } = office.state.paths;
  const more: Route[] = [];
  if (stkQuery !== null)
    more.push({
      method: 'POST',
      path: stkQuery,
      operation: 'status',
      handle: (call) => queryStk(office, call),
    });
  if (b2c !== null)
    more.push({ method: 'POST', path: b2c, operation: 'b2c', handle: (call) => payOut(office, call) });
  return [
    { method: 'GET', path: '/oauth/token', operation: 'token', handle: (call) => giveToken(office, call) },
    {
      method: 'POST',
      path: '/stkpush/process',
      operation: 'stk',
      handle: (call) => pushStk(office, call),
    },
    ...more,
  ];
}

function createControl(office: SayapayOffice): SayapayControl {
  const { state, random, changed } = office;
  return {
    addAccount: (given = {}) => {
      state.accountCount += 1;
      const account: SayapayAccount = {
        accountId: `account-${state.accountCount}`,
        consumerKey: random.bytes(16).toString('hex'),
        consumerSecret: random.bytes(24).toString('hex'),
        merchantName: `Merchant ${state.accountCount}`,
        callbackUrl: null,
        isActive: true,
        ...given,
      };
      state.accounts = [...state.accounts, account];
      changed();
      return account;
    },
    account: (accountId) => accountOf(state, accountId),
    accounts: () => state.accounts,
    setAccount: (accountId, change) => {
      const account = { ...accountOf(state, accountId), ...change };
      state.accounts = state.accounts.map((one) => (one.accountId === accountId ? account : one));
      changed();
    },
    setPaths: (paths) => {
      state.paths = { ...state.paths, ...paths };
      changed();
    },
    setSwitches: (change) => {
      Object.assign(state, change);
      changed();
    },
    endTokens: () => {
      state.tokens = [];
      changed();
    },
    payouts: () => state.payouts,
  };
}
