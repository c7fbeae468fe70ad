/** Protects the main job: one line, one press, one PIN, and the shop's card says paid with the M-Pesa receipt. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isSameCard } from './standing.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test('500 0712345678 lunch becomes a paid card with the receipt', async () => {
  world.say('500 0712345678 lunch');
  const confirm = await world.card('Send the PIN prompt to this phone?');
  expect(confirm.text).toMatch(/^KES 500 · 0712 345 678 · P-[0-9A-Z]{5}\nlunch\nSend the PIN prompt/);
  expect(confirm.buttons.flat().map(({ text }) => text)).toEqual(['Send prompt', 'Change', 'Cancel']);
  await world.press('Send prompt');
  await world.card('⏳ KES 500 · 0712 345 678');
  await world.pay();
  const paid = await world.card(/Paid to Mama Njeri \d\d:\d\d\. M-Pesa [A-Z][A-Z0-9]{9}\nlunch$/);
  expect(await isSameCard(world, confirm, paid)).toBe(true);
  expect(paid.text).toMatch(/^✅ KES 500/);
  expect(world.mpesa.moved()).toHaveLength(1);
});
