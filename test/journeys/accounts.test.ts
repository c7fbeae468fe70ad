/** Protects the shop with several accounts: a person chooses through which one, and what was sent stays where it was sent. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { switchAccount } from '../../src/payments/switch-account.ts';
import type { Place } from './places.ts';
import { ask, draft, labels, prompted, tellFailed } from './sale.ts';
import { boss, shopPerson } from './shop.ts';
import { isSpent } from './standing.ts';
import { openWorld, poll, type World } from './world.ts';

/** Set: SmartPay does not answer until it is called. */
let release: (() => void) | null = null;
let hold: Promise<void> | null = null;
const held: typeof fetch = async (url, init) => {
  if (hold !== null && String(url).includes('/v1/account')) await hold;
  return fetch(url, init);
};

let world: World;
let smartpay: Place<'smartpay'>;
beforeAll(async () => {
  world = await openWorld({ fetch: held });
  world.say('/help', boss);
  await world.card('500 0712345678 lunch', boss);
  const alone = await draft(world);
  expect((await alone.card('Send the PIN')).text).not.toContain('Through');
  await world.advance(1);
  smartpay = await world.addAccount('smartpay');
  await world.card('Money lands here: Wallet SP', boss);
});
afterEach(() => world.quiet());
afterAll(() => world.close());

const atBluepay = 'Through Paybill 123456';
const atSmartpay = 'Through Default Account, SP';
const pushes = () => smartpay.gateway.control.pushes().length;

describe('another account', () => {
  test('is offered on the card, and a draft goes where the person chose', async () => {
    const sale = await draft(world);
    const card = await sale.card(atBluepay);
    expect(labels(card)).toEqual(['Send prompt', 'Another account', 'Change', 'Cancel']);
    await sale.press('Another account');
    await sale.card(atSmartpay);
    await sale.press('Another account');
    await sale.card(atBluepay);
    await sale.press('Another account');
    await sale.card(atSmartpay);
    const before = pushes();
    await sale.press('Send prompt');
    await world.prompt(sale.msisdn);
    expect(labels(await sale.card(/⏳.*\nPrompt sent, waiting/))).toEqual([]);
    expect(pushes()).toBe(before + 1);
    await sale.pay();
    await sale.card('✅');
  });

  test('takes no prompt that was sent: the card that asks is gone, and its old button changes nothing', async () => {
    const sale = await draft(world);
    const before = await sale.card(atBluepay);
    await sale.press('Send prompt');
    await sale.card(/⏳.*\nPrompt sent, waiting/);
    await world.quiet();
    expect(await isSpent(world, shopPerson, before)).toBe(true);
    const row = await world.db
      .selectFrom('payment')
      .select('id')
      .where('ref', '=', sale.ref)
      .executeTakeFirstOrThrow();
    const switched = await world.db
      .transaction()
      .execute((tx) => switchAccount(tx, { clock: world.scheduler } as never, row.id));
    expect(switched).toBe(false);
    await sale.pay();
    await sale.card('✅');
  });

  test('may be asked once the first is over; the first one’s late word still counts', async () => {
    world.bluepay.control.arm('callback_late', 200_000);
    const sale = await prompted(world);
    await tellFailed(world, sale);
    const over = await sale.card('Not paid.');
    expect(labels(over)).toEqual(['Send again', 'Another account']);
    await sale.pay();
    await sale.press('Another account');
    await sale.card(atSmartpay);
    await world.advance(125);
    await sale.again();
    await world.quiet();
    await sale.pay();
    await sale.card('✅');
    await world.advance(90);
    expect((await sale.card('⚠️')).text).toMatch(/\nPaid twice: .*You received KES 1,000\.$/);
    const rows = await world.db
      .selectFrom('ledger')
      .innerJoin('payment', 'payment.id', 'ledger.payment_id')
      .select('ledger.account_id')
      .where('payment.ref', '=', sale.ref)
      .execute();
    expect(new Set(rows.map((row) => row.account_id))).toEqual(
      new Set([world.accountId, smartpay.accountId]),
    );
  });
});

describe('an account that is away', () => {
  test('rests for new prompts and says so; the other one takes them by a person’s choice', async () => {
    await smartpay.gateway.close();
    for (let i = 0; i < 4; i++) {
      const lost = await draft(world);
      await lost.press('Another account');
      await lost.card(atSmartpay);
      await lost.press('Send prompt');
      await lost.card('cannot be reached');
      await world.advance(1);
    }
    await world.card(/^⚠️ SmartPay does not answer\. New prompts wait until \d\d:\d\d; what was sent/, boss);
    const sale = await draft(world);
    await sale.press('Another account');
    await sale.card(atSmartpay);
    await sale.press('Send prompt');
    const resting = await sale.card('takes no new prompts just now');
    expect(resting.text).toMatch(/\nNot sent: the gateway takes no new prompts just now\. Try \d\d:\d\d\.$/);
    expect(labels(resting)).toEqual(['Send again', 'Another account', 'Cancel']);
    world.say('/balance', boss);
    expect((await world.card('Rests: new prompts wait until', boss)).text).toMatch(/SmartPay · Default Acc/);
    await sale.press('Another account');
    await sale.card(atBluepay);
    await sale.press('Send prompt');
    await sale.pay();
    await sale.card('✅');
    await smartpay.gateway.listen();
    await world.advance(125);
    const again = await draft(world);
    await again.press('Another account');
    await again.card(atSmartpay);
    await again.press('Send prompt');
    await again.pay();
    await again.card('✅');
  });

  test('stopped: the next request goes through the other one, and an open draft can', async () => {
    const waiting = await draft(world);
    world.bluepay.control.arm('unauthorized');
    const first = await ask(world);
    await first.card('did not accept our keys');
    await world.card('BluePay takes no requests now', boss);
    const next = await draft(world);
    const card = await next.card('Send the PIN');
    expect(card.text).toContain('lunch');
    expect(labels(card)).toEqual(['Send prompt', 'Change', 'Cancel']);
    await next.press('Send prompt');
    await next.pay();
    await next.card('✅');
    await waiting.press('Send prompt');
    await world.card(/^Not sent: the gateway did not accept our keys/);
    const fresh = await world.answer(world.say(`/status ${waiting.ref}`));
    expect(fresh.text).toContain(atBluepay);
    expect(labels(fresh)).toContain('Another account');
    await waiting.press('Another account');
    await waiting.card(/P-\w+\nlunch\nSend the PIN/);
    await waiting.press('Send prompt');
    await waiting.pay();
    await waiting.card('✅');
    world.say('/balance', boss);
    await world.card(/Stopped: it takes no prompts until whoever runs the bot has checked it\./, boss);
    expect(await world.checkAccount()).toBe('checked');
  });
});

describe('the default', () => {
  test('is chosen by an owner in /settings, in both languages, and by nobody else', async () => {
    const card = await world.answer(world.say('/settings', boss), boss);
    expect(card.text).toContain('Requests go through: BluePay');
    expect(labels(card)).toContain('SmartPay');
    expect(labels(card)).not.toContain('BluePay');
    const cashiers = await world.answer(world.say('/settings'));
    expect(labels(cashiers)).toEqual(['English', 'Kiswahili']);
    await world.press('SmartPay', boss);
    await world.card('Requests go through: SmartPay', boss);
    await (await draft(world)).card(atSmartpay);
    await world.press('Kiswahili', boss);
    await world.card('Maombi hupitia: SmartPay', boss);
    await world.press('BluePay', boss);
    await world.card('Maombi hupitia: BluePay', boss);
    await world.press('English', boss);
    await world.card('Requests go through: BluePay', boss);
    await (await draft(world)).card(atBluepay);
  });
});

describe('/balance', () => {
  test('asks no gateway inside the turn: the chat goes on while one hangs', async () => {
    const waits = Promise.withResolvers<void>();
    hold = waits.promise;
    release = waits.resolve;
    const asked = world.say('/balance', boss);
    expect((await world.answer(asked, boss)).text).toBe('We are asking the gateway. The answer comes here.');
    await world.answer(world.say('/help', boss), boss);
    hold = null;
    release();
    const told = await poll('no balances', () =>
      world.chat.messages(boss).find(({ id, text }) => id > asked && text.startsWith('Mama Njeri\n\n')),
    );
    expect(told.text).toMatch(/\n\nBluePay · Paybill 123456\nPrepaid KES \d+, Float KES 0 \(\d\d:\d\d\)\n/);
    expect(told.text).toMatch(/\n\nSmartPay · Default Account, SP\d+\nPrompts left \d+, SMS left \d+ \(/);
    expect(told.text).toMatch(/\n24 hours: \d+% paid, answer in \d+ s, not known yet \d+/);
  });

  test('names a gateway without balances, and what was seen last where one does not answer', async () => {
    await world.addAccount('bosmi');
    await smartpay.gateway.close();
    await world.advance(61);
    const asked = world.say('/balance', boss);
    const told = await poll('no balances', () =>
      world.chat.messages(boss).find(({ id, text }) => id > asked && text.includes('BOSMI · BOSMI')),
    );
    await smartpay.gateway.listen();
    expect(told.text).toMatch(/BOSMI · BOSMI\nThis gateway tells no balance\.\n/);
    expect(told.text).toMatch(/SmartPay · .*\nPrompts left \d+, SMS left \d+ \(\d\d:\d\d\)\n/);
  });
});

test('a destination that was changed at the gateway is told to owners, with before and after, once', async () => {
  const till = { method: 'till', till_number: '555123' } as const;
  smartpay.gateway.control.setKey(Number(smartpay.own), { destination: till });
  await world.advance(6 * 3600 + 60);
  const told = await world.card('now lands your money here', boss);
  expect(told.text).toMatch(
    /^⚠️ SmartPay now lands your money here: Till 555123\nBefore: Wallet SP\d+\nIf that was not you, ask/,
  );
  await world.advance(6 * 3600 + 60);
  await poll('not looked at again', async () => {
    const { setup_due_at: due } = await world.db
      .selectFrom('gateway_account')
      .select('setup_due_at')
      .where('id', '=', smartpay.accountId)
      .executeTakeFirstOrThrow();
    return due !== null && due > world.scheduler.now();
  });
  await world.quiet();
  const all = world.chat.messages(boss).filter(({ text }) => text.includes('now lands'));
  expect(all).toHaveLength(1);
});
