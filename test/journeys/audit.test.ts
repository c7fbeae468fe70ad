/** Protects the log of who did what with money and authority: nothing of it happens without a line, and no line tells a name. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IdentityId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { createGatewayHttp } from '../../src/gateways/http.ts';
import { silentLog } from '../../src/ops/log.ts';
import { createGateways } from '../../src/payments/gateways.ts';
import { operate } from '../../src/payments/operate.ts';
import { linkedPatron } from './patron.ts';
import { openPayShop, waiting } from './payouts-kit.ts';
import { ask, draft, newCustomer, prompted, type Sale, stkOf, tellFailed, webhook } from './sale.ts';
import { boss, stranger as manager, shopPerson } from './shop.ts';
import { unlogged } from './watch.ts';
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

test('where a shop’s SMS go: to its customers or not, and to which phone of its own', async () => {
  world.say('/settings', boss);
  await world.press('Customer SMS off', boss, await world.card('SMS to customers: on', boss));
  await world.press('Customer SMS on', boss, await world.card('SMS to customers: off', boss));
  await world.press('Shop SMS on', boss, await world.card('SMS to the shop: off', boss));
  await world.card('Which phone gets an SMS', boss);
  world.say('0722000111', boss);
  await world.card('We send each payment by SMS to', boss);
  await world.quiet();
  world.say('/settings', boss);
  await world.press('Shop SMS off', boss, await world.card('SMS to the shop: 0722 000 111', boss));
  await world.card('We send no more SMS to the shop.', boss);
  const actor = await personId(boss);
  expect(await lines('sms_changed')).toMatchObject([
    { actor, facts: { to: 'customers', on: false } },
    { actor, facts: { to: 'customers', on: true } },
    { actor, facts: { to: 'shop', on: true, phone: expect.stringMatching(/^[0-9a-f]{64}$/) } },
    { actor, facts: { to: 'shop', on: false } },
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

type Line = Readonly<Record<string, unknown>>;

/** What the log says of one payment: who, what, and the facts. */
async function trail({ ref }: Pick<Sale, 'ref'>) {
  const { id } = await world.db
    .selectFrom('payment')
    .select('id')
    .where('ref', '=', ref)
    .executeTakeFirstOrThrow();
  const rows = await world.db.selectFrom('audit_entry').selectAll().orderBy('id').execute();
  return rows
    .filter(({ facts }) => facts.payment === id)
    .map(({ action, actor, facts }): Line => ({ action, actor, ...facts }));
}

const hash = expect.stringMatching(/^[0-9a-f]{64}$/);

test('a sale: who asked whom for how much, and what came by whose word', async () => {
  const [cashier, owner] = [await personId(shopPerson), await personId(boss)];
  const sale = await prompted(world, 320);
  await sale.pay();
  await sale.card('✅');
  await world.quiet();
  const asked = { action: 'payment_asked', amountCents: 320_00, payer: hash, link: null };
  const [first, ...came] = await trail(sale);
  expect(first).toMatchObject({ ...asked, actor: cashier, account: world.accountId });
  expect(came).toMatchObject([
    { action: 'payment_evidence', actor: null, effect: 'paid', creditedCents: 320_00, receipt: hash },
  ]);
  const theirs = await ask(world, 330, undefined, boss);
  await world.pay(theirs.msisdn);
  await theirs.card('✅', boss);
  expect((await trail(theirs))[0]).toMatchObject({ ...asked, actor: owner, amountCents: 330_00 });
});

test('a sale that comes to nothing, is asked again, and is paid late', async () => {
  const cashier = await personId(shopPerson);
  world.bluepay.control.arm('channel_inactive');
  const refused = await ask(world, 340);
  await refused.card('Not sent');
  expect(await trail(refused)).toMatchObject([
    { action: 'payment_asked', actor: cashier },
    { action: 'payment_outcome', actor: null, outcome: 'refused', reason: 'channel_inactive' },
  ]);
  expect(await world.checkAccount()).toBe('checked');
  const sale = await prompted(world, 350);
  await tellFailed(world, sale);
  await sale.card('No money moved');
  await world.advance(130);
  await sale.again();
  await sale.pay();
  await sale.card('✅');
  const lines = await trail(sale);
  expect(lines.map((line) => `${line.action} ${line.effect ?? ''}`.trim())).toEqual([
    ...['payment_asked', 'payment_evidence failed', 'payment_asked', 'payment_evidence paid'],
  ]);
  expect(lines[2]).toMatchObject({ actor: cashier });
  expect(lines[2]?.attempt).not.toBe(lines[0]?.attempt);
});

test('a sale that is stopped before anything is sent', async () => {
  const sale = await draft(world, 360);
  await sale.press('Cancel');
  await sale.card('Stopped; nothing was sent');
  expect(await trail(sale)).toMatchObject([
    { action: 'payment_withdrawn', actor: await personId(shopPerson), amountCents: 360_00 },
  ]);
});

test('evidence that goes to a person, and what nothing proved', async () => {
  const sale = await prompted(world, 370);
  const stk = stkOf(world, sale);
  const data = { payment_id: 'pay_1', amount: 371, account_reference: stk.reference, phone: stk.phone };
  const told = { ...data, checkout_request_id: stk.checkoutRequestId, status: 'completed' };
  await webhook(world, {
    event: 'mpesa.payment.received',
    data: { ...told, mpesa_receipt_number: 'TFH774CC01' },
  });
  await world.quiet();
  expect((await trail(sale)).slice(1)).toMatchObject([
    { action: 'payment_evidence', effect: 'amount_differs', creditedCents: 0, receipt: hash },
  ]);
  const [reviewed] = await lines('payment_to_review');
  expect(reviewed).toMatchObject({ actor: null, facts: { why: 'unproved' } });
});

let code = '';

test('a link: made, paid by a person in the chat and by a browser, closed', async () => {
  const cashier = await personId(shopPerson);
  const customer = await linkedPatron(world);
  world.say('/link');
  await world.card('How much should the link ask for?');
  for (const button of ['Any amount', 'Skip', 'Many times', '30 days']) await world.press(button);
  const made = await world.card('Payment link: any amount');
  code = /\/pay\/([a-f0-9]{32})/.exec(made.text)?.[1] ?? '';
  const [line] = await lines('link_made');
  expect(line).toMatchObject({ actor: cashier, facts: { amountCents: null, once: false } });
  world.say(`/start pay_${code}`, customer.id);
  await world.card('How much do you pay Mama Njeri?', customer.id);
  world.say('410', customer.id);
  await world.card('KES 410 to Mama Njeri from', customer.id);
  await world.press('Send prompt', customer.id);
  await world.card('⏳ KES 410');
  const browser = newCustomer(world);
  const body = new URLSearchParams({ phone: browser, amount: '420' });
  const headers = { 'sec-fetch-site': 'same-origin' };
  const answer = await fetch(new URL(`/pay/${code}`, world.url), {
    ...{ method: 'POST', redirect: 'manual', headers, body },
  });
  expect(answer.status).toBe(303);
  await world.card('⏳ KES 420');
  const asked = (await lines('payment_asked')).slice(-2);
  const { link } = line?.facts ?? {};
  expect(asked).toMatchObject([
    { actor: await personId(customer.id), facts: { amountCents: 410_00, link } },
    { actor: null, facts: { amountCents: 420_00, link } },
  ]);
  await world.press('Close the link', shopPerson, made);
  await world.toast('The link is closed');
  await world.quiet();
  expect(await lines('link_closed')).toEqual([{ action: 'link_closed', actor: cashier, facts: { link } }]);
});

test('a customer who says that something is wrong', async () => {
  const customer = await linkedPatron(world);
  const sale = await prompted(world, 380, customer.msisdn);
  await sale.pay();
  await sale.card('✅', customer.id);
  await sale.press('Something is wrong', customer.id);
  await sale.press('Something else', customer.id);
  await world.card('now knows', customer.id);
  expect((await trail(sale)).slice(2)).toMatchObject([
    { action: 'payment_doubted', actor: await personId(customer.id), answer: 'other' },
  ]);
});

test('money that nobody asked for', async () => {
  const { gateway, own, accountId } = await world.addAccount('daraja-php');
  const { vault } = world.database;
  const clock = world.scheduler;
  const gateways = createGateways({ vault, http: createGatewayHttp({ fetch, log: silentLog }), clock });
  const operator = { db: world.db, vault, clock, random: systemRandom, gateways, publicUrl: world.url };
  expect(await operate(operator, accountId, 'c2b-register', null)).toMatchObject({ kind: 'done' });
  const payment = { accountId: own, msisdn: newCustomer(world), amountKes: 390, billRef: 'STALL 4' };
  const paid = await gateway.control.payIn({ ...payment, firstName: 'Wairimu' });
  expect(paid.kind).toBe('paid');
  await world.card('KES 390 from Wairimu', boss);
  expect(await lines('unasked_came')).toMatchObject([
    {
      actor: null,
      facts: { account: accountId, amountCents: 390_00, payer: hash, receipt: hash, payment: null },
    },
  ]);
});

test('no money and no prompt without a line', async () => {
  expect(await unlogged(world.db)).toEqual([]);
  const { count } = await world.db
    .selectFrom('ledger')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow();
  expect(Number(count)).toBeGreaterThan(3);
});

/** Every word that may stand in the lines of this file: none of them was typed by anybody. */
const programWords = new Set([
  ...['owner', 'bluepay', 'smartpay', 'daraja-php', 'c2b-register', 'started', 'done', 'waiting'],
  ...[
    'customers',
    'shop',
    'refused',
    'credentials_refused',
    'channel_inactive',
    'unknown',
    'unproved',
    'not_paid',
  ],
  ...['callback', 'signed', 'accepted_unsigned', 'person', 'paid', 'failed', 'amount_differs', 'other'],
]);

test('all of it is ids, keyed hashes, states and sums', async () => {
  const rows = await world.db.selectFrom('audit_entry').select('facts').execute();
  const values = rows.flatMap(({ facts }) => Object.values(facts));
  const texts = values.filter((value) => typeof value === 'string');
  const isIdOrHash = (text: string) =>
    /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{64})$/.test(text);
  const words = new Set(texts.filter((text) => !isIdOrHash(text)));
  expect([...words].filter((word) => !programWords.has(word))).toEqual([]);
  // The code of a link opens it, and reads like a hash.
  expect(texts).not.toContain(code);
  // A sum, a count or a row's number; a phone is longer.
  for (const value of values) if (typeof value === 'number') expect(value).toBeLessThan(1e8);
});
