/**
 * Protects what happens on WhatsApp once 24 hours have passed since the person wrote: a customer's receipt goes as a template
 * whose buttons work, the shop hears a door bell and then the real card, and where nothing goes the other ways are taken.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SeenWhatsapp } from '../../src/sandbox/whatsapp/view.ts';
import { linkedPatron, type Patron } from './patron.ts';
import { begin, openPayShop, owner } from './payouts-kit.ts';
import { draft, labels, newCustomer, type Sale } from './sale.ts';
import { shopPerson } from './shop.ts';
import { openWorld, poll, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld({ channel: 'whatsapp' });
});
afterEach(() => world.close());

const day = 24 * 3600;

/** A jump, since nothing is under way that the steps of `advance` would matter to. */
async function later(seconds: number): Promise<void> {
  await world.quiet();
  world.scheduler.advance(seconds * 1000);
  await world.quiet();
}

const seen = (person: number): SeenWhatsapp[] =>
  world.whatsapp.control.messages(world.chat.externalId(person)).filter(({ fromBot }) => fromBot);

/** What the template's name says came as such, newest last. */
const templates = (person: number, name: string) => seen(person).filter(({ template }) => template === name);

const newestTemplate = (person: number, name: string): Promise<SeenWhatsapp> =>
  poll(`no ${name}`, () => templates(person, name).at(-1));

interface Bought {
  readonly customer: Patron;
  readonly sale: Sale;
}

/** The customer's window is closed, the cashier's is open; the money has been paid. */
async function boughtLater(): Promise<Bought> {
  const customer = await linkedPatron(world);
  await later(day + 60);
  const sale = await draft(world, 500, customer.msisdn);
  await sale.press('Send prompt');
  await sale.pay();
  await sale.card('✅');
  return { customer, sale };
}

test('a customer’s receipt goes as a template, and its buttons are the receipt’s', async () => {
  const { customer, sale } = await boughtLater();
  const receipt = await newestTemplate(customer.id, 'receipt_customer');
  expect(receipt.text).toMatch(
    /^Your payment of KES 500 to Mama Njeri was received on .*\. Receipt M-Pesa \w{10}, our number P-\w{5}\. This is a payment receipt, not a tax invoice\.$/,
  );
  expect(labels(receipt)).toEqual(['It was me', 'Something is wrong']);
  await world.press('Something is wrong', customer.id, receipt);
  await sale.card('What is wrong? Mama Njeri will see your answer.', customer.id);
  await sale.press('I did not pay this', customer.id);
  await world.card('Mama Njeri now knows: I did not pay this.', customer.id);
  await sale.card('The customer says: I did not pay this.');
});

test('It was me, under the template, is kept as the answer', async () => {
  const { customer } = await boughtLater();
  await world.press('It was me', customer.id, await newestTemplate(customer.id, 'receipt_customer'));
  await world.card('Mama Njeri now knows: It was me.', customer.id);
  await world.quiet();
  const answers = await world.db.selectFrom('customer_answer').select('answer').execute();
  expect(answers).toEqual([{ answer: 'me' }]);
});

test('the shop’s own receipt rings by template; the card comes once the person writes', async () => {
  const customer = await linkedPatron(world);
  const sale = await draft(world, 510, customer.msisdn);
  await sale.press('Send prompt');
  await world.prompt(customer.msisdn);
  await world.quiet();
  // The window of the shop closes while the prompt stands; the gateway tells of the payment afterwards.
  await world.db
    .updateTable('identity')
    .set({ wrote_at: null })
    .where('external_id', '=', world.key(shopPerson))
    .execute();
  await world.advance(1);
  await sale.pay();
  const bell = await newestTemplate(shopPerson, 'receipt_merchant');
  expect(bell.text).toMatch(/^A payment of KES 510 from 2547\*{4}\d{3} was received on/);
  expect(labels(bell)).toEqual(['Review']);
  await world.quiet();
  expect(seen(shopPerson).filter(({ text }) => text.startsWith('✅'))).toEqual([]);
  await world.press('Review', shopPerson, bell);
  await sale.card(/^✅ KES 510/);
  await world.quiet();
  expect(seen(shopPerson).filter(({ text }) => text.startsWith('✅'))).toHaveLength(1);
  expect(templates(shopPerson, 'receipt_merchant')).toHaveLength(1);
});

test('a message that Meta fails for the window is sent again as a template, and statuses are kept', async () => {
  const customer = await linkedPatron(world);
  await later(day + 60);
  // Our clock and Meta's differ: we believe that the person has just written.
  await world.db
    .updateTable('identity')
    .set({ wrote_at: world.scheduler.now() })
    .where('external_id', '=', world.key(customer.id))
    .execute();
  const sale = await draft(world, 520, customer.msisdn);
  await sale.press('Send prompt');
  await sale.pay();
  await sale.card('✅');
  await world.advance(5);
  const receipt = await newestTemplate(customer.id, 'receipt_customer');
  await world.advance(5);
  const row = await world.db
    .selectFrom('outbox')
    .select(['state', 'delivered_at', 'read_at'])
    .where('external_id', '=', receipt.wamid)
    .executeTakeFirstOrThrow();
  expect(row).toMatchObject({ state: 'sent', delivered_at: expect.any(Date), read_at: null });
  world.whatsapp.control.open(world.chat.externalId(customer.id));
  await world.quiet();
  const read = await world.db
    .selectFrom('outbox')
    .select('read_at')
    .where('external_id', '=', receipt.wamid)
    .executeTakeFirstOrThrow();
  expect(read.read_at).toEqual(expect.any(Date));
});

/** The gateway takes SMS to Safaricom's numbers only. */
async function withSafaricom(): Promise<Patron> {
  const customer = { id: 7001, msisdn: newCustomer(world) };
  world.chat.addUser({ id: customer.id, firstName: 'Akinyi', phone: customer.msisdn, started: true });
  await world.answer(world.chat.shareOwnPhone(customer.id), customer.id);
  return customer;
}

/** Paid by a customer outside the window, on a day when something is wrong. */
async function paidOn(badDay: (customer: Patron) => void, customerSms: boolean): Promise<Bought> {
  const customer = await withSafaricom();
  world.bluepay.control.setAccount(world.merchantId, { serviceTokenKes: 1000 });
  await world.db.updateTable('business').set({ customer_sms: customerSms }).execute();
  await later(day + 60);
  badDay(customer);
  const sale = await draft(world, 530, customer.msisdn);
  await sale.press('Send prompt');
  await sale.pay();
  await sale.card('✅');
  await world.advance(5);
  expect(templates(customer.id, 'receipt_customer')).toEqual([]);
  return { customer, sale };
}

const pauseTemplate = () => world.whatsapp.control.setTemplateStatus('receipt_customer', 'en', 'PAUSED');
const smsTo = ({ msisdn }: Patron, ref: string) =>
  world.mpesa.smsInbox(msisdn).filter(({ text }) => text.includes(`Our number ${ref}`));

test('where the template is paused, the customer has an SMS, and the log names the template once', async () => {
  const { customer, sale } = await paidOn(pauseTemplate, true);
  expect(smsTo(customer, sale.ref)).toHaveLength(1);
  expect(
    world.log.filter((line) => line.includes('does not take the template receipt_customer')),
  ).toHaveLength(1);
});

test('without an SMS either, the shop is told and has the link to show', async () => {
  const { customer, sale } = await paidOn(pauseTemplate, false);
  expect(smsTo(customer, sale.ref)).toEqual([]);
  await sale.card(/The customer did not get the receipt\. Show http\S+\/receipt\//);
});

test('a template that reaches nobody (131026) is the same: SMS, or the shop is told', async () => {
  const { sale } = await paidOn(({ id }) => world.chat.block(id), false);
  await sale.card(/The customer did not get the receipt\. Show http\S+\/receipt\//);
  const rows = await world.db
    .selectFrom('outbox')
    .select('error')
    .where('failed_at', 'is not', null)
    .execute();
  expect(rows).toEqual([{ error: 'blocked: 131026' }]);
});

test('an approver outside the window hears the bell, and then has the card that asks', async () => {
  await world.close();
  world = await openPayShop({ channel: 'whatsapp' });
  await later(day + 60);
  const pay = await begin(world, 700);
  await pay.press('Ask for approval');
  const bell = await newestTemplate(owner, 'approval_wanted');
  expect(bell.text).toMatch(
    /^A payout of KES 700 to 2547\*{4}\d{3} waits for your approval\. It was asked by Otieno, number W-\w{5}/,
  );
  expect(seen(owner).filter(({ text }) => text.includes('asks, until'))).toEqual([]);
  await world.press('Review', owner, bell);
  await pay.card('asks, until', owner);
  await pay.press('Approve', owner);
  // The gateway may have it before the yes was said.
  await pay.card(/Approved by Baraka|M-Pesa has it/);
});
