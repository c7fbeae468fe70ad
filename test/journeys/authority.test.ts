/** Protects in whose name money is asked for: what a person may do is looked at when it is done, not when it was begun. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { labels } from './sale.ts';
import { boss, shopPerson } from './shop.ts';
import { openWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
beforeEach(() => asMember({ role: 'cashier', removed_at: null }));
afterAll(() => world.close());

const says = async (text: string, person?: number): Promise<string> =>
  (await world.answer(world.say(text, person), person)).text;

async function asMember(now: { role?: 'cashier' | 'viewer'; removed_at: Date | null }): Promise<void> {
  await world.db
    .updateTable('member')
    .set(now)
    .where('identity_id', 'in', (eb) =>
      eb.selectFrom('identity').select('identity.id').where('external_id', '=', world.key(shopPerson)),
    )
    .execute();
}

const payments = async (): Promise<number> =>
  (await world.db.selectFrom('payment').select('id').execute()).length;

test.each([
  ['is a viewer by now', { role: 'viewer', removed_at: null }],
  ['has left by now', { removed_at: new Date() }],
] as const)('a request that was begun by a cashier who %s ends without a payment', async (_, now) => {
  await says('/request');
  await says('500');
  await says('0712345678');
  await asMember(now);
  const before = await payments();
  expect(await says('lunch')).toBe('This card is for someone else.');
  expect(await payments()).toBe(before);
});

test('a draft is not changed by who has left', async () => {
  world.say('510 0712345678 lunch');
  const draft = await world.card('KES 510');
  expect(labels(draft)).toContain('Change');
  await world.press('Change', shopPerson, draft);
  await world.quiet();
  await says('520');
  await says('0722000111');
  await asMember({ removed_at: new Date() });
  expect(await says('bread')).toBe('This card is for someone else.');
  const changed = await world.db.selectFrom('payment').select('id').where('note', '=', 'bread').execute();
  expect(changed).toEqual([]);
});

test('a request stays with the business it was begun for', async () => {
  const second = await world.openSecondShop('Duka Mbili');
  // Or this message would be taken for an answer.
  await world.card('Duka Mbili is ready', boss);
  await says('/switch', boss);
  await world.press('Mama Njeri', boss);
  await world.card('You now work in Mama Njeri', boss);
  await says('/request', boss);
  await says('530', boss);
  await says('0712345678', boss);
  await world.db
    .updateTable('identity')
    .set({ current_business_id: second })
    .where('external_id', '=', world.key(boss))
    .execute();
  await says('lunch', boss);
  const payment = await world.db
    .selectFrom('payment')
    .select('business_id')
    .where('amount_cents', '=', 53_000n)
    .executeTakeFirstOrThrow();
  expect(payment.business_id).toBe(world.businessId);
});
