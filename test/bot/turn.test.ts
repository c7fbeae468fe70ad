/** Protects in which language somebody new is spoken to, and that it stays theirs. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTurn, type Sender } from '../../src/bot/turn.ts';
import { addBusiness, addMember } from '../../src/payments/businesses.ts';
import { createTestClock, createTestRandom } from '../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const clock = createTestClock();
const random = createTestRandom();
let people = 0;

const someone = (over: Partial<Sender> = {}): Sender => ({
  channel: 'whatsapp',
  externalId: `25479900${String(1000 + people++)}`,
  name: 'Amina',
  languageCode: null,
  ...over,
});

/** The language of the answer. */
const hears = (sender: Sender, written: string): Promise<string> =>
  database.db.transaction().execute(async (tx) => {
    const deps = { vault: database.vault, clock, random };
    const origin = { key: `t:${people++}`, lane: null, forget: async () => undefined, written };
    return (await openTurn(tx, deps, sender, origin)).locale;
  });

test.each([
  ['habari', 'sw'],
  ['Hujambo!', 'sw'],
  ['msaada tafadhali', 'sw'],
  ['nimelipa', 'sw'],
  ['hi', 'en'],
  ['help', 'en'],
  ['500 0712345678', 'en'],
  ['', 'en'],
])('who begins with "%s" on WhatsApp is answered in %s, and stays so', async (written, locale) => {
  const sender = someone();
  expect(await hears(sender, written)).toBe(locale);
  expect(await hears(sender, locale === 'sw' ? 'help' : 'habari')).toBe(locale);
});

test.each([
  ['en', 'en'],
  ['en-GB', 'en'],
  ['sw', 'sw'],
  ['fr', 'sw'],
  [null, 'sw'],
])('a platform that names %s: "habari" is answered in %s', async (languageCode, locale) => {
  const externalId = String(9000 + people++);
  expect(await hears(someone({ channel: 'telegram', externalId, languageCode }), 'habari')).toBe(locale);
});

test('a member who was added and never wrote begins in their own language, in a shop of the other one', async () => {
  const sender = someone();
  const owner = someone();
  await database.db.transaction().execute(async (tx) => {
    const deps = { vault: database.vault, clock, random };
    const { businessId } = await addBusiness(tx, deps, { name: 'Shop', owner, locale: 'en' });
    await addMember(tx, deps, businessId, sender, 'cashier');
  });
  expect(await hears(sender, 'habari')).toBe('sw');
  expect(await hears(owner, 'hi')).toBe('en');
});

test('nobody is new again because a window was closed', async () => {
  const sender = someone();
  expect(await hears(sender, 'hi')).toBe('en');
  await database.db.updateTable('identity').set({ wrote_at: null }).execute();
  expect(await hears(sender, 'habari')).toBe('en');
});
