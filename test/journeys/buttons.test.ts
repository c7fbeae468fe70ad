/** Protects the authority of a button: only its person, only its newest version, once, also after a restart. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import { draft, labels, prompted, type Sale } from './sale.ts';
import { boss, shopPerson, stranger } from './shop.ts';
import { standing } from './standing.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const old = 'This card is old. Here is the current one.';
const over = 'That question is over; nothing was changed.';

const isToast = /^This (?:card|is for)|^That question/;

function dataOf(message: SeenMessage, button: string): string {
  return message.buttons.flat().find(({ text }) => text === button)?.data ?? '';
}

/** Presses what stood under the message once, and waits until it was answered. */
async function pressOld(message: SeenMessage, data: string, person = shopPerson): Promise<string> {
  const control = world.chat;
  const before = control.toasts(person).length;
  control.pressRaw(person, message.id, data);
  await world.quiet();
  expect(control.unanswered(person)).toEqual([]);
  const said = control
    .toasts(person)
    .slice(before)
    .map(({ text }) => text);
  // Where a toast is a message, cards without buttons stand among them.
  return said.findLast((text) => world.channel === 'telegram' || isToast.test(text)) ?? '';
}

const promptsOf = (sale: Sale): number =>
  world.bluepay.control.stks().filter(({ phone }) => phone === sale.msisdn).length;

const messagesOf = async (sale: Sale, person = shopPerson): Promise<number> =>
  (await standing(world, person)).filter(({ text }) => text.includes(sale.ref)).length;

test('two taps at once send one prompt', async () => {
  const sale = await draft(world);
  const confirm = await sale.card('Send the PIN prompt');
  const data = dataOf(confirm, 'Send prompt');
  world.chat.pressRaw(shopPerson, confirm.id, data);
  expect(await pressOld(confirm, data)).toBe(old);
  expect(promptsOf(sale)).toBe(1);
  expect(await messagesOf(sale)).toBe(1);
  await sale.pay();
  await sale.card('✅');
});

test('a button of an older version does nothing and says why', async () => {
  const sale = await draft(world);
  const confirm = await sale.card('Send the PIN prompt');
  await sale.press('Cancel');
  await sale.card('Stopped; nothing was sent.');
  expect(await pressOld(confirm, dataOf(confirm, 'Send prompt'))).toBe(old);
  expect(promptsOf(sale)).toBe(0);
  expect(await sale.state()).toMatchObject({ state: 'cancelled' });
});

test('a card that was sent anew leaves a dead one behind, which brings the current one', async () => {
  const sale = await draft(world);
  const confirm = await sale.card('Send the PIN prompt');
  world.say(`/status ${sale.ref}`);
  await world.quiet();
  expect(await messagesOf(sale)).toBe(2);
  expect(await pressOld(confirm, dataOf(confirm, 'Send prompt'))).toBe(old);
  expect(await messagesOf(sale)).toBe(3);
  expect(promptsOf(sale)).toBe(0);
  await sale.press('Send prompt');
  await sale.pay();
  await sale.card('✅');
});

test('another person’s button is refused, whoever they are', async () => {
  const sale = await draft(world);
  const confirm = await sale.card('Send the PIN prompt');
  for (const person of [stranger, boss]) {
    world.say('/help', person);
    const own = await world.card(/./, person);
    expect(await pressOld(own, dataOf(confirm, 'Send prompt'), person)).toBe(
      'This card is for someone else.',
    );
  }
  await world.quiet();
  expect(promptsOf(sale)).toBe(0);
  expect(await messagesOf(sale, stranger)).toBe(0);
});

test('a member who was made a viewer may not send any more', async () => {
  const sale = await draft(world);
  await world.join(shopPerson, 'viewer');
  await sale.press('Send prompt');
  await world.toast(/^This is for a cashier\. Ask /);
  expect(promptsOf(sale)).toBe(0);
  await world.join(shopPerson, 'cashier');
  await sale.press('Send prompt');
  await world.prompt(sale.msisdn);
  await sale.pay();
  await sale.card('✅');
});

test('a confirm card of yesterday is shown again before it sends', async () => {
  const sale = await draft(world);
  const first = await sale.card('Send the PIN prompt');
  await world.advance(24 * 3600 + 60);
  expect(await pressOld(first, dataOf(first, 'Send prompt'))).toBe(old);
  expect(promptsOf(sale)).toBe(0);
  const again = await sale.card('Send the PIN prompt');
  expect(again.id).toBeGreaterThan(first.id);
  await sale.press('Send prompt');
  await sale.pay();
  await sale.card('✅');
});

test('buttons of a question work once, and not after it was answered', async () => {
  const asked = world.say('2k5 0712345678');
  const either = await world.answer(asked);
  await world.press('KES 2,500');
  await world.card(/^KES 2,500 · 0712 345 678/);
  expect(await pressOld(either, dataOf(either, 'KES 2,005'))).toBe(over);
  const waiting = await world.answer(world.say('1.500 0712345678'));
  expect(await pressOld(waiting, dataOf(either, 'KES 2,005'))).toBe(old);
  const again = await world.card(waiting.text);
  expect(labels(again)).toContain('KES 1,500');
  await world.press('KES 1,500');
  await world.card(/^KES 1,500 · 0712 345 678/);
});

test('old buttons use up no try and leave nothing in the conversation, however often they are pressed', async () => {
  const either = await world.answer(world.say('2k5 0712345678'));
  await world.press('KES 2,500');
  await world.card(/^KES 2,500 · 0712 345 678/);
  const waiting = await world.answer(world.say('1.500 0712345678'));
  const size = async (): Promise<number> => {
    await world.quiet();
    const rows = await world.db.selectFrom('conversation').select('state_sealed').execute();
    return rows.reduce((sum, row) => sum + row.state_sealed.length, 0);
  };
  const before = await size();
  for (let i = 0; i < 6; i++) expect(await pressOld(waiting, dataOf(either, 'KES 2,005'))).toBe(old);
  expect(await size()).toBe(before);
  await world.press('KES 1,500');
  await world.card(/^KES 1,500 · 0712 345 678/);
});

test('data that no button ever had is answered, and changes nothing', async () => {
  const sale = await prompted(world);
  const card = await sale.card('⏳');
  for (const data of [
    '',
    'x',
    'p',
    'p:',
    `p:${'0'.repeat(16)}:send`,
    'k:1:2:3',
    'h:o:nothing',
    's:sms:off',
    'l:xx',
    'w:x',
  ])
    if (data !== '')
      expect([data, await pressOld(card, data)]).toEqual([
        data,
        expect.stringMatching(/^This (?:card|is for)|^That question/),
      ]);
  expect(promptsOf(sale)).toBe(1);
  const business = await world.db.selectFrom('business').select('customer_sms').execute();
  expect(business).toEqual([{ customer_sms: true }]);
  await sale.pay();
  await sale.card('✅');
});

test('a press while the program is down is handled once it is back', async () => {
  const sale = await draft(world);
  await world.restart();
  await sale.press('Send prompt');
  await world.prompt(sale.msisdn);
  await sale.pay();
  await sale.card('✅');
  expect(promptsOf(sale)).toBe(1);
});
