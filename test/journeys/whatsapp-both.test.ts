/** Protects one person in two chats: what is said goes to the chat used last, and they stay one pair of eyes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from './sale.ts';
import { boss, shopPerson } from './shop.ts';
import type { Side } from './side.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let there: Side;
beforeAll(async () => {
  world = await openWorld({ channel: 'both' });
  there = world.on('whatsapp');
  there.chat.addUser({ id: shopPerson, firstName: 'Njeri', started: true });
  await world.quiet();
});
afterAll(() => world.close());

const codeIn = (text: string): string => /\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(text)?.[0] ?? '';

test('a code joins the two; a wrong one does not', async () => {
  expect((await there.answer(there.say('today', shopPerson), shopPerson)).text).toContain(
    'You are in no business',
  );
  const code = codeIn((await world.answer(world.say('connect'))).text);
  expect((await there.answer(there.say('connect 0000-0000', shopPerson), shopPerson)).text).toContain(
    'not ours',
  );
  const joined = (await there.answer(there.say(`connect ${code}`, shopPerson), shopPerson)).text;
  expect(joined).not.toContain('not ours');
  expect((await there.answer(there.say('history', shopPerson), shopPerson)).text).toContain(
    'No payments yet',
  );
});

test('a receipt goes to the chat that was used last', async () => {
  const sale = await ask(world, 910);
  await world.prompt(sale.msisdn);
  await world.quiet();
  await world.advance(20);
  await there.answer(there.say('hi', shopPerson), shopPerson);
  await sale.pay();
  await there.card(/^✅ KES 910/, shopPerson);
  await world.quiet();
});

test('who asked for a payout in one chat cannot say yes to it in the other', async () => {
  await world.join(shopPerson, 'manager');
  world.bluepay.control.setAccount(world.merchantId, { b2cWalletKes: 900_000, serviceTokenKes: 5_000 });
  world.say('/payout 500 0722000111 wages');
  await world.press('Ask for approval');
  const asked = await world.card('asks, until', boss);
  await world.quiet();
  const data = asked.buttons.flat().find(({ text }) => text === 'Approve')?.data ?? '';
  const own = await there.answer(there.say('approvals', shopPerson), shopPerson);
  expect(own.buttons.flat().map(({ text }) => text)).not.toContain('Approve');
  there.chat.pressRaw(shopPerson, own.id, data);
  await world.quiet();
  const row = await world.db.selectFrom('payout').select('state').executeTakeFirstOrThrow();
  expect(row).toEqual({ state: 'waiting' });
});

test('parted, the other chat is a stranger again', async () => {
  await there.answer(there.say('disconnect', shopPerson), shopPerson);
  expect((await there.answer(there.say('today', shopPerson), shopPerson)).text).toContain(
    'You are in no business',
  );
  expect((await world.answer(world.say('/history'))).text).toContain('Mama Njeri');
});
