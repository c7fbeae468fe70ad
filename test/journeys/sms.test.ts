/** Protects the customer's proof by SMS: once, after the money is proved, and told to the shop where it did not arrive. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { smsSize } from '../../src/domain/sms-text.ts';
import { findOrAddIdentity } from '../../src/payments/identities.ts';
import { linkPhone } from '../../src/payments/phone-links.ts';
import { ask, draft, newCustomer, prompted, type Sale } from './sale.ts';
import { boss, shopPerson, stranger } from './shop.ts';
import { openWorld, poll, type World } from './world.ts';

let world: World;
/** How many of the next SMS calls lose their answer on the way back. */
let answersToLose = 0;

beforeAll(async () => {
  world = await openWorld({
    fetch: async (input, init) => {
      const answer = fetch(input, init);
      if (!String(input).includes('/sms/send') || answersToLose === 0) return answer;
      answersToLose -= 1;
      answer.then((response) => response.arrayBuffer()).catch(() => undefined);
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } });
    },
  });
});
afterAll(() => world.close());
beforeEach(() => world.quiet());

const smsTo = (msisdn: string) =>
  world.mpesa
    .smsInbox(msisdn)
    .filter(({ from }) => from === 'FULL_CIRCLE')
    .map(({ text }) => text);

const said = (person: number, wanted: string | RegExp) =>
  world.chat
    .messages(person)
    .filter(
      ({ fromBot, text }) =>
        fromBot && (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)),
    );

const undelivered = (sale: Sale, person = shopPerson) =>
  said(person, new RegExp(`${sale.ref}\\n.*(?:did not get|do not know if)`));

async function rowsOf(sale: Sale) {
  return world.db
    .selectFrom('sms')
    .innerJoin('payment', 'payment.id', 'sms.payment_id')
    .selectAll('sms')
    .where('ref', '=', sale.ref)
    .orderBy('kind')
    .execute();
}

const account = () =>
  world.db
    .selectFrom('gateway_account')
    .selectAll()
    .where('id', '=', world.accountId)
    .executeTakeFirstOrThrow();

/** By the database: how a phone is linked in chat has its own journeys. */
async function link(person: number, msisdn: string): Promise<void> {
  const who = world.who(person);
  const { clock, vault } = { clock: world.scheduler, vault: world.database.vault };
  await world.db.transaction().execute(async (tx) => {
    const id = await findOrAddIdentity(tx, { vault, clock, random: systemRandom }, who);
    await linkPhone(tx, { clock, vault }, { id, channel: world.channel }, msisdn as Msisdn);
  });
}

const block = (blocked: boolean) => (blocked ? world.chat.block(stranger) : world.chat.unblock(stranger));

const setTokens = (serviceTokenKes: number) =>
  world.bluepay.control.setAccount(world.merchantId, { serviceTokenKes });

async function paidFor(amount: number, msisdn?: string): Promise<Sale> {
  const sale = await prompted(world, amount, msisdn);
  await sale.pay();
  await sale.card('✅');
  await world.quiet();
  return sale;
}

describe('a paid payment', () => {
  test('is confirmed once: with its callback twice, a restart, and another look', async () => {
    world.bluepay.control.arm('callback_twice_new_key');
    const sale = await paidFor(500);
    const [text = '', ...more] = smsTo(sale.msisdn);
    const receipt = world.mpesa.moved().at(-1)?.receipt;
    expect(text).toMatch(
      new RegExp(
        `^KES 500 paid to Mama Njeri, \\d\\d/\\d\\d \\d\\d:\\d\\d\\. M-Pesa ${receipt}\\. Our number ${sale.ref}\\. ` +
          'Payment receipt, not a tax invoice\\.$',
      ),
    );
    expect(smsSize(text).parts).toBe(1);
    await world.restart();
    await world.advance(120);
    expect([...smsTo(sale.msisdn), ...more]).toEqual([text]);
    expect(await rowsOf(sale)).toMatchObject([
      {
        kind: 'customer',
        state: 'accepted',
        parts: 1,
        cost_cents: 250n,
        phone_masked: expect.stringContaining('****'),
      },
    ]);
    expect((await account()).service_balance_cents).toBe(
      BigInt(Math.round(world.bluepay.control.account(world.merchantId).serviceTokenKes * 100)),
    );
    expect(undelivered(sale)).toEqual([]);
  });

  test('whose answer is lost while BluePay still has it pending arrives once, under its one reference', async () => {
    world.bluepay.control.arm('sms_slow', 10_000);
    answersToLose = 1;
    const sale = await prompted(world, 510);
    await sale.pay();
    await sale.card('✅');
    const waits = (detail: string) =>
      poll(`no ${detail}`, async () => (await rowsOf(sale)).some((row) => row.detail?.includes(detail)));
    await waits('ECONNRESET');
    await world.advance(2);
    await waits('REFERENCE_IN_USE');
    expect(smsTo(sale.msisdn)).toEqual([]);
    await world.advance(30);
    expect(smsTo(sale.msisdn)).toHaveLength(1);
    expect(await rowsOf(sale)).toMatchObject([{ state: 'accepted', cost_cents: 250n }]);
    expect(undelivered(sale)).toEqual([]);
  });

  test('whose receipt number is owed after ten minutes says where it is, and no second SMS follows', async () => {
    world.bluepay.control.arm('pending_receipt');
    const sale = await paidFor(520);
    await world.advance(590);
    expect(smsTo(sale.msisdn)).toEqual([]);
    await world.advance(20);
    const texts = smsTo(sale.msisdn);
    expect(texts).toEqual([expect.stringContaining('M-Pesa code: see your M-Pesa SMS. Our number')]);
    world.bluepay.control.completeReceipts();
    await world.advance(1300);
    await sale.card(`M-Pesa ${world.mpesa.moved().at(-1)?.receipt}`);
    expect(smsTo(sale.msisdn)).toEqual(texts);
  });

  test('is confirmed in the customer’s language', async () => {
    const msisdn = newCustomer(world);
    await link(stranger, msisdn);
    world.say('/language sw', stranger);
    await world.card('Tutaandika', stranger);
    const sale = await paidFor(530, msisdn);
    expect(smsTo(sale.msisdn)).toEqual([expect.stringMatching(/^KES 530 imelipwa kwa Mama Njeri, /)]);
  });
});

test('what is not proved paid sends nothing', async () => {
  const cancelled = await prompted(world, 540);
  world.mpesa.cancel((await world.prompt(cancelled.msisdn)).id);
  await cancelled.card('⚪');
  world.bluepay.control.arm('wrong_amount');
  const doubtful = await prompted(world, 550);
  await doubtful.pay();
  await doubtful.card('⚠️');
  const open = await draft(world, 560);
  await world.advance(60);
  for (const sale of [cancelled, doubtful, open]) {
    expect(smsTo(sale.msisdn)).toEqual([]);
    expect(await rowsOf(sale)).toEqual([]);
  }
});

describe('an SMS that does not arrive', () => {
  test('since the phone is not Safaricom’s: the requester shows a link, and hears it once', async () => {
    const sale = await paidFor(600, '254733000222');
    const [told, ...more] = undelivered(sale);
    expect(told?.text).toMatch(
      new RegExp(
        `^⚠️ KES 600 · 0733 000 222 · ${sale.ref}\\nThe customer did not get the receipt\\. Show ${world.url}/receipt/[0-9a-f]{32}$`,
      ),
    );
    expect(await rowsOf(sale)).toMatchObject([
      { state: 'refused', reason: 'phone_refused', cost_cents: null },
    ]);
    await world.restart();
    await world.advance(300);
    expect([...undelivered(sale), ...more]).toHaveLength(1);
    expect(undelivered(sale, boss)).toEqual([]);
  });

  test('for want of tokens: the owner hears it once until they are bought', async () => {
    const low = () => said(boss, 'for SMS and prompts');
    const first = await prompted(world, 610);
    setTokens(3);
    await first.pay();
    await first.card('✅');
    await world.quiet();
    expect(low()).toHaveLength(1);
    const second = await prompted(world, 620);
    await second.pay();
    await second.card('✅');
    await world.quiet();
    expect(await rowsOf(second)).toMatchObject([{ state: 'refused', reason: 'no_balance' }]);
    expect(undelivered(second)).toHaveLength(1);
    expect(low()).toHaveLength(1);
    setTokens(60);
    await paidFor(630);
    expect((await account()).low_balance_told_at).toBe(null);
    await world.advance(5);
    setTokens(51);
    const warned = await paidFor(640);
    expect(await rowsOf(warned)).toMatchObject([{ state: 'accepted' }]);
    expect(low().map(({ text }) => text)).toEqual([
      expect.any(String),
      '⚠️ BluePay: KES 47.50 left for SMS and prompts. Buy tokens before they end.',
    ]);
    setTokens(1000);
    await paidFor(650);
  });

  test('for want of an answer: after an hour nobody knows, and it is not said to have failed', async () => {
    answersToLose = 1000;
    world.bluepay.control.arm('sms_slow', 5_000_000);
    const sale = await paidFor(660);
    await world.advance(3700);
    answersToLose = 0;
    expect(await rowsOf(sale)).toMatchObject([{ state: 'unknown' }]);
    expect(undelivered(sale).map(({ text }) => text.split('\n')[1])).toEqual([
      expect.stringMatching(/^We do not know if the customer got the receipt\. Show http/),
    ]);
  });

  test('to a customer who blocked the bot: the SMS is the proof, and nobody is bothered', async () => {
    const msisdn = newCustomer(world);
    await link(stranger, msisdn);
    block(true);
    const sale = await paidFor(670, msisdn);
    await world.advance(5);
    expect(smsTo(msisdn)).toHaveLength(1);
    expect(undelivered(sale)).toEqual([]);
    block(false);
  });
});

describe('settings', () => {
  test('off: no SMS and no promise; only a chat that is blocked is told', async () => {
    world.say('/settings', boss);
    await world.press('Customer SMS off', boss, await world.card('SMS to customers: on', boss));
    await world.card('SMS to customers: off', boss);
    const sale = await paidFor(700);
    expect(smsTo(sale.msisdn)).toEqual([]);
    expect(undelivered(sale)).toEqual([]);
    const msisdn = newCustomer(world);
    await link(stranger, msisdn);
    block(true);
    const unread = await paidFor(710, msisdn);
    // WhatsApp takes the message, and says a moment later that it did not arrive.
    await world.advance(2);
    expect(smsTo(msisdn)).toEqual([]);
    expect(undelivered(unread)).toHaveLength(1);
    block(false);
  });

  test('the shop’s own phone: named, read back, told of each payment, and off again', async () => {
    world.say('/settings', boss);
    await world.press('Shop SMS on', boss, await world.card('SMS to the shop: off', boss));
    await world.card('Which phone gets an SMS for each payment?', boss);
    world.say('0722 000 111', boss);
    await world.card('We send each payment by SMS to 0722 000 111.', boss);
    const sale = await paidFor(720);
    const [text = '', ...more] = smsTo('254722000111');
    expect(more).toEqual([]);
    expect(text).toMatch(
      /^KES 720 from 2547\*\*\*\*\d{3} to Mama Njeri, .*\. M-Pesa \w{10}\. P-\w{5}, lunch$/,
    );
    expect(text).toContain(sale.ref);
    expect(await rowsOf(sale)).toMatchObject([{ kind: 'merchant', state: 'accepted' }]);
    world.say('/settings', boss);
    await world.press('Shop SMS off', boss, await world.card('SMS to the shop: 0722 000 111', boss));
    await world.card('We send no more SMS to the shop.', boss);
    await paidFor(730);
    expect(smsTo('254722000111')).toEqual([text]);
  });

  test('are the owner’s alone', async () => {
    world.say('/settings');
    const card = await world.card('SMS to the shop: off');
    expect(card.buttons.flat().map(({ text }) => text)).toEqual(['English', 'Kiswahili']);
    await ask(world, 740);
  });
});
