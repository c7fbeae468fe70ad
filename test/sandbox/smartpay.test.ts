/** Protects the simulated SmartPay's strictness: every printed request, answer, limit and code of its document. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSmartpay } from '../../src/sandbox/smartpay/index.ts';
import type { FraudBlock } from '../../src/sandbox/smartpay/state.ts';
import { paidCallback, phone, startGateway, type Wire } from './gateway-kit.ts';

const apiKey = 'a3f8c1e9b2d4f6a0e7c5b8d1f3a9e2c6b4d7f0a2e5c8b1d3f6a9e0c2b5d8f1a4';
const bearer = { authorization: `Bearer ${apiKey}` };

async function start() {
  const world = await startGateway(createSmartpay);
  const key = world.control.addMerchant(
    { accountNumber: 'SP36413506', expiresAt: '2025-07-01 00:00:00' },
    { id: 4, name: 'Production App', apiKey, limit: 4850, callbackurl: `${world.receiver.url}/hook` },
  );
  return {
    ...world,
    key,
    call: (method: string, path: string, body?: unknown, headers: Record<string, string> = bearer) =>
      world.send(path, { method, headers, body }),
    push: (over: Wire = {}, headers: Record<string, string> = bearer) =>
      world.send('/stk/push', { headers, body: { phone, amount: 150, ...over } }),
  };
}

let world: Awaited<ReturnType<typeof start>>;
beforeEach(async () => {
  world = await start();
});
afterEach(() => world.close());

const refused = (status: number, error_code: string) => ({
  status,
  body: { success: false, error_code, message: expect.any(String) },
});

describe('the door', () => {
  it('answers a ping without a key', async () => {
    expect(await world.call('GET', '/ping', undefined, {})).toMatchObject({
      status: 200,
      body: { success: true, message: 'pong' },
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['no header', {}, 'MISSING_AUTH'],
    ['the SMS header', { 'x-api-key': apiKey }, 'MISSING_AUTH'],
    ['another scheme', { authorization: `Basic ${apiKey}` }, 'INVALID_API_KEY'],
    ['an unknown key', { authorization: `Bearer ${'0'.repeat(64)}` }, 'INVALID_API_KEY'],
  ])('refuses %s', async (_name, headers, code) => {
    expect(await world.push({}, headers)).toMatchObject(refused(401, code));
    expect(await world.call('GET', '/account', undefined, headers)).toMatchObject(refused(401, code));
  });

  it('refuses a key that was switched off', async () => {
    world.control.setKey(4, { disabled: true });
    expect(await world.push()).toMatchObject(refused(401, 'INVALID_API_KEY'));
  });

  it.each([
    ['GET', '/nothing'],
    ['GET', '/stk/push'],
    ['PUT', '/keys'],
    ['POST', '/sms'],
    ['GET', '/keys/99'],
    ['DELETE', '/keys/99'],
    ['POST', '/keys/99/set-default'],
    ['POST', '/keys/99/regenerate'],
    ['GET', '/keys/99/destination'],
    ['PUT', '/keys/99/destination'],
    ['PUT', '/keys/99/notifications'],
    ['GET', '/transactions/ws_CO_0'],
  ])('knows no %s %s', async (method, path) => {
    expect(await world.call(method, path)).toMatchObject(refused(404, 'NOT_FOUND'));
  });
});

describe('keys', () => {
  it('are listed as printed, without the key', async () => {
    world.control.setKey(4, {
      destination: { method: 'paybill', paybill_number: '123456', account_number: 'ACC001' },
      callbackurl: 'https://myapp.com/callback',
      notifyEmail: 'pay@myapp.com',
    });
    const { status, body } = await world.call('GET', '/keys');
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        success: true,
        accounts: [
          {
            id: 4,
            name: 'Production App',
            is_default: true,
            active: true,
            limit: 4850,
            fraud_suspended: false,
            destination: { method: 'paybill', paybill_number: '123456', account_number: 'ACC001' },
            callbackurl: 'https://myapp.com/callback',
            notify_email: 'pay@myapp.com',
            notify_phone: '',
            created_at: '2026-11-21 14:31:00',
            last_used_at: '2026-11-21 14:31:00',
          },
        ],
        count: 1,
      },
    });
  });

  it('are created inactive, with a limit of 0 and the key in full', async () => {
    const { status, body } = await world.call('POST', '/keys', { name: 'Second App' });
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        success: true,
        message: 'API account created successfully.',
        account: {
          id: 5,
          name: 'Second App',
          is_default: false,
          active: false,
          limit: 0,
          api_key: expect.stringMatching(/^[0-9a-f]{64}$/),
          destination: { method: 'wallet' },
          callbackurl: '',
          created_at: '2026-11-21 14:31:00',
        },
      },
    });
    const fresh = world.control.key(5).apiKey;
    const headers = { authorization: `Bearer ${fresh}` };
    expect(await world.push({}, headers)).toMatchObject(refused(403, 'KEY_INACTIVE'));
    const shown = await world.call('GET', '/keys/5');
    expect(shown).toMatchObject({ status: 200, body: { success: true, account: { id: 5 } } });
    expect(JSON.stringify(shown.body)).not.toContain(fresh);
  });

  it.each([
    ['a name that is there', { name: 'Production App' }, 409, 'DUPLICATE_NAME'],
    ['no name', {}, 400, 'MISSING_FIELDS'],
    ['a long name', { name: 'x'.repeat(81) }, 400, 'MISSING_FIELDS'],
    ['a field that is not printed', { name: 'x', limit: 9 }, 400, 'MISSING_FIELDS'],
    ['no object', '[]', 400, 'MISSING_FIELDS'],
  ])('are not created with %s', async (_name, body, status, code) => {
    expect(await world.call('POST', '/keys', body)).toMatchObject(refused(status, code));
    expect(world.control.keys()).toHaveLength(1);
  });

  it('change their default, and go unless they are it', async () => {
    await world.call('POST', '/keys', { name: 'Second App' });
    expect(await world.call('DELETE', '/keys/4')).toMatchObject(refused(400, 'CANNOT_DELETE_DEFAULT'));
    expect(await world.call('POST', '/keys/5/set-default')).toMatchObject({ status: 200 });
    expect(world.control.keys().map((key) => key.isDefault)).toEqual([false, true]);
    expect(await world.call('DELETE', '/keys/4')).toMatchObject({ status: 200, body: { success: true } });
    expect(await world.call('GET', '/keys')).toMatchObject(refused(401, 'INVALID_API_KEY'));
  });

  it('are made anew, and the old one is over', async () => {
    const { body } = await world.call('POST', '/keys/4/regenerate');
    const fresh = world.control.key(4).apiKey;
    expect(body).toMatchObject({ success: true, account: { id: 4, api_key: fresh } });
    expect(fresh).not.toBe(apiKey);
    expect(await world.push()).toMatchObject(refused(401, 'INVALID_API_KEY'));
    expect((await world.push({}, { authorization: `Bearer ${fresh}` })).status).toBe(200);
    expect(JSON.stringify(world.control.requests())).not.toContain(fresh);
  });

  it("are a merchant's own", async () => {
    const other = world.control.addMerchant();
    expect(await world.call('GET', `/keys/${other.id}`)).toMatchObject(refused(404, 'NOT_FOUND'));
  });
});

describe('a destination', () => {
  const printed: Wire[] = [
    {
      method: 'paybill',
      paybill_number: '123456',
      account_number: 'ACC001',
      callbackurl: 'https://myapp.com/mpesa/callback',
    },
    {
      method: 'bankpaybill',
      bank_code: '247247',
      bank_account: '0123456789',
      callbackurl: 'https://myapp.com/mpesa/callback',
    },
    { method: 'wallet', callbackurl: '' },
    { method: 'phone', phone: '254712345678', callbackurl: '' },
    { method: 'till', till_number: '54321', callbackurl: '' },
  ];

  it.each(printed)('is set and got: $method', async (sent) => {
    const { callbackurl, ...destination } = sent;
    expect(await world.call('PUT', '/keys/4/destination', sent)).toMatchObject({
      status: 200,
      body: { success: true },
    });
    const got = await world.call('GET', '/keys/4/destination');
    expect(got.body).toEqual({ success: true, destination, callbackurl });
  });

  it('keeps the callback URL that is not given', async () => {
    await world.call('PUT', '/keys/4/destination', { method: 'wallet' });
    expect(world.control.key(4).callbackurl).toBe(`${world.receiver.url}/hook`);
  });

  it.each([
    ['the quickstart word', { method: 'bank', bank_code: '247247', bank_account: '1' }, 'MISSING_FIELDS'],
    ['no method', {}, 'MISSING_FIELDS'],
    ['an unlisted bank', { method: 'bankpaybill', bank_code: '1', bank_account: '1' }, 'MISSING_FIELDS'],
    ['half a paybill', { method: 'paybill', paybill_number: '123456' }, 'MISSING_FIELDS'],
    ['a short till', { method: 'till', till_number: '1234' }, 'MISSING_FIELDS'],
    ['a phone as people write it', { method: 'phone', phone: '0712345678' }, 'INVALID_PHONE'],
    ['a field of another method', { method: 'wallet', till_number: '54321' }, 'MISSING_FIELDS'],
    ['plain HTTP', { method: 'wallet', callbackurl: 'http://myapp.com/' }, 'MISSING_FIELDS'],
  ])('is refused with %s', async (_name, body, code) => {
    expect(await world.call('PUT', '/keys/4/destination', body)).toMatchObject(refused(400, code));
    expect(world.control.key(4).destination).toEqual({ method: 'wallet' });
  });
});

describe('notifications', () => {
  it('are set as printed, switched off by an empty string, and sent', async () => {
    const printed = { notify_email: 'payments@myapp.com', notify_phone: '254712345678' };
    expect((await world.call('PUT', '/keys/4/notifications', printed)).body).toMatchObject(printed);
    await world.push();
    await world.pay();
    expect(world.mpesa.smsInbox(phone).map((sms) => sms.from)).toEqual(['MPESA', 'SmartPay']);
    await world.call('PUT', '/keys/4/notifications', { notify_phone: '' });
    expect(world.control.key(4)).toMatchObject({ notifyEmail: 'payments@myapp.com', notifyPhone: '' });
  });

  it.each([
    [{}, 'MISSING_FIELDS'],
    [{ notify_email: 'nobody' }, 'MISSING_FIELDS'],
    [{ notify_phone: '0712' }, 'INVALID_PHONE'],
  ])('refuse %j', async (body, code) => {
    expect(await world.call('PUT', '/keys/4/notifications', body)).toMatchObject(refused(400, code));
  });
});

describe('a push', () => {
  it.each<[string, Wire, string]>([
    ['cURL', { phone: '254712345678', amount: 150, account_reference: 'ORDER_101' }, 'ORDER_101'],
    ['PHP', { phone: '254712345678', amount: 150 }, 'SMARTPAY'],
  ])('as the %s sample sends it', async (_name, body, account) => {
    const answer = await world.send('/stk/push', { headers: bearer, body });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      success: true,
      message: 'STK Push initiated successfully.',
      checkout_request_id: expect.stringMatching(/^ws_CO_21112026143100\d{3}712345678$/),
      merchant_request_id: expect.stringMatching(/^[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\d{7}$/),
    });
    expect(world.mpesa.prompts(phone)).toMatchObject([
      { amountCents: 15_000n, merchant: 'SMARTPAY', account },
    ]);
    expect(world.control.key(4).limit).toBe(4849);
  });

  it.each([
    ['0712345678', phone],
    ['0112345678', '254112345678'],
    ['254112345678', '254112345678'],
  ])('takes %s', async (written, asked) => {
    expect((await world.push({ phone: written })).status).toBe(200);
    expect(world.control.pushes()[0]?.phone).toBe(asked);
  });

  it.each<[string, Wire, number, string]>([
    ['no phone', { phone: undefined }, 400, 'MISSING_FIELDS'],
    ['no amount', { amount: undefined }, 400, 'MISSING_FIELDS'],
    ['a field that is not printed', { callback_url: 'https://x.ke' }, 400, 'MISSING_FIELDS'],
    ['a plus', { phone: '+254712345678' }, 400, 'INVALID_PHONE'],
    ['a short phone', { phone: '071234567' }, 400, 'INVALID_PHONE'],
    ['a phone as a number', { phone: 254712345678 }, 400, 'INVALID_PHONE'],
    ['nothing', { amount: 0 }, 400, 'INVALID_AMOUNT'],
    ['cents', { amount: 1.5 }, 400, 'INVALID_AMOUNT'],
    ['an amount as text', { amount: '150' }, 400, 'INVALID_AMOUNT'],
    ['too much', { amount: 300_001 }, 400, 'INVALID_AMOUNT'],
    ['more than M-Pesa takes', { amount: 250_001 }, 500, 'PAYMENT_FAILURE'],
  ])('is refused with %s', async (_name, over, status, code) => {
    expect(await world.push(over)).toMatchObject(refused(status, code));
    expect(world.control.pushes()).toEqual([]);
    expect(world.control.key(4).limit).toBe(4850);
  });

  it('is refused as a form', async () => {
    const headers = { ...bearer, 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await world.send('/stk/push', { headers, body: 'phone=0712345678&amount=1' });
    expect(answer).toMatchObject(refused(400, 'MISSING_FIELDS'));
  });

  it('needs a subscription and a limit, and uses the limit up', async () => {
    world.control.setKey(4, { limit: 1 });
    expect((await world.push()).status).toBe(200);
    expect(await world.push()).toMatchObject(refused(403, 'LIMIT_REACHED'));
    world.control.setKey(4, { active: false });
    expect(await world.push()).toMatchObject(refused(403, 'KEY_INACTIVE'));
    world.control.setKey(4, { fraudSuspended: true });
    expect(await world.push()).toMatchObject(refused(403, 'KEY_SUSPENDED'));
    expect((await world.call('GET', '/account')).body).toMatchObject({
      active_key: { limit_remaining: 0, fraud_suspended: true },
    });
  });

  it.each<[FraudBlock, number]>([
    ['FRAUD_BLOCK_FAILURE_RATE', 403],
    ['FRAUD_BLOCK_PHONE_DIVERSITY', 403],
    ['FRAUD_BLOCK_BURST', 429],
    ['FRAUD_BLOCK_CANCEL_RATE', 403],
  ])('meets %s', async (fraudBlock, status) => {
    world.control.setKey(4, { fraudBlock });
    expect(await world.push()).toMatchObject(refused(status, fraudBlock));
    world.control.setKey(4, { fraudBlock: null });
    expect((await world.push()).status).toBe(200);
  });
});

describe('limits', () => {
  const other = { authorization: `Bearer ${'1'.repeat(64)}` };

  it('three pushes for a phone in five minutes, whoever sends', async () => {
    world.control.addMerchant({}, { apiKey: '1'.repeat(64) });
    await world.push({ amount: 1 });
    world.scheduler.advance(60_000);
    await world.push({ amount: 2 });
    await world.push({ amount: 3, phone: '0712345678' }, other);
    expect(await world.push({ amount: 4 }, other)).toMatchObject(refused(429, 'PHONE_RATE_LIMIT'));
    expect((await world.push({ phone: '0722000000' })).status).toBe(200);
    world.scheduler.advance(239_999);
    expect(await world.push({ amount: 4 })).toMatchObject(refused(429, 'PHONE_RATE_LIMIT'));
    world.scheduler.advance(1);
    expect((await world.push({ amount: 4 })).status).toBe(200);
  });

  it('60 a minute for a key, told in the header', async () => {
    world.control.setLimits({ keyPerMinute: 2 });
    const first = await world.call('GET', '/account');
    expect(first.headers.get('x-ratelimit-remaining')).toBe('1');
    expect(first.headers.get('x-ratelimit-day-remaining')).toBe('9999');
    world.scheduler.advance(30_000);
    await world.call('GET', '/account');
    const third = await world.push();
    expect(third).toMatchObject(refused(429, 'RATE_LIMIT_MINUTE'));
    expect(third.headers.get('x-ratelimit-remaining')).toBe('0');
    world.scheduler.advance(30_000);
    expect((await world.push()).status).toBe(200);
  });

  it('the printed 60, exactly', async () => {
    for (let n = 0; n < 60; n += 1) expect((await world.call('GET', '/account')).status).toBe(200);
    expect(await world.call('GET', '/account')).toMatchObject(refused(429, 'RATE_LIMIT_MINUTE'));
  });

  it('10,000 a day for a key, until midnight in Nairobi', async () => {
    world.control.setLimits({ keyPerDay: 1 });
    await world.call('GET', '/account');
    expect(await world.call('GET', '/account')).toMatchObject(refused(429, 'RATE_LIMIT_DAY'));
    world.scheduler.advance(9.5 * 60 * 60_000);
    expect((await world.call('GET', '/account')).status).toBe(200);
  });

  it('200 a minute for an address, with a key or without', async () => {
    world.control.setLimits({ ipPerMinute: 2 });
    await world.call('GET', '/ping', undefined, {});
    await world.push({}, {});
    expect(await world.call('GET', '/ping', undefined, {})).toMatchObject(refused(429, 'IP_RATE_LIMIT'));
    expect(await world.push()).toMatchObject(refused(429, 'IP_RATE_LIMIT'));
  });
});

describe('account and transactions', () => {
  it('the account as printed', async () => {
    await world.push();
    await world.pay();
    world.scheduler.advance(120_000);
    await world.push({ amount: 100 });
    expect((await world.call('GET', '/account')).body).toEqual({
      success: true,
      account: { account_number: 'SP36413506', fullname: 'John Kamau', verified: true },
      active_key: {
        id: 4,
        name: 'Production App',
        plan: 'Professional',
        limit_remaining: 4848,
        fraud_suspended: false,
      },
      subscription: {
        plan: 'Professional',
        status: 'active',
        expires_at: '2025-07-01 00:00:00',
        api_calls: 5000,
      },
      transaction_stats: { total: 2, completed: 1, pending: 1, failed: 0 },
    });
  });

  it.each([
    ['status', 'top'],
    ['status', 'transaction'],
    ['status', 'data'],
    ['daraja', 'top'],
    ['daraja', 'data'],
  ] as const)('one transaction in the %s form under %s', async (form, under) => {
    world.control.setTransactionShape({ form, under });
    const { body: push } = await world.push();
    const look = async () => {
      const { body } = await world.call('GET', `/transactions/${push.checkout_request_id}`);
      expect(body.success).toBe(true);
      return (under === 'top' ? body : body[under]) as Wire;
    };
    const pending = form === 'status' ? { status: 'pending', result_code: null } : { ResultCode: 4999 };
    expect(await look()).toMatchObject(pending);
    await world.pay();
    const [movement] = world.mpesa.moved();
    const paid =
      form === 'status'
        ? { status: 'completed', mpesa_receipt: movement?.receipt, amount: 150, phone }
        : { ResultCode: 0, MpesaReceiptNumber: movement?.receipt, Amount: 150 };
    expect(await look()).toMatchObject(paid);
  });

  it('a list with its parameters, newest first', async () => {
    await world.push({ amount: 1 });
    await world.cancel();
    await world.push({ amount: 2 });
    const list = async (query: string) => {
      const { transactions } = (await world.call('GET', `/transactions${query}`)).body;
      return (transactions as Wire[]).map((one) => one.amount);
    };
    expect(await list('')).toEqual([2, 1]);
    expect(await list('?limit=1')).toEqual([2]);
    expect(await list('?limit=1&offset=1')).toEqual([1]);
    expect(await list('?status=failed')).toEqual([1]);
    expect(await list('?status=pending&limit=100&offset=0')).toEqual([2]);
  });

  it.each(['?limit=101', '?limit=0', '?status=paid', '?offset=-1', '?page=2'])(
    'no list %s',
    async (query) => {
      expect(await world.call('GET', `/transactions${query}`)).toMatchObject(refused(400, 'MISSING_FIELDS'));
    },
  );

  it('keep merchants apart', async () => {
    const { body } = await world.push();
    world.control.addMerchant({}, { apiKey: '1'.repeat(64) });
    const other = { authorization: `Bearer ${'1'.repeat(64)}` };
    const path = `/transactions/${body.checkout_request_id}`;
    expect(await world.call('GET', path, undefined, other)).toMatchObject(refused(404, 'NOT_FOUND'));
    expect((await world.call('GET', '/transactions', undefined, other)).body.total).toBe(0);
  });
});

describe('SMS', () => {
  const xApiKey = { 'x-api-key': apiKey };

  it('goes out as printed', async () => {
    const body = { phone: '0712345678', message: 'Hello from SmartPay!' };
    const answer = await world.send('/sms/', { headers: xApiKey, body });
    expect(answer.body).toEqual({
      status: 'success',
      data: {
        transaction_id: expect.stringMatching(/^\d{19}$/),
        mobile: '254712345678',
        sms_parts: 1,
        // The document prints 22 for these 20 characters.
        characters: 20,
        cost: 1,
        remaining_balance: 99,
      },
    });
    expect(world.mpesa.smsInbox(phone)).toMatchObject([{ from: 'SmartPay', text: body.message }]);
    const balance = await world.send('/sms/balance', { headers: xApiKey });
    expect(balance.body).toEqual({ status: 'success', data: { remaining_balance: 99 } });
  });

  it.each([
    [160, 1],
    [161, 2],
    [320, 2],
    [480, 3],
    [640, 4],
  ])('of %i characters costs %i', async (length, cost) => {
    const body = { phone: '254712345678', message: 'x'.repeat(length) };
    const answer = await world.send('/sms/', { headers: xApiKey, body });
    expect(answer.body).toMatchObject({ data: { sms_parts: cost, cost, remaining_balance: 100 - cost } });
  });

  it.each<[string, Record<string, string>, Wire, number, string]>([
    ['a Bearer key', bearer, {}, 401, 'MISSING_AUTH'],
    ['a wrong key', { 'x-api-key': 'nope' }, {}, 401, 'INVALID_API_KEY'],
    ['no message', xApiKey, { message: '' }, 400, 'MISSING_FIELDS'],
    ['a wrong phone', xApiKey, { phone: '020123456' }, 400, 'INVALID_PHONE'],
  ])('is refused with %s', async (_name, headers, over, status, code) => {
    const body = { phone: '0712345678', message: 'Hello', ...over };
    expect(await world.send('/sms/', { headers, body })).toMatchObject(refused(status, code));
    expect(world.mpesa.smsInbox(phone)).toEqual([]);
  });

  it('needs credits', async () => {
    world.control.setMerchant(world.key.merchantId, { smsCredits: 1 });
    const body = { phone: '0712345678', message: 'x'.repeat(161) };
    expect(await world.send('/sms/', { headers: xApiKey, body })).toMatchObject(
      refused(403, 'LIMIT_REACHED'),
    );
  });
});

describe('the webhook', () => {
  it('is the printed one', async () => {
    const { body } = await world.push();
    await world.pay();
    const ids = { checkout: body.checkout_request_id, merchant: body.merchant_request_id };
    expect(world.receiver.bodies()).toEqual([paidCallback(ids, 150)]);
    expect(world.receiver.heard[0]?.path).toBe('/hook');
  });

  it('tells of a cancelled one without metadata', async () => {
    await world.push();
    await world.cancel();
    const [heard] = world.receiver.bodies();
    expect(heard).toMatchObject({ Body: { stkCallback: { ResultCode: 1032 } } });
    expect(JSON.stringify(heard)).not.toContain('CallbackMetadata');
  });

  it('comes again up to three times, later and later, until it is answered 200', async () => {
    world.receiver.answers.status = 204;
    await world.push();
    await world.pay();
    for (const [ms, count] of [
      [9_999, 1],
      [1, 2],
      [20_000, 3],
      [39_999, 3],
      [1, 4],
      [1_000_000, 4],
    ] as const) {
      await world.later(ms);
      expect(world.receiver.heard).toHaveLength(count);
    }
    expect(new Set(world.receiver.heard.map((one) => one.raw)).size).toBe(1);
  });

  it('waits five seconds for the answer', async () => {
    world.receiver.answers.status = 'silent';
    await world.push();
    const paid = world.pay();
    await world.receiver.hears(1);
    world.scheduler.advance(4_999);
    expect(world.control.webhooks()).toMatchObject([{ status: null, failure: null }]);
    world.scheduler.advance(1);
    await paid;
    expect(world.control.webhooks()).toMatchObject([{ status: null, failure: 'no answer in time' }]);
    world.receiver.answers.status = 200;
    await world.later(10_000);
    await world.later(1_000_000);
    expect(world.receiver.heard).toHaveLength(2);
  });

  it("goes nowhere without the key's URL", async () => {
    world.control.setKey(4, { callbackurl: '' });
    await world.push();
    await world.pay();
    expect(world.control.webhooks()).toEqual([]);
  });
});
