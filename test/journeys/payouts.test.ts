/** Protects money that cannot be taken back: nobody sends it alone, both see the same, and everybody hears how it ended. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, begin, isApproved, openPayShop, owner, waiting } from './payouts-kit.ts';
import { labels } from './sale.ts';
import { shopPerson } from './shop.ts';
import { back } from './side.ts';
import { isSameCard } from './standing.ts';
import type { World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openPayShop();
});
afterAll(() => world.close());

test('one line, the card, another member’s yes, and the money moves once', async () => {
  const pay = await begin(world, 500);
  const card = await pay.card('Float KES 900,000, then KES 899,500');
  expect(card.text).toMatch(
    /^KES 500 → 07\d\d \d{3} \d{3} · W-\w{5}\nwages\nFee known after sending\. Float .*\nThis phone before: nothing yet\nWithout the withdrawal charge of KES 29; with it KES 529\.$/,
  );
  expect(labels(card)).toEqual(['Ask for approval', 'Add charge KES 29', 'Change', 'Cancel']);
  await pay.press('Ask for approval');
  const mine = await pay.card('⏳');
  expect(mine.text).toMatch(/\nWaiting for approval by Baraka, until .*\.$/);
  expect(labels(mine)).toEqual(['Withdraw']);
  const theirs = await pay.card('asks, until', owner);
  expect(theirs.text).toMatch(
    /^⏳ KES 500 → .*\nwages\nFee .*\nThis phone before: nothing yet\nOtieno asks, until .*\.$/,
  );
  expect(labels(theirs)).toEqual(['Approve', 'Details', 'Reject']);
  expect(world.bluepay.control.payouts()).toHaveLength(0);
  await pay.press('Approve', owner);
  await pay.card(isApproved, asker);
  await world.advance(10);
  const sent = await pay.card('✅');
  expect(sent.text).toMatch(/\nSent \d\d:\d\d\. M-Pesa \w{10}\nAsked by Otieno, approved by Baraka\.$/);
  expect((await pay.card('✅', owner)).text).toBe(sent.text);
  expect(labels(await pay.card('✅', owner))).toEqual([]);
  expect(world.bluepay.control.payouts()).toHaveLength(1);
  expect(await pay.row()).toMatchObject({ state: 'paid' });
});

test('whoever was paid hears it by SMS, under our number and the M-Pesa code', async () => {
  const pay = await waiting(world, 620);
  await pay.press('Approve', owner);
  await world.advance(10);
  await pay.card('✅');
  await world.quiet();
  const sms = world.mpesa.smsInbox(pay.msisdn).map(({ text }) => text);
  expect(sms.filter((text) => text.includes(pay.ref))).toEqual([
    expect.stringMatching(
      /^KES 620 sent to you by Mama Njeri, .*\. M-Pesa \w{10}\. For: wages\. Our number W-\w{5}\.$/,
    ),
  ]);
});

test('whoever asked does not approve, and a cashier may not even ask', async () => {
  const pay = await waiting(world, 510);
  expect(labels(await pay.card('Waiting for approval'))).toEqual(['Withdraw']);
  world.say('/payout 500 0712345678 wages', shopPerson);
  await world.card('This is for a manager. Ask Baraka.', shopPerson);
  expect(await pay.row()).toMatchObject({ state: 'waiting' });
});

test('a no has a reason, which whoever asked reads', async () => {
  const pay = await waiting(world, 520);
  await pay.press('Reject', owner);
  await world.card('Why? Otieno will see it.', owner);
  world.say('Paid in cash', owner);
  const card = await pay.card('⚪');
  expect(card.text).toMatch(/\nRejected by Baraka: Paid in cash\.\nNo money moved\.$/);
  expect(labels(card)).toEqual([]);
  expect(labels(await pay.card('⚪', owner))).toEqual([]);
});

test('what was changed is approved anew, and the old card says why it is void', async () => {
  const pay = await waiting(world, 530);
  const before = await pay.card('asks, until', owner);
  await pay.press('Withdraw');
  const over = await pay.card('⚪', owner);
  expect(await isSameCard(world, before, over)).toBe(true);
  expect(over.text).toMatch(/\nOtieno took it back\.\nNo money moved\.$/);
  expect((await pay.card('Stopped; nothing was sent.')).buttons.flat()).toEqual([]);
});

test('nobody says yes in time: it lapses, and can be asked for anew', async () => {
  const pay = await waiting(world, 540);
  world.scheduler.advance(24 * 3600 * 1000 + 60_000);
  await back(world, asker, owner);
  await pay.card('No approval by');
  await world.quiet();
  const lapsed = await pay.card('No approval by');
  expect(labels(lapsed)).toEqual(['Ask for approval']);
  expect(labels(await pay.card('⚪', owner))).toEqual([]);
  await pay.press('Ask for approval');
  const again = await world.card(/^KES 540 → /, asker);
  expect(again.text).not.toContain(pay.ref);
  expect(labels(again)[0]).toBe('Ask for approval');
});

test('the same sum to the same phone within a day wants a reason, which the approver reads', async () => {
  const first = await waiting(world, 550);
  await first.press('Approve', owner);
  await world.advance(10);
  await first.card('✅');
  const second = await begin(world, 550, asker, first.msisdn);
  expect((await second.card('This phone before')).text).toMatch(
    /This phone before: 1, last KES 550 \d\d:\d\d/,
  );
  await second.press('Ask for approval');
  await world.card(`Already sent`, asker);
  expect((await second.row()).state).toBe('draft');
  world.say('Overtime', asker);
  expect((await second.card('asks, until', owner)).text).toContain('Sent again because: Overtime');
  await second.press('Reject', owner);
  await world.card('Why?', owner);
  world.say('no', owner);
  await second.card('⚪');
});

test('the withdrawal charge is added and taken off on the card, by whoever asks, until it is asked for', async () => {
  const pay = await begin(world, 570);
  const bare = await pay.card('Without the withdrawal charge of KES 29; with it KES 599.');
  const add = bare.buttons.flat().find(({ text }) => text === 'Add charge KES 29')?.data ?? '';
  world.chat.pressRaw(owner, world.chat.lastMessage(owner)?.id ?? 0, add);
  await world.toast('This card is for someone else.', owner);
  await pay.press('Add charge KES 29');
  const both = await pay.card('KES 570 and KES 29 withdrawal charge (M-Pesa tariff of 2024-2025).');
  expect(both.text).toMatch(/^KES 599 → /);
  expect(labels(both)).toEqual(['Ask for approval', 'Without the charge', 'Change', 'Cancel']);
  world.chat.pressRaw(asker, both.id, add);
  await world.toast('This card is old.', asker);
  await pay.press('Without the charge');
  expect(labels(await pay.card(/^KES 570 → [\s\S]*with it KES 599/))).toContain('Add charge KES 29');
  await pay.press('Add charge KES 29');
  await pay.card(/^KES 599 → /);
  await pay.press('Ask for approval');
  const asked = await pay.card('asks, until', owner);
  expect(asked.text).toMatch(/^⏳ KES 599 → [\s\S]*\nKES 570 and KES 29 withdrawal charge/);
  const waits = await pay.card('Waiting for approval');
  await world.quiet();
  const forged = waits.buttons.flat()[0]?.data?.replace('withdraw', 'no-charge') ?? '';
  world.chat.pressRaw(asker, waits.id, forged);
  await world.toast('This card is old.', asker);
  await world.quiet();
  expect(await pay.row()).toMatchObject({ state: 'waiting', round: 1 });
  await pay.press('Approve', owner);
  await world.advance(10);
  await pay.card('✅');
  expect(world.bluepay.control.payouts().at(-1)).toMatchObject({ amountKes: 599 });
});

test('what is not known yet stands on the next card to that phone, and wants a reason however old it is', async () => {
  const first = await waiting(world, 555);
  await first.press('Approve', owner);
  await world.advance(10);
  await first.card('✅');
  const change = (to: { state: 'paid' | 'review'; flag: 'unproved' | null; updated_at?: Date }) =>
    world.db
      .updateTable('payout')
      .set({ ...to, next_check_at: null })
      .where('ref', '=', first.ref)
      .execute();
  const month = new Date(world.scheduler.now().getTime() - 30 * 24 * 3600_000);
  await change({ state: 'review', flag: 'unproved', updated_at: month });
  const second = await begin(world, 555, asker, first.msisdn);
  await second.card(`This phone before: not known yet: KES 555, ${first.ref}`);
  await second.press('Ask for approval');
  await world.card(`Not known yet: ${first.ref}, sent `, asker);
  expect((await second.row()).state).toBe('draft');
  world.say('Wages of two weeks', asker);
  await second.card('asks, until', owner);
  await second.press('Withdraw');
  await second.card('Stopped');
  await change({ state: 'paid', flag: null });
});

test('"tuma 500" is asked about, never a payout by guess', async () => {
  const count = world.bluepay.control.payouts().length;
  world.say('tuma 560 0712345678 chakula', asker);
  await world.card('Ask for this money, or send it?', asker);
  await world.press('Send money', asker);
  const charge = await world.card('With the withdrawal charge', asker);
  expect(labels(charge)).toEqual(['KES 589', 'KES 560']);
  await world.press('KES 589', asker);
  const card = await world.card(/^KES 589 → 0712 345 678 · W-/, asker);
  expect(card.text).toContain('\nKES 560 and KES 29 withdrawal charge (M-Pesa tariff of 2024-2025).');
  expect(card.text).toContain('\nchakula\n');
  await world.press('Cancel', asker, card);
  await world.quiet();
  expect(world.bluepay.control.payouts()).toHaveLength(count);
});

test('the conversation asks what is missing, keeps what a change does not touch, and says its range', async () => {
  world.say('/payout', asker);
  await world.card('How much?', asker);
  world.say('5', asker);
  await world.card('Payouts here are KES 10 to KES 250,000 each.', asker);
  world.say('300', asker);
  await world.card('Which phone gets the money?', asker);
  world.say('0722000111', asker);
  await world.card('What is it for?', asker);
  world.say('airtime', asker);
  await world.card('With the withdrawal charge KES 329, without KES 300?', asker);
  await world.press('KES 300', asker);
  const card = await world.card(/^KES 300 → 0722 000 111 · W-\w{5}\nairtime\n/, asker);
  await world.press('Change', asker, card);
  await world.quiet();
  await world.press('KES 300', asker, await world.card('How much?', asker));
  await world.quiet();
  await world.press('0722 000 111', asker);
  await world.quiet();
  await world.card('What is it for?', asker);
  world.say('milk', asker);
  await world.quiet();
  await world.press('KES 329', asker);
  await world.card(/^KES 329 → 0722 000 111/, asker);
  await world.quiet();
  const changed = await world.card(/^KES 329 → 0722 000 111 · W-\w{5}\nmilk\n/, asker);
  expect(changed.text).toContain(/W-\w{5}/.exec(card.text)?.[0]);
  await world.press('Cancel', asker, changed);
  await world.quiet();
  world.say('/payout 50.000 0722000111 milk', asker);
  await world.card('KES 50,000 or KES 50?', asker);
  world.say('/cancel', asker);
  await world.quiet();
});
