/** Protects the ledger from callbacks: doubled, forged, early, late or about nobody, each payment is credited once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, prompted, type Sale, stkOf, tellFailed, webhook } from './sale.ts';
import { moneyAgrees } from './watch.ts';
import { openWorld, poll, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function ledgerOf(sale: Sale): Promise<string[]> {
  const rows = await world.db
    .selectFrom('ledger')
    .innerJoin('payment', 'payment.id', 'ledger.payment_id')
    .select('ledger.receipt')
    .where('payment.ref', '=', sale.ref)
    .execute();
  return rows.map(({ receipt }) => receipt ?? '');
}

test.each(['callback_twice', 'callback_twice_new_key'] as const)('%s is one payment', async (fault) => {
  world.bluepay.control.arm(fault);
  const sale = await prompted(world);
  await sale.pay();
  const paid = await sale.card('✅');
  await world.quiet();
  expect(
    world.bluepay.control
      .webhooks()
      .slice(-2)
      .map(({ status }) => status),
  ).toEqual([200, 200]);
  expect(await ledgerOf(sale)).toHaveLength(1);
  expect((await sale.card('✅')).edits).toBe(paid.edits);
  expect(await moneyAgrees(world)).toBe(true);
});

test('a callback before the gateway has answered is matched by our reference', async () => {
  world.bluepay.control.arm('callback_before_answer');
  const sale = await ask(world);
  await sale.card('✅');
  await world.quiet();
  expect(await sale.state()).toMatchObject({ state: 'paid' });
  expect(await ledgerOf(sale)).toHaveLength(1);
  const attempt = await world.db
    .selectFrom('attempt')
    .select(['correlation_id', 'lease_token'])
    .where('reference', '=', stkOf(world, sale).reference)
    .executeTakeFirstOrThrow();
  expect(attempt).toEqual({ correlation_id: stkOf(world, sale).checkoutRequestId, lease_token: null });
});

test('late: the look-up has told it already, and nothing changes', async () => {
  world.bluepay.control.arm('callback_late', 45_000);
  const sale = await prompted(world);
  await sale.pay();
  await world.advance(21);
  const told = await sale.card('✅');
  await world.advance(30);
  expect(world.bluepay.control.webhooks().at(-1)?.status).toBe(200);
  expect((await sale.card('✅')).edits).toBe(told.edits);
  expect(await ledgerOf(sale)).toHaveLength(1);
});

describe('what nobody signed', () => {
  const paidData = (sale: Sale) => ({
    payment_id: 77,
    amount: 500,
    mpesa_receipt_number: 'TFH774CBH1',
    account_reference: stkOf(world, sale).reference,
    checkout_request_id: stkOf(world, sale).checkoutRequestId,
    status: 'success',
  });
  const event = 'mpesa.payment.received';

  test('forged by BluePay’s double: 401, and the look-up tells the truth', async () => {
    world.bluepay.control.arm('callback_forged');
    const sale = await prompted(world);
    await sale.pay();
    await poll('no webhook', () => world.bluepay.control.webhooks().at(-1)?.status === 401);
    await world.quiet();
    expect((await sale.state()).state).toBe('prompted');
    await world.advance(21);
    await sale.card('✅');
    expect(await moneyAgrees(world)).toBe(true);
  });

  test('a wrong signature 401, none 400, an unknown token 404, too long 413; nothing is stored', async () => {
    const sale = await prompted(world);
    const before = await world.db.selectFrom('inbox').select('id').where('source', '=', 'gateway').execute();
    const data = paidData(sale);
    expect(await webhook(world, { event, data, secret: 'not the secret' })).toBe(401);
    expect(await webhook(world, { event, data, signature: 'v1=abc' })).toBe(400);
    expect(await webhook(world, { event, data, signature: '' })).toBe(400);
    const url = world.callbackUrl;
    expect(await webhook(world, { event, data, url: `${url.slice(0, -4)}0000` })).toBe(404);
    expect(await webhook(world, { event, data, url: `${url}/${'0'.repeat(32)}` })).toBe(404);
    expect(await webhook(world, { event, data, url: `${world.url}/cb/exe` })).toBe(404);
    expect(await webhook(world, { event, data: { ...data, note: 'x'.repeat(65 * 1024) } })).toBe(413);
    const after = await world.db.selectFrom('inbox').select('id').where('source', '=', 'gateway').execute();
    expect(after).toHaveLength(before.length);
    expect((await sale.state()).state).toBe('prompted');
    world.mpesa.cancel((await world.prompt(sale.msisdn)).id);
    await sale.card('Not paid.');
  });

  test('the row that is kept names no phone, whatever the gateway took for its key', async () => {
    const data = {
      payment_id: 2,
      amount: 500,
      mpesa_receipt_number: 'TFH774CBH9',
      account_reference: 'INV-8',
    };
    const key = 'ws_CO_21112026143100708374149';
    expect(await webhook(world, { event, data, key })).toBe(200);
    expect(await webhook(world, { event, data, key })).toBe(200);
    expect(await webhook(world, { event, data, key: `${key}-2` })).toBe(200);
    const rows = await world.db.selectFrom('inbox').select('key').where('source', '=', 'gateway').execute();
    expect(rows.filter((row) => row.key.includes('708374149'))).toEqual([]);
    expect(rows.every((row) => /^[0-9a-f-]{36}:sha256:[0-9a-f]{64}$/.test(row.key))).toBe(true);
    expect(rows.slice(-2)[0]).not.toEqual(rows.slice(-1)[0]);
  });

  test('signed, but about nobody: kept as evidence, and no payment changes', async () => {
    const data = {
      payment_id: 1,
      amount: 500,
      mpesa_receipt_number: 'TFH774CBH2',
      account_reference: 'INV-9',
    };
    expect(await webhook(world, { event, data })).toBe(200);
    await world.quiet();
    const kept = await world.db
      .selectFrom('evidence')
      .select(['effect', 'attempt_id'])
      .where('receipt', '=', 'TFH774CBH2')
      .executeTakeFirstOrThrow();
    expect(kept).toEqual({ effect: 'unmatched', attempt_id: null });
  });

  test('signed, and not readable: kept in the inbox, and nothing breaks', async () => {
    expect(await webhook(world, { event: 'mpesa.payment.received', data: { amount: 'lots' } })).toBe(200);
    expect(await webhook(world, { event: 'mpesa.wallet_topup.received', data: { amount: 500 } })).toBe(200);
    await world.quiet();
    const dead = await world.db.selectFrom('inbox').select('id').where('state', '=', 'dead').execute();
    expect(dead).toEqual([]);
  });

  test('one prompt’s own address does not serve for another prompt', async () => {
    const [one, other] = [await prompted(world, 70), await prompted(world, 80)];
    const url = stkOf(world, one).callbackUrl ?? '';
    const data = { ...paidData(other), amount: 80, mpesa_receipt_number: 'TFH774CBH3' };
    expect(await webhook(world, { event, data, url })).toBe(200);
    await world.quiet();
    expect((await one.state()).state).toBe('prompted');
    expect((await other.state()).state).toBe('prompted');
  });
});

test('a payment that is paid stays paid when BluePay says failed, and a person is shown both', async () => {
  const sale = await prompted(world, 120);
  await sale.pay();
  await sale.card('✅');
  expect(await tellFailed(world, sale)).toBe(200);
  const flagged = await sale.card('⚠️');
  expect(flagged.text).toMatch(/\nPaid \d\d:\d\d\. M-Pesa \w{10}\nLater M-Pesa told us otherwise\. Compare/);
  expect(await sale.state()).toMatchObject({ state: 'paid', flag: 'contradiction' });
  expect(await moneyAgrees(world)).toBe(true);
});
