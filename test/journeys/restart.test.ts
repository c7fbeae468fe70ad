/** Protects what is under way from a restart: conversations, prompts, look-ups and messages go on where they were. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, labels, prompted } from './sale.ts';
import { shopPerson } from './shop.ts';
import { moneyAgrees } from './watch.ts';
import { openWorld, poll, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const says = async (text: string): Promise<string> => (await world.answer(world.say(text))).text;

test('a conversation goes on in the middle', async () => {
  await says('/request');
  const either = await world.answer(world.say('2k5'));
  await world.restart();
  await world.press('KES 2,500', shopPerson, either);
  await world.card('Which phone pays?');
  await world.restart();
  expect(await says('0712345678')).toBe('What is it for?');
  await world.restart();
  expect(await says('tea')).toMatch(/^KES 2,500 · 0712 345 678 · P-\w{5}\ntea\n/);
});

test('a prompt that was paid while nobody listened is found by its look-up', async () => {
  const sale = await prompted(world, 510);
  world.bluepay.control.arm('callback_lost');
  await world.restart();
  await sale.pay();
  await sale.card('✅');
  const lost = await prompted(world, 520);
  await world.restart();
  await lost.pay();
  await world.advance(25);
  await lost.card('✅');
  expect(await moneyAgrees(world)).toBe(true);
});

test('hours away: what came due meanwhile is looked up once, and told', async () => {
  world.bluepay.control.arm('callback_lost');
  const sale = await prompted(world, 530);
  await world.stop();
  await sale.pay();
  world.scheduler.advance(3 * 3600 * 1000);
  await world.restart();
  const paid = await sale.card('✅');
  expect(paid.text).toContain('Paid to Mama Njeri');
  expect(await moneyAgrees(world)).toBe(true);
});

test('what was typed and pressed while it was down is answered in its order', async () => {
  await world.stop();
  world.say('540 0722000111 one');
  world.say('550 0733000222 two');
  await world.restart();
  const one = await world.card(/^KES 540 .*\none\n/);
  const two = await world.card(/^KES 550 .*\ntwo\n/);
  expect(one.id).toBeLessThan(two.id);
});

test('Telegram away: the money is asked and paid, and the cards come when it is back', async () => {
  const sale = await prompted(world, 560);
  world.chat.setDown(true);
  await sale.pay();
  await poll('not paid', async () => (await sale.state()).state === 'paid');
  world.chat.setDown(false);
  for (let i = 0; i < 4; i++) {
    world.scheduler.advance(30_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await sale.card('✅');
});

test('a conversation of an older release is left politely, and the message still counts', async () => {
  await says('/request');
  const rows = await world.db.selectFrom('conversation').select(['key', 'state_sealed']).execute();
  const [row] = rows;
  if (row === undefined) throw new Error('no conversation is stored');
  const { vault } = world.database;
  const identity = `conversation:${row.key}`;
  const stored = vault.open(row.state_sealed, identity).replaceAll('request@1', 'request@0');
  await world.db
    .updateTable('conversation')
    .set({ state_sealed: vault.seal(stored, identity) })
    .where('key', '=', row.key)
    .execute();
  await world.restart();
  const typed = world.say('570 0712345678');
  const confirm = await world.card(/^KES 570 · 0712 345 678/);
  expect(labels(confirm)).toEqual(['Send prompt', 'Change', 'Cancel']);
  const said = world.chat.messages(shopPerson).filter(({ id, fromBot }) => fromBot && id > typed);
  expect(said[0]?.text).toBe('Stopped; nothing was sent.');
  expect(await world.db.selectFrom('conversation').select('key').execute()).toEqual([]);
});

test('a stop while the gateway is slow to answer waits for the answer', async () => {
  world.bluepay.control.arm('slow', 1000);
  const sale = await ask(world, 580);
  await world.prompt(sale.msisdn);
  const stopped = world.stop();
  world.scheduler.advance(1100);
  await stopped;
  expect(await sale.state()).toMatchObject({ state: 'prompted' });
  await world.restart();
  await sale.pay();
  await sale.card('✅');
});
