/** Protects the owner's purse at BluePay: low is told once, filled is told once, and the next low one is news again. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, webhook } from './sale.ts';
import { boss, openWorld, poll, shopPerson, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  world.bluepay.control.setAccount(world.merchantId, { callbackUrl: world.callbackUrl });
});
afterAll(() => world.close());

const told = (text: RegExp, person = boss): string[] =>
  world.chat
    .messages(person)
    .filter((message) => message.fromBot && text.test(message.text))
    .map((message) => message.text);
const warnedAt = async (): Promise<Date | null> =>
  (
    await world.db
      .selectFrom('gateway_account')
      .select('low_balance_told_at')
      .where('id', '=', world.accountId)
      .executeTakeFirstOrThrow()
  ).low_balance_told_at;

/** A sale whose SMS tells what is left. */
async function sell(): Promise<void> {
  const sale = await ask(world);
  await sale.pay();
  await sale.card('✅');
  await world.quiet();
  await world.advance(1);
}

test('tokens that were bought end the warning; both are told once, to owners alone', async () => {
  world.bluepay.control.setAccount(world.merchantId, { serviceTokenKes: 30 });
  await sell();
  await world.card(/left for SMS and prompts\. Buy tokens/, boss);
  expect(await warnedAt()).not.toBeNull();
  world.bluepay.control.topUpService(world.merchantId, 1500, 2);
  await world.card('BluePay: KES 1,500 was added for SMS and prompts.', boss);
  await world.quiet();
  expect(world.bluepay.control.webhooks().slice(-2)).toMatchObject([{ status: 200 }, { status: 200 }]);
  expect(told(/was added/)).toHaveLength(1);
  expect(told(/was added/, shopPerson)).toEqual([]);
  expect(await warnedAt()).toBeNull();
  await sell();
  expect(told(/left for SMS and prompts/)).toHaveLength(1);
  world.bluepay.control.setAccount(world.merchantId, { serviceTokenKes: 20 });
  await sell();
  await poll('no second warning', () => told(/left for SMS and prompts/).length === 2);
});

test('a float that was filled is told as the float, and ends no warning about tokens', async () => {
  const before = await warnedAt();
  expect(before).not.toBeNull();
  const data = { payment_id: 91, amount: 20_000, mpesa_receipt_number: 'TFH774CBW1', status: 'success' };
  expect(await webhook(world, { event: 'mpesa.b2c_wallet_topup.received', data })).toBe(200);
  await world.card('BluePay: KES 20,000 was added to the float.', boss);
  expect(await warnedAt()).toEqual(before);
  expect(
    await world.db.selectFrom('ledger').select('id').where('receipt', '=', 'TFH774CBW1').execute(),
  ).toEqual([]);
});

test('what nobody signed fills nothing', async () => {
  const data = { payment_id: 92, amount: 9, status: 'success' };
  expect(await webhook(world, { event: 'mpesa.wallet_topup.received', data, secret: 'another' })).toBe(401);
  await world.quiet();
  expect(told(/KES 9 was added/)).toEqual([]);
});
