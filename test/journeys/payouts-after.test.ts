/** Protects what people believe after the yes: proved or not known, never guessed; and two persons where nothing proves it. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { passingSeconds } from '../../src/outbox/enqueue.ts';
import { linkPhone } from '../../src/payments/phone-links.ts';
import { asker, begin, isApproved, openPayShop, owner, type Pay, waiting } from './payouts-kit.ts';
import { labels, newCustomer } from './sale.ts';
import { shopPerson } from './shop.ts';
import { back } from './side.ts';
import { poll, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  // A person marks one as paid that the gateway never told of.
  world = await openPayShop({ honestMoney: false });
});
afterAll(() => world.close());
beforeEach(() => world.quiet());

const set = (change: Parameters<World['bluepay']['control']['setAccount']>[1]) =>
  world.bluepay.control.setAccount(world.merchantId, change);

async function approved(amount: number): Promise<Pay> {
  const pay = await waiting(world, amount);
  await pay.press('Approve', owner);
  await world.advance(10);
  return pay;
}

test('too little float: nothing moved, the reason says so, and the same number can be asked for again', async () => {
  set({ b2cWalletKes: 100 });
  const pay = await approved(800);
  const card = await pay.card('⚪');
  expect(card.text).toMatch(/\nNot sent: the float is too low; fill it, then ask again\.\nNo money moved\.$/);
  expect(labels(card)).toEqual(['Ask for approval']);
  expect(labels(await pay.card('⚪', owner))).toEqual([]);
  set({ b2cWalletKes: 900_000 });
  await pay.press('Ask for approval');
  await pay.card('asks, until', owner);
  await pay.press('Approve', owner);
  await world.advance(10);
  await pay.card('✅');
  expect(await pay.row()).toMatchObject({ state: 'paid', round: 2 });
});

test('a lost answer is not known yet, and nobody is told to send again', async () => {
  world.bluepay.control.arm('b2c_drop_after_accept');
  const pay = await waiting(world, 810);
  await pay.press('Approve', owner);
  const card = await pay.card('❔');
  expect(card.text).toMatch(/\nWe do not know yet\. Do not send again\. Next check .*\.$/);
  expect(labels(card)).toEqual([]);
  await world.advance(10);
  await pay.card('✅');
});

test('what nothing proves goes to review; two who say the same decide, one does not', async () => {
  world.bluepay.control.arm('b2c_drop_after_accept');
  world.bluepay.control.arm('b2c_callback_lost');
  const pay = await waiting(world, 820);
  await pay.press('Approve', owner);
  await pay.card('❔');
  for (let i = 0; i < 8; i++) await world.advance(600);
  const card = await pay.card('⚠️', owner);
  expect(card.text).toContain('We still do not know. Compare with the M-Pesa statement.');
  expect(labels(card)).toEqual(['Review']);
  await world.quiet();
  world.say('/review', asker);
  await world.card(/^To review: 1$/, asker);
  await world.quiet();
  await pay.press('Review');
  const question = await world.card('Was this paid?', asker);
  expect(question.text).toMatch(/No answer reached us\.\nCompare with the statement of /);
  await world.press('It was paid', asker, question);
  await world.card('Type the M-Pesa code on the statement', asker);
  world.say('TFHXYZCBHQ', asker);
  await world.card('Kept. It counts once another owner or manager says the same.', asker);
  expect(await pay.row()).toMatchObject({ state: 'review' });
  await pay.card('Otieno says: It was paid.', owner);
  await pay.press('Review', owner);
  const second = await world.card('Otieno has compared.', owner);
  await world.press('It was paid', owner, second);
  await world.card('Type the M-Pesa code on the statement', owner);
  world.say('TFHXYZCBHQ', owner);
  await world.card(/^Marked paid by Baraka \d\d:\d\d\.$/, owner);
  expect((await pay.card('✅')).text).toMatch(/Sent .*\. M-Pesa TFHXYZCBHQ\n/);
  expect(await pay.row()).toMatchObject({ state: 'paid', flag: null });
});

test('a failure that M-Pesa contradicts is settled by two persons, on its card', async () => {
  const pay = await waiting(world, 835);
  world.bluepay.control.setAccount(world.merchantId, { b2cWalletKes: 0 });
  await pay.press('Approve', owner);
  await world.advance(10);
  await pay.card('No money moved.');
  world.bluepay.control.setAccount(world.merchantId, { b2cWalletKes: 900_000 });
  await world.db.updateTable('payout').set({ flag: 'contradiction' }).where('ref', '=', pay.ref).execute();
  for (const person of [asker, owner]) {
    world.say('/review', person);
    await world.quiet();
    await pay.card(person === asker ? 'M-Pesa tells otherwise' : 'Otieno says: It was not paid.', person);
    await pay.press('Review', person);
    const question = await pay.card(person === asker ? 'Was this paid?' : 'has compared', person);
    await world.press('It was not paid', person, question);
    await world.quiet();
  }
  expect(await pay.row()).toMatchObject({ state: 'failed', flag: null });
  expect(labels(await pay.card('No money moved.'))).toEqual(['Ask for approval']);
});

test('an answer about a round that is over marks nothing of the next', async () => {
  const pay = await waiting(world, 836);
  world.bluepay.control.setAccount(world.merchantId, { b2cWalletKes: 0 });
  await pay.press('Approve', owner);
  await world.advance(10);
  await pay.card('No money moved.');
  world.bluepay.control.setAccount(world.merchantId, { b2cWalletKes: 900_000 });
  const row = (change: object) =>
    world.db.updateTable('payout').set(change).where('ref', '=', pay.ref).execute();
  await row({ flag: 'contradiction' });
  await world.quiet();
  world.say(`/status ${pay.ref}`, owner);
  await world.quiet();
  await pay.press('Review', owner);
  const question = await pay.card('Was this paid?', owner);
  await row({ round: 2, state: 'review' });
  await world.press('It was not paid', owner, question);
  await world.card('This card is old. Here is the current one.', owner);
  await row({ round: 1, state: 'failed', flag: null });
  const marks = await world.db
    .selectFrom('payout_mark')
    .innerJoin('payout', 'payout.id', 'payout_mark.payout_id')
    .select('verdict')
    .where('ref', '=', pay.ref)
    .execute();
  expect(marks).toEqual([]);
});

test('money that M-Pesa takes back is told in a new message; an owner closes it', async () => {
  const pay = await approved(830);
  const paid = await pay.card('✅');
  const there = world.bluepay.control
    .payouts()
    .find(({ reference }) => reference === pay.ref.replace('-', ''));
  world.bluepay.control.reversePayout(there?.id ?? '');
  for (let i = 0; i < 7; i++) await world.advance(600);
  const told = await pay.card('⚠️');
  expect(told.id).toBeGreaterThan(paid.id);
  expect(told.text).toMatch(/\nSent .*, taken back by M-Pesa .*\. The payee no longer has it\.$/);
  expect(labels(await pay.card('⚠️', owner))).toEqual(['Review']);
  await world.quiet();
  await pay.press('Review', owner);
  const question = await world.card('Keep it so?', owner);
  expect(question.text).toContain('taken back · KES 830');
  await world.press('Keep as it is', owner, question);
  await world.quiet();
  expect(await pay.row()).toMatchObject({ state: 'reversed', flag: null });
  expect(labels(await pay.card('⚠️', owner))).toEqual([]);
});

test('a payee who linked the phone hears it in their own chat, and the history lists it', async () => {
  const msisdn = newCustomer(world);
  await world.db.transaction().execute(async (tx) => {
    const { id } = await tx
      .selectFrom('identity')
      .select('id')
      .where('external_id', '=', world.key(shopPerson))
      .executeTakeFirstOrThrow();
    const deps = { vault: world.database.vault, clock: world.scheduler };
    await linkPhone(tx, deps, { id, channel: world.channel }, msisdn as Msisdn);
  });
  const pay = await begin(world, 840, asker, msisdn);
  await pay.press('Ask for approval');
  await pay.card('asks, until', owner);
  await pay.press('Approve', owner);
  await world.advance(10);
  await pay.card('✅');
  const told = await world.card(pay.ref, shopPerson);
  expect(told.text).toMatch(
    /^✅ KES 840 sent to you by Mama Njeri, .*\. M-Pesa \w{10}\. For: wages\. Our number /,
  );
  await world.quiet();
  world.say('500 0712345678 lunch', shopPerson);
  await world.press('Send prompt', shopPerson, await world.card('Send the PIN prompt', shopPerson));
  await world.quiet();
  world.say('/history', owner);
  await world.press('Payouts', owner);
  const list = await world.card('payouts, newest first', owner);
  expect(list.text.split('\n')[1]).toMatch(new RegExp(`^✅ KES 840 → .* · ${pay.ref} · \\d\\d:\\d\\d$`));
});

test('while payouts are stopped, what is approved already is on hold and says so', async () => {
  await world.db
    .updateTable('gateway_account')
    .set({ rest_until: new Date(world.scheduler.now().getTime() + 60_000) })
    .execute();
  const pay = await waiting(world, 850);
  await pay.press('Approve', owner);
  await poll('not approved', async () => (await pay.row()).state === 'approved');
  // What does not go on at once is said everywhere.
  world.scheduler.advance(passingSeconds * 1000);
  await pay.card('Approved by Baraka');
  world.say('/freeze', owner);
  await world.press('Stop payouts', owner, await world.card('Stop every payout now?', owner));
  await pay.card('On hold: payouts are stopped.');
  await world.card('1 on hold, KES 850', asker);
  world.scheduler.advance(120_000);
  await world.press('Allow payouts', owner);
  await world.card('Payouts allowed again by Baraka', owner);
  await world.advance(10);
  await pay.card('✅');
});

test('what was approved more than a day before it could be sent is not sent, and is asked for anew', async () => {
  const account = (rest_until: Date | null) =>
    world.db.updateTable('gateway_account').set({ rest_until }).execute();
  await account(new Date(world.scheduler.now().getTime() + 60_000));
  const pay = await waiting(world, 855);
  await pay.press('Approve', owner);
  await poll('not approved', async () => (await pay.row()).state === 'approved');
  const business = (frozen_at: Date | null) => world.db.updateTable('business').set({ frozen_at }).execute();
  await business(world.scheduler.now());
  await world.quiet();
  world.scheduler.advance((24 * 3600 + 60) * 1000);
  await back(world, asker, owner);
  await business(null);
  await world.advance(10);
  const over = await pay.card('Baraka approved it more than a day ago, and it was not sent.');
  expect(over.text).toMatch(/Ask again if still due\.\nNo money moved\.$/);
  expect(labels(over)).toEqual(['Ask for approval']);
  expect(labels(await pay.card('more than a day ago', owner))).toEqual([]);
  const there = world.bluepay.control.payouts().map(({ reference }) => reference);
  expect(there).not.toContain(pay.ref.replace('-', ''));
});

test('a business of one approves alone with a typed word, once it read what that means', async () => {
  const alone = async () => {
    const card = await world.answer(world.say('/settings', owner), owner);
    await world.press('Alone mode on', owner, card);
    await world.quiet();
    const question = await world.card('Nobody looks a second time.', owner);
    await world.press('Alone mode on', owner, question);
    await world.quiet();
  };
  await alone();
  await world.card('Otieno can approve too. Alone mode is for a business of one.', owner);
  await world.db
    .updateTable('member')
    .set({ removed_at: world.scheduler.now() })
    .where('role', '=', 'manager')
    .execute();
  const lonely = await begin(world, 860, owner);
  await lonely.press('Ask for approval', owner);
  await world.card('Nobody else can approve here.', owner);
  await world.quiet();
  await alone();
  await world.card('Alone mode is on, up to KES 20,000 a day.', owner);
  await lonely.press('Ask for approval', owner);
  await world.card('You approve alone, up to KES 20,000 a day. Type SEND.', owner);
  world.say('yes', owner);
  await world.quiet();
  expect(await lonely.row()).toMatchObject({ state: 'waiting' });
  world.say('send', owner);
  await lonely.card(isApproved, owner);
  await world.advance(10);
  await lonely.card('✅', owner);
  await world.db
    .updateTable('identity')
    .set({ locale: 'sw' })
    .where('external_id', '=', world.key(owner))
    .execute();
  const big = await begin(world, 19_500, owner);
  await big.press('Omba idhini', owner);
  await world.card('Unaidhinisha peke yako, hadi KES 20,000 kwa siku. Andika TUMA.', owner);
  world.say('tuma', owner);
  await world.card('imepita kikomo cha siku ukiwa peke yako, KES 20,000. Kimebaki sasa:', owner);
  expect(await big.row()).toMatchObject({ state: 'waiting' });
});
