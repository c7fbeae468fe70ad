/**
 * A whole shop on loopback for journeys: the real program in this process, the emulated Telegram, the strict BluePay and
 * the phones, all on one clock that the test moves. People are driven as a person would: type, press, enter a PIN.
 */
import { type App, createApp } from '../../src/app.ts';
import type { Database } from '../../src/db/tables.ts';
import type { AccountId, BusinessId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { createGatewayHttp } from '../../src/gateways/http.ts';
import { type Logger, silentLog } from '../../src/ops/log.ts';
import { addAccount } from '../../src/payments/accounts.ts';
import { addBusiness, addMember } from '../../src/payments/businesses.ts';
import { createGateways } from '../../src/payments/gateways.ts';
import { type Bluepay, createBluepay } from '../../src/sandbox/bluepay/index.ts';
import { createMpesa, type Mpesa } from '../../src/sandbox/mpesa.ts';
import { createManualScheduler, type ManualScheduler } from '../../src/sandbox/scheduler.ts';
import { createTelegramServer } from '../../src/sandbox/telegram/server.ts';
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

export const shopPerson = 1001;
export const boss = 1002;
export const stranger = 1003;
export const customerPhone = '254712345678';
export const pin = '1234';
const token = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';

export interface World {
  readonly scheduler: ManualScheduler;
  readonly telegram: ReturnType<typeof createTelegramServer>;
  readonly mpesa: Mpesa;
  readonly bluepay: Bluepay;
  readonly database: TestDatabase;
  readonly db: Database;
  readonly businessId: BusinessId;
  readonly accountId: AccountId;
  readonly merchantId: string;
  /** Where the program listens. */
  readonly url: string;
  /** Moves the clock in steps, so that what falls due on the way happens in its order. */
  advance(seconds: number): Promise<void>;
  say(text: string, person?: number): number;
  /** The newest message of the bot to the person that the text matches, as it stands now. */
  card(text: RegExp | string, person?: number): Promise<SeenMessage>;
  press(button: string, person?: number, on?: SeenMessage): Promise<void>;
  /** Waits for the prompt on the phone, and answers what M-Pesa shows. */
  prompt(msisdn?: string): Promise<{ id: string; amountCents: bigint; account: string; merchant: string }>;
  pay(msisdn?: string): Promise<void>;
  /** Stops the program as SIGTERM would, and starts another one on the same database. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly log?: Logger;
  readonly languageCode?: string;
}

/** Longer than any honest answer, shorter than vitest's own limit, so that the failure names what was waited for. */
const patienceMs = 12_000;

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const log = options.log ?? silentLog;
  const scheduler = createManualScheduler();
  const random = systemRandom;
  const database = await openTestDatabase({ max: 20 });
  const telegram = createTelegramServer({ scheduler, random, token });
  const mpesa = createMpesa({ scheduler, random });
  const bluepay = createBluepay({ scheduler, random, mpesa });
  await telegram.listen();
  await bluepay.listen();
  people(telegram, options.languageCode ?? 'en');
  phones(mpesa);
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const account = bluepay.control.addAccount({ merchantName: 'Mama Njeri' });
  const seeded = await seed(database, scheduler, publicUrl, bluepay.url, account);
  const start = async (): Promise<App> => {
    const app = createApp({
      config: {
        host: '127.0.0.1',
        port,
        publicUrl,
        telegram: { token, apiRoot: telegram.url, webhookSecret: null },
      },
      db: database.db,
      vault: database.vault,
      clock: scheduler,
      random,
      fetch,
      log,
    });
    await app.start();
    return app;
  };
  let app = await start();

  const until = async <T>(what: string, find: () => T | undefined | null | false): Promise<T> => {
    const found = telegram.control.until(find);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`${what}\n${shown(telegram)}`)), patienceMs);
    try {
      return await Promise.race([found, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
  const card: World['card'] = (text, person = shopPerson) =>
    until(`no message ${text} came`, () => newest(telegram, person, text));
  const prompt: World['prompt'] = async (msisdn = customerPhone) => {
    const shownNow = await poll(
      `no prompt on ${msisdn}`,
      () => mpesa.prompts(msisdn)[0],
      () => shown(telegram),
    );
    return shownNow;
  };
  return {
    scheduler,
    telegram,
    mpesa,
    bluepay,
    database,
    db: database.db,
    ...seeded,
    merchantId: account.merchantId,
    url: publicUrl,
    advance: async (seconds) => {
      for (let left = seconds; left > 0; left -= 5) {
        scheduler.advance(Math.min(5, left) * 1000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    say: (text, person = shopPerson) => telegram.control.sendText(person, text),
    card,
    press: async (button, person = shopPerson, on) => {
      const message = on ?? (await until(`no button ${button}`, () => withButton(telegram, person, button)));
      telegram.control.pressButton(person, message.id, button);
    },
    prompt,
    pay: async (msisdn = customerPhone) => {
      const { id } = await prompt(msisdn);
      mpesa.enterPin(id, pin);
    },
    restart: async () => {
      await app.stop();
      app = await start();
    },
    close: async () => {
      await app.stop();
      await bluepay.close();
      await telegram.close();
      await database.close();
    },
  };
}

type Telegram = ReturnType<typeof createTelegramServer>;

function people(telegram: Telegram, languageCode: string): void {
  telegram.control.addUser({ id: shopPerson, firstName: 'Njeri', languageCode, started: true });
  telegram.control.addUser({ id: boss, firstName: 'Baraka', languageCode, started: true });
  telegram.control.addUser({ id: stranger, firstName: 'Otieno', languageCode, started: true });
}

function phones(mpesa: Mpesa): void {
  for (const msisdn of [customerPhone, '254722000111', '254733000222'])
    mpesa.addSubscriber({ msisdn, pin, balanceCents: 100_000_000n });
}

async function seed(
  database: TestDatabase,
  scheduler: ManualScheduler,
  publicUrl: string,
  baseUrl: string,
  account: { apiSecret: string; channels: readonly { channelId: string }[] },
) {
  const { db, vault } = database;
  const deps = { clock: scheduler, random: systemRandom };
  const { businessId } = await db.transaction().execute(async (tx) => {
    const added = await addBusiness(tx, deps, {
      name: 'Mama Njeri',
      owner: { channel: 'telegram', externalId: String(boss) },
      locale: 'en',
    });
    const who = { channel: 'telegram', externalId: String(shopPerson) } as const;
    await addMember(tx, deps, added.businessId, who, 'cashier');
    return added;
  });
  const http = createGatewayHttp({ fetch, log: silentLog });
  const added = await addAccount(
    { db, vault, ...deps, http, gateways: createGateways({ vault, http }), publicUrl },
    {
      businessId,
      kind: 'bluepay',
      name: 'BluePay',
      acceptUnsigned: false,
      config: { baseUrl, apiSecret: account.apiSecret, channelId: account.channels[0]?.channelId },
    },
  );
  if (added.kind !== 'added') throw new Error(added.lines.join('\n'));
  return { businessId, accountId: added.accountId };
}

function newest(telegram: Telegram, person: number, text: RegExp | string): SeenMessage | undefined {
  const matches = (message: SeenMessage): boolean =>
    typeof text === 'string' ? message.text.includes(text) : text.test(message.text);
  return telegram.control
    .messages(person)
    .filter((message) => message.fromBot && matches(message))
    .at(-1);
}

function withButton(telegram: Telegram, person: number, button: string): SeenMessage | undefined {
  return telegram.control
    .messages(person)
    .filter((message) => message.buttons.flat().some(({ text }) => text === button))
    .at(-1);
}

function shown(telegram: Telegram): string {
  return [shopPerson, boss, stranger]
    .flatMap((id) => telegram.control.messages(id).map((m) => `${id} ${m.fromBot ? '<' : '>'} ${m.text}`))
    .join('\n');
}

/** For what tells nobody of its changes: looked at again and again, on the real clock. */
export async function poll<T>(
  what: string,
  find: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  more: () => string = () => '',
): Promise<T> {
  for (const end = performance.now() + patienceMs; performance.now() < end; ) {
    const found = await find();
    if (found !== undefined && found !== null && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${what}\n${more()}`);
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
