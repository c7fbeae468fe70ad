/** Protects a chat without edits from noise: what somebody types or presses brings each person one message, or none. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linkedPatron, type Patron } from './patron.ts';
import { asker, openPayShop, owner } from './payouts-kit.ts';
import { newCustomer } from './sale.ts';
import { shopPerson } from './shop.ts';
import type { World } from './world.ts';

let world: World;
let customer: Patron;
beforeAll(async () => {
  world = await openPayShop({ channel: 'whatsapp' });
  customer = await linkedPatron(world);
});
afterAll(() => world.close());

/** Who gets more than one message by one turn, and why. */
const exceptions = {
  complaint: 'the receipt stands anew with its buttons, and a sentence says that the shop knows',
  review: 'one card for each thing that waits, under a line that counts them',
  balance: 'the gateway is asked, which may take a while; its answer comes by itself',
  refunded: 'the refund and the payment that it is of are two cards',
} as const;

/** What came of it before the clock moved on, by person: the beginning of each text. */
async function turn(
  act: () => unknown,
  most: keyof typeof exceptions | null = null,
): Promise<Map<number, string[]>> {
  await world.quiet();
  const people = [shopPerson, owner, asker, customer.id];
  const before = new Map(people.map((person) => [person, world.chat.messages(person).length]));
  await act();
  await world.quiet();
  const said = people.map((person): [number, string[]] => {
    const since = world.chat.messages(person).slice(before.get(person));
    return [person, since.filter(({ fromBot }) => fromBot).map(({ text }) => text)];
  });
  expect(said.filter(([, texts]) => texts.length > (most === null ? 1 : 2))).toEqual([]);
  return new Map(said);
}

const says = (text: string, person?: number) => turn(() => world.say(text, person));
const presses = (button: string, person?: number) => turn(() => world.press(button, person));
const one = (text: string) => [expect.stringContaining(text)];

test('a sale, from its questions to the receipt and what the customer says of it', async () => {
  await says('request');
  await says('2k5');
  await presses('KES 2,500');
  await says(`0${customer.msisdn.slice(3)}`);
  expect((await says('lunch')).get(shopPerson)).toEqual(one('Send the PIN prompt to this phone?'));
  const sent = await presses('Send prompt');
  expect(sent.get(shopPerson)).toEqual(one('Prompt sent, waiting for the PIN.'));
  expect(sent.get(customer.id)).toEqual(one("type the PIN in your phone's prompt"));
  const paid = await turn(() => world.pay(customer.msisdn));
  expect(paid.get(shopPerson)).toEqual(one('Paid to Mama Njeri'));
  expect(paid.get(customer.id)).toEqual(one('Payment receipt'));
  await presses('Receipt');
  await presses('Something is wrong', customer.id);
  const told = await turn(() => world.press('I did not get my goods', customer.id), 'complaint');
  for (const person of [shopPerson, owner, asker])
    expect(told.get(person)).toEqual(one('The customer says: I did not get my goods.'));
  await turn(() => world.say('review', owner), 'review');
});

test('a sale that comes to nothing, is sent again too soon, changed and stopped', async () => {
  await says('300 0712345678');
  await presses('Send prompt');
  const over = await turn(async () => world.mpesa.cancel((await world.prompt()).id));
  expect(over.get(shopPerson)).toEqual(one('No money moved.'));
  await presses('Send again');
  await says('310 0722000111');
  await presses('Change');
  await presses('KES 310');
  await presses('0722 000 111');
  await presses('Skip');
  expect((await presses('Cancel')).get(shopPerson)).toEqual(one('Stopped; nothing was sent.'));
});

test('a payout: asked, approved and sent; rejected; taken back', async () => {
  const phone = `0${newCustomer(world).slice(3)}`;
  const first = await says(`payout 500 ${phone} wages`, asker);
  // The float was not known before, and the card waited for it.
  expect(first.get(asker)).toEqual(one('Float KES 900,000'));
  const asked = await presses('Ask for approval', asker);
  expect(asked.get(asker)).toEqual(one('Waiting for approval'));
  expect(asked.get(owner)).toEqual(one('asks, until'));
  await presses('Details', owner);
  const approved = await presses('Approve', owner);
  for (const person of [asker, owner]) expect(approved.get(person)).toEqual(one('M-Pesa has it'));
  const sent = await turn(() => world.advance(10));
  for (const person of [asker, owner]) expect(sent.get(person)).toEqual(one('approved by Baraka.'));
  await says(`payout 600 ${phone} wages`, asker);
  await presses('Ask for approval', asker);
  await presses('Reject', owner);
  const rejected = await says('not today', owner);
  for (const person of [asker, owner]) expect(rejected.get(person)).toEqual(one('Rejected by Baraka'));
  await says(`payout 700 ${phone} wages`, asker);
  await presses('Ask for approval', asker);
  await presses('Withdraw', asker);
});

test('a refund', async () => {
  const { ref } = await world.db
    .selectFrom('payment')
    .select('ref')
    .where('state', '=', 'paid')
    .executeTakeFirstOrThrow();
  await says('refund', asker);
  await says(ref, asker);
  await says('200', asker);
  await presses('Ask for approval', asker);
  await presses('Approve', owner);
  const back = await turn(() => world.advance(10), 'refunded');
  expect(back.get(customer.id)).toEqual(one('KES 200 sent to you'));
});

test('a payment link, for the shop and for whoever pays by it', async () => {
  // M-Pesa takes no second prompt on a phone so soon.
  await world.advance(130);
  const made = await says('link 520 lunch');
  const code = /pay\/([a-f0-9]{32})/.exec(made.get(shopPerson)?.join() ?? '')?.[1];
  await says(`start pay_${code}`, customer.id);
  const sent = await presses('Send prompt', customer.id);
  expect(sent.get(shopPerson)).toEqual(one('By a payment link.\nlunch\nPrompt sent'));
  expect(sent.get(customer.id)).toEqual(one('Type the PIN on your phone'));
  const paid = await turn(() => world.pay(customer.msisdn));
  for (const person of [shopPerson, customer.id]) expect(paid.get(person)).toEqual(one('Paid to Mama Njeri'));
});

test('what only shows or sets something', async () => {
  for (const word of ['history', 'today', 'approvals', 'language', 'hi', 'settings'])
    expect((await says(word, owner)).get(owner)).toHaveLength(1);
  await turn(() => world.say('balance', owner), 'balance');
  await presses('Customer SMS off', owner);
  await says('freeze', owner);
  await presses('Stop payouts', owner);
  await presses('Allow payouts', owner);
});
