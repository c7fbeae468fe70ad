/**
 * Protects the promise that in chat no gateway is felt: the same words on the same cards at all five, and never more said
 * than the gateway in question has proved.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { linkedPatron, told } from './patron.ts';
import type { Opening } from './places.ts';
import { ask, draft, labels, newCustomer, prompted, type Sale } from './sale.ts';
import { boss } from './shop.ts';
import { moneyAgrees } from './watch.ts';
import { openWorld, pin, type World } from './world.ts';

interface Gateway {
  readonly name: string;
  /** null: BluePay. */
  readonly opening: Opening | null;
  /** Nobody calls us: what became of a prompt is asked for, 20 seconds after it was sent. */
  readonly polled?: true;
  /** Its proof names neither amount nor receipt. */
  readonly bare?: true;
  /** It names why nothing was paid; null: it never says that at all. */
  readonly reasons: boolean | null;
  /** What proves a prompt whose answer was lost; null: nothing but a person. */
  readonly found: 'lookup' | 'callback' | null;
}

const gateways: readonly Gateway[] = [
  { name: 'BluePay', opening: null, reasons: false, found: 'lookup' },
  { name: 'SmartPay', opening: 'smartpay', reasons: true, found: 'lookup' },
  { name: 'BOSMI', opening: 'bosmi', polled: true, reasons: null, found: null },
  { name: 'Daraja PHP', opening: 'daraja-php', reasons: true, found: null },
  { name: 'SayaPay', opening: 'sayapay', reasons: true, found: null },
  {
    name: 'SayaPay with its query',
    ...{ opening: 'sayapay-asked', bare: true, reasons: true, found: 'callback' },
  },
];

/** What the shop and the customer read, whatever the gateway. */
const common = {
  confirm: /^KES 500 · 0\d{3} \d{3} \d{3} · P-\w{5}\nlunch\nSend the PIN prompt to this phone\?$/,
  prompted: /^⏳ KES 500 · .*\nPrompt sent, waiting for the PIN\. \d\d:\d\d$/,
  paid: /^✅ KES 500 · .*\nPaid to Mama Njeri \d\d:\d\d\. M-Pesa [A-Z0-9]{10}\nlunch$/,
  paidBare: /^✅ KES 500 · .*\nPaid \d\d:\d\d\. M-Pesa receipt number follows\.$/,
  unknown: /^❔ KES 500 · .*\nWe do not know yet\. Send no other prompt\. Next check \d\d:\d\d\.$/,
  review: /^⚠️ KES 500 · .*\nWe still do not know\. Compare with the M-Pesa statement\.$/,
  differs: /^⚠️ KES 500 · .*\nM-Pesa shows KES 501\. Under review; hold the goods\.$/,
  unreachable:
    /^⚪ KES 500 · .*\nNot sent: the gateway cannot be reached; send again in a few minutes\.\nNo money moved\.$/,
} as const;

type Shared = 'drop_after_accept' | 'callback_twice' | 'wrong_amount' | 'callback_lost';

describe.each(gateways)('$name', ({ opening, polled, bare, reasons, found }) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ honestMoney: found !== null, ...(opening !== null && { gateway: opening }) });
    world.say('/help', boss);
    await world.card('500 0712345678 lunch', boss);
  });
  afterEach(async () => {
    await world.quiet();
  });
  afterAll(() => world.close());

  const server = () => (opening === null ? world.bluepay : world.place(opening).gateway);
  const arm = (fault: Shared): void => server().control.arm(fault);
  /** Until the gateway has told, by itself or when it is asked. */
  const hear = async (): Promise<void> => (polled ? world.advance(21) : world.quiet());
  const ledgerOf = (sale: Sale) =>
    world.db
      .selectFrom('ledger')
      .innerJoin('payment', 'payment.id', 'ledger.payment_id')
      .select('ledger.receipt')
      .where('payment.ref', '=', sale.ref)
      .execute();

  test('paid: the shop and the customer have their receipt', async () => {
    const patron = await linkedPatron(world);
    const sale = await draft(world, 500, patron.msisdn);
    expect((await sale.card('Send the PIN prompt')).text).toMatch(common.confirm);
    expect(labels(await sale.card('Send the PIN prompt'))).toEqual(['Send prompt', 'Change', 'Cancel']);
    await sale.press('Send prompt');
    expect((await sale.card(/⏳.*\n.*waiting/)).text).toMatch(common.prompted);
    await sale.pay();
    await hear();
    expect((await sale.card('✅')).text).toMatch(bare ? common.paidBare : common.paid);
    expect(await ledgerOf(sale)).toHaveLength(1);
    expect(told(world, patron.id, /Payment receipt, not a tax invoice/)).toHaveLength(bare ? 0 : 1);
    if (bare) {
      for (let i = 0; i < 4; i++) await world.advance(160);
      await sale.card('M-Pesa code: see your M-Pesa SMS');
      const late = /M-Pesa code: see your M-Pesa SMS\nlunch\nPayment receipt, not a tax invoice\.$/;
      expect(told(world, patron.id, late)).toHaveLength(1);
    }
    expect(await moneyAgrees(world)).toBe(true);
  });

  test('not paid: the reason where it is told, and nothing that is not', async () => {
    const poor = newCustomer(world, { balanceCents: 100n });
    const sales = [await prompted(world), await prompted(world), await prompted(world, 500, poor)] as const;
    const [cancelled, mistyped, empty] = sales;
    world.mpesa.cancel((await world.prompt(cancelled.msisdn)).id);
    world.mpesa.enterPin((await world.prompt(mistyped.msisdn)).id, `${Number(pin) - 1}`);
    await empty.pay();
    await hear();
    if (reasons === null) {
      for (const sale of sales) expect((await sale.state()).state).toBe('prompted');
      return;
    }
    const said = ['Cancelled on the phone.', 'The PIN did not match.', 'Not enough money in M-Pesa.'];
    for (const [at, sale] of sales.entries()) {
      const over = await sale.card('No money moved.');
      expect(over.text.split('\n').slice(1)).toEqual([reasons ? said[at] : 'Not paid.', 'No money moved.']);
      expect(labels(over)).toEqual(['Send again']);
    }
  });

  test('no answer: not known, and found or handed to a person; nothing is sent twice', async () => {
    arm('drop_after_accept');
    const sale = await ask(world);
    expect((await sale.card('❔')).text).toMatch(common.unknown);
    await sale.pay();
    await world.quiet();
    await world.advance(25);
    if (found !== null) {
      expect((await sale.card('✅')).text).toMatch(bare ? common.paidBare : common.paid);
      return;
    }
    expect((await sale.state()).state).toBe('unknown');
    await world.advance(350);
    const open = await sale.card('⚠️');
    expect(open.text).toMatch(common.review);
    expect(labels(open)).toEqual(['Review']);
    await sale.press('Review', boss);
    await world.card('Compare with the statement of', boss);
    await world.quiet();
    await world.press('It was paid', boss);
    await world.card('Type the M-Pesa code on the statement', boss);
    const [receipt = ''] = world.mpesa
      .moved()
      .slice(-1)
      .map((movement) => movement.receipt);
    world.say(receipt, boss);
    await world.card('Marked paid by Baraka', boss);
    expect((await sale.card('✅')).text).toMatch(common.paid);
  });

  test('another amount than was asked is not taken for the payment', async () => {
    arm('wrong_amount');
    const sale = await prompted(world);
    await sale.pay();
    await hear();
    // The query of SayaPay names no amount, and what nobody signed is no word about one.
    if (bare) expect((await sale.card('✅')).text).toMatch(common.paidBare);
    else expect((await sale.card('⚠️')).text).toMatch(common.differs);
    expect(await ledgerOf(sale)).toHaveLength(bare ? 1 : 0);
  });

  test.skipIf(polled)('told twice is one payment; told late changes nothing', async () => {
    arm('callback_twice');
    const sale = await prompted(world);
    await sale.pay();
    await world.quiet();
    const { edits } = await sale.card('✅');
    expect(await ledgerOf(sale)).toHaveLength(1);
    const posts = server().control.webhooks().slice(-2);
    expect(posts.map(({ status }) => status)).toEqual([200, 200]);
    await world.quiet();
    expect((await sale.card('✅')).edits).toBe(edits);
  });

  test('away: nothing was sent, and Send again works as soon as it listens', async () => {
    await server().close();
    const sale = await ask(world);
    expect((await sale.card('Not sent:')).text).toMatch(common.unreachable);
    await server().listen();
    await sale.again();
    await sale.pay();
    await hear();
    await sale.card('✅');
  });
});
