/**
 * A shop around the spawned program, on the system clock: an emulated Telegram with its people, BluePay and the phones,
 * and the rows that an operator's commands would have written.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Database } from '../../src/db/tables.ts';
import type { Vault } from '../../src/db/vault.ts';
import { systemClock } from '../../src/domain/clock.ts';
import type { AccountId, BusinessId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { createGatewayHttp } from '../../src/gateways/http.ts';
import { silentLog } from '../../src/ops/log.ts';
import { addAccount } from '../../src/payments/accounts.ts';
import { addBusiness, addMember } from '../../src/payments/businesses.ts';
import { createGateways } from '../../src/payments/gateways.ts';
import { type Bluepay, createBluepay } from '../../src/sandbox/bluepay/index.ts';
import { createMpesa, type Mpesa } from '../../src/sandbox/mpesa.ts';
import { createSystemScheduler, type Scheduler } from '../../src/sandbox/scheduler.ts';
import { createTelegramServer, type TelegramServer } from '../../src/sandbox/telegram/server.ts';
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import type { Environment } from './program.ts';

export const token = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';
const pin = '1234';
const owner = 999;
const firstPerson = 1001;

export interface ShopOptions {
  readonly people: number;
  readonly phones: number;
  /** Carries BluePay's webhooks to the program. */
  readonly webhooks?: typeof fetch;
  readonly scheduler?: Scheduler;
}

/** The ends of the path; they outlive every program. */
export interface Shop {
  readonly telegram: TelegramServer;
  readonly mpesa: Mpesa;
  readonly bluepay: Bluepay;
  /** Telegram ids, each a cashier's private chat. */
  readonly people: readonly number[];
  readonly phones: readonly string[];
  /** Newest first: the bot's messages in the person's chat that contain the text. */
  cards(person: number, text: string): readonly SeenMessage[];
  /** Presses the button on the newest message that has it. */
  press(person: number, button: string): void;
  enterPin(msisdn: string): void;
  /** A message that the program knows nothing of; answers its id. */
  sendAsBot(person: number, text: string): Promise<string>;
  /** Writes the business, its cashiers and its gateway account. `gatewayUrl`: BluePay, or what stands in front of it. */
  seed(store: Store, publicUrl: string, gatewayUrl?: string): Promise<Seeded>;
  close(): Promise<void>;
}

export interface Store {
  readonly db: Database;
  readonly vault: Vault;
}

export interface Seeded {
  readonly businessId: BusinessId;
  readonly accountId: AccountId;
  readonly apiSecret: string;
  /** Where BluePay is told to call. */
  readonly callbackUrl: string;
}

export async function openShop(options: ShopOptions): Promise<Shop> {
  const scheduler = options.scheduler ?? createSystemScheduler();
  const random = systemRandom;
  const telegram = createTelegramServer({ scheduler, random, token });
  const mpesa = createMpesa({ scheduler, random });
  const bluepay = createBluepay({
    scheduler,
    random,
    mpesa,
    ...(options.webhooks && { fetch: options.webhooks }),
  });
  await telegram.listen();
  await bluepay.listen();
  const people = Array.from({ length: options.people }, (_, index) => firstPerson + index);
  for (const id of people)
    telegram.control.addUser({ id, firstName: `Cashier ${id}`, languageCode: 'en', started: true });
  const phones = Array.from({ length: options.phones }, (_, index) => `2547${String(10_000_000 + index)}`);
  for (const msisdn of phones) mpesa.addSubscriber({ msisdn, pin, balanceCents: 100_000_000n });
  const cards: Shop['cards'] = (person, text) =>
    telegram.control
      .messages(person)
      .filter((message) => message.fromBot && message.text.includes(text))
      .toReversed();
  return {
    telegram,
    mpesa,
    bluepay,
    people,
    phones,
    cards,
    press: (person, button) => {
      const message = telegram.control
        .messages(person)
        .findLast((one) => one.buttons.flat().some(({ text }) => text === button));
      if (message === undefined) throw new Error(`no button ${button} in the chat of ${person}`);
      telegram.control.pressButton(person, message.id, button);
    },
    enterPin: (msisdn) => {
      const [prompt] = mpesa.prompts(msisdn);
      if (prompt === undefined) throw new Error(`no prompt on ${msisdn}`);
      mpesa.enterPin(prompt.id, pin);
    },
    sendAsBot: async (person, text) => {
      const answer = await fetch(`${telegram.url}/bot${token}/sendMessage`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ chat_id: person, text }),
      });
      const { result } = (await answer.json()) as { result: { message_id: number } };
      return String(result.message_id);
    },
    seed: (store, publicUrl, gatewayUrl = bluepay.url) => seed(store, bluepay, people, publicUrl, gatewayUrl),
    close: async () => {
      await bluepay.close();
      await telegram.close();
    },
  };
}

async function seed(
  { db, vault }: Store,
  bluepay: Bluepay,
  people: readonly number[],
  publicUrl: string,
  baseUrl: string,
): Promise<Seeded> {
  const account = bluepay.control.addAccount({ merchantName: 'Mama Njeri', serviceTokenKes: 1_000_000 });
  const deps = { vault, clock: systemClock, random: systemRandom };
  const businessId = await db.transaction().execute(async (tx) => {
    const added = await addBusiness(tx, deps, {
      name: 'Mama Njeri',
      owner: { channel: 'telegram', externalId: String(owner) },
      locale: 'en',
    });
    for (const person of people) {
      const who = { channel: 'telegram', externalId: String(person) } as const;
      await addMember(tx, deps, added.businessId, who, 'cashier');
    }
    return added.businessId;
  });
  const http = createGatewayHttp({ fetch, log: silentLog });
  const gateways = createGateways({ vault, http, clock: systemClock });
  const config = { baseUrl, apiSecret: account.apiSecret, channelId: account.channels[0]?.channelId };
  const added = await addAccount(
    { db, ...deps, http, gateways, publicUrl },
    { businessId, kind: 'bluepay', name: 'BluePay', acceptUnsigned: false, config },
  );
  if (added.kind !== 'added') throw new Error(added.lines.join('\n'));
  const { accountId, callbackUrl } = added;
  return { businessId, accountId, callbackUrl, apiSecret: account.apiSecret };
}

export interface ProgramSettings {
  readonly connection: string;
  readonly masterKey: string;
  readonly telegramUrl: string;
  readonly port: number;
}

export function environmentOf(settings: ProgramSettings): Environment {
  return {
    PORT: String(settings.port),
    DATABASE_URL: settings.connection,
    MASTER_KEY: settings.masterKey,
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_API_ROOT: settings.telegramUrl,
  };
}

/**
 * Free now, and none that the system gives to whoever asks for any. A program that is started again must find the same one, so
 * it cannot choose for itself.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(15_000, 32_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.close();
    if (!isFree) continue;
    await once(server, 'close');
    return port;
  }
  throw new Error('no port');
}
