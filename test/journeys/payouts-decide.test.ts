/** Protects the second yes: whose it is, of what exactly, once, and not while anything stands in its way. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asker, begin, isApproved, openPayShop, owner, waiting } from './payouts-kit.ts';
import { labels } from './sale.ts';
import { shopPerson } from './shop.ts';
import { expectDisarmed, isSameCard } from './standing.ts';
import type { World } from './world.ts';

const second = 1010;
const outsider = 1011;
const group = -5001;

let world: World;
beforeAll(async () => {
  world = await openPayShop();
  for (const [id, firstName] of [
    [second, 'Wanja'],
    [outsider, 'Juma'],
  ] as const)
    world.chat.addUser({ id, firstName, languageCode: 'en', started: true });
});
afterAll(() => world.close());

const setRole = (person: number, change: object) =>
  world.db
    .updateTable('member')
    .set(change)
    .where('business_id', '=', world.businessId)
    .where('identity_id', 'in', (eb) =>
      eb.selectFrom('identity').select('identity.id').where('external_id', '=', world.key(person)),
    )
    .execute();
const approvals = async (ref: string) =>
  world.db
    .selectFrom('approval')
    .innerJoin('payout', 'payout.id', 'approval.payout_id')
    .select('approval.kind')
    .where('payout.ref', '=', ref)
    .execute();
const sentFor = (ref: string) =>
  world.bluepay.control.payouts().filter(({ reference }) => reference === ref.replace('-', '')).length;

test('above a limit the approver types the phone’s last four digits; they are an answer, and no PIN', async () => {
  const pay = await waiting(world, 25_000);
  await pay.press('Approve', owner);
  await world.card("Type the phone's last 4 digits to approve.", owner);
  world.say('0000', owner);
  await world.card('These digits differ; not approved. Tries left: 2', owner);
  expect(await approvals(pay.ref)).toEqual([]);
  world.say(pay.msisdn.slice(-4), owner);
  await pay.card(isApproved);
  await world.advance(10);
  await pay.card('✅');
  expect(sentFor(pay.ref)).toBe(1);
});

test('three wrong tries end the card, however often it is opened again', async () => {
  const pay = await waiting(world, 26_000);
  await pay.press('Approve', owner);
  for (const [digits, says] of [
    ['1111', 'Tries left: 2'],
    ['2222', 'Tries left: 1'],
  ] as const) {
    await world.quiet();
    world.say(digits, owner);
    await world.card(says, owner);
  }
  world.say('3333', owner);
  await world.card('Too many tries with this card', owner);
  await world.quiet();
  world.say('/approvals', owner);
  await world.card('Waiting for you: 1. Asked by you: 0.', owner);
  await world.quiet();
  await pay.press('Approve', owner);
  await world.toast('Too many tries with this card', owner);
  await pay.press('Withdraw');
  await pay.card('Stopped');
  expect(await approvals(pay.ref)).toEqual([]);
});

test('two who approve in the same second are one approval and one call', async () => {
  await world.join(second, 'manager');
  const pay = await waiting(world, 700);
  await pay.card('asks, until', second);
  await Promise.all([pay.press('Approve', owner), pay.press('Approve', second)]);
  await world.advance(10);
  await pay.card('✅');
  expect(await approvals(pay.ref)).toEqual([{ kind: 'approved' }]);
  expect(sentFor(pay.ref)).toBe(1);
  expect(labels(await pay.card('✅', owner))).toEqual([]);
  expect(labels(await pay.card('✅', second))).toEqual([]);
});

test('who lost the role between card and press approves nothing', async () => {
  const pay = await waiting(world, 710);
  await pay.card('asks, until', second);
  await setRole(second, { role: 'cashier' });
  await pay.press('Approve', second);
  await world.toast('This is for a manager.', second);
  await setRole(second, { removed_at: world.scheduler.now() });
  await pay.press('Reject', second);
  await world.toast('This card is for someone else.', second);
  expect(await pay.row()).toMatchObject({ state: 'waiting' });
  await pay.press('Withdraw');
  await pay.card('Stopped');
  await world.quiet();
  await expectDisarmed(world, second, await pay.card('asks, until', second));
});

test('what was changed after it was asked is void: nobody approves the new under the old card', async () => {
  const pay = await begin(world, 720);
  await pay.press('Change');
  await world.card('How much?', asker);
  await world.quiet();
  await pay.press('Ask for approval');
  const old = await pay.card('asks, until', owner);
  world.say('7200', asker);
  await world.press(`0${pay.msisdn.slice(3, 6)} ${pay.msisdn.slice(6, 9)} ${pay.msisdn.slice(9)}`, asker);
  await world.press('wages', asker);
  await world.press('KES 7,200', asker);
  const voided = await pay.card('Details changed; the approval is void.', owner);
  expect(await isSameCard(world, old, voided)).toBe(true);
  expect(labels(voided)).toEqual([]);
  await world.quiet();
  expect(await pay.row()).toMatchObject({ state: 'draft' });
  await pay.press('Ask for approval');
  await pay.card(/KES 7,200 (?:.*\n)+.*asks, until/, owner);
  await pay.press('Withdraw');
  await pay.card('Stopped');
});

test('a card in another’s hands, and a button of before, do nothing', async () => {
  const pay = await waiting(world, 730);
  await pay.card('asks, until', owner);
  const stored = await world.db
    .selectFrom('payout_card')
    .innerJoin('payout', 'payout.id', 'payout_card.payout_id')
    .select('nonce')
    .where('payout.ref', '=', pay.ref)
    .where('kind', '=', 'approval')
    .executeTakeFirstOrThrow();
  const data = `o:${stored.nonce}:approve`;
  const help = await world.answer(world.say('/help', shopPerson), shopPerson);
  world.chat.pressRaw(shopPerson, help.id, data);
  await world.toast('This card is for someone else.', shopPerson);
  world.chat.pressRaw(asker, (await pay.card('Waiting')).id, data);
  await world.toast('This card is for someone else.', asker);
  expect(await pay.row()).toMatchObject({ state: 'waiting' });
  await pay.press('Withdraw');
  await pay.card('Stopped');
});

test('in the group that the owner named phones are masked, and only who may approve is heard', async () => {
  world.chat.addGroup({ id: group, title: 'Payouts', members: [owner, outsider] });
  const named = () =>
    world.db
      .selectFrom('business')
      .select('approvals_group')
      .where('id', '=', world.businessId)
      .executeTakeFirst();
  // Only an owner names it, where it is to be; anybody else is not answered.
  world.chat.sendText(outsider, '/approvals', { chatId: group });
  await world.quiet();
  expect(await named()).toEqual({ approvals_group: null });
  world.chat.sendText(owner, '/approvals', { chatId: group });
  await world.card('wait for approval are shown here too', group);
  expect(await named()).toEqual({ approvals_group: `telegram:${group}` });
  const pay = await waiting(world, 740);
  const masked = `254${pay.msisdn.slice(3, 4)}****${pay.msisdn.slice(-3)}`;
  const there = await world.card(pay.ref, group);
  expect(there.text).toContain(`KES 740 → ${masked} · ${pay.ref}`);
  expect(there.text).not.toContain(pay.msisdn.slice(3));
  world.chat.pressButton(outsider, there.id, 'Approve');
  await world.toast('This card is for someone else.', outsider);
  expect(await pay.row()).toMatchObject({ state: 'waiting' });
  world.chat.pressButton(owner, there.id, 'Approve');
  await world.advance(10);
  await pay.card('✅');
  const after = await world.card(pay.ref, group);
  expect(after.text).toContain('Sent');
  expect(labels(after)).toEqual([]);
  const big = await waiting(world, 27_000);
  world.chat.pressButton(owner, (await world.card(big.ref, group)).id, 'Approve');
  await world.toast('Type it in your own chat', owner);
  await world.quiet();
  expect(await big.row()).toMatchObject({ state: 'waiting' });
  await big.press('Withdraw');
  await big.card('Stopped');
  world.chat.sendText(owner, '/approvals', { chatId: group });
  await world.card('not shown here any more', group);
  expect(await named()).toEqual({ approvals_group: null });
});

test('/freeze stops what was approved and not sent; only an owner allows it again', async () => {
  world.say('/freeze', asker);
  const question = await world.card('Stop every payout now?', asker);
  expect(labels(question)).toEqual(['Stop payouts', 'Cancel']);
  const pay = await waiting(world, 750);
  await world.press('Stop payouts', asker, question);
  const told = await world.card('Payouts stopped by Otieno', owner);
  expect(told.text).toMatch(
    /^⚠️ Payouts stopped by Otieno \d\d:\d\d, 0 on hold, KES 0\. Only an owner allows them\.$/,
  );
  expect(labels(told)).toEqual(['Allow payouts']);
  expect(labels(await world.card('Payouts stopped by Otieno', asker))).toEqual([]);
  await pay.press('Approve', owner);
  await world.toast('Payouts are stopped. Only an owner allows them again.', owner);
  expect(await pay.row()).toMatchObject({ state: 'waiting' });
  world.chat.pressRaw(asker, question.id, `z:allow:${world.businessId}`);
  await world.toast('This is for an owner. Ask Baraka.', asker);
  await world.press('Allow payouts', owner);
  await world.card('Payouts allowed again by Baraka', asker);
  await pay.press('Approve', owner);
  await world.advance(10);
  await pay.card('✅');
  expect(sentFor(pay.ref)).toBe(1);
});

test('what stops payouts, or lets them go on, is the newest message about it; an older one shows that', async () => {
  const asked = async () => {
    await world.quiet();
    return world.answer(world.say('/freeze', asker), asker);
  };
  await world.press('Cancel', asker, await asked());
  await world.card('Payouts go on as before.', asker);
  const freeze = async () => {
    const question = await asked();
    await world.press('Stop payouts', asker, question);
    await world.quiet();
    return { question, told: await world.card('Payouts stopped by Otieno', owner) };
  };
  const first = await freeze();
  const allow = first.told.buttons.flat()[0]?.data ?? '';
  await world.press('Allow payouts', owner, first.told);
  await world.card('Payouts allowed again by Baraka', asker);
  await world.quiet();
  const second = await freeze();
  expect(second.told.id).toBeGreaterThan(first.told.id);
  // The first stop's button, which is still on the screen where messages are not edited.
  world.chat.pressRaw(owner, first.told.id, allow);
  await world.toast('This card is old. Here is the current one.', owner);
  await world.quiet();
  const current = await world.card('Payouts stopped by Otieno', owner);
  expect(current.id).toBeGreaterThan(second.told.id);
  const isFrozen = async () =>
    (await world.db.selectFrom('business').select('frozen_at').executeTakeFirstOrThrow()).frozen_at !== null;
  expect(await isFrozen()).toBe(true);
  await world.press('Allow payouts', owner, current);
  await world.card('Payouts allowed again by Baraka', asker);
  await world.quiet();
  const stop = second.question.buttons.flat()[0]?.data ?? '';
  world.chat.pressRaw(asker, second.question.id, stop);
  await world.toast('This card is old. Here is the current one.', asker);
  await world.card('Stop every payout now?', asker);
  await world.quiet();
  expect(await isFrozen()).toBe(false);
});

test('an owner lowers a limit, and the approval that breaks it says which and what is left', async () => {
  world.say('/settings', owner);
  await world.press('Payout limits', owner, await world.card('SMS to customers', owner));
  const shown = await world.card('Limits of payouts', owner);
  expect(shown.text).toContain('One payout: KES 70,000');
  await world.press('One payout', owner, shown);
  await world.card('One payout: now KES 70,000. How much from now on?', owner);
  world.say('1000', owner);
  await world.card('One payout: KES 1,000 from now on.', owner);
  const pay = await waiting(world, 1_200);
  await pay.press('Approve', owner);
  await world.toast('Not approved: above the limit for one payout, KES 1,000. Left now: KES 1,000.', owner);
  await pay.press('Withdraw');
  await pay.card('Stopped');
  const logged = await world.db
    .selectFrom('audit_entry')
    .select('facts')
    .where('action', '=', 'limits_changed')
    .execute();
  expect(logged).toEqual([{ facts: { limit: 'single', fromCents: 7_000_000, toCents: 100_000 } }]);
  await world.db.updateTable('business').set({ payout_limits: null }).execute();
});

test('details name the account, what is left and who got what; /approvals and /status bring the card back', async () => {
  const pay = await waiting(world, 760);
  await pay.press('Details', owner);
  const details = await world.card('Left today', owner);
  expect(details.text).toMatch(
    new RegExp(`^KES 760 → .* · ${pay.ref}\nFrom .*, our reference ${pay.ref.replace('-', '')}\n`),
  );
  const asked = world.say('/approvals', asker);
  expect((await world.answer(asked, asker)).text).toBe('Waiting for you: 0. Asked by you: 1.');
  await world.quiet();
  world.say(`/status ${pay.ref}`, owner);
  await world.quiet();
  expect(labels(await pay.card('asks, until', owner))).toEqual(['Approve', 'Details', 'Reject']);
  world.say(`/status ${pay.ref}`, shopPerson);
  expect(labels(await pay.card('Waiting for approval', shopPerson))).toEqual([]);
  await pay.press('Withdraw');
  await pay.card('Stopped');
});

test('who types the digits of what was taken back meanwhile is shown how it stands', async () => {
  const pay = await waiting(world, 28_000);
  await pay.press('Approve', owner);
  await world.card("Type the phone's last 4 digits to approve.", owner);
  await world.quiet();
  await pay.press('Withdraw');
  await world.quiet();
  const typed = world.say(pay.msisdn.slice(-4), owner);
  await world.quiet();
  const after = world.chat.messages(owner).filter(({ id, fromBot }) => fromBot && id > typed);
  expect(after.map(({ text }) => text)).toEqual([
    expect.stringMatching(/Otieno took it back\.\nNo money moved\.$/),
    'This card is old. Here is the current one.',
  ]);
  expect(await approvals(pay.ref)).toEqual([]);
});
