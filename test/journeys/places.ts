/** Where a shop of a journey has its accounts: the strict simulators, each with what an operator would configure. */
import type { AccountId } from '../../src/domain/ids.ts';
import { type Bosmi, createBosmi } from '../../src/sandbox/bosmi/index.ts';
import { createDarajaPhp, type DarajaPhp } from '../../src/sandbox/daraja-php/index.ts';
import type { SimulatorDeps } from '../../src/sandbox/gateway-kit/simulator.ts';
import { createSayapay, type Sayapay } from '../../src/sandbox/sayapay/index.ts';
import { createSmartpay, type Smartpay } from '../../src/sandbox/smartpay/index.ts';

interface Simulators {
  readonly smartpay: Smartpay;
  readonly bosmi: Bosmi;
  readonly 'daraja-php': DarajaPhp;
  readonly sayapay: Sayapay;
}
export type PlaceKind = keyof Simulators;
/** `sayapay-asked`: an account that names the path of the STK query. */
export type Opening = PlaceKind | 'sayapay-asked';
export type KindOf<O extends Opening> = O extends PlaceKind ? O : 'sayapay';

export interface Place<K extends PlaceKind = PlaceKind> {
  readonly gateway: Simulators[K];
  /** What the simulator's control calls this account: a key's id for SmartPay, otherwise a text. */
  readonly own: string;
  readonly accountId: AccountId;
  readonly callbackUrl: string;
}

/** What `gateway add` is given. */
export interface AccountOrder {
  readonly kind: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly acceptUnsigned: boolean;
}

interface Opened {
  readonly gateway: Simulators[PlaceKind];
  readonly own: string;
  readonly order: AccountOrder;
  /** Nobody may read them in a log. */
  readonly secrets: readonly string[];
  /** What a merchant enters in the gateway's dashboard. */
  tellResultsTo(url: string): void;
}

export function createPlaces(deps: SimulatorDeps) {
  const running = new Map<PlaceKind, Simulators[PlaceKind]>();
  const secrets: string[] = [];
  const names = new Map<string, number>();

  async function simulator<K extends PlaceKind>(kind: K, make: () => Simulators[K]): Promise<Simulators[K]> {
    const known = running.get(kind);
    if (known !== undefined) return known as Simulators[K];
    const fresh = make();
    await fresh.listen();
    running.set(kind, fresh);
    return fresh;
  }

  function nameOf(title: string): string {
    const count = (names.get(title) ?? 0) + 1;
    names.set(title, count);
    return count === 1 ? title : `${title} ${count}`;
  }

  return {
    async open(opening: Opening, merchantName: string): Promise<Opened> {
      const opened = await openers[opening](simulator, deps, merchantName);
      secrets.push(...opened.secrets);
      return { ...opened, order: { ...opened.order, name: nameOf(opened.order.name) } };
    },
    all: () => [...running.values()],
    secrets: () => secrets,
    close: () => Promise.all([...running.values()].map((gateway) => gateway.close())),
  };
}

type Find = <K extends PlaceKind>(kind: K, make: () => Simulators[K]) => Promise<Simulators[K]>;
type Opener = (find: Find, deps: SimulatorDeps, merchantName: string) => Promise<Opened>;

const openers: { readonly [O in Opening]: Opener } = {
  smartpay: async (find, deps, fullname) => {
    const gateway = await find('smartpay', () => createSmartpay(deps));
    const { id, apiKey } = gateway.control.addMerchant({ fullname });
    const config = { baseUrl: gateway.url, apiKey };
    return {
      ...{ gateway, own: String(id), secrets: [apiKey] },
      order: { kind: 'smartpay', name: 'SmartPay', config, acceptUnsigned: false },
      tellResultsTo: (callbackurl) => gateway.control.setKey(id, { callbackurl }),
    };
  },
  bosmi: async (find, deps, merchantName) => {
    const gateway = await find('bosmi', () => createBosmi(deps));
    const { apiKey, username, email } = gateway.control.addAccount({ merchantName });
    // Pasted from the portal with its last slash.
    const config = { baseUrl: `${gateway.url}/`, apiKey, username, email };
    return {
      ...{ gateway, own: username, secrets: [apiKey] },
      order: { kind: 'bosmi', name: 'BOSMI', config, acceptUnsigned: false },
      tellResultsTo: () => undefined,
    };
  },
  'daraja-php': async (find, deps, merchantName) => {
    const gateway = await find('daraja-php', () => createDarajaPhp(deps));
    const credentials = { consumerKey: 'shop-key', consumerSecret: 'hush-platform-5f2e9c' };
    const { accountId, shortCode } = gateway.control.addAccount({
      merchantName,
      credentials,
      sandbox: false,
    });
    const config = { baseUrl: `${gateway.url}/`, shortCode, ...credentials };
    return {
      ...{ gateway, own: accountId, secrets: [credentials.consumerSecret] },
      order: { kind: 'daraja-php', name: 'Daraja PHP', config, acceptUnsigned: true },
      tellResultsTo: (callbackUrl) => gateway.control.setAccount(accountId, { callbackUrl }),
    };
  },
  sayapay: (find, deps, merchantName) => openSayapay(find, deps, merchantName, {}),
  'sayapay-asked': (find, deps, merchantName) =>
    openSayapay(find, deps, merchantName, { paths: { stkQuery: '/stkpush/query' } }),
};

async function openSayapay(
  find: Find,
  deps: SimulatorDeps,
  merchantName: string,
  more: { readonly paths?: { readonly stkQuery: string } },
): Promise<Opened> {
  const gateway = await find('sayapay', () => createSayapay(deps));
  gateway.control.setPaths({ stkQuery: '/stkpush/query' });
  const { accountId, consumerKey, consumerSecret } = gateway.control.addAccount({ merchantName });
  const config = { baseUrl: gateway.url, consumerKey, consumerSecret, ...more };
  return {
    ...{ gateway, own: accountId, secrets: [consumerSecret] },
    order: { kind: 'sayapay', name: 'SayaPay', config, acceptUnsigned: more.paths === undefined },
    tellResultsTo: (callbackUrl) => gateway.control.setAccount(accountId, { callbackUrl }),
  };
}
