/**
 * Protects that a yes which is wanted and money that somebody must look at reach members whom WhatsApp lets nothing through to: by
 * one SMS each, with the card still waiting for them, and nothing of the kind for what can wait.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { enqueue } from '../../src/outbox/enqueue.ts';
import { sealedAs } from '../../src/payments/context.ts';
import { csv, upload } from './bulk-kit.ts';
import { missedIn } from './missed-kit.ts';
import { asker, openPayShop, owner, type Pay, waiting } from './payouts-kit.ts';
import { draft, newCustomer } from './sale.ts';
import { shopPerson } from './shop.ts';
import { poll, type World } from './world.ts';

let world: World;
/** Happens while Meta's answer to the next bell is on its way. */
let meanwhile: (() => Promise<void>) | null = null;
beforeAll(async () => {
  world = await openPayShop({
    channel: 'whatsapp',
    fetch: async (input, init) => {
      const answer = await fetch(input, init);
      if (meanwhile === null || !String(init?.body).includes('approval_wanted')) return answer;
      const happens = meanwhile;
      meanwhile = null;
      await happens();
      return answer;
    },
  });
});
afterAll(() => world.close());

const { setTemplates, settled, begins, heard, saw, closed, asked } = missedIn(() => world);
beforeEach(begins);

const wroteJustNow = () =>
  world.db
    .selectFrom('identity')
    .select('wrote_at')
    .where('external_id', '=', world.key(owner))
    .where('wrote_at', '=', world.scheduler.now())
    .executeTakeFirst();

/** News of the card that is held back for the person, for which there is no template. */
async function cardChanges(person: number): Promise<void> {
  const lane = `whatsapp:${world.key(person)}`;
  const held = await world.db
    .selectFrom('outbox')
    .select(['id', 'key'])
    .where('lane', '=', lane)
    .where('state', '=', 'held')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  const deps = { vault: world.database.vault, clock: world.scheduler };
  const key = held.key.replace(/\d+$/, '99');
  const edit = { key, channel: 'whatsapp', lane, method: 'editMessageText', targetId: held.id } as const;
  await world.db.transaction().execute((tx) => enqueue(tx, deps, { ...edit, payload: { text: 'more' } }));
  await settled();
  const { state } = await world.db
    .selectFrom('outbox')
    .select('state')
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  expect(state).toBe('held');
}

const askedFor = (pay: Pay, kes: string) =>
  expect.stringMatching(
    new RegExp(
      `^KES ${kes} to 2547\\*{4}${pay.msisdn.slice(-3)} waits for your approval until \\d\\d/\\d\\d \\d\\d:\\d\\d\\. Mama Njeri, ${pay.ref}\\. Write "approvals" to us on WhatsApp\\.$`,
    ),
  );

describe('an approval that is wanted', () => {
  test('is told by SMS where the template is paused, once; the card comes as they write, and is approved', async () => {
    const pay = await asked(700);
    expect(heard(owner)).toEqual([askedFor(pay, '700')]);
    expect(saw(owner, pay.ref)).toEqual([]);
    await world.restart();
    await world.advance(60);
    await settled();
    expect(heard(owner)).toHaveLength(1);
    await closed(asker);
    world.say('hi', owner);
    await pay.card('asks, until', owner);
    await pay.press('Approve', owner);
    await world.advance(10);
    await pay.card('✅', owner);
    await settled();
    // That it was sent can wait.
    expect(heard(asker)).toEqual([]);
    expect(heard(owner)).toHaveLength(1);
  });

  test('needs no SMS where they wrote while Meta refused it', async () => {
    meanwhile = async () => {
      world.say('hi', owner);
      // What answers it waits behind the card.
      await poll('they did not write', wroteJustNow);
    };
    const pay = await asked(760);
    await pay.card('asks, until', owner);
    expect(meanwhile).toBeNull();
    expect(heard(owner)).toEqual([]);
  });

  test('also where Meta has no such template', async () => {
    setTemplates('PENDING');
    const pay = await asked(710);
    expect(heard(owner)).toEqual([askedFor(pay, '710')]);
  });

  test('rings by template where Meta takes it, without an SMS; with one where the bell does not arrive', async () => {
    setTemplates('APPROVED');
    await asked(720);
    await cardChanges(owner);
    expect(heard(owner)).toEqual([]);
    world.chat.block(owner);
    const pay = await asked(730);
    world.chat.unblock(owner);
    expect(heard(owner)).toEqual([askedFor(pay, '730')]);
  });

  test('says no more where it was withdrawn', async () => {
    const pay = await asked(740);
    await pay.press('Withdraw');
    await settled();
    expect(heard(owner)).toHaveLength(1);
  });

  test('of a file says how many it pays', async () => {
    const bulk = await upload(world, 'wages.csv', csv(world, [500, 600]));
    await bulk.press('Ask for approval');
    await bulk.card('Waiting for approval');
    await settled();
    expect(heard(owner)).toEqual([
      expect.stringMatching(new RegExp(`^KES 1,100 to 2 people waits for your approval until .*${bulk.ref}`)),
    ]);
    world.say('approvals', owner);
    await bulk.card('asks, until', owner);
    await settled();
    expect(saw(owner, bulk.ref)).toHaveLength(1);
  });

  test('is on the screen once for who asks what waits', async () => {
    const pay = await asked(770);
    world.say('approvals', owner);
    await pay.card('asks, until', owner);
    await settled();
    expect(saw(owner, pay.ref)).toHaveLength(1);
  });

  test('waits quietly where no account sends the SMS', async () => {
    world.bluepay.control.setAccount(world.merchantId, { serviceTokenKes: 0 });
    const pay = await asked(750);
    world.bluepay.control.setAccount(world.merchantId, { serviceTokenKes: 5_000 });
    expect(heard(owner)).toEqual([]);
    world.say('hi', owner);
    await pay.card('asks, until', owner);
  });
});

test('money that M-Pesa takes back is told to both by SMS, though a bell rang before', async () => {
  setTemplates('APPROVED');
  world.say('hi', owner);
  const pay = await waiting(world, 830);
  await pay.press('Approve', owner);
  await world.advance(10);
  await pay.card('✅');
  await closed(asker, owner);
  const reference = pay.ref.replace('-', '');
  const there = world.bluepay.control.payouts().find((each) => each.reference === reference);
  world.bluepay.control.reversePayout(there?.id ?? '');
  for (let i = 0; i < 7; i++) await world.advance(600);
  await settled();
  expect(await pay.row()).toMatchObject({ state: 'reversed' });
  const told = new RegExp(`^KES 830 to .*: M-Pesa took it back, .*"status ${pay.ref}" to us`);
  for (const person of [asker, owner]) expect(heard(person)).toEqual([expect.stringMatching(told)]);
  world.say(`status ${pay.ref}`, owner);
  await pay.card('taken back by M-Pesa', owner);
});

describe('the receipt of a payment', () => {
  async function paidLater(amount: number, shopSms: string | null): Promise<string> {
    const { vault } = world.database;
    const phone = shopSms as Msisdn | null;
    const sealed = phone === null ? null : vault.seal(phone, sealedAs.merchantSmsPhone(world.businessId));
    await world.db.updateTable('business').set({ merchant_sms_phone_sealed: sealed }).execute();
    const sale = await draft(world, amount);
    await sale.press('Send prompt');
    await world.prompt(sale.msisdn);
    await world.quiet();
    await closed(shopPerson);
    await world.advance(1);
    await sale.pay();
    await settled();
    expect(saw(shopPerson, sale.ref).filter(({ text }) => text.startsWith('✅'))).toEqual([]);
    world.say('hi', shopPerson);
    await sale.card('✅');
    return sale.ref;
  }

  test('goes by SMS to whoever asked for it, where the shop has its SMS on', async () => {
    const ref = await paidLater(510, newCustomer(world));
    expect(heard(shopPerson)).toEqual([
      expect.stringMatching(new RegExp(`^KES 510 from 2547\\*{4}\\d{3} to Mama Njeri, .*${ref}, lunch$`)),
    ]);
  });

  test('is not said twice to the shop’s own phone', async () => {
    const ref = await paidLater(520, world.chat.externalId(shopPerson));
    expect(heard(shopPerson)).toEqual([expect.stringContaining(ref)]);
  });

  test('waits where the shop has it off', async () => {
    await paidLater(530, null);
    expect(heard(shopPerson)).toEqual([]);
  });
});

test('an account that stops is told by SMS through another one', async () => {
  await world.addAccount('smartpay');
  await settled();
  const sale = await draft(world, 540);
  world.bluepay.control.arm('unauthorized');
  await sale.press('Send prompt');
  await sale.card('did not accept our keys');
  await settled();
  expect(heard(owner)).toEqual([
    'BluePay takes no requests now. Mama Njeri. Write to us on WhatsApp to see why.',
  ]);
  expect(heard(shopPerson)).toEqual([]);
});
