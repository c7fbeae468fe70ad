/** Protects the simulated BluePay's strictness: every printed request, answer and refusal of its document, to the field. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { World } from './bluepay-kit.ts';
import { ask, basic, bearer, channelId, phone, secret, startWorld } from './bluepay-kit.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const unauthorized = {
  ok: false,
  success: false,
  error: 'Unauthorized',
  message: 'Authenticate with Authorization: Bearer … or Basic …',
  hint: 'See /public/docs.php#authentication',
};
const twice = (words: unknown) => ({ ok: false, success: false, error: words, message: words });

describe('authentication', () => {
  it.each([
    ['Bearer', bearer],
    ['Basic', basic],
  ])('takes %s', async (_name, headers) => {
    const answer = await world.stk({}, headers);
    expect(answer).toMatchObject({ status: 200, body: { ok: true } });
    expect(answer.body).not.toHaveProperty('warnings');
  });

  it.each([
    ['the key', { api_key: secret }],
    ['name and password', { api_username: 'api_shop', api_password: 'pass word' }],
  ])('takes %s in the body, and warns', async (_name, credentials) => {
    const answer = await world.stk(credentials, {});
    expect(answer.status).toBe(200);
    expect(answer.body.warnings).toEqual([expect.any(String)]);
  });

  it.each([
    ['none', {}, {}],
    ['a wrong secret', { authorization: 'Bearer nope' }, {}],
    ['a wrong password', { authorization: `Basic ${btoa('api_shop:nope')}` }, {}],
    ['the secret as Basic', { authorization: `Basic ${secret}` }, {}],
    ['another scheme', { authorization: `Token ${secret}` }, {}],
    ['two methods at once', bearer, { api_key: secret }],
    ['a name without its password', {}, { api_username: 'api_shop' }],
    ['a wrong key in the body', {}, { api_key: 'nope' }],
  ])('refuses %s as printed', async (_name, headers, body) => {
    expect(await world.stk(body, headers)).toEqual({ status: 401, body: unauthorized });
    expect(world.mpesa.prompts(phone)).toEqual([]);
  });

  it('takes no dashboard session from a server', async () => {
    const refused = { status: 403, body: twice('Invalid CSRF token') };
    expect(await world.stk({ csrf: 'abc' }, {})).toEqual(refused);
    expect(await world.stk({}, { cookie: 'session=1' })).toEqual(refused);
  });

  it('keeps merchants apart', async () => {
    const other = world.control.addAccount({});
    const headers = { authorization: `Bearer ${other.apiSecret}` };
    const mine = await world.stk({ account_reference: 'INV1' });
    const key = `checkout_request_id=${mine.body.checkout_request_id}`;
    expect((await world.get(`/api/payment_status.php?${key}`)).body.found).toBe(true);
    expect((await world.get(`/api/payment_status.php?${key}`, headers)).body.found).toBe(false);
    expect((await world.get('/api/payment_status.php?account_reference=INV1', headers)).body.found).toBe(
      false,
    );
    expect((await world.stk({}, headers)).body.error_code).toBe('CHANNEL_NOT_AVAILABLE');
  });
});

describe('the request itself', () => {
  it.each([
    ['GET', '/api/stk_push.php'],
    ['PUT', '/api/v2/payments.php'],
    ['DELETE', '/api/payment_status.php'],
    ['PATCH', '/api/payment_channels.php'],
    ['GET', '/api/v1/sms/send'],
    ['POST', '/api/v1/b2c/wallet/balance'],
  ])('refuses %s %s', async (method, path) => {
    const answer = await ask(`${world.bluepay.url}${path}`, { method, headers: bearer });
    expect(answer).toEqual({ status: 405, body: twice('Method not allowed') });
  });

  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'phone=254712345678'],
    ['no JSON', {}, '{"phone":'],
    ['a list', {}, '[]'],
    ['nothing', {}, ''],
  ])('refuses %s as no JSON body', async (_name, headers, body) => {
    const init = { method: 'POST', headers: { ...bearer, ...headers }, body };
    const answer = await ask(`${world.bluepay.url}/api/stk_push.php`, init);
    expect(answer).toEqual({ status: 400, body: twice('Invalid JSON body') });
  });

  it('knows no other path', async () => {
    expect((await world.post('/api/stkpush', {})).status).toBe(404);
    expect((await world.get('//')).status).toBe(404);
  });
});

describe('payment channels', () => {
  const printed = {
    ok: true,
    payment_channels: [
      { channel_id: channelId, channel_type: 'paybill', short_code: '123456', is_active: true },
    ],
  };

  it('are listed to GET and POST', async () => {
    expect(await world.get('/api/payment_channels.php')).toEqual({ status: 200, body: printed });
    expect(await world.post('/api/payment_channels.php', {})).toEqual({ status: 200, body: printed });
    const legacy = await world.post('/api/payment_channels.php', { api_key: secret }, {});
    expect(legacy.body).toEqual({ ...printed, warnings: [expect.any(String)] });
  });

  it('print a 401 of their own', async () => {
    const { hint, success, ...printed401 } = unauthorized;
    expect(await world.get('/api/payment_channels.php', {})).toEqual({ status: 401, body: printed401 });
  });
});

describe('an STK push', () => {
  it.each(['/api/stk_push.php', '/api/v2/payments.php'])(
    'is taken at %s and answers what is printed',
    async (path) => {
      const order = { channel_id: channelId, phone, amount: 100, account_reference: 'BPINV-2048' };
      expect(await world.post(path, order)).toEqual({
        status: 200,
        body: {
          ok: true,
          stk_request_id: 1,
          checkout_request_id: expect.stringMatching(/^ws_CO_21112026143100\d{9}$/),
          account_reference: 'BPINV-2048',
        },
      });
      expect(world.mpesa.prompts(phone)).toMatchObject([
        { amountCents: 10_000n, merchant: 'MAMA NJERI SHOP', account: 'BPINV-2048' },
      ]);
    },
  );

  it('takes the aliases', async () => {
    const order = {
      payment_channel_id: channelId,
      phone_number: '0712 345-678',
      amount: 1,
      external_reference: 'A1',
      provider: 'm-pesa',
      callback_url: 'https://shop.example/cb',
      csrf: 'unused',
    };
    expect((await world.post('/api/stk_push.php', order)).body).toMatchObject({
      ok: true,
      account_reference: 'A1',
    });
    const { external_reference, ...rest } = order;
    const third = await world.post('/api/stk_push.php', { ...rest, account_id: 'A2' });
    expect(third.body.account_reference).toBe('A2');
  });

  it('makes a reference when none is given', async () => {
    expect((await world.stk()).body.account_reference).toMatch(/^BP-LINK-[0-9A-F]{8}$/);
  });

  it.each(['0712345678', '712345678', '254712345678', '+254 712 345 678', '0110345678', '254110345678'])(
    'reads the phone %s',
    async (given) => {
      expect((await world.stk({ phone: given })).status).toBe(200);
    },
  );

  it.each([
    ['a foreign phone', { phone: '255712345678' }, 'INVALID_PHONE'],
    ['a short phone', { phone: '071234567' }, 'INVALID_PHONE'],
    ['a landline', { phone: '0202345678' }, 'INVALID_PHONE'],
    ['an unknown channel', { channel_id: '00000000-0000-4000-8000-000000000000' }, 'CHANNEL_NOT_AVAILABLE'],
    ['a long reference', { account_reference: 'A'.repeat(65) }, 'ACCOUNT_REFERENCE_INVALID'],
    ['a reference with a space', { account_reference: 'A 1' }, 'ACCOUNT_REFERENCE_INVALID'],
    ['an empty reference', { account_reference: '' }, 'ACCOUNT_REFERENCE_INVALID'],
    ['the merchant id as reference', { account_reference: 'BP-1001' }, 'ACCOUNT_REFERENCE_INVALID'],
  ])('refuses %s with its code', async (_name, over, code) => {
    const answer = await world.stk(over);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual({ ...twice(answer.body.error), error_code: code });
    expect(world.control.stks()).toEqual([]);
  });

  it.each([
    ['amount 0', { amount: 0 }],
    ['amount 250001', { amount: 250_001 }],
    ['half a shilling', { amount: 1.5 }],
    ['an amount as text', { amount: '100' }],
    ['no amount', { amount: undefined }],
    ['a phone as number', { phone: 254712345678 }],
    ['no phone', { phone: undefined }],
    ['an empty channel', { channel_id: '' }],
    ['null', { account_reference: null }],
    ['another provider', { provider: 'airtel' }],
    ['an unknown field', { currency: 'KES' }],
    ['the other casing', { callbackUrl: 'https://shop.example/cb' }],
    ['a field and its alias', { phone_number: phone }],
    ['plain http to elsewhere', { callback_url: 'http://shop.example/cb' }],
    ['no URL', { callback_url: 'shop' }],
  ])('refuses %s', async (_name, over) => {
    const answer = await world.stk(over);
    expect(answer.status).toBe(422);
    expect(answer.body).toEqual(twice(answer.body.error));
    expect(world.mpesa.prompts(phone)).toEqual([]);
  });

  it.each([1, 250_000])('takes the amount %i', async (amount) => {
    expect((await world.stk({ amount })).status).toBe(200);
  });

  it('takes 64 characters of reference', async () => {
    expect((await world.stk({ account_reference: 'A'.repeat(64) })).status).toBe(200);
  });

  it('holds a channel to its prefix', async () => {
    const channels = world.account.channels.map((channel) => ({ ...channel, requiredPrefix: 'SHOP-' }));
    world.control.setAccount('BP-1001', { channels });
    expect((await world.stk({ account_reference: 'INV-1' })).body.error_code).toBe(
      'REFERENCE_PREFIX_MISMATCH',
    );
    expect((await world.stk({ account_reference: 'SHOP-1' })).status).toBe(200);
    expect((await world.stk()).body.account_reference).toMatch(/^SHOP-/);
  });

  it('needs an active channel of an active merchant', async () => {
    const channels = world.account.channels.map((channel) => ({ ...channel, isActive: false }));
    world.control.setAccount('BP-1001', { channels });
    expect((await world.stk()).body.error_code).toBe('CHANNEL_NOT_AVAILABLE');
    world.control.setAccount('BP-1001', { channels: world.account.channels, isActive: false });
    expect((await world.stk()).body.error_code).toBe('CHANNEL_NOT_AVAILABLE');
  });

  it('needs service tokens, and pays the fee only on success', async () => {
    world.control.setAccount('BP-1001', { serviceTokenKes: 1 });
    await world.stk();
    await world.pay('0000');
    expect(world.control.account('BP-1001').serviceTokenKes).toBe(1);
    await world.stk({ amount: 50 });
    await world.pay();
    expect(world.control.account('BP-1001').serviceTokenKes).toBe(0);
    expect(await world.stk()).toEqual({
      status: 402,
      body: {
        ...twice('402 Insufficient service tokens'),
        error_code: 'INSUFFICIENT_PREPAID',
        required_kes: 1,
        balance_kes: 0,
      },
    });
  });
});

describe('payment status', () => {
  const missing =
    'Provide checkout_request_id, account_reference (recommended), external_reference, stk_request_id, or deprecated account_id';

  async function pushed() {
    const { body } = await world.stk({ account_reference: 'BPINV-2048' });
    return body;
  }

  const printed = (stk: Record<string, unknown>, stkStatus: string, orderStatus: string) => ({
    ok: true,
    success: true,
    found: true,
    paid: stkStatus === 'SUCCESS',
    failed: stkStatus === 'FAILED',
    stk_status: stkStatus,
    stk_request_id: 1,
    checkout_request_id: stk.checkout_request_id,
    account_reference: 'BPINV-2048',
    external_reference: 'BPINV-2048',
    amount: 100,
    phone,
    payment: null,
    wallet_topup: null,
    created_at: '2026-11-21 14:31:00',
    order: {
      status: orderStatus,
      checkout_request_id: stk.checkout_request_id,
      external_reference: 'BPINV-2048',
      amount: 100,
      phone,
      stk_request_id: 1,
    },
  });

  it('prints pending, then completed with the payment', async () => {
    const stk = await pushed();
    const key = { checkout_request_id: stk.checkout_request_id };
    expect(await world.status(key)).toEqual({ status: 200, body: printed(stk, 'PENDING', 'pending') });
    world.scheduler.advance(20_000);
    await world.pay();
    const payment = {
      id: 1,
      mpesa_receipt_number: world.mpesa.moved()[0]?.receipt,
      amount: 100,
      phone,
      transaction_time: '2026-11-21 14:31:20',
      pending_confirmation: false,
    };
    const paid = { ...printed(stk, 'SUCCESS', 'completed'), payment };
    expect(await world.status(key)).toEqual({ status: 200, body: paid });
  });

  it('prints failed without a reason', async () => {
    const stk = await pushed();
    world.scheduler.advance(60_000);
    const answer = await world.status({ stk_request_id: 1 });
    expect(answer.body).toEqual(printed(stk, 'FAILED', 'failed'));
  });

  it('is found by each key, in JSON and in the query', async () => {
    const stk = await pushed();
    const keys = {
      checkout_request_id: stk.checkout_request_id,
      account_reference: 'BPINV-2048',
      external_reference: 'BPINV-2048',
      account_id: 'BPINV-2048',
      stk_request_id: 1,
    };
    for (const [name, value] of Object.entries(keys)) {
      expect((await world.status({ [name]: value })).body.stk_request_id, name).toBe(1);
      const query = new URLSearchParams({ [name]: String(value) });
      expect((await world.get(`/api/payment_status.php?${query}`)).body.stk_request_id, name).toBe(1);
    }
  });

  it('gives the latest STK of a reference', async () => {
    await pushed();
    await world.stk({ account_reference: 'BPINV-2048', amount: 5 });
    expect((await world.status({ account_reference: 'BPINV-2048' })).body.stk_request_id).toBe(2);
  });

  it('prints what is not found, still 200', async () => {
    expect(await world.status({ checkout_request_id: 'ws_CO_1' })).toEqual({
      status: 200,
      body: {
        ok: true,
        success: true,
        found: false,
        paid: false,
        failed: false,
        stk_status: null,
        message: 'No matching STK for this merchant yet',
        payment: null,
      },
    });
  });

  it.each([
    ['no key', {}],
    ['two keys', { stk_request_id: 1, account_reference: 'A' }],
    ['an unknown key', { reference: 'A' }],
    ['an id as text', { stk_request_id: '1' }],
  ])('refuses %s', async (_name, key) => {
    const refused = { status: 422, body: { ok: false, success: false, error: missing } };
    expect(await world.status(key)).toEqual(refused);
  });

  it.each([
    '',
    '?stk_request_id=1&account_reference=A',
    '?stk_request_id=one',
    '?stk_request_id=1&stk_request_id=2',
  ])('refuses the query "%s"', async (query) => {
    expect((await world.get(`/api/payment_status.php${query}`)).body.error).toBe(missing);
  });

  it('authenticates like STK', async () => {
    expect(await world.get('/api/payment_status.php?stk_request_id=1', {})).toEqual({
      status: 401,
      body: unauthorized,
    });
  });
});
