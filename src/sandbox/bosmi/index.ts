/**
 * A simulated BOSMI, written from BOSMI's own document and strict: what the document does not allow is refused. It tells
 * nobody anything by itself: there is no callback, and its query says the same of what is under way and what failed.
 */
import type { CommonControl, Simulator, SimulatorDeps } from '../gateway-kit/simulator.ts';
import { createOffice, createSimulator } from '../gateway-kit/simulator.ts';
import { html } from '../gateway-kit/wire.ts';
import type { BosmiOffice } from './endpoints.ts';
import { processRequest, query } from './endpoints.ts';
import type { BosmiAccount, BosmiManners, BosmiState } from './state.ts';
import { accountOf, createState } from './state.ts';

export interface BosmiControl {
  /** What is not given is made up. */
  addAccount(account?: Partial<BosmiAccount>): BosmiAccount;
  account(username: string): BosmiAccount;
  accounts(): readonly BosmiAccount[];
  setAccount(username: string, change: Partial<Omit<BosmiAccount, 'username'>>): void;
  /** How it answers where the document leaves that open. */
  setManners(change: Partial<BosmiManners>): void;
}

export type Bosmi = Simulator<BosmiControl & CommonControl<BosmiState>>;

export function createBosmi(deps: SimulatorDeps): Bosmi {
  const office: BosmiOffice = createOffice(deps, {
    state: createState(),
    // Never used: nothing is posted.
    policy: { patienceMs: 1, retryAfterMs: [] },
    callbackUrlOf: () => null,
  });
  return createSimulator({
    deps,
    office,
    basePath: '/bsmpay/stkpushquery/v3',
    routes: () => [
      {
        method: 'POST',
        path: '/processrequest',
        operation: 'stk',
        handle: (call) => processRequest(office, call),
      },
      { method: 'POST', path: '/query', operation: 'status', handle: (call) => query(office, call) },
    ],
    // Neither is in the document.
    noSuchPath: html(404, '404 Not Found'),
    wrongMethod: html(405, '405 Method Not Allowed'),
    control: createControl(office),
  });
}

function createControl(office: BosmiOffice): BosmiControl {
  const { state, random, changed } = office;
  return {
    addAccount: (given = {}) => {
      state.accountCount += 1;
      const account: BosmiAccount = {
        username: `shop${state.accountCount}`,
        email: `shop${state.accountCount}@example.com`,
        apiKey: random.bytes(9).toString('base64url'),
        merchantName: `Merchant ${state.accountCount}`,
        isActive: true,
        whitelist: null,
        ...given,
      };
      state.accounts = [...state.accounts, account];
      changed();
      return account;
    },
    account: (username) => accountOf(state, username),
    accounts: () => state.accounts,
    setAccount: (username, change) => {
      const account = { ...accountOf(state, username), ...change };
      state.accounts = state.accounts.map((one) => (one.username === username ? account : one));
      changed();
    },
    setManners: (change) => {
      state.manners = { ...state.manners, ...change };
      changed();
    },
  };
}
