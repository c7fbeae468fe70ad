/** Protects what a person decides: only where nothing else can, only by who may, and never against the ledger. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, labels, prompted, type Sale, stkOf, webhook } from './sale.ts';
import { boss, shopPerson } from './shop.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ honestMoney: false });
  world.say('/help', boss);
  await world.card('500 0712345678 lunch', boss);
});
afterAll(() => world.close());

/** A payment of which BluePay tells nothing until its last planned look-up. */
async function unproved(amount: number): Promise<Sale> {
  world.bluepay.control.arm('drop_before_accept');
  const sale = await ask(world, amount);
  await sale.card('❔');
  for (let i = 0; i < 12; i++) await world.advance(310);
  await sale.card('Compare with the M-Pesa statement');
  return sale;
}

async function open(sale: Sale): Promise<void> {
  await sale.press('Review', boss);
  await world.quiet();
  await world.card('Compare with the statement of', boss);
}

test('the requester and the owner have a card each; a cashier is told who decides', async () => {
  const sale = await unproved(300);
  const alert = await sale.card('⚠️', boss);
  expect(alert.text).toMatch(/^⚠️ KES 300 .*\nAsked by Njeri\nWe still do not know\./);
  expect(labels(alert)).toEqual(['Review']);
  expect(labels(await sale.card('⚠️'))).toEqual(['Review']);
  await sale.press('Review', shopPerson);
  await world.toast('This is for a manager. Ask Baraka.');
  await world.say('/review', shopPerson);
  await world.card('This is for a manager. Ask Baraka.');
  await world.quiet();
  expect((await sale.state()).state).toBe('review');
});

test('/review lists what waits, and a mark with its code makes it paid', async () => {
  const sale = await unproved(310);
  world.say('/review', boss);
  await world.card(/^To review: \d+$/, boss);
  await world.quiet();
  await open(sale);
  await world.press('It was paid', boss);
  await world.card('Type the M-Pesa code on the statement', boss);
  world.say('nothing there', boss);
  await world.card('We could not read nothing there. Write it like TFH774CBH1.', boss);
  world.say('tfhxyzcbhq', boss);
  await world.card(/^Marked paid by Baraka \d\d:\d\d\.$/, boss);
  expect((await sale.card('✅')).text).toMatch(/\nPaid to Mama Njeri \d\d:\d\d\. M-Pesa TFHXYZCBHQ\nlunch$/);
  expect(labels(await sale.card('✅', boss))).toEqual(['Receipt', 'Refund']);
  expect(await sale.state()).toEqual({ state: 'paid', reason: null, flag: null });
});

test('a code that is used is refused and asked again; not paid brings Send again', async () => {
  const sale = await unproved(320);
  await open(sale);
  await world.press('It was paid', boss);
  await world.card('Type the M-Pesa code on the statement', boss);
  world.say('TFHXYZCBHQ', boss);
  await world.card(/^M-Pesa TFHXYZCBHQ is already used for P-\w{5}\. Type another, or leave/, boss);
  world.say('TFH774CBH9', boss);
  await world.card(/Marked paid by Baraka/, boss);
  await sale.card('M-Pesa TFH774CBH9');

  const other = await unproved(330);
  await open(other);
  await world.press('It was not paid', boss);
  await world.card(/^Marked not paid by Baraka \d\d:\d\d\.$/, boss);
  const over = await other.card('Not paid.');
  expect(over.text).toMatch(/^⚪ .*\nNot paid\.\nNo money moved\.$/);
  expect(labels(over)).toEqual(['Send again']);
  await other.again();
  await other.pay();
  await other.card('✅');
});

test('Later decides nothing; a decision that came meanwhile stands', async () => {
  const sale = await unproved(340);
  await open(sale);
  await world.press('Later', boss);
  await world.quiet();
  expect((await sale.state()).state).toBe('review');
  await open(sale);
  const stk = {
    account_reference: `${sale.ref.replace('-', '')}1`,
    amount: 340,
    mpesa_receipt_number: 'TFH774CBQ4',
  };
  const data = { payment_id: 9, status: 'success', ...stk };
  expect(await webhook(world, { event: 'mpesa.payment.received', data })).toBe(200);
  await sale.card('M-Pesa TFH774CBQ4');
  await world.press('It was not paid', boss);
  await world.card('This card is old.', boss);
  expect(await sale.state()).toMatchObject({ state: 'paid', flag: null });
});

describe('another amount than was asked', () => {
  async function mismatch(amount: number): Promise<Sale> {
    world.bluepay.control.arm('wrong_amount', amount + 1);
    const sale = await prompted(world, amount);
    await sale.pay();
    const card = await sale.card('⚠️');
    expect(card.text).toMatch(
      new RegExp(`\\nM-Pesa shows KES ${amount + 1}\\. Under review; hold the goods\\.$`),
    );
    expect(await sale.state()).toMatchObject({ state: 'review', flag: 'amount_differs' });
    return sale;
  }

  test('is taken by an owner: the ledger holds what came, and later word of it changes nothing', async () => {
    const sale = await mismatch(350);
    await sale.card('⚠️', boss);
    await sale.press('Review', boss);
    await world.card('Asked KES 350, M-Pesa shows KES 351. Take KES 351 as the payment?', boss);
    await world.press('Take this amount', boss);
    const paid = await sale.card('✅');
    expect(paid.text).toMatch(/\nKES 351\nPaid to Mama Njeri \d\d:\d\d\. M-Pesa \w{10}/);
    const stk = stkOf(world, sale);
    const data = {
      payment_id: stk.payment?.id ?? 0,
      amount: 351,
      mpesa_receipt_number: stk.payment?.receipt,
      account_reference: stk.reference,
      checkout_request_id: stk.checkoutRequestId,
    };
    expect(await webhook(world, { event: 'mpesa.payment.received', data })).toBe(200);
    await world.quiet();
    expect(await sale.state()).toEqual({ state: 'paid', reason: null, flag: null });
  });

  test('is told once, however often the look-up repeats it', async () => {
    const sale = await mismatch(360);
    await world.quiet();
    const count = (person: number): number =>
      world.chat.messages(person).filter(({ text }) => text.includes(sale.ref)).length;
    const before = [count(shopPerson), count(boss)];
    for (let i = 0; i < 12; i++) await world.advance(310);
    expect([count(shopPerson), count(boss)]).toEqual(before);
    await sale.press('Review', boss);
    await world.press('It was not paid', boss);
    await sale.card('not taken as this payment');
    await world.quiet();
    const refused = await sale.card('not taken as this payment');
    expect(refused.text).not.toContain('No money moved');
    expect(labels(refused)).toEqual(['Send again']);
  });
});
