/**
 * A simulated Daraja PHP platform, written from its own document and strict. The document leaves open where STK results
 * go: here they go, in Safaricom's own form and unsigned, to the URL that the account is given through `control`.
 */
import type { CommonControl, Simulator, SimulatorDeps } from '../gateway-kit/simulator.ts';
import { createOffice, createSimulator } from '../gateway-kit/simulator.ts';
import { json } from '../gateway-kit/wire.ts';
import type { MenuPayment, MenuPaymentResult } from './c2b.ts';
import { payIn, registerUrls } from './c2b.ts';
import type { DarajaPhpOffice } from './entry.ts';
import { generateToken } from './entry.ts';
import type { DarajaPhpAccount, DarajaPhpState } from './state.ts';
import { accountOf, changeAccount, createState } from './state.ts';
import { pushStk } from './stk.ts';

type Switches = Pick<DarajaPhpState, 'tokenLifeMs' | 'newTokenEndsOld' | 'statusInBodyOnly'>;

export interface DarajaPhpControl {
  /** What is not given is made up; no credentials, Safaricom's sandbox and its short code unless told. */
  addAccount(account?: Partial<DarajaPhpAccount>): DarajaPhpAccount;
  account(accountId: string): DarajaPhpAccount;
  accounts(): readonly DarajaPhpAccount[];
  setAccount(accountId: string, change: Partial<Omit<DarajaPhpAccount, 'accountId'>>): void;
  /** How it behaves where the document leaves that open. */
  setSwitches(change: Partial<Switches>): void;
  /** Every token that is out is over at once. */
  endTokens(): void;
  /** A customer pays the short code from the M-Pesa menu; resolves when the money moved or did not. */
  payIn(payment: MenuPayment): Promise<MenuPaymentResult>;
}

export type DarajaPhp = Simulator<DarajaPhpControl & CommonControl<DarajaPhpState>>;

export function createDarajaPhp(deps: SimulatorDeps): DarajaPhp {
  const office: DarajaPhpOffice = createOffice(deps, {
    state: createState(),
    // Neither is in the document; Safaricom posts once.
    policy: { patienceMs: 10_000, retryAfterMs: [] },
    callbackUrlOf: (state, { accountId }) => accountOf(state, accountId).callbackUrl,
  });
  return createSimulator({
    deps,
    office,
    basePath: '',
    routes: () => [
      {
        method: 'POST',
        path: '/api/generate_token.php',
        operation: 'token',
        handle: (call) => generateToken(office, call),
      },
      {
        method: 'POST',
        path: '/api/stk_push.php',
        operation: 'stk',
        handle: (call) => pushStk(office, call),
      },
      {
        method: 'POST',
        path: '/api/c2b_register.php',
        operation: 'other',
        handle: (call) => registerUrls(office, call),
      },
    ],
    // "400 Bad Request" is the nearest of the codes that are printed.
    noSuchPath: json({ success: false, message: 'Not found' }, 404),
    wrongMethod: json({ success: false, message: 'Bad Request' }, 400),
    control: createControl(office),
  });
}

function createControl(office: DarajaPhpOffice): DarajaPhpControl {
  const { state, changed } = office;
  return {
    addAccount: (given = {}) => {
      state.accountCount += 1;
      const account: DarajaPhpAccount = {
        accountId: `account-${state.accountCount}`,
        shortCode: '174379',
        merchantName: `Merchant ${state.accountCount}`,
        credentials: null,
        callbackUrl: null,
        sandbox: true,
        urls: null,
        msisdnForm: 'plain',
        ...given,
      };
      state.accounts = [...state.accounts, account];
      changed();
      return account;
    },
    account: (accountId) => accountOf(state, accountId),
    accounts: () => state.accounts,
    setAccount: (accountId, change) => {
      changeAccount(state, accountId, change);
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
    payIn: (payment) => payIn(office, payment),
  };
}
