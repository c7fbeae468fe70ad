/**
 * A whole shop on loopback for journeys: the real program in this process, the emulated chats, the strict BluePay and
 * the phones, all on one clock that the test moves. People are driven as a person would: type, press, enter a PIN.
 */
import { type App, createApp } from '../../src/app.ts';
import { defaultTemplates } from '../../src/channels/whatsapp/templates.ts';
import type { ChatChannel, Database } from '../../src/db/tables.ts';
import type { ChatIdentity } from '../../src/domain/chat-identity.ts';
import type { AccountId, BusinessId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/domain/random.ts';
import type { Role } from '../../src/domain/roles.ts';
import { identityKey } from '../../src/payments/identities.ts';
import { type Bluepay, createBluepay } from '../../src/sandbox/bluepay/index.ts';
import { createMpesa, type Mpesa } from '../../src/sandbox/mpesa.ts';
import { createManualScheduler, type ManualScheduler } from '../../src/sandbox/scheduler.ts';
import { type AfricasTalkingServer, apiKey, openAfricasTalking } from '../support/africastalking.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { journeyChannel, spoken } from './channel.ts';
import type { TelegramServer, WhatsappServer } from './chats.ts';
import { createPlaces, type KindOf, type Opening, type Place } from './places.ts';
import { openPlatforms } from './platforms.ts';
import { createQuiet, type Wake, watchCalls } from './quiet.ts';
import {
  addPeople,
  addPhones,
  boss,
  checkShop,
  customerPhone,
  freePort,
  join,
  openAccount,
  openShop,
  pin,
  shopName,
  shopPerson,
  whoIs,
} from './shop.ts';
import { newest, type Side, shown, waitFor } from './side.ts';
import { createKeptLog, leaks, madeUpMoney, poll, postsOf, unlogged, type Watched } from './watch.ts';

export { boss, customerPhone, pin, shopPerson, stranger } from './shop.ts';
export { poll } from './watch.ts';

export interface World extends Side {
  readonly channel: ChatChannel;
  /** A text that names commands as people see it on this channel: `/help`, or `help`. */
  spoken(text: string): string;
  /** How the database knows the person. */
  key(person: number): string;
  who(person: number): ChatIdentity;
  /** Both platforms, each for the world that was opened on it. */
  on(channel: ChatChannel): Side;
  readonly scheduler: ManualScheduler;
  readonly telegram: TelegramServer;
  readonly whatsapp: WhatsappServer;
  readonly mpesa: Mpesa;
  readonly bluepay: Bluepay;
  /** Only where it was asked for. */
  readonly africasTalking: AfricasTalkingServer | null;
  readonly others: Watched['others'];
  readonly database: TestDatabase;
  readonly db: Database;
  readonly businessId: BusinessId;
  readonly accountId: AccountId;
  readonly callbackUrl: string;
  readonly merchantId: string;
  readonly apiSecret: string;
  /** Where the program listens. */
  readonly url: string;
  /** What the program has logged. */
  readonly log: readonly string[];
  /** Moves the clock once everything is done that was due, and waits until what fell due is done. */
  advance(seconds: number): Promise<void>;
  /** Everything that is due has been done. */
  quiet(): Promise<void>;
  /** Waits for the prompt on the phone, and answers what M-Pesa shows. */
  prompt(msisdn?: string): Promise<{ id: string; amountCents: bigint; account: string; merchant: string }>;
  pay(msisdn?: string): Promise<void>;
  /** Makes a person a member of the shop, or of another one. */
  join(person: number, role: Role, businessId?: BusinessId): Promise<void>;
  /** Another business of `boss`, with the same BluePay behind it. */
  openSecondShop(name: string): Promise<BusinessId>;
  /** Another account of the shop, at another gateway. */
  addAccount<O extends Opening>(opening: O): Promise<Place<KindOf<O>>>;
  /** The shop's first account, where it was opened at this gateway. */
  place<O extends Opening>(opening: O): Place<KindOf<O>>;
  /** What an operator does once the gateway account is in order again; the shop's first one unless told. */
  checkAccount(id?: AccountId): Promise<string>;
  /** Stops the program as SIGTERM would. */
  stop(): Promise<void>;
  /** Starts another program on the same database, and stops the one before where it still runs. */
  restart(): Promise<void>;
  /** Ends it all, and fails where the log held what it must not, the ledger money that never moved, or the audit log no line of some money. */
  close(): Promise<void>;
}

export interface WorldOptions {
  /** Where the shop has its first account; BluePay unless told. */
  readonly gateway?: Opening;
  readonly languageCode?: string;
  /** Where the shop's people write; that of this run unless told. `both`: on Telegram, and WhatsApp is connected too. */
  readonly channel?: ChatChannel | 'both';
  /** How the program reaches gateways and chats. */
  readonly fetch?: typeof fetch;
  /** true: the operator has SMS of the own at Africa's Talking. */
  readonly africasTalking?: boolean;
  /** false: a person has credited here what no phone paid. */
  readonly honestMoney?: boolean;
}

const stepSeconds = 5;

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const { log, lines } = createKeptLog();
  const scheduler = createManualScheduler();
  const random = systemRandom;
  const wanted = options.channel ?? journeyChannel;
  const channel = wanted === 'both' ? 'telegram' : wanted;
  const database = await openTestDatabase({ max: 5 });
  const { vault } = database;
  const platforms = await openPlatforms({ scheduler, random, database, wanted });
  const { telegram, whatsapp } = platforms;
  const mpesa = createMpesa({ scheduler, random });
  const bluepay = createBluepay({ scheduler, random, mpesa });
  await bluepay.listen();
  const own = options.africasTalking ? await openAfricasTalking({ scheduler, random, mpesa }) : null;
  const main = platforms.side(channel);
  const { chat } = main;
  addPeople(chat, options.languageCode ?? 'en');
  addPhones(mpesa);
  await platforms.known();
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const merchant = bluepay.control.addAccount({ merchantName: shopName });
  const atBluepay = {
    ...{ kind: 'bluepay', name: 'BluePay', acceptUnsigned: false },
    config: {
      baseUrl: bluepay.url,
      apiSecret: merchant.apiSecret,
      channelId: merchant.channels[0]?.channelId ?? '',
    },
  };
  const places = createPlaces({ scheduler, random, mpesa });
  const shopDeps = { chat, database, scheduler, publicUrl };
  const first = options.gateway === undefined ? null : await places.open(options.gateway, shopName);
  const shop = await openShop(shopDeps, shopName, first?.order ?? atBluepay);
  first?.tellResultsTo(shop.callbackUrl);
  await join(shopDeps, shop.businessId, shopPerson, 'cashier');
  const address = { host: '127.0.0.1', port, publicUrl, africasTalking: own?.config ?? null };
  const calls = watchCalls(options.fetch ?? fetch);
  const start = async (): Promise<App> => {
    const app = createApp({
      config: { ...address, ...platforms.config() },
      templates: defaultTemplates,
      db: database.db,
      vault,
      clock: scheduler,
      random,
      fetch: calls.fetch,
      log,
    });
    await platforms.starting();
    await app.start();
    await platforms.started(publicUrl);
    return app;
  };
  let app: App | null = await start();
  const stop = async (): Promise<void> => {
    const running = app;
    app = null;
    await running?.stop();
  };
  const more = (): string => shown(chat);
  const { chats } = platforms;
  const watched = { scheduler, chats, bluepay, mpesa, db: database.db, others: places.all };
  const wake: Wake = (which) => app?.wake(which);
  const rest = createQuiet({ world: watched, known: platforms.known, database, calls, wake, more });
  // The owner hears once that the shop is connected; no journey is to take that for an answer.
  await waitFor(chat, 'the shop was not announced', () => newest(chat, boss, 'is ready'));
  const prompt: World['prompt'] = (msisdn = customerPhone) =>
    poll(`no prompt on ${msisdn}`, () => mpesa.prompts(msisdn)[0], more);
  return {
    ...watched,
    ...main,
    ...{ channel, telegram, whatsapp, database, africasTalking: own?.server ?? null },
    spoken: (text) => spoken(channel, text),
    key: (person) => identityKey(vault, whoIs(shopDeps, person)),
    who: (person) => whoIs(shopDeps, person),
    on: platforms.side,
    ...shop,
    merchantId: merchant.merchantId,
    apiSecret: merchant.apiSecret,
    url: publicUrl,
    log: lines,
    quiet: rest,
    advance: async (seconds) => {
      await rest();
      // In steps: who waits for an answer of ours on this clock must not lose patience over a jump.
      for (let left = seconds; left > 0; left -= stepSeconds) {
        const told = postsOf(watched);
        scheduler.advance(Math.min(stepSeconds, left) * 1000);
        if (postsOf(watched) > told) await rest();
      }
      await rest();
    },
    prompt,
    pay: async (msisdn = customerPhone) => {
      const { id } = await prompt(msisdn);
      mpesa.enterPin(id, pin);
    },
    join: (person, role, businessId = shop.businessId) => join(shopDeps, businessId, person, role),
    openSecondShop: async (name) => {
      const { businessId } = await openShop(shopDeps, name, atBluepay);
      await waitFor(chat, 'the second shop was not announced', () => newest(chat, boss, `${name} is ready`));
      return businessId;
    },
    addAccount: async (opening) => {
      const opened = await places.open(opening, shopName);
      const account = await openAccount(shopDeps, shop.businessId, opened.order);
      opened.tellResultsTo(account.callbackUrl);
      return { gateway: opened.gateway, own: opened.own, ...account } as never;
    },
    place: (opening) => {
      if (first === null || options.gateway !== opening) throw new Error(`no account at ${opening}`);
      const { accountId, callbackUrl } = shop;
      return { gateway: first.gateway, own: first.own, accountId, callbackUrl } as never;
    },
    checkAccount: (id = shop.accountId) => checkShop(shopDeps, id),
    stop,
    restart: async () => {
      await stop();
      app = await start();
    },
    close: async () => {
      const invented = options.honestMoney === false ? [] : await madeUpMoney(watched);
      const silent = await unlogged(database.db);
      await stop();
      await bluepay.close();
      await own?.server.close();
      await places.close();
      await platforms.close();
      await database.close();
      const told = leaks(lines, [...platforms.secrets, merchant.apiSecret, apiKey, ...places.secrets()]);
      if (told.length > 0) throw new Error(`The log tells what it must not:\n${told.slice(0, 5).join('')}`);
      if (invented.length > 0)
        throw new Error(`The ledger holds money that never moved: ${invented.join(', ')}`);
      if (silent.length > 0) throw new Error(`The audit log does not name: ${silent.join(', ')}`);
    },
  };
}
