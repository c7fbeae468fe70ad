/** Protects the program from what people type, send and forward: a short helpful answer, and nothing breaks. */

import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { boss, shopPerson, stranger } from './shop.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterEach(async () => {
  await world.quiet();
  expect(await world.db.selectFrom('inbox').select('error').where('state', '=', 'dead').execute()).toEqual(
    [],
  );
});
afterAll(() => world.close());

const says = async (text: string, person = shopPerson): Promise<string> =>
  (await world.answer(world.say(text, person), person)).text;
const confirm = (head: string, note: string) =>
  new RegExp(`^${head} · P-\\w{5}\\n${note}${note === '' ? '' : '\\n'}Send the PIN prompt to this phone\\?$`);

/** With its slash, which people also type where there are no slash commands. */
const typed = async (text: string): Promise<string> =>
  (await world.answer(world.chat.sendText(shopPerson, text))).text;

const unknown = (text: string): string => world.spoken(`We do not know ${text}. /help shows what works.`);

describe('a line in one go', () => {
  test.each([
    ['500 0712345678 lunch', 'KES 500 · 0712 345 678', 'lunch'],
    ['0712 345 678 1,500/= two crates', 'KES 1,500 · 0712 345 678', 'two crates'],
    ['/request Ksh500.00 +254-712-345-678', 'KES 500 · 0712 345 678', ''],
    ['/request@malipo_bot 1.5k 712345678 rent', 'KES 1,500 · 0712 345 678', 'rent'],
    ['lipisha 500 0112345678', 'KES 500 · 0112 345 678', ''],
    ['\u202b500 0712345678\u202c', 'KES 500 · 0712 345 678', ''],
    ['٥٠٠ 0712345678', 'KES 500 · 0712 345 678', ''],
    ['500 0712345678 <b>&amp;</b> "x"', 'KES 500 · 0712 345 678', '<b>&amp;</b> "x"'],
  ])('%s', async (text, head, note) => {
    expect(await says(text)).toMatch(confirm(head, note));
  });

  test('a note of 5,000 letters is sent back', async () => {
    expect(await says(`500 0712345678 ${'n'.repeat(5000)}`)).toBe(
      // Telegram's apps send the first 4,096 letters by themselves.
      `At most 60 letters; this has ${world.channel === 'telegram' ? 4081 : 5000}. Please shorten it.`,
    );
  });

  test('a foreign phone, a sum out of range, and talk', async () => {
    expect(await says('500 +447911123456')).toBe('Kenyan numbers only: 07, 01 or +254.');
    expect(await says('250001 0712345678')).toBe('M-Pesa takes KES 1 to KES 250,000 at a time. How much?');
    await says('/cancel');
    expect(await says('see you at 5')).toBe('We could not read see you at 5. Write it like 500 0712345678.');
    expect(await says('hi')).toContain('500 0712345678 lunch asks for a payment');
    expect(await typed('/request nonsense')).toBe(
      world.spoken('We could not read nonsense. Write it like /request 500 0712345678.'),
    );
  });

  test('what is for a manager', async () => {
    for (const text of ['rudisha 500', 'salio'])
      expect([text, await says(text)]).toEqual([text, 'This is for a manager. Ask a manager.']);
  });
});

test('stickers, voice notes, photos and places outside a conversation', async () => {
  const control = world.chat;
  for (const id of [
    control.sendSticker(shopPerson),
    control.sendVoice(shopPerson),
    control.sendLocation(shopPerson),
  ])
    expect((await world.answer(id)).text).toMatch(/^Only text works here\. 500 0712345678 lunch asks/);
  expect((await world.answer(control.sendSticker(stranger), stranger)).text).toMatch(
    /^Only text works here\./,
  );
});

test('a forwarded card is text, and its numbers move nothing', async () => {
  const card = await world.answer(world.say('777 0712345678'));
  const id = world.chat.sendText(boss, card.text, { forwardFrom: world.chat.botId });
  await world.answer(id, boss);
  await world.quiet();
  expect(world.bluepay.control.stks()).toEqual([]);
});

test('unknown commands, odd slashes and empty looks', async () => {
  expect(await typed('/payme 500 0712345678')).toBe(unknown('/payme'));
  expect(await typed('/')).toBe(unknown('/'));
  expect(await typed('/constructor')).toBe(unknown('/constructor'));
  expect(await says('\u200b')).toMatch(/^We could not read .*Write it like 500 0712345678\.$/);
});

test('a stranger is told whom to ask, and can ask for nothing', async () => {
  for (const text of [
    '500 0712345678',
    '/request 500 0712345678',
    '/history',
    '/status P-7KQ4M',
    '/settings',
  ])
    expect(await says(text, stranger)).toContain('You are in no business here yet.');
  const theirs = await world.db
    .selectFrom('payment')
    .innerJoin('identity', 'identity.id', 'payment.requested_by')
    .select('payment.id')
    .where('identity.external_id', '=', world.key(stranger))
    .execute();
  expect(theirs).toEqual([]);
});

test('a group hears nothing, whatever is said or pressed there', async () => {
  const group = -5001;
  const { control } = world.telegram;
  control.addGroup({ id: group, title: 'The shop', members: [shopPerson, boss] });
  const calls = control.calls().length;
  control.sendText(shopPerson, '/request 500 0712345678', { chatId: group });
  control.sendText(shopPerson, '/history', { chatId: group });
  control.sendSticker(boss, '👍', { chatId: group });
  await world.quiet();
  expect(control.messages(group).filter(({ fromBot }) => fromBot)).toEqual([]);
  expect(
    control
      .calls()
      .slice(calls)
      .filter(({ method }) => method !== 'getUpdates'),
  ).toEqual([]);
});

test('a turn that fails is tried again, then the person is told, and nothing of it is left', async () => {
  const drafts = await world.db.selectFrom('payment').select('id').execute();
  await sql`alter table card rename to card_away`.execute(world.db);
  const typed = world.say('888 0712345678 oops');
  for (const seconds of [0, 1, 5, 30, 120]) await world.advance(seconds);
  expect((await world.answer(typed)).text).toBe('Something broke on our side. Nothing was sent. Try again.');
  await sql`alter table card_away rename to card`.execute(world.db);
  expect(await world.db.selectFrom('payment').select('id').execute()).toHaveLength(drafts.length);
  expect(world.log.filter((line) => line.includes('"tries":1'))).not.toEqual([]);
  const dead = await world.db.deleteFrom('inbox').where('state', '=', 'dead').returning('tries').execute();
  expect(dead).toEqual([{ tries: 5 }]);
  expect(await says('889 0712345678')).toMatch(confirm('KES 889 · 0712 345 678', ''));
});
