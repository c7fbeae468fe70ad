/** Protects the truth while nobody knows: no second prompt, no verdict without proof, and the look-up that brings it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Fault } from '../../src/sandbox/bluepay/faults.ts';
import { ask, labels, prompted, type Sale, stkOf } from './sale.ts';
import { boss } from './shop.ts';
import { moneyAgrees } from './watch.ts';
import { openWorld, poll, type World } from './world.ts';

/** Shorter than the program's own time-out; the outcome is the same: sent, and no answer. */
const impatient: typeof fetch = (url, init) => {
  const isPrompt = String(url).endsWith('/api/stk_push.php');
  const signals = [init?.signal, isPrompt ? AbortSignal.timeout(300) : null].filter((one) => one != null);
  return fetch(url, { ...init, signal: AbortSignal.any(signals) });
};

let world: World;
beforeAll(async () => {
  world = await openWorld({ fetch: impatient });
});
afterEach(() => world.bluepay.control.clearAll());
afterAll(() => world.close());

const unknown = /^❔ .*\nWe do not know yet\. Send no other prompt\. Next check \d\d:\d\d\.$/;

/** Asks while the fault strikes, and sees the doubt. The look-ups find nothing until the test lets them. */
async function inDoubt(fault: Fault): Promise<Sale> {
  world.bluepay.control.arm(fault);
  world.bluepay.control.arm('status_500', 0, 1000);
  const sale = await ask(world);
  const card = await sale.card('We do not know yet.');
  expect(card.text).toMatch(unknown);
  expect(labels(card)).toEqual([]);
  return sale;
}

async function lookUpsWork(): Promise<void> {
  await world.quiet();
  world.bluepay.control.clear('status_500');
}

describe.each(['drop_after_accept', 'http_502', 'truncated_json', 'html_200', 'oversized', 'slow'] as const)(
  'the answer is lost (%s)',
  (fault) => {
    test('paid: the callback finds its payment by our reference', async () => {
      const sale = await inDoubt(fault);
      await sale.pay();
      await sale.card('✅');
      await lookUpsWork();
      expect(await moneyAgrees(world)).toBe(true);
    });

    test('the prompt is found, and the card waits for the PIN again', async () => {
      const sale = await inDoubt(fault);
      await lookUpsWork();
      await world.advance(4);
      expect((await sale.card('⏳')).text).toMatch(/\nPrompt sent, waiting for the PIN\. \d\d:\d\d$/);
      await sale.pay();
      await sale.card('✅');
    });
  },
);

describe.each(['http_502_refused', 'drop_after_accept'] as const)(
  'no money, and a lost answer (%s)',
  (fault) => {
    test('only the look-up proves it, and then Send again is there', async () => {
      const sale = await inDoubt(fault);
      for (const { id } of world.mpesa.prompts(sale.msisdn)) world.mpesa.cancel(id);
      await lookUpsWork();
      await world.advance(4);
      const over = await sale.card('Not paid.');
      expect(over.text).toMatch(/^⚪ .*\nNot paid\.\nNo money moved\.$/);
      expect(labels(over)).toEqual(['Send again']);
    });
  },
);

describe.each(['http_500', 'drop_before_accept'] as const)('it broke before BluePay looked (%s)', (fault) => {
  test('not found is no proof: it goes to a person at last', async () => {
    const sale = await inDoubt(fault);
    await lookUpsWork();
    for (const seconds of [4, 20, 25, 45, 90, 180, 360, 780]) {
      await world.advance(seconds);
      expect((await sale.card('❔')).text).toMatch(unknown);
    }
    await world.advance(2200);
    expect((await sale.card('⚠️')).text).toMatch(
      /\nWe still do not know\. Compare with the M-Pesa statement\.$/,
    );
    expect(labels(await sale.card('⚠️', boss))).toEqual(['Review']);
    expect(world.bluepay.control.stks().filter(({ phone }) => phone === sale.msisdn)).toEqual([]);
  });
});

describe('the callback is lost', () => {
  test.each([
    [20, 21],
    [45, 50],
    [180, 185],
  ])('the look-up after %i s proves the payment', async (_, paidAt) => {
    world.bluepay.control.arm('callback_lost');
    world.bluepay.control.arm('status_500', 0, paidAt > 180 ? 3 : paidAt > 45 ? 1 : 0);
    if (paidAt < 45) world.bluepay.control.clear('status_500');
    const sale = await prompted(world);
    await sale.pay();
    for (let at = 0; at < paidAt; at += 7) await world.advance(7);
    expect((await sale.card('✅')).text).toMatch(/Paid to Mama Njeri/);
    expect(await moneyAgrees(world)).toBe(true);
  });

  test('the look-up proves that nothing was paid', async () => {
    world.bluepay.control.arm('callback_lost');
    const sale = await prompted(world);
    world.mpesa.cancel((await world.prompt(sale.msisdn)).id);
    await world.advance(21);
    await sale.card('Not paid.');
  });

  test('a prompt whose life is over is unknown, whatever the clock says about its customer', async () => {
    world.bluepay.control.arm('status_500');
    world.bluepay.control.arm('callback_lost');
    const sale = await prompted(world);
    await world.advance(46);
    expect((await sale.card('⏳')).text).toContain('waiting for the PIN');
    await world.advance(15);
    expect((await sale.card('❔')).text).toMatch(unknown);
    await world.advance(30);
    await sale.card('Not paid.');
    const looked = await poll('no look-up', () =>
      world.bluepay.control.requests().filter(({ path }) => path.startsWith('/api/payment_status')),
    );
    expect(looked.length).toBeGreaterThan(2);
  });
});

test('look-ups ask by the best key that is known', async () => {
  const before = world.bluepay.control.requests().length;
  const sale = await inDoubt('http_502');
  const id = stkOf(world, sale).id;
  await lookUpsWork();
  await world.advance(4);
  await sale.card('⏳');
  const asked = world.bluepay.control
    .requests()
    .slice(before)
    .filter(({ path }) => path.includes('payment_status'));
  expect(asked.every(({ path }) => path.includes(`stk_request_id=${id}`))).toBe(true);
  await world.advance(21);
  const last = world.bluepay.control.requests().at(-1);
  expect(last?.path).toContain(`checkout_request_id=${stkOf(world, sale).checkoutRequestId}`);
});
