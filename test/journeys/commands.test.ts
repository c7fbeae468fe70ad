/** Protects what each command shows, to whom, and for which business. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import { ask, draft, labels, newCustomer } from './sale.ts';
import { boss, shopPerson, stranger } from './shop.ts';
import { isSameCard } from './standing.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const says = async (text: string, person = shopPerson): Promise<string> =>
  (await world.answer(world.say(text, person), person)).text;

test('the menu of commands is registered in both languages', async () => {
  await world.quiet();
  const rows = world.telegram.control.commands();
  const names = rows.map((row) => row.commands.map(({ command }) => command));
  expect(names[0]).toContain('request');
  expect(new Set(names.map((list) => list.join())).size).toBe(1);
});

test('/start and /help to a member', async () => {
  expect(await says('/start')).toBe('Mama Njeri: you are a cashier. Try: 500 0712345678 lunch');
  expect(await says('/start', boss)).toBe('Mama Njeri: you are an owner. Try: 500 0712345678 lunch');
  expect(await says('/help')).toContain('We never ask for your PIN.');
  expect(await says('/help', stranger)).toContain('Receipts for what you pay come here');
});

test('/status shows one payment anew, however its number is typed', async () => {
  const sale = await draft(world, 510);
  const bare = sale.ref.replace('-', '').toLowerCase();
  for (const typed of [sale.ref, bare, ` ${sale.ref.toLowerCase()} `])
    expect((await world.answer(world.say(`/status ${typed}`))).text).toContain(sale.head);
  const mine = await world.answer(world.say(`/status ${sale.ref}`));
  expect(labels(mine)).toEqual(['Send prompt', 'Change', 'Cancel']);
  expect(await says('/status')).toBe('Which payment? Type our number, for example P-7KQ4M.');
  expect(await says('what')).toBe('We could not read what. Write it like P-7KQ4M.');
  expect(await says(bare)).toContain(sale.head);
  expect(await says('/status P-00000')).toBe('There is no P-00000 in Mama Njeri.');
  expect((await world.answer(world.chat.sendText(shopPerson, '/status nothing'))).text).toBe(
    'We could not read nothing. Write it like P-7KQ4M.',
  );
  expect(await says('/status W-3F9TD')).toBe('There is no W-3F9TD in Mama Njeri.');
});

test('/status of a colleague’s draft says who can send it, and asks nothing', async () => {
  const sale = await draft(world, 515);
  const seen = await world.answer(world.say(`/status ${sale.ref}`, boss), boss);
  expect(seen.text).toMatch(/\nAsked by Njeri\nlunch\nNot sent yet\. Only Njeri can send it\.$/);
  expect(labels(seen)).toEqual([]);
  await sale.press('Send prompt');
  await sale.card('waiting for the PIN', boss);
});

test('/status of a colleague’s payment shows it, and takes no action', async () => {
  const sale = await draft(world, 520);
  const seen = await world.answer(world.say(`/status ${sale.ref}`, boss), boss);
  expect(seen.text).toContain('Asked by Njeri');
  expect(labels(seen)).toEqual([]);
});

test('/history turns its pages in place', async () => {
  const refs: string[] = [];
  for (let i = 0; i < 20; i++) {
    await world.advance(1);
    refs.unshift((await ask(world, 600 + i, newCustomer(world))).ref);
  }
  await world.quiet();
  const page = async (): Promise<string[]> => {
    await world.quiet();
    const shown = await world.card(/^Mama Njeri: payments, newest first/);
    return shown.text.match(/P-\w{5}/g) ?? [];
  };
  await says('/history');
  const first = await world.card(/^Mama Njeri: payments/);
  expect(first.text.split('\n')[1]).toMatch(/^⏳ KES 619 · 0\d{3} \d{3} \d{3} · P-\w{5} · \d\d:\d\d$/);
  expect([await page(), labels(first)]).toEqual([refs.slice(0, 8), ['Older']]);
  await world.press('Older');
  expect(await page()).toEqual(refs.slice(8, 16));
  await world.press('Older');
  expect((await page()).slice(0, 4)).toEqual(refs.slice(16));
  const last = await world.card(/^Mama Njeri: payments/);
  expect(labels(last)).toEqual(['Newer']);
  expect(await isSameCard(world, first, last)).toBe(true);
  await world.press('Newer');
  expect(await page()).toEqual(refs.slice(8, 16));
  await world.press('Newer');
  expect(await page()).toEqual(refs.slice(0, 8));
  expect(labels(await world.card(/^Mama Njeri: payments/))).toEqual(['Older']);
});

test('/settings: an owner turns the customer’s SMS off and on, a cashier only the language', async () => {
  expect(labels(await world.answer(world.say('/settings')))).toEqual(['English', 'Kiswahili']);
  const card = await world.answer(world.say('/settings', boss), boss);
  expect(card.text).toBe('Mama Njeri\nSMS to customers: on\nSMS to the shop: off\nLanguage: English');
  expect(labels(card)).toEqual([
    ...['Customer SMS off', 'Shop SMS on', 'Payout limits', 'Alone mode on'],
    ...['English', 'Kiswahili'],
  ]);
  const off = card.buttons.flat()[0]?.data ?? '';
  await world.press('Customer SMS off', boss);
  await world.card('SMS to customers: off', boss);
  await world.press('Customer SMS on', boss);
  await world.card('SMS to customers: on', boss);
  world.chat.pressRaw(shopPerson, (await world.card('SMS to customers')).id, off);
  await world.toast('This is for an owner.');
  const before = await world.card('SMS to customers: on');
  world.chat.pressRaw(shopPerson, before.id, 's:sms:off');
  await world.toast('This card is old. Here is the current one.');
  const isNewer = ({ id, text }: SeenMessage) => id > before.id && text.includes('SMS to customers: on');
  await world.chat.until(() => world.chat.messages(shopPerson).find(isNewer));
});

test('a viewer sees, and cannot ask', async () => {
  await world.join(stranger, 'viewer');
  expect(await says('500 0712345678', stranger)).toBe('This is for a cashier. Ask Baraka.');
  expect(await says('/request', stranger)).toBe('This is for a cashier. Ask Baraka.');
  expect(await says('/review', stranger)).toBe('This is for a manager. Ask Baraka.');
  expect(await says('/history', stranger)).toContain('Mama Njeri: payments');
});

test('/review with nothing to review; /switch in the only business', async () => {
  expect(await says('/review', boss)).toBe('Nothing to review. What we cannot prove comes here.');
  expect(await says('/switch')).toBe('You now work in Mama Njeri.');
});

test('/settings: a button is about the business of its card, whichever the person works in by then', async () => {
  const other = await world.openSecondShop('Mama Njeri Three');
  const here = await world.answer(world.say('/settings', boss), boss);
  expect(here.text).toContain('Mama Njeri\n');
  await world.answer(world.say('/switch', boss), boss);
  await world.press('Mama Njeri Three', boss);
  await world.card('You now work in Mama Njeri Three.', boss);
  await world.press('Customer SMS off', boss, here);
  const off = await world.card('SMS to customers: off', boss);
  expect(off.text).toMatch(/^Mama Njeri\n/);
  expect(await isSameCard(world, here, off)).toBe(true);
  const sms = async (id: string) =>
    (
      await world.db
        .selectFrom('business')
        .select('customer_sms')
        .where('id', '=', id as never)
        .executeTakeFirst()
    )?.customer_sms;
  expect([await sms(world.businessId), await sms(other)]).toEqual([false, true]);
  const bosses = world.db.updateTable('member').where('business_id', '=', world.businessId);
  const role = (to: 'viewer' | 'owner') => bosses.set({ role: to }).where('role', '!=', 'cashier').execute();
  await role('viewer');
  await world.press('Customer SMS on', boss, off);
  await world.toast('This is for an owner.', boss);
  expect(await sms(world.businessId)).toBe(false);
  await role('owner');
  await world.press('Customer SMS on', boss, off);
  await world.card(/^Mama Njeri\nSMS to customers: on/, boss);
  await world.db.deleteFrom('member').where('business_id', '=', other).execute();
});

test('/switch changes the business, and every card of such a person names its own', async () => {
  const second = await world.openSecondShop('Mama Njeri Two');
  await world.join(shopPerson, 'cashier', second);
  const here = await world.answer(world.say('700 0712345678'));
  expect(here.text).toMatch(/^KES 700 .*\nMama Njeri\n/);
  const which = await world.answer(world.say('/switch'));
  expect([which.text, labels(which)]).toEqual(['Which business?', ['Mama Njeri', 'Mama Njeri Two']]);
  await world.press('Mama Njeri Two');
  await world.card('You now work in Mama Njeri Two.');
  const there = await world.answer(world.say('710 0712345678'));
  expect(there.text).toMatch(/^KES 710 .*\nMama Njeri Two\n/);
  const ref = /P-\w{5}/.exec(here.text)?.[0] ?? '';
  expect(await says(`/status ${ref}`)).toBe(`There is no ${ref} in Mama Njeri Two.`);
  await world.press('Send prompt', shopPerson, here);
  await world.card(/⏳ KES 700 .*\nMama Njeri\n/);
  await world.pay();
  await world.card(/✅ KES 700 .*\nMama Njeri\nPaid to Mama Njeri \d/);
  expect(await says('/history')).toBe('No payments yet. Try: 500 0712345678 lunch');
});
