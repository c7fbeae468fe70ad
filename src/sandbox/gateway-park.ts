/**
 * The documented gateways beside BluePay, for a desk: each listens from the moment at which a shop first opens an account
 * there, so that a desk that uses none of them starts as quickly as before.
 */
import type { Random } from '../domain/random.ts';
import { createBosmi } from './bosmi/index.ts';
import { createDarajaPhp } from './daraja-php/index.ts';
import type { CommonControl, Simulator, SimulatorDeps, SimulatorSnapshot } from './gateway-kit/simulator.ts';
import { createSayapay } from './sayapay/index.ts';
import { createSmartpay } from './smartpay/index.ts';

export const parkedKinds = ['smartpay', 'bosmi', 'daraja-php', 'sayapay'] as const;
export type ParkedKind = (typeof parkedKinds)[number];

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
  /** Those that listen. */
  listening(): readonly { readonly kind: ParkedKind; readonly control: ParkedControl }[];
  onChange(listener: () => void): void;
  snapshot(): ParkSnapshot;
  close(): Promise<void>;
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
}

/** The snapshot of a gateway is only ever given back to a gateway of the same kind. */
function parked<S extends object, C extends CommonControl<S>>(
  gateway: Simulator<C>,
  addAccount: (control: C, merchantName: string) => Omit<Opened, 'kind' | 'acceptUnsigned'>,
  acceptUnsigned = false,
): Parked {
  const { control } = gateway;
  return {
    gateway,
    snapshot: () => control.snapshot(),
    restore: (snapshot) => control.restore(snapshot as SimulatorSnapshot<S>),
    addAccount: (merchantName) => {
      const { config, tellResultsTo } = addAccount(control, merchantName);
      return { config: { baseUrl: gateway.url, ...config }, tellResultsTo, acceptUnsigned };
    },
  };
}

const makers: { readonly [kind in ParkedKind]: (deps: SimulatorDeps) => Parked } = {
  smartpay: (deps) =>
    parked(createSmartpay(deps), (control, fullname) => {
      const { id, apiKey } = control.addMerchant({ fullname });
      return { config: { apiKey }, tellResultsTo: (callbackurl) => control.setKey(id, { callbackurl }) };
    }),
  bosmi: (deps) =>
    parked(createBosmi(deps), (control, merchantName) => {
      const { apiKey, username, email } = control.addAccount({ merchantName });
      return { config: { apiKey, username, email }, tellResultsTo: () => undefined };
    }),
  'daraja-php': (deps) =>
    parked(
      createDarajaPhp(deps),
      (control, merchantName) => {
        // The phones of the desk are none of Safaricom's test phones.
        const { accountId, shortCode } = control.addAccount({ merchantName, sandbox: false });
        const tellResultsTo = (callbackUrl: string): void => control.setAccount(accountId, { callbackUrl });
        return { config: { shortCode }, tellResultsTo };
      },
      true,
    ),
  sayapay: (deps) =>
    parked(createSayapay(deps), (control, merchantName) => {
      const { accountId, consumerKey, consumerSecret } = control.addAccount({ merchantName });
      const paths = { stkQuery: '/stkpush/query', b2c: '/b2c/payout' };
      control.setPaths(paths);
      const tellResultsTo = (callbackUrl: string): void => control.setAccount(accountId, { callbackUrl });
      return { config: { consumerKey, consumerSecret, paths }, tellResultsTo };
    }),
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
    listening: () => [...parks].map(([kind, { gateway }]) => ({ kind, control: gateway.control })),
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
