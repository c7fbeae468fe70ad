/** Protects the customer's proof where no gateway of the shop sends SMS, or not to this phone: the operator's own SMS do. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ref } from '../../src/domain/refs.ts';
import { showPayment } from '../../src/payments/show.ts';
import { newCustomer, prompted, type Sale } from './sale.ts';
import { boss, shopPerson } from './shop.ts';
import { openWorld, poll, type World } from './world.ts';

function own(world: World) {
  if (world.africasTalking === null) throw new Error('this world has no SMS of its own');
  return world.africasTalking.control;
}

const smsTo = (world: World, msisdn: string, sender: string) =>
  world.mpesa
    .smsInbox(msisdn)
    .filter(({ from }) => from === sender)
    .map(({ text }) => text);

const undelivered = (world: World, sale: Sale) =>
  world.chat
    .messages(shopPerson)
    .filter(({ text }) => text.includes(sale.ref) && /did not get|do not know if/.test(text))
    .map(({ text }) => text.split('\n')[1]);

const smsOf = (world: World, sale: Sale) =>
  world.db
    .selectFrom('sms')
    .innerJoin('payment', 'payment.id', 'sms.payment_id')
    .selectAll('sms')
    .where('ref', '=', sale.ref)
    .execute();

const over = (world: World, sale: Sale) =>
  poll('the SMS did not end', async () =>
    (await smsOf(world, sale)).every(({ state }) => state !== 'waiting'),
  );

const requests = (world: World) => own(world).requests().length;

describe('a shop at BOSMI alone, which sends no SMS', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ gateway: 'bosmi', africasTalking: true });
  });
  afterAll(() => world.close());
  beforeEach(() => world.quiet());

  async function paid(amount: number): Promise<Sale> {
    const sale = await prompted(world, amount);
    await sale.pay();
    await world.advance(60);
    await sale.card('✅');
    await world.quiet();
    await over(world, sale);
    return sale;
  }

  test('the customer’s receipt arrives by the operator’s own', async () => {
    const sale = await paid(500);
    const texts = smsTo(world, sale.msisdn, 'MALIPO');
    expect(texts).toEqual([expect.stringMatching(/^KES 500 paid to Mama Njeri, .*Our number P-\w{5}\./)]);
    expect(texts[0]).toContain(sale.ref);
    expect(await smsOf(world, sale)).toMatchObject([
      { account_id: null, state: 'accepted', detail: 'status Sent', cost_cents: 80n, parts: 1 },
    ]);
    const shown = await showPayment(world.db, sale.ref as Ref);
    expect(shown?.sms).toMatchObject([{ to: 'customer', state: 'accepted', account: null }]);
    await world.restart();
    await world.advance(120);
    expect(smsTo(world, sale.msisdn, 'MALIPO')).toEqual(texts);
    expect(undelivered(world, sale)).toEqual([]);
  });

  test('a lost answer is not asked for again: the shop hears that nobody knows', async () => {
    own(world).arm('sms_drop_after_accept');
    const before = requests(world);
    const sale = await paid(510);
    await world.advance(3700);
    expect(requests(world) - before).toBe(1);
    expect(smsTo(world, sale.msisdn, 'MALIPO')).toHaveLength(1);
    expect(await smsOf(world, sale)).toMatchObject([{ state: 'unknown' }]);
    expect(undelivered(world, sale)).toEqual([expect.stringMatching(/^We do not know if the customer got/)]);
  });

  test('without money at Africa’s Talking the shop shows a link, and the operator alone hears why', async () => {
    own(world).setBalance(10);
    const sale = await paid(520);
    own(world).setBalance(10_000);
    expect(await smsOf(world, sale)).toMatchObject([{ state: 'refused', reason: 'no_balance' }]);
    expect(undelivered(world, sale)).toEqual([
      expect.stringMatching(/^The customer did not get the receipt/),
    ]);
    expect(world.log.filter((line) => line.includes('top up the app'))).toHaveLength(1);
    expect(world.chat.messages(boss).filter(({ text }) => text.includes('tokens'))).toEqual([]);
  });
});

describe('a shop at BluePay', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ africasTalking: true });
  });
  afterAll(() => world.close());
  beforeEach(() => world.quiet());

  async function paid(amount: number, msisdn = newCustomer(world)): Promise<Sale> {
    const sale = await prompted(world, amount, msisdn);
    await sale.pay();
    await sale.card('✅');
    await world.quiet();
    await over(world, sale);
    return sale;
  }

  test('keeps using BluePay', async () => {
    const before = requests(world);
    const sale = await paid(600);
    expect(smsTo(world, sale.msisdn, 'FULL_CIRCLE')).toHaveLength(1);
    expect(requests(world)).toBe(before);
    expect(await smsOf(world, sale)).toMatchObject([{ account_id: world.accountId, state: 'accepted' }]);
  });

  test('whose SMS BluePay refuses, since the phone is not Safaricom’s, reaches the customer all the same', async () => {
    const sale = await paid(610, '254733000222');
    expect(smsTo(world, sale.msisdn, 'MALIPO')).toHaveLength(1);
    expect(await smsOf(world, sale)).toMatchObject([{ account_id: null, state: 'accepted' }]);
    expect(undelivered(world, sale)).toEqual([]);
  });

  test('without tokens hears of it, and the customer has the receipt', async () => {
    const sale = await prompted(world, 620);
    world.bluepay.control.setAccount(world.merchantId, { serviceTokenKes: 1 });
    await sale.pay();
    await sale.card('✅');
    await world.quiet();
    await over(world, sale);
    expect(smsTo(world, sale.msisdn, 'MALIPO')).toHaveLength(1);
    expect(world.chat.messages(boss).filter(({ text }) => text.includes('for SMS and prompts'))).toHaveLength(
      1,
    );
  });
});
