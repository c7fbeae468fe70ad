/** Protects the log of who did what with money and authority: nothing of it happens without a line, and no line tells a name. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IdentityId } from '../../src/domain/ids.ts';
import { openPayShop, waiting } from './payouts-kit.ts';
import { ask, draft } from './sale.ts';
import { boss, stranger as manager } from './shop.ts';
import type { World } from './world.ts';

const newcomer = 1010;
const group = -5002;

let world: World;
beforeAll(async () => {
  world = await openPayShop({ honestMoney: false });
  world.chat.addUser({ id: newcomer, firstName: 'Wanja', languageCode: 'en', started: true });
  if (world.channel === 'telegram') world.chat.addGroup({ id: group, title: 'Payouts', members: [boss] });
});
afterAll(() => world.close());

async function lines(...actions: string[]) {
  return world.db
    .selectFrom('audit_entry')
    .select(['action', 'actor', 'facts'])
    .where('action', 'in', actions)
    .orderBy('id')
    .execute();
}

async function personId(person: number): Promise<IdentityId> {
  const row = await world.db
    .selectFrom('identity')
    .select('id')
    .where('external_id', '=', world.key(person))
    .executeTakeFirstOrThrow();
  return row.id;
}

test('a business that somebody opens in the chat', async () => {
  world.say('/start', newcomer);
  await world.press('A business', newcomer);
  await world.card('What is your business called?', newcomer);
  world.say('Wanja Fish', newcomer);
  await world.card('is saved', newcomer);
  const identity = await personId(newcomer);
  expect(await lines('business_opened')).toMatchObject([
    { actor: identity, facts: { identity, role: 'owner' } },
  ]);
});

test('accounts: added, the default, another one for a payment, stopped by the gateway, started by the operator', async () => {
  await world.advance(1);
  const smartpay = await world.addAccount('smartpay');
  await world.card('Money lands here: Wallet SP', boss);
  const [first, second] = [world.accountId, smartpay.accountId];
  expect(await lines('account_added')).toMatchObject([
    { actor: null, facts: { account: first, kind: 'bluepay', unsigned: false } },
    {
      actor: null,
      facts: { account: second, kind: 'smartpay', lands: expect.stringMatching(/^[0-9a-f]{64}$/) },
    },
  ]);
  await world.answer(world.say('/settings', boss), boss);
  await world.press('SmartPay', boss);
  await world.card('Requests go through: SmartPay', boss);
  await world.press('BluePay', boss);
  await world.card('Requests go through: BluePay', boss);
  const owner = await personId(boss);
  expect(await lines('account_default')).toMatchObject([
    { actor: owner, facts: { account: second, was: first } },
    { actor: owner, facts: { account: first, was: second } },
  ]);
  const sale = await draft(world);
  await sale.press('Another account');
  await sale.card('Through Default Account');
  expect(await lines('payment_account')).toMatchObject([{ facts: { account: second, was: first } }]);
  world.bluepay.control.arm('unauthorized');
  await (await ask(world)).card('did not accept our keys');
  await world.card('BluePay takes no requests now', boss);
  expect(await world.checkAccount()).toBe('checked');
  expect(await world.checkAccount()).toBe('checked');
  expect(await lines('account_stopped', 'account_started')).toMatchObject([
    { action: 'account_stopped', actor: null, facts: { account: first, reason: 'credentials_refused' } },
    { action: 'account_started', actor: null, facts: { account: first, was: 'credentials_refused' } },
  ]);
});

test('where money lands, changed at the gateway behind our back', async () => {
  const before = await lines('account_setup');
  await world.db
    .updateTable('gateway_account')
    .set({ setup_hmac: Buffer.alloc(32), setup_seen: 'Till 1', setup_due_at: world.scheduler.now() })
    .where('kind', '=', 'smartpay')
    .execute();
  await world.advance(1);
  await world.card('now lands your money here', boss);
  const after = (await lines('account_setup')).slice(before.length);
  expect(after).toMatchObject([{ actor: null, facts: { was: expect.stringMatching(/^[0-9a-f]{64}$/) } }]);
});

test('whose phone a member’s chat speaks for: whoever shares it is no second person', async () => {
  const [one, two] = [await personId(manager), await personId(boss)];
  for (const person of [manager, boss]) {
    world.chat.shareContact(person, {
      ...{ phone: '254722000333', firstName: 'X', contactUserId: person },
    });
    await world.press('Receipts here', person);
    await world.card('Receipts for 0722 000 333 will come here', person);
  }
  const started = world.say('/start', boss);
  await world.answer(started, boss);
  await world.press('Stop receipts', boss);
  await world.quiet();
  const told = await lines('phone_linked', 'phone_let_go');
  expect(
    told.map(
      ({ action, actor }) => `${action} ${actor === one ? 'manager' : actor === two ? 'owner' : actor}`,
    ),
  ).toEqual(['phone_linked manager', 'phone_let_go manager', 'phone_linked owner', 'phone_let_go owner']);
  expect(new Set(told.map(({ facts }) => facts.phone)).size).toBe(1);
});

test('wrong digits, a stop and its end, limits, and the group that decides', async () => {
  const pay = await waiting(world, 25_000);
  await pay.press('Approve', boss);
  await world.card("Type the phone's last 4 digits to approve.", boss);
  for (const digits of ['0000', '1111']) {
    world.say(digits, boss);
    await world.card(`Tries left: ${digits === '0000' ? 2 : 1}`, boss);
  }
  world.say('/cancel', boss);
  await world.quiet();
  world.say('/freeze', manager);
  await world.press('Stop payouts', manager);
  await world.press('Allow payouts', boss);
  await world.card('Payouts allowed again by Baraka', manager);
  // Only Telegram has groups.
  const named = world.channel === 'telegram' ? [true, false] : [];
  for (const isNamed of named) {
    world.chat.sendText(boss, '/approvals', { chatId: group });
    await world.card(isNamed ? 'wait for approval are shown here too' : 'not shown here any more', group);
  }
  await pay.press('Withdraw', manager);
  await pay.card('Stopped', manager);
  const [owner, asker] = [await personId(boss), await personId(manager)];
  expect(await lines('payout_digits_wrong', 'frozen', 'unfrozen', 'group_named')).toMatchObject([
    { action: 'payout_digits_wrong', actor: owner, facts: { tries: 1 } },
    { action: 'payout_digits_wrong', actor: owner, facts: { tries: 2 } },
    { action: 'frozen', actor: asker },
    { action: 'unfrozen', actor: owner },
    ...named.map((isNamed) => ({ action: 'group_named', actor: owner, facts: { named: isNamed } })),
  ]);
});

test('what a person marks in /review', async () => {
  world.bluepay.control.arm('drop_before_accept');
  const sale = await ask(world, 310);
  await sale.card('❔');
  for (let i = 0; i < 12; i++) await world.advance(310);
  await sale.press('Review', boss);
  await world.press('It was not paid', boss);
  await world.card('Marked not paid by Baraka', boss);
  const { id } = await world.db
    .selectFrom('payment')
    .select('id')
    .where('ref', '=', sale.ref)
    .executeTakeFirstOrThrow();
  expect(await lines('payment_marked')).toEqual([
    { action: 'payment_marked', actor: await personId(boss), facts: { payment: id, verdict: 'not_paid' } },
  ]);
});

test('all of it is ids, keyed hashes, states and sums', async () => {
  const rows = await world.db.selectFrom('audit_entry').select('facts').execute();
  const known =
    /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{64}|[a-z]+(?:_[a-z]+)*)$/;
  for (const { facts } of rows)
    for (const value of Object.values(facts)) if (typeof value === 'string') expect(value).toMatch(known);
});
