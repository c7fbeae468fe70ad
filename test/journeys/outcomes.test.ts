/** Protects what the shop is told when a prompt ends without money, or never reaches the phone. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ask, draft, labels, newCustomer, prompted } from './sale.ts';
import { boss } from './shop.ts';
import { moneyAgrees } from './watch.ts';
import { openWorld, pin, type World } from './world.ts';

/** Set: BluePay gets another phone than the program sent. */
let wrongPhone = false;
const tamper: typeof fetch = (url, init) => {
  const isPrompt = String(url).endsWith('/api/stk_push.php') && wrongPhone;
  const body = isPrompt ? String(init?.body).replace(/"phone":"\d+"/, '"phone":"12"') : init?.body;
  return fetch(url, { ...init, ...(body != null && { body }) });
};

let world: World;
beforeAll(async () => {
  world = await openWorld({ fetch: tamper });
});
afterEach(async () => {
  wrongPhone = false;
  await world.quiet();
  expect(await moneyAgrees(world)).toBe(true);
});
afterAll(() => world.close());

/** BluePay names no reason, whatever the phone did. */
const notPaid = /^⚪ KES 500 · 0\d{3} \d{3} \d{3} · P-\w{5}\nNot paid\.\nNo money moved\.$/;

describe('the customer', () => {
  test('cancels on the phone', async () => {
    const sale = await prompted(world);
    world.mpesa.cancel((await world.prompt(sale.msisdn)).id);
    const over = await sale.card('Not paid.');
    expect(over.text).toMatch(notPaid);
    expect(labels(over)).toEqual(['Send again']);
    expect(await sale.state()).toEqual({ state: 'failed', reason: 'not_given', flag: null });
  });

  test('mistypes the PIN', async () => {
    const sale = await prompted(world);
    world.mpesa.enterPin((await world.prompt(sale.msisdn)).id, `${Number(pin) - 1}`);
    expect((await sale.card('Not paid.')).text).toMatch(notPaid);
  });

  test('has not enough money', async () => {
    const sale = await prompted(world, 500, newCustomer(world, { balanceCents: 100n }));
    await sale.pay();
    expect((await sale.card('Not paid.')).text).toMatch(notPaid);
  });

  test('has the phone switched off', async () => {
    const sale = await ask(world, 500, newCustomer(world, { on: false }));
    await sale.card('waiting for the PIN');
    await world.advance(35);
    expect((await sale.card('Not paid.')).text).toMatch(notPaid);
  });

  test('types no PIN in time', async () => {
    const sale = await prompted(world);
    await world.advance(65);
    expect((await sale.card('Not paid.')).text).toMatch(notPaid);
  });

  test('pays after Send again, which is a prompt of its own', async () => {
    const sale = await prompted(world);
    world.mpesa.cancel((await world.prompt(sale.msisdn)).id);
    await sale.card('Not paid.');
    await world.advance(121);
    await sale.again();
    await sale.pay();
    expect((await sale.card('✅')).text).toMatch(
      /^✅ .*\nPaid to Mama Njeri \d\d:\d\d\. M-Pesa [A-Z0-9]{10}\nlunch$/,
    );
    const stks = world.bluepay.control.stks().filter(({ phone }) => phone === sale.msisdn);
    expect(stks.map(({ reference }) => reference)).toEqual([
      `${sale.ref.replace('-', '')}1`,
      `${sale.ref.replace('-', '')}2`,
    ]);
  });
});

describe('BluePay refuses', () => {
  const why = async (amount = 500): Promise<string> => {
    const sale = await ask(world, amount);
    const over = await sale.card('Not sent:');
    expect(over.text).toMatch(/^⚪ .*\nNot sent: .*\.\nNo money moved\.$/);
    expect(labels(over)).toEqual(['Send again']);
    expect(world.mpesa.prompts(sale.msisdn)).toEqual([]);
    return over.text.split('\n')[1] ?? '';
  };

  test('since its tokens ran out, and takes the prompt once there are more', async () => {
    world.bluepay.control.setAccount(world.merchantId, { serviceTokenKes: 0 });
    const sale = await ask(world);
    expect((await sale.card('Not sent:')).text).toContain('has no tokens left; buy tokens, then send again.');
    world.bluepay.control.setAccount(world.merchantId, { serviceTokenKes: 1000 });
    await sale.again();
    await sale.pay();
    await sale.card('✅');
  });

  test('since its channel wants another reference', async () => {
    const [channel] = world.bluepay.control.account(world.merchantId).channels;
    if (channel === undefined) throw new Error('no channel');
    world.bluepay.control.setAccount(world.merchantId, {
      channels: [{ ...channel, requiredPrefix: 'SHOP' }],
    });
    expect(await why()).toBe('Not sent: the gateway did not take our number; send again, with a new one.');
    world.bluepay.control.setAccount(world.merchantId, { channels: [channel] });
  });

  test('since it does not take the phone', async () => {
    wrongPhone = true;
    expect(await why()).toBe(
      'Not sent: the gateway does not take this phone; check the number or use another.',
    );
  });

  test('since the channel is off: the account stops, the owner is told, and the next prompt says why', async () => {
    world.bluepay.control.arm('channel_inactive');
    const off = 'this Till or Paybill is off at the gateway; ask the gateway to turn it on';
    const first = await draft(world);
    const second = await draft(world);
    await first.press('Send prompt');
    await first.card(`Not sent: ${off}.`);
    expect((await world.card('takes no requests now', boss)).text).toBe(
      `⚠️ BluePay takes no requests now: ${off}.`,
    );
    const before = world.bluepay.control.requests().length;
    await second.press('Send prompt');
    await world.card(new RegExp(`^Not sent: ${off}\\.$`));
    await first.press('Send again');
    await world.quiet();
    expect(world.bluepay.control.requests()).toHaveLength(before);
    expect(await second.state()).toMatchObject({ state: 'created' });
    expect(await world.checkAccount()).toBe('checked');
    await second.press('Send prompt');
    await second.pay();
    await second.card('✅');
  });

  test('our keys: the account stops, and managers hear it once', async () => {
    await world.advance(1);
    world.bluepay.control.arm('unauthorized', 0, 2);
    const keys = 'the gateway did not accept our keys; ask whoever runs the bot for new ones';
    const [first, second] = [await draft(world), await draft(world)];
    await first.press('Send prompt');
    await second.press('Send prompt');
    await first.card(`Not sent: ${keys}.`);
    await world.card(`BluePay takes no requests now: ${keys}.`, boss);
    await world.quiet();
    const told = world.chat.messages(boss).filter(({ text }) => text.includes(keys));
    expect(told).toHaveLength(1);
    world.bluepay.control.clearAll();
    expect(await world.checkAccount()).toBe('checked');
  });
});

test('nobody listens at the gateway: nothing was sent, and Send again works as soon as it does', async () => {
  await world.bluepay.close();
  const sale = await ask(world);
  const over = await sale.card('Not sent:');
  expect(over.text).toMatch(
    /\nNot sent: the gateway cannot be reached; send again in a few minutes\.\nNo money moved\.$/,
  );
  await world.bluepay.listen();
  await sale.again();
  await sale.pay();
  await sale.card('✅');
});
