/**
 * The documented gateways beside BluePay, for a desk: each listens from the moment at which a shop first opens an account
 * there, so that a desk that uses none of them starts as quickly as before.
 */
import type { Random } from '../domain/random.ts';
import { createBosmi } from './bosmi/index.ts';
import { createDarajaPhp, type DarajaPhp } from './daraja-php/index.ts';
import type { CommonControl, Simulator, SimulatorDeps, SimulatorSnapshot } from './gateway-kit/simulator.ts';
import { type ParkedKind, parkedKinds } from './gateway-names.ts';
import { createSayapay, type Sayapay } from './sayapay/index.ts';
import { createSmartpay } from './smartpay/index.ts';

/** What the operator needs for `gateway add --kind … --config -`. */
export interface Opened {
  readonly kind: ParkedKind;
  readonly config: { readonly [key: string]: unknown };
  /** `--accept-unsigned`: required where results are neither signed nor to be looked up, refused elsewhere. */
  readonly acceptUnsigned: boolean;
  /** What a merchant enters in the gateway's dashboard: the `callbackUrl` that the command answered. */
  tellResultsTo(url: string): void;
}

/** By kind, of those that listen: plain JSON. */
export interface ParkSnapshot {
  readonly [kind: string]: { readonly port: number; readonly gateway: SimulatorSnapshot<object> };
}

export interface GatewayPark {
  /** A new account for a merchant of that name. */
  open(kind: ParkedKind, merchantName: string): Promise<Opened>;
  /** Accounts there that told their results to one address tell them to another. */
  moveResults(kind: ParkedKind, from: string, to: string): void;
  listening(): readonly Listening[];
  onChange(listener: () => void): void;
  snapshot(): ParkSnapshot;
  close(): Promise<void>;
}

export interface Listening {
  readonly kind: ParkedKind;
  readonly control: ParkedControl;
  /** Keys and passwords of its accounts. */
  secrets(): readonly string[];
}

export type ParkedControl = Omit<CommonControl<object>, 'snapshot' | 'restore'>;

export interface ParkDeps extends Omit<SimulatorDeps, 'port'> {
  /** A port to try: the program knows a gateway by its address, so that it is one to have again later. */
  readonly pickPort: (random: Random) => number;
}

interface Parked {
  readonly gateway: Pick<Simulator<ParkedControl>, 'url' | 'listen' | 'close' | 'control'>;
  snapshot(): SimulatorSnapshot<object>;
  restore(snapshot: SimulatorSnapshot<object>): void;
  addAccount(merchantName: string): Omit<Opened, 'kind'>;
  moveResults(from: string, to: string): void;
  secrets(): readonly string[];
}

/** A merchant's side of one gateway. */
interface Dashboard<C> {
  addAccount(control: C, merchantName: string): Omit<Opened, 'kind' | 'acceptUnsigned'>;
  /** Not there where no account keeps an address. */
  moveResults?(control: C, from: string, to: string): void;
  secrets(control: C): readonly string[];
}

/** The snapshot of a gateway is only ever given back to a gateway of the same kind. */
function parked<S extends object, C extends CommonControl<S>>(
  gateway: Simulator<C>,
  dashboard: Dashboard<C>,
  acceptUnsigned = false,
): Parked {
  const { control } = gateway;
  return {
    gateway,
    snapshot: () => control.snapshot(),
    restore: (snapshot) => control.restore(snapshot as SimulatorSnapshot<S>),
    addAccount: (merchantName) => {
      const { config, tellResultsTo } = dashboard.addAccount(control, merchantName);
      return { config: { baseUrl: gateway.url, ...config }, tellResultsTo, acceptUnsigned };
    },
    moveResults: (from, to) => dashboard.moveResults?.(control, from, to),
    secrets: () => dashboard.secrets(control),
  };
}

const makers: { readonly [kind in ParkedKind]: (deps: SimulatorDeps) => Parked } = {
  smartpay: (deps) =>
    parked(createSmartpay(deps), {
      addAccount: (control, fullname) => {
        const { id, apiKey } = control.addMerchant({ fullname });
        return { config: { apiKey }, tellResultsTo: (callbackurl) => control.setKey(id, { callbackurl }) };
      },
      moveResults: (control, from, callbackurl) => {
        for (const key of control.keys())
          if (key.callbackurl === from) control.setKey(key.id, { callbackurl });
      },
      secrets: (control) => control.keys().map(({ apiKey }) => apiKey),
    }),
  bosmi: (deps) =>
    parked(createBosmi(deps), {
      addAccount: (control, merchantName) => {
        const { apiKey, username, email } = control.addAccount({ merchantName });
        return { config: { apiKey, username, email }, tellResultsTo: () => undefined };
      },
      secrets: (control) => control.accounts().map(({ apiKey }) => apiKey),
    }),
  'daraja-php': (deps) => parked(createDarajaPhp(deps), darajaPhpDashboard, true),
  sayapay: (deps) => parked(createSayapay(deps), sayapayDashboard),
};

const darajaPhpDashboard: Dashboard<DarajaPhp['control']> = {
  addAccount: (control, merchantName) => {
    // The phones of the desk are none of Safaricom's test phones.
    const { accountId, shortCode } = control.addAccount({ merchantName, sandbox: false });
    const tellResultsTo = (callbackUrl: string): void => control.setAccount(accountId, { callbackUrl });
    return { config: { shortCode }, tellResultsTo };
  },
  moveResults: (control, from, callbackUrl) => {
    for (const account of control.accounts())
      if (account.callbackUrl === from) control.setAccount(account.accountId, { callbackUrl });
  },
  secrets: (control) =>
    control
      .accounts()
      .flatMap(({ credentials }) => (credentials === null ? [] : [credentials.consumerSecret])),
};

const sayapayDashboard: Dashboard<Sayapay['control']> = {
  addAccount: (control, merchantName) => {
    const { accountId, consumerKey, consumerSecret } = control.addAccount({ merchantName });
    const paths = { stkQuery: '/stkpush/query', b2c: '/b2c/payout' };
    control.setPaths(paths);
    const tellResultsTo = (callbackUrl: string): void => control.setAccount(accountId, { callbackUrl });
    return { config: { consumerKey, consumerSecret, paths }, tellResultsTo };
  },
  moveResults: (control, from, callbackUrl) => {
    for (const account of control.accounts())
      if (account.callbackUrl === from) control.setAccount(account.accountId, { callbackUrl });
  },
  secrets: (control) => control.accounts().map(({ consumerSecret }) => consumerSecret),
};

const portTries = 20;

/** `saved`: what listened before listens again, on the same ports; one that is taken is thrown as Node throws it. */
export async function openGatewayPark(deps: ParkDeps, saved: ParkSnapshot = {}): Promise<GatewayPark> {
  const parks = new Map<ParkedKind, Parked>();
  const starting = new Map<ParkedKind, Promise<Parked>>();
  const listeners = new Set<() => void>();

  async function start(kind: ParkedKind, port: number): Promise<Parked> {
    const one = makers[kind]({ ...deps, port });
    const before = saved[kind];
    if (before !== undefined) one.restore(before.gateway);
    one.gateway.control.onChange(() => {
      for (const listener of listeners) listener();
    });
    await one.gateway.listen();
    parks.set(kind, one);
    return one;
  }

  async function startAnywhere(kind: ParkedKind): Promise<Parked> {
    for (let left = portTries; ; left -= 1) {
      try {
        return await start(kind, deps.pickPort(deps.random));
      } catch (cause) {
        if (left <= 1) throw cause;
      }
    }
  }

  /** Two shops that open their accounts at once share one gateway; after a start that came to nothing, there is another. */
  function startOnce(kind: ParkedKind): Promise<Parked> {
    const under = starting.get(kind);
    if (under !== undefined) return under;
    const begun = startAnywhere(kind).finally(() => starting.delete(kind));
    starting.set(kind, begun);
    return begun;
  }

  const close = async (): Promise<void> => {
    await Promise.all([...parks.values()].map(({ gateway }) => gateway.close()));
  };
  try {
    for (const kind of parkedKinds) {
      const before = saved[kind];
      if (before !== undefined) await start(kind, before.port);
    }
  } catch (cause) {
    await close();
    throw cause;
  }
  return {
    open: async (kind, merchantName) => {
      const one = parks.get(kind) ?? (await startOnce(kind));
      return { kind, ...one.addAccount(merchantName) };
    },
    moveResults: (kind, from, to) => parks.get(kind)?.moveResults(from, to),
    listening: () =>
      [...parks].map(([kind, { gateway, secrets }]) => ({ kind, control: gateway.control, secrets })),
    onChange: (listener) => void listeners.add(listener),
    snapshot: () =>
      Object.fromEntries(
        [...parks].map(([kind, one]) => {
          const port = Number(new URL(one.gateway.url).port);
          return [kind, { port, gateway: one.snapshot() }];
        }),
      ),
    close,
  };
}
