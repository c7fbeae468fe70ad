/**
 * Protects one database from two programs: both answer webhooks, take turns, submit and settle the same rows. Every
 * payment is prompted once, credited once and told once, though callbacks come twice and out of order.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestRandom } from '../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Program, startProgram } from './program.ts';
import { environmentOf, freePort, openShop, type Shop } from './shop.ts';
import { until } from './until.ts';

const payments = 30;
type Call = { readonly url: string; readonly init: RequestInit };

let database: TestDatabase;
let shop: Shop;
let programs: readonly Program[] = [];
const ports: number[] = [];
/** BluePay's webhooks wait here, so that the test chooses their order. */
const held: Call[] = [];

beforeAll(async () => {
  database = await openTestDatabase({ max: 5 });
  const hold: typeof fetch = async (url, init = {}) => {
    held.push({ url: String(url), init });
    return new Response();
  };
  shop = await openShop({ people: payments, phones: payments, webhooks: hold });
  ports.push(await freePort(), await freePort());
  await shop.seed(database, `http://127.0.0.1:${ports[0]}`);
  programs = ports.map((port) => startProgram(environment(port)));
  await Promise.all(programs.map((program) => program.listening()));
});
afterAll(async () => {
  await Promise.all(programs.map((program) => program.kill()));
  await shop?.close();
  await database?.close();
});

/** With a webhook, since Telegram gives long polls to one program only. */
function environment(port: number) {
  const common = environmentOf({
    connection: database.connection,
    masterKey: database.masterKey,
    telegramUrl: shop.telegram.url,
    port,
  });
  return { ...common, TELEGRAM_WEBHOOK_SECRET: 'a-secret-for-the-webhook-0123456789' };
}

test('thirty payments through two programs, half of the callbacks twice and all out of order', async () => {
  const { control } = shop.telegram;
  for (const [index, person] of shop.people.entries())
    control.sendText(person, `${200 + index} 0${shop.phones[index]?.slice(3)} both`);
  await everybody('asked to confirm', (person) => shop.cards(person, 'Send the PIN prompt')[0]);
  for (const person of shop.people) shop.press(person, 'Send prompt');
  await until('every phone shows its prompt', () => shop.phones.every((one) => shop.mpesa.prompts(one)[0]));
  for (const msisdn of shop.phones) shop.enterPin(msisdn);
  await until('every webhook set out', () => held.length === payments);
  expect(await callAll(shuffled([...held, ...held.slice(0, payments / 2)]))).toEqual(new Set([200]));
  await everybody('told of the money', (person) => shop.cards(person, 'Paid to')[0]);
  await expectOnce();
}, 120_000);

async function everybody(what: string, find: (person: number) => unknown): Promise<void> {
  await until(`everybody is ${what}`, () => shop.people.every((person) => find(person)), logs);
}

/** To both programs in turn, each webhook on a connection of its own. */
async function callAll(calls: readonly Call[]): Promise<Set<number>> {
  const answers = await Promise.all(
    calls.map(async ({ url, init }, index) => {
      const to = new URL(url);
      to.port = String(ports[index % ports.length]);
      const { signal: _, ...rest } = init;
      return (await fetch(to, rest)).status;
    }),
  );
  return new Set(answers);
}

function shuffled<T>(list: readonly T[]): T[] {
  const dice = createTestRandom('reorder');
  return list
    .map((one) => ({ one, at: dice.bytes(4).readUInt32BE() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

async function expectOnce(): Promise<void> {
  const rows = await database.db
    .selectFrom('attempt')
    .innerJoin('payment', 'payment.id', 'attempt.payment_id')
    .leftJoin('ledger', 'ledger.attempt_id', 'attempt.id')
    .select(['payment.ref', 'payment.state', 'ledger.receipt'])
    .execute();
  expect(rows).toHaveLength(payments);
  expect(new Set(rows.map(({ ref }) => ref)).size).toBe(payments);
  expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['paid']));
  const receipts = shop.mpesa.moved().map(({ receipt }) => receipt);
  expect(rows.map(({ receipt }) => receipt).toSorted()).toEqual(receipts.toSorted());
  expect(shop.bluepay.control.stks()).toHaveLength(payments);
  for (const [index, person] of shop.people.entries())
    expect(shop.cards(person, `KES ${200 + index} `)).toHaveLength(1);
}

function logs(): string {
  return programs.map((program) => program.log().slice(-3).join('\n')).join('\n');
}

test('both programs did a part of the work', () => {
  for (const program of programs)
    expect(program.log().some((line) => /"callback settled"|"prompt submitted"/.test(line))).toBe(true);
});
