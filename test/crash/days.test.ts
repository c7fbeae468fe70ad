/**
 * Protects the running program on bad days: the database drops every connection, Telegram is away, somebody stops it.
 * Nothing is acknowledged that is not stored, what was to be said is said in order, and it ends when told to.
 */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { asProgram, breakConnections } from './gate.ts';
import { type Exit, type Program, startProgram } from './program.ts';
import { laneOf } from './scene.ts';
import { environmentOf, freePort, openShop, type Seeded, type Shop } from './shop.ts';
import { until } from './until.ts';

let database: TestDatabase;
let shop: Shop;
let seeded: Seeded;
let program: Program | undefined;
let start: () => Program;

beforeAll(async () => {
  database = await openTestDatabase({ max: 5 });
  shop = await openShop({ people: 2, phones: 10 });
  const port = await freePort();
  seeded = await shop.seed(database, `http://127.0.0.1:${port}`);
  const environment = environmentOf({
    connection: asProgram(database.connection),
    masterKey: database.masterKey,
    telegramUrl: shop.telegram.url,
    port,
  });
  start = () => startProgram(environment);
});
// As soon as the machine lets it.
const dayMs = 130_000;

/** One day after another; only who was stopped is started again. */
beforeEach(async () => {
  if (program !== undefined) return;
  program = start();
  await program.listening();
});
afterAll(async () => {
  await program?.kill();
  await shop?.close();
  await database?.close();
});

const person = (): number => shop.people[0] ?? 0;

test(
  'connections broken under load: what is answered 200 is stored, and it recovers by itself',
  async () => {
    const accepted: string[] = [];
    const answers = new Map<number, number>();
    let broken = 0;
    for (let round = 0; round < 12; round++) {
      const batch = Array.from({ length: 8 }, (_, index) => `DAY${round}X${index}`);
      const posted = batch.map(async (reference) => {
        const status = await post(reference);
        answers.set(status, (answers.get(status) ?? 0) + 1);
        if (status === 200) accepted.push(reference);
      });
      if (round % 2 === 1) broken += await breakConnections(database.db);
      await Promise.all(posted);
    }
    expect(broken).toBeGreaterThan(6);
    expect([...answers.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
    await until('every stored callback is read', async () => {
      const kept = await database.db.selectFrom('evidence').select('reference').execute();
      const known = new Set(kept.map(({ reference }) => reference));
      return accepted.every((reference) => known.has(reference));
    });
    expect(await post('DAYAFTER')).toBe(200);
    shop.telegram.control.sendText(person(), '310 0710000001 after');
    await until('the chat goes on', () => shop.cards(person(), 'KES 310 ')[0], lastLines);
  },
  dayMs,
);

test(
  'Telegram away for a while: what was to be said arrives afterwards, in order',
  async () => {
    const { control } = shop.telegram;
    control.sendText(person(), '320 0710000002 away');
    await until('the card', () => shop.cards(person(), 'KES 320 ')[0]);
    shop.press(person(), 'Send prompt');
    await until('the prompt', () => shop.mpesa.prompts('254710000002')[0]);
    await until('the card shows it', () => shop.cards(person(), 'KES 320 ')[0]?.text.startsWith('⏳'));
    control.setDown(true);
    shop.enterPin('254710000002');
    await until(
      'the receipt was tried in vain',
      async () => (await waiting()).some(({ error }) => error),
      lastLines,
    );
    for (const text of ['/help', '330 0710000003 first', '340 0710000004 second'])
      control.sendText(person(), text);
    expect(shop.cards(person(), 'KES 320 ')[0]?.text).not.toContain('Paid to');
    control.setDown(false);
    await until(
      'the receipt',
      () => shop.cards(person(), 'KES 320 ')[0]?.text.includes('Paid to'),
      lastLines,
    );
    await until('the answers', () => shop.cards(person(), 'KES 340 ')[0], lastLines);
    const [first, second] = [shop.cards(person(), 'KES 330 '), shop.cards(person(), 'KES 340 ')];
    expect([first.length, second.length]).toEqual([1, 1]);
    expect(first[0]?.id).toBeLessThan(second[0]?.id ?? 0);
    // A message is on the screen a moment before the program has written down that it is.
    await until('nothing waits', async () => (await waiting()).length === 0, lastLines);
  },
  dayMs,
);

test(
  'SIGTERM while the gateway thinks: it finishes what it holds and ends with 0 within ten seconds',
  async () => {
    shop.telegram.control.sendText(person(), '350 0710000005 stop');
    await until('the card', () => shop.cards(person(), 'KES 350 ')[0]);
    shop.bluepay.control.arm('slow', 1500);
    const before = shop.bluepay.control.stks().length;
    shop.press(person(), 'Send prompt');
    await until('the gateway has the request', () => shop.bluepay.control.stks().length > before);
    const asked = performance.now();
    expect(await stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(await claimOf(350)).toEqual({ state: 'prompted', claimed: false });
  },
  dayMs,
);

test(
  'SIGTERM while the gateway says nothing: it ends in time, and the claim is left to its lease',
  async () => {
    shop.telegram.control.sendText(person(), '360 0710000006 hang');
    await until('the card', () => shop.cards(person(), 'KES 360 ')[0]);
    shop.bluepay.control.arm('slow', 60_000);
    const before = shop.bluepay.control.stks().length;
    shop.press(person(), 'Send prompt');
    await until('the gateway has the request', () => shop.bluepay.control.stks().length > before);
    const asked = performance.now();
    expect(await stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - asked).toBeLessThan(10_000);
    expect(await claimOf(360)).toEqual({ state: 'sending', claimed: true });
  },
  dayMs,
);

async function stop(): Promise<Exit | undefined> {
  const stopped = program;
  program = undefined;
  return await stopped?.terminate();
}

/** In the person's chat. A message to somebody else whose outcome a broken connection kept from us waits for its lease. */
async function waiting() {
  return await database.db
    .selectFrom('outbox')
    .select('error')
    .where('state', '=', 'pending')
    .where('lane', '=', laneOf(person()))
    .execute();
}

async function claimOf(kes: number): Promise<{ state: string; claimed: boolean }> {
  const { state, lease_until } = await database.db
    .selectFrom('attempt')
    .select(['state', 'lease_until'])
    .where('amount_cents', '=', BigInt(kes) * 100n)
    .executeTakeFirstOrThrow();
  return { state, claimed: lease_until !== null };
}

/** A signed webhook of a payment that nobody asked for: it is kept as evidence all the same. */
async function post(reference: string): Promise<number> {
  const event = 'mpesa.payment.received';
  const body = JSON.stringify({
    event,
    api_version: '1',
    livemode: true,
    data: {
      payment_id: 1,
      amount: 10,
      mpesa_receipt_number: reference,
      account_reference: reference,
      checkout_request_id: `ws_${reference}`,
      phone: '254710000009',
      status: 'success',
    },
  });
  const signature = createHmac('sha256', seeded.apiSecret).update(body).digest('hex');
  const answer = await fetch(seeded.callbackUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-bluepay-event': event,
      'x-bluepay-signature': `v1=${signature}`,
      'idempotency-key': reference,
    },
    body,
  });
  return answer.status;
}

function lastLines(): string {
  return program?.log().slice(-5).join('\n') ?? '';
}
