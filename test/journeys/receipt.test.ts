/** Protects the receipt number: none is printed before it is M-Pesa's own, and it is never asked of two payments. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linkedPatron, told } from './patron.ts';
import { ask, labels, prompted, tellFailed } from './sale.ts';
import { boss } from './shop.ts';
import { isSameCard, standing } from './standing.ts';
import { moneyAgrees } from './watch.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ honestMoney: false });
});
afterAll(() => world.close());

function neverShown(text: string): void {
  for (const person of [1001, boss])
    for (const message of world.chat.messages(person)) expect(message.text).not.toContain(text);
}

test('it follows, then is where the customer finds it, then it is completed', async () => {
  world.bluepay.control.arm('pending_receipt');
  const patron = await linkedPatron(world);
  const sale = await prompted(world, 500, patron.msisdn);
  await sale.pay();
  const follows = await sale.card('✅');
  expect(follows.text).toMatch(/^✅ .*\nPaid \d\d:\d\d\. M-Pesa receipt number follows\.$/);
  neverShown('RCHK');
  await world.advance(590);
  expect((await sale.card('✅')).text).toBe(follows.text);
  expect(told(world, patron.id, /Payment receipt/)).toEqual([]);
  await world.advance(15);
  expect((await sale.card('see your')).text).toMatch(
    /^✅ .*\nPaid to Mama Njeri \d\d:\d\d\. M-Pesa code: see your M-Pesa SMS\nlunch$/,
  );
  neverShown('RCHK');
  const theirs = await sale.card('see your M-Pesa SMS', patron.id);
  expect(world.bluepay.control.completeReceipts()).toBe(1);
  await world.advance(1300);
  const [moved] = world.mpesa.moved();
  const done = await sale.card(`M-Pesa ${moved?.receipt}`);
  expect(done.text).toMatch(/^✅ .*\nPaid to Mama Njeri \d\d:\d\d\. M-Pesa \w{10}\nlunch$/);
  expect(await isSameCard(world, follows, done)).toBe(true);
  const whole = await sale.card(`M-Pesa ${moved?.receipt}`, patron.id);
  expect(await isSameCard(world, theirs, whole)).toBe(true);
  const receipts = (await standing(world, patron.id)).filter(({ text }) => text.includes('Payment receipt'));
  expect(receipts).toHaveLength(1);
  expect(await moneyAgrees(world)).toBe(true);
});

test('late and without its number, it still says that it is late', async () => {
  world.bluepay.control.arm('pending_receipt');
  const sale = await prompted(world, 600);
  await tellFailed(world, sale);
  await sale.card('Not paid.');
  await sale.pay();
  const late = await sale.card('Paid late');
  expect(late.text).toMatch(
    /\nPaid late, \d\d:\d\d\. M-Pesa code: see your M-Pesa SMS\nEarlier we said: Not paid\.$/,
  );
  world.bluepay.control.completeReceipts();
  await world.advance(15);
  const code = world.mpesa.moved().at(-1)?.receipt;
  expect((await sale.card(`M-Pesa ${code}`)).text).toContain('Earlier we said: Not paid.');
  neverShown('RCHK');
});

test('paid twice prints no stand-in either', async () => {
  world.bluepay.control.arm('pending_receipt', 0, 2);
  world.bluepay.control.arm('callback_late', 200_000);
  const sale = await prompted(world, 700);
  await tellFailed(world, sale);
  await sale.card('Not paid.');
  await sale.pay();
  await world.advance(125);
  await sale.again();
  await sale.pay();
  await sale.card('follows');
  await world.advance(100);
  expect((await sale.card('Paid twice')).text).toMatch(
    /\nPaid twice; the receipt numbers follow\. You received KES 1,400\.$/,
  );
  neverShown('RCHK');
});

test('a code that a person gave to one payment does not become the number of another', async () => {
  world.bluepay.control.arm('pending_receipt');
  const real = await prompted(world, 800);
  await real.pay();
  await real.card('follows');
  const code = world.mpesa.moved().at(-1)?.receipt ?? '';
  world.bluepay.control.arm('drop_before_accept');
  world.bluepay.control.arm('status_not_found', 0, 1000);
  const doubtful = await ask(world, 810);
  for (let i = 0; i < 12; i++) await world.advance(310);
  await doubtful.card('Compare with the M-Pesa statement', boss);
  await doubtful.press('Review', boss);
  await world.press('It was paid', boss);
  await world.card('Type the M-Pesa code', boss);
  world.say(code, boss);
  await world.card('Marked paid by Baraka', boss);
  world.bluepay.control.clearAll();
  world.bluepay.control.completeReceipts();
  await world.advance(6 * 3600);
  const flagged = await real.card('⚠️');
  expect(flagged.text).toContain(`M-Pesa ${code} already belongs to another payment.`);
  expect(await real.state()).toMatchObject({ state: 'paid', flag: 'receipt_used' });
  expect(labels(await real.card('⚠️', boss))).toEqual(['Review']);
  const dead = await world.db.selectFrom('inbox').select('error').where('state', '=', 'dead').execute();
  expect(dead).toEqual([]);
});
