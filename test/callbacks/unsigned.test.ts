/** Protects the ledger where nothing is signed: only the right address, id, amount, phone and receipt together are money. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { payloadIdentity } from '../../src/outbox/enqueue.ts';
import { openUnsignedShop, paidCallback, type UnsignedShop } from './unsigned-shop.ts';

let shop: UnsignedShop;
beforeAll(async () => {
  shop = await openUnsignedShop();
});
afterAll(() => shop.close());
beforeEach(() => {
  shop.desk.clock.advance(200);
  shop.far.lost = false;
});

const sayapay = { consumerKey: 'key', consumerSecret: 'secret' };
const paths = { stkQuery: '/stkpush/query' };
const platform = { shortCode: '600126' };
const bosmi = { apiKey: 'key', username: 'admin', email: 'shop@example.com' };
const accepted = { status: 200, body: { ResultCode: 0, ResultDesc: 'Accepted' } };

let codes = 0;
const newCode = () => `TFH774C${String(++codes).padStart(3, '0')}`;
const stateOf = async (sale: { payment: Parameters<UnsignedShop['desk']['payment']>[0] }) =>
  (await shop.desk.payment(sale.payment)).state;
const ledgerOf = (sale: { payment: Parameters<UnsignedShop['desk']['ledger']>[0] }) =>
  shop.desk.ledger(sale.payment);

describe('--accept-unsigned', () => {
  test.each<[string, Record<string, unknown>]>([
    ['daraja-php', platform],
    ['sayapay', sayapay],
    ['sayapay', { ...sayapay, paths: { b2c: '/b2c' } }],
  ])('is needed by %s %j', async (kind, config) => {
    expect(await shop.add(kind, config, false)).toMatchObject({
      kind: 'refused',
      lines: [expect.stringContaining(kind), expect.stringContaining('--accept-unsigned')],
    });
    expect(await shop.add(kind, config, true)).toMatchObject({ kind: 'added', checked: true });
  });

  test.each<[string, Record<string, unknown>]>([
    ['sayapay', { ...sayapay, paths }],
    ['bosmi', bosmi],
    ['smartpay', { apiKey: 'a'.repeat(64) }],
  ])('is refused by %s %j', async (kind, config) => {
    expect(await shop.add(kind, config, true)).toMatchObject({
      kind: 'refused',
      lines: [expect.stringContaining('--accept-unsigned is not for this account')],
    });
  });
});

describe('SayaPay without a query: the address of the one prompt', () => {
  test('is money, and the ledger says that nobody signed it', async () => {
    const sale = await shop.prompted(await shop.open('sayapay', sayapay, true));
    expect(shop.far.sent.at(-1)?.body.callbackUrl).toBe(`https://shop.example${sale.url}`);
    const code = newCode();
    expect(await shop.post(sale.url, paidCallback({ ...sale, code }))).toEqual(accepted);
    await shop.post(sale.url, paidCallback({ ...sale, code }));
    expect(await stateOf(sale)).toBe('paid');
    expect(await ledgerOf(sale)).toMatchObject([{ receipt: code, trust: 'accepted_unsigned' }]);
  });

  test('the account’s address is only a hint, and does not stand in the way of the real one', async () => {
    const account = await shop.open('sayapay', sayapay, true);
    const sale = await shop.prompted(account);
    const body = paidCallback({ ...sale, code: newCode() });
    await shop.post(account.url, body);
    expect(await stateOf(sale)).toBe('prompted');
    await shop.post(sale.url, body);
    expect(await stateOf(sale)).toBe('paid');
  });

  test('another prompt’s address is nobody’s, also once the id is learnt', async () => {
    const account = await shop.open('sayapay', sayapay, true);
    const mine = await shop.prompted(account);
    // The customer of one prompt knows its address, and writes there that the next one was paid.
    const forged = paidCallback({ ...mine, checkout: `ws_CO_${shop.far.checkouts + 1}`, code: newCode() });
    await shop.post(mine.url, forged);
    const other = await shop.prompted(account);
    expect(await stateOf(other)).toBe('prompted');
    await shop.post(mine.url, paidCallback({ ...other, code: newCode() }));
    expect([await stateOf(mine), await stateOf(other)]).toEqual(['prompted', 'prompted']);
    // The same words at the right address are another fact.
    const whole = paidCallback({ ...other, code: newCode() });
    await shop.post(mine.url, whole);
    await shop.post(other.url, whole);
    expect([await stateOf(mine), await stateOf(other)]).toEqual(['prompted', 'paid']);
  });

  test('before the gateway has answered: applied once its id is known', async () => {
    const account = await shop.open('sayapay', sayapay, true);
    const mine = await shop.prompted(account);
    const payment = await shop.desk.draft(500, account.id);
    const attempt = await shop.desk.queue(payment);
    const early = await shop.sale(account, payment, attempt);
    const checkout = `ws_CO_${shop.far.checkouts + 1}`;
    const words = paidCallback({ ...early, checkout, code: newCode() });
    // Also where the same words were written to another prompt's address before.
    await shop.post(mine.url, words);
    await shop.post(early.url, words);
    expect(await ledgerOf(early)).toEqual([]);
    await shop.submitter.runOnce();
    expect(await stateOf(early)).toBe('paid');
    expect(await ledgerOf(early)).toHaveLength(1);
  });

  test('where the answer was lost there is no id to match, and a person decides', async () => {
    shop.far.lost = true;
    const sale = await shop.prompted(await shop.open('sayapay', sayapay, true));
    await shop.post(sale.url, paidCallback({ ...sale, checkout: 'ws_CO_x', code: newCode() }));
    expect(await stateOf(sale)).toBe('unknown');
    expect(await ledgerOf(sale)).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, string | null]>([
    ['another amount', { Amount: 499 }, 'amount_differs'],
    ['another phone', { PhoneNumber: 254700000999 }, 'phone_differs'],
    ['no amount', { Amount: undefined }, null],
    ['no receipt', { MpesaReceiptNumber: undefined }, null],
  ])('with %s no money is booked', async (_name, item, flag) => {
    const sale = await shop.prompted(await shop.open('sayapay', sayapay, true));
    await shop.post(sale.url, paidCallback({ ...sale, code: newCode() }, item));
    expect(await ledgerOf(sale)).toEqual([]);
    expect((await shop.desk.payment(sale.payment)).flag).toBe(flag);
  });

  test('a receipt that was used is no proof', async () => {
    const account = await shop.open('sayapay', sayapay, true);
    const [one, two] = [await shop.prompted(account), await shop.prompted(account)];
    const code = newCode();
    await shop.post(one.url, paidCallback({ ...one, code }));
    await shop.post(two.url, paidCallback({ ...two, code }));
    expect(await ledgerOf(two)).toEqual([]);
    expect((await shop.desk.payment(two.payment)).flag).toBe('receipt_used');
  });

  test('a masked phone is no other one', async () => {
    const sale = await shop.prompted(await shop.open('sayapay', sayapay, true));
    await shop.post(sale.url, paidCallback({ ...sale, code: newCode() }, { PhoneNumber: '2547 ***** 126' }));
    expect(await stateOf(sale)).toBe('paid');
  });
});

test('SayaPay with a query: a callback only makes us ask', async () => {
  const sale = await shop.prompted(await shop.open('sayapay', { ...sayapay, paths }, false));
  await shop.post(sale.url, paidCallback({ ...sale, code: newCode() }));
  expect(await stateOf(sale)).toBe('prompted');
  expect((await shop.desk.attemptOf(sale.attempt)).next_check_at).toEqual(shop.desk.clock.now());
});

test('after a lost answer a hint tells the id to ask by, unless it tells of other money', async () => {
  const account = await shop.open('sayapay', { ...sayapay, paths }, false);
  shop.far.lost = true;
  const sale = await shop.prompted(account);
  const known = async () => (await shop.desk.attemptOf(sale.attempt)).correlation_id;
  const told = { ...sale, checkout: 'ws_CO_own', code: newCode() };
  await shop.post(sale.url, paidCallback({ ...told, checkout: 'ws_CO_foreign' }, { Amount: 1 }));
  await shop.post(sale.url, paidCallback({ ...told, checkout: 'ws_CO_foreign', phone: '254700000999' }));
  expect(await known()).toBeNull();
  await shop.post(sale.url, paidCallback(told));
  expect(await known()).toBe('ws_CO_own');
  expect(await stateOf(sale)).toBe('unknown');
});

describe('the platform: one address for all results', () => {
  test('is money with the id that it gave', async () => {
    const account = await shop.open('daraja-php', platform, true);
    const sale = await shop.prompted(account);
    await shop.post(account.url, paidCallback({ ...sale, checkout: 'ws_CO_999999', code: newCode() }));
    expect(await stateOf(sale)).toBe('prompted');
    expect(await shop.post(account.url, paidCallback({ ...sale, code: newCode() }))).toEqual(accepted);
    expect(await stateOf(sale)).toBe('paid');
  });
});

describe('money that nobody asked for', () => {
  const confirmation = (change: Record<string, unknown> = {}) => ({
    TransactionType: 'Pay Bill',
    TransID: newCode(),
    TransAmount: '100.00',
    BusinessShortCode: '600126',
    BillRefNumber: 'account<123>',
    MSISDN: '254708374149',
    FirstName: 'John',
    ...change,
  });
  async function registered() {
    const account = await shop.open('daraja-php', platform, true);
    expect(await shop.act(account.id, 'c2b-register')).toMatchObject({ kind: 'done' });
    const sent = shop.far.sent.at(-1)?.body ?? {};
    const pathOf = (name: string) => new URL(String(sent[name])).pathname;
    return { account, confirm: pathOf('ConfirmationURL'), validate: pathOf('ValidationURL') };
  }
  const rows = (receipt: string) =>
    shop.desk.db.selectFrom('unclaimed').selectAll().where('receipt', '=', receipt).execute();
  async function toldOf(receipt: string): Promise<string[]> {
    const [row] = await rows(receipt);
    const sent = await shop.desk.db
      .selectFrom('outbox')
      .selectAll()
      .where('key', 'like', `unasked:${row?.id}:%`)
      .execute();
    const { vault } = shop.desk;
    return sent.map(
      ({ key, payload_sealed }) => JSON.parse(vault.open(payload_sealed, payloadIdentity(key))).text,
    );
  }

  test('is kept and told once, unproved, and settles nothing', async () => {
    const { confirm } = await registered();
    const told = confirmation();
    expect(await shop.post(confirm, told)).toEqual(accepted);
    await shop.post(confirm, { ...told, OrgAccountBalance: '9.00' });
    expect(await rows(told.TransID)).toMatchObject([
      { amount_cents: 100_00n, phone_masked: '2547****149', trust: 'accepted_unsigned', payment_id: null },
    ]);
    expect(await toldOf(told.TransID)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^⚠️ KES 100 from John, 2547\\*{4}149 came to daraja-php \\d+. M-Pesa ${told.TransID}, account account&lt;123&gt;.\\n.*not proved`,
        ),
      ),
    ]);
  });

  test('a validation is answered, and not kept', async () => {
    const { validate } = await registered();
    const told = confirmation();
    expect(await shop.post(validate, told)).toEqual(accepted);
    expect(await rows(told.TransID)).toEqual([]);
  });

  test('our own prompt, confirmed on this way too, is no news', async () => {
    const { account, confirm } = await registered();
    const sale = await shop.prompted(account);
    const code = newCode();
    const told = confirmation({ TransID: code, TransAmount: '500', BillRefNumber: sale.reference });
    await shop.post(confirm, told);
    expect(await toldOf(code)).toEqual([]);
    expect(await stateOf(sale)).toBe('prompted');
    await shop.post(account.url, paidCallback({ ...sale, code }));
    expect(await rows(code)).toMatchObject([{ payment_id: sale.payment }]);
    const again = await shop.prompted(account);
    const other = newCode();
    await shop.post(account.url, paidCallback({ ...again, code: other }));
    await shop.post(confirm, confirmation({ TransID: other }));
    expect(await rows(other)).toMatchObject([{ payment_id: again.payment }]);
    expect(await toldOf(other)).toEqual([]);
  });

  test('the address of confirmations books no prompt, and the address of a prompt no confirmation', async () => {
    const { account, confirm } = await registered();
    const sale = await shop.prompted(account);
    await shop.post(confirm, paidCallback({ ...sale, code: newCode() }));
    expect(await stateOf(sale)).toBe('prompted');
    const told = confirmation();
    await shop.post(sale.url, told);
    expect(await rows(told.TransID)).toEqual([]);
  });

  test('an operation’s address of another account is unknown', async () => {
    const { confirm } = await registered();
    const other = await shop.open('daraja-php', platform, true);
    const stolen = `${other.url}/${confirm.split('/').at(-1)}`;
    expect((await shop.post(stolen, confirmation())).status).toBe(404);
  });
});
