/** Protects the customer from two prompts at once and from paying twice unseen, and the shop from a late surprise. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, draft, labels, newCustomer, prompted, type Sale, tellFailed } from './sale.ts';
import { boss } from './shop.ts';
import { isSameCard, isSpent } from './standing.ts';
import { moneyAgrees } from './watch.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function cancelled(sale: Sale): Promise<void> {
  world.mpesa.cancel((await world.prompt(sale.msisdn)).id);
  await sale.card('Not paid.');
}

describe('a second prompt for the phone is held back', () => {
  test('while one stands open, with the times', async () => {
    const first = await prompted(world);
    const second = await ask(world, 600, first.msisdn);
    const held = await second.card('prompt open');
    expect(held.text).toMatch(
      /^⏳ KES 600 .*\nNot sent: this phone has a prompt open since \d\d:\d\d\. Try \d\d:\d\d\.$/,
    );
    expect(labels(held)).toEqual(['Send again', 'Cancel']);
    await second.press('Cancel');
    expect((await second.card('Stopped')).text).toMatch(/\nStopped; nothing was sent\.$/);
    expect(labels(await second.card('Stopped'))).toEqual([]);
    await first.pay();
    await first.card('✅');
  });

  test('for a minute after another amount', async () => {
    const first = await prompted(world, 200);
    await cancelled(first);
    const second = await ask(world, 300, first.msisdn);
    const held = await second.card('wants a minute');
    expect(held.text).toMatch(
      /\nNot sent: M-Pesa wants a minute between prompts to one phone\. Try \d\d:\d\d\.$/,
    );
    await world.advance(61);
    await second.again();
    await second.pay();
    await second.card('✅');
  });

  test('for two minutes after the same amount, on the same card too', async () => {
    const first = await prompted(world, 250);
    await cancelled(first);
    await first.press('Send again');
    const held = await first.card('twice in 2 minutes');
    expect(held.text).toMatch(
      /^⏳ .*\nNot sent: M-Pesa refuses the same amount twice in 2 minutes\. Try \d\d:\d\d\.$/,
    );
    await world.advance(65);
    await first.press('Send again');
    await world.quiet();
    expect(world.mpesa.prompts(first.msisdn)).toEqual([]);
    await first.press('Cancel');
    expect((await first.card('Not paid.')).text).toContain('No money moved.');
    await world.advance(60);
    await first.again();
    await first.pay();
    await first.card('✅');
  });

  test('after a lost answer, for as long as the prompt may stand', async () => {
    world.bluepay.control.arm('drop_after_accept');
    world.bluepay.control.arm('status_500', 0, 2);
    const first = await ask(world, 350);
    await first.card('❔');
    const second = await ask(world, 360, first.msisdn);
    await second.card('prompt open since');
    await world.quiet();
    expect(world.bluepay.control.stks().filter(({ phone }) => phone === first.msisdn)).toHaveLength(1);
    world.bluepay.control.clearAll();
    await cancelled(first);
  });

  test('not after a refusal: nothing was on the phone', async () => {
    world.bluepay.control.setAccount(world.merchantId, { serviceTokenKes: 0 });
    const first = await ask(world, 400);
    await first.card('Not sent:');
    world.bluepay.control.setAccount(world.merchantId, { serviceTokenKes: 1000 });
    const second = await ask(world, 400, first.msisdn);
    await world.prompt(second.msisdn);
    await second.pay();
    await second.card('✅');
  });

  test('and two drafts pressed at the same moment make one prompt', async () => {
    const first = await draft(world, 410);
    const second = await draft(world, 420, first.msisdn);
    await Promise.all([first.press('Send prompt'), second.press('Send prompt')]);
    await world.prompt(first.msisdn);
    await world.quiet();
    const states = [(await first.state()).state, (await second.state()).state].sort();
    expect(states).toEqual(['created', 'prompted']);
    await world.pay(first.msisdn);
  });
});

describe('paid after we said that it was not', () => {
  test('is paid late, and says what we said', async () => {
    const sale = await prompted(world, 510);
    await tellFailed(world, sale);
    const wrong = await sale.card('Not paid.');
    await sale.pay();
    const late = await sale.card('Paid late');
    expect(late.text).toMatch(/^✅ .*\nPaid late, \d\d:\d\d\. M-Pesa \w{10}\nEarlier we said: Not paid\.$/);
    expect(labels(late)).toEqual(['Receipt', 'Refund']);
    expect(await isSameCard(world, wrong, late)).toBe(true);
    expect(await moneyAgrees(world)).toBe(true);
  });

  test('is said in a new message once the card has scrolled away', async () => {
    world.bluepay.control.arm('callback_late', 600_000);
    const sale = await prompted(world, 520);
    await tellFailed(world, sale);
    const wrong = await sale.card('Not paid.');
    await sale.pay();
    await world.advance(601);
    const late = await sale.card('Paid late');
    expect(late.id).toBeGreaterThan(wrong.id);
    await world.quiet();
    expect(await isSpent(world, wrong.chatId, wrong)).toBe(true);
  });
});

test('a look-up that proves a payment long after is said in a new message too', async () => {
  world.bluepay.control.arm('callback_lost');
  world.bluepay.control.arm('status_500', 0, 6);
  const sale = await prompted(world, 530);
  await sale.pay();
  for (const seconds of [21, 25, 45, 90, 180, 360]) await world.advance(seconds);
  const doubt = await sale.card('❔');
  await world.advance(780);
  const paid = await sale.card('✅');
  expect(paid.id).toBeGreaterThan(doubt.id);
});

describe('paid by two prompts', () => {
  test('is flagged with both codes, and an owner keeps both', async () => {
    world.bluepay.control.arm('callback_late', 200_000);
    const sale = await prompted(world, 540, newCustomer(world));
    await tellFailed(world, sale);
    await sale.card('Not paid.');
    await sale.pay();
    await world.advance(125);
    await sale.again();
    await sale.pay();
    await sale.card('✅');
    await world.advance(100);
    const twice = await sale.card('⚠️');
    expect(twice.text).toMatch(/\nPaid twice: M-Pesa \w{10} and M-Pesa \w{10}\. You received KES 1,080\.$/);
    expect(await moneyAgrees(world)).toBe(true);
    const alert = await sale.card('Paid twice', boss);
    expect(labels(alert)).toEqual(['Refund one', 'Keep both']);
    await sale.press('Keep both');
    await world.toast('This is for a manager. Ask a manager.');
    await sale.press('Keep both', boss);
    const kept = await sale.card('✅');
    const codes = world.mpesa
      .moved()
      .slice(-2)
      .map(({ receipt }) => receipt);
    for (const code of codes) expect(kept.text).toContain(code);
    expect(kept.text).toContain('KES 1,080');
    expect(await sale.state()).toEqual({ state: 'paid', reason: null, flag: null });
  });
});
