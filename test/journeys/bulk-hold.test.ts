/** Protects what the chat says of a file that the program holds, of the rest of one, and of one in the group for approvals. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { workbook } from '../payouts/workbook.ts';
import { type Bulk, csv, pass, running, upload } from './bulk-kit.ts';
import { asker, openPayShop, owner } from './payouts-kit.ts';
import { labels, newCustomer } from './sale.ts';
import { shopPerson } from './shop.ts';
import { back } from './side.ts';
import type { World } from './world.ts';

const group = -5002;
/** A second manager, who approves. */
const approver = 1071;

let world: World;
beforeAll(async () => {
  world = await openPayShop();
  world.chat.addUser({ id: approver, firstName: 'Zawadi', languageCode: 'en', started: true });
  await world.join(approver, 'manager');
  world.say('/help', approver);
  await world.card('We never ask for your PIN', approver);
});
afterAll(() => world.close());
beforeEach(() => world.quiet());

const wallet = (kes: number) =>
  world.bluepay.control.setAccount(world.merchantId, { b2cWalletKes: kes, serviceTokenKes: 5_000 });

test('with too little float: held at that row, who asked and the owner hear what to do, and it goes on', async () => {
  const before = world.bluepay.control.payouts().length;
  const bulk = await running(world, [601, 602, 603, 604], approver);
  const last = (person: number): number => world.chat.messages(person).at(-1)?.id ?? 0;
  const seen = new Map([asker, owner].map((person) => [person, last(person)]));
  wallet(0);
  await pass(world, 3);
  for (const person of [asker, owner]) {
    const card = await bulk.card('The float is too low. Fill it, then press Resume.', person);
    expect(labels(card)).toEqual(['Resume', 'See rows', 'Send no more']);
    // An edit of the card that went by makes no sound.
    expect(card.id).toBeGreaterThan(seen.get(person) ?? 0);
  }
  const states = (await bulk.states()).split(' ');
  expect(states.filter((state) => state === 'failed').length).toBeLessThanOrEqual(2);
  expect(states).toContain('approved');
  const sent = states.filter((state) => state === 'paid' || state === 'sent_to_gateway').length;
  wallet(900_000);
  await pass(world, 3);
  expect(world.bluepay.control.payouts().length - before).toBe(sent);
  await bulk.press('Resume');
  await pass(world, 8);
  const failed = states.filter((state) => state === 'failed').length;
  await bulk.card(`Done: ${4 - failed} sent, ${failed} not sent, 0 not known yet.`);
});

const memberIs = (removed_at: Date | null) =>
  world.db
    .updateTable('member')
    .set({ removed_at })
    .where('identity_id', 'in', (eb) =>
      eb.selectFrom('identity').select('identity.id').where('external_id', '=', world.key(approver)),
    )
    .execute();

/** Types three wrong totals, however often the question is opened anew; no more are taken, and each is in the audit. */
async function spoil(bulk: Bulk, person: number): Promise<void> {
  for (const left of [2, 1]) {
    await bulk.press('Approve', person);
    await world.card(`Type the total of ${bulk.ref}`, person);
    await world.quiet();
    world.say('1', person);
    await world.card(`nothing was approved. Tries left: ${left}`, person);
    world.say('/cancel', person);
    await world.quiet();
  }
  await bulk.press('Approve', person);
  await world.quiet();
  world.say('2', person);
  const over = 'Too many tries at this total; nothing was approved.';
  await world.card(over, person);
  await world.quiet();
  await bulk.press('Approve', person);
  await world.quiet();
  expect(world.chat.messages(person).filter(({ text }) => text.startsWith(over))).toHaveLength(2);
  const wrong = await world.db
    .selectFrom('audit_entry')
    .select('facts')
    .where('action', '=', 'batch_total_wrong')
    .orderBy('id')
    .execute();
  expect(wrong.map(({ facts }) => facts.tries)).toEqual([1, 2, 3]);
}

test('of an approver who left: another says yes to the rest, typed where it is much', async () => {
  const bulk = await upload(world, 'rest.csv', csv(world, [500, 11_000, 12_000]));
  await bulk.press('Ask for approval');
  await bulk.card('asks, until', approver);
  await bulk.card('asks, until', owner);
  await spoil(bulk, owner);
  await bulk.press('Approve', approver);
  world.say('23500', approver);
  await bulk.card('of 3: ');
  await memberIs(new Date());
  await pass(world, 2);
  const held = await bulk.card(
    'Zawadi approved it and may no longer do so. Another approves what is left',
    owner,
  );
  expect(labels(held)).toEqual(['Approve', 'See rows', 'Send no more']);
  expect(labels(await bulk.card('Another approves what is left'))).toEqual(['See rows', 'Send no more']);
  const left = /what is left, KES ([\d,]+)/.exec(held.text)?.[1] ?? '';
  await bulk.press('Approve', owner);
  await world.card(`Type the total of what is left of ${bulk.ref}`, owner);
  await world.quiet();
  world.say('1', owner);
  // This is another question than that of the whole file.
  await world.card('That is not the total; nothing was approved. Tries left: 2', owner);
  world.say(left, owner);
  await pass(world, 6);
  const done = await bulk.card('Done: 3 sent', owner);
  expect(done.text).toMatch(/approved by Zawadi, Baraka\./);
  await memberIs(null);
});

test('of an approver who left, and of a rest that nobody approved in time: the card says until when, and then so', async () => {
  const bulk = await running(world, [621, 622, 623], approver);
  await memberIs(new Date());
  await pass(world, 2);
  const held = await bulk.card('Another approves what is left', owner);
  const [, until = ''] = /what is left, KES [\d,]+, until (.+), or stops it\./.exec(held.text) ?? [];
  expect(until).toMatch(/\d\d:\d\d/);
  await world.advance(24 * 3600 + 60);
  world.say(`/status ${bulk.ref}`, owner);
  const done = await bulk.card('Nobody approved what was left by', owner);
  expect(done.text).toMatch(/Done: [0-2] sent, [1-3] not sent, 0 not known yet\./);
  expect(labels(done)).toEqual(['See rows']);
  expect(await bulk.states()).toMatch(/expired/);
  await memberIs(null);
});

test('of an approval that is more than a day old: the card asks for a new one of what is left', async () => {
  await back(world, asker, owner, approver);
  const bulk = await running(world, [631, 632, 633], approver);
  await bulk.press('Pause');
  await bulk.card('Paused');
  await world.quiet();
  world.scheduler.advance((24 * 3600 + 60) * 1000);
  await back(world, asker, owner, approver);
  await bulk.press('Resume');
  await pass(world, 2);
  const held = await bulk.card(
    'Zawadi approved it more than a day ago. Approve what is left anew, KES',
    owner,
  );
  expect(labels(held)).toEqual(['Approve', 'See rows', 'Send no more']);
  await bulk.press('Approve', owner);
  await pass(world, 6);
  await bulk.card('Done: 3 sent', owner);
});

test('in the group that the owner named: no phone, the same questions, and typing in the own chat', async () => {
  world.chat.addGroup({ id: group, title: 'Wages', members: [owner, asker, shopPerson] });
  world.chat.sendText(owner, '/approvals', { chatId: group });
  await world.card('wait for approval are shown here too', group);
  const small = await upload(world, 'group.csv', csv(world, [511, 512]));
  await small.press('Ask for approval');
  const there = await small.card('asks, until', group);
  expect(there.text).not.toMatch(/07\d\d|2547/);
  expect(labels(there)).toEqual(['Approve', 'See rows', 'Reject']);
  world.chat.pressButton(shopPerson, there.id, 'Approve');
  await world.toast('This is for a manager', shopPerson);
  world.chat.pressButton(asker, there.id, 'Approve');
  await world.toast('another member approves it', asker);
  const before = world.chat.messages(group).length;
  world.chat.pressButton(owner, there.id, 'See rows');
  await world.toast('Type it in your own chat', owner);
  await world.quiet();
  expect(world.chat.messages(group).length).toBe(before);
  expect(await small.states()).toBe('waiting waiting');
  world.chat.pressButton(owner, there.id, 'Approve');
  const run = await small.card('Approved by Baraka. How far it is', group);
  expect(labels(run)).toEqual([]);
  await pass(world, 6);
  await small.card('Done: 2 sent', group);
  const large = await upload(world, 'group large.csv', csv(world, [15_100, 15_200]));
  await large.press('Ask for approval');
  world.chat.pressButton(owner, (await large.card('asks, until', group)).id, 'Approve');
  await world.toast('Type it in your own chat', owner);
  await world.quiet();
  expect(await large.states()).toBe('waiting waiting');
  await large.press('Withdraw');
  expect(labels(await large.card('took it back', group))).toEqual([]);
  world.chat.sendText(owner, '/approvals', { chatId: group });
  await world.card('not shown here any more', group);
});

test('a workbook with rows on a second sheet says so', async () => {
  const head = ['phone', 'amount'];
  const rows = (kes: number) => [head, [Number(newCustomer(world).slice(3)), kes]];
  const bulk = await upload(world, 'two.xlsx', workbook(rows(900), { Casuals: rows(800) }));
  const dry = await bulk.card('two.xlsx');
  expect(dry.text).toContain('Only the first sheet was read.');
  expect(dry.text).toContain('\nCasuals: 2 rows not read');
  await bulk.press('Cancel');
  await bulk.card('took it back');
});
