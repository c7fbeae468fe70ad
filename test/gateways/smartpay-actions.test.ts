// Protects keys and destinations at SmartPay: each action sends what the document prints, tells a new key once, and no other.
import { describe, expect, test } from 'vitest';
import type { OperatorOutcome } from '../../src/gateways/abilities.ts';
import { bankCodes } from '../../src/gateways/smartpay/banks.ts';
import { closedPort, says, serve } from './loopback.ts';
import {
  account,
  act,
  apiKey,
  callbackUrl,
  has,
  nameOf,
  openSmartpay,
  otherKey,
  refusal,
  scripted,
} from './smartpay.support.ts';

const done = '{"success":true,"message":"Done."}';

async function run(name: string, config: unknown, text = done, status = 200) {
  const server = await serve((response, seen) =>
    nameOf(seen) === 'GET /v1/account' ? says(200, account)(response) : says(status, text)(response),
  );
  const { gateway, lines } = openSmartpay(server.url);
  return { outcome: await act(gateway, name, config), seen: server.seen, lines };
}
const jsonOf = (outcome: OperatorOutcome) => (outcome.kind === 'done' ? outcome.json : outcome.kind);
const textOf = (outcome: OperatorOutcome) => (outcome.kind === 'done' ? outcome.text : outcome.kind);
const last = (seen: readonly { body: string }[]) => JSON.parse(seen.at(-1)?.body ?? '');

test('which there are, and which change something', () => {
  const actions = has(openSmartpay('https://api.smartpaypesa.com').gateway.actions);
  const changing = Object.entries(actions).filter(([, action]) => action.changes);
  expect(changing.map(([name]) => name).sort()).toEqual([
    'destination-set',
    'keys-create',
    'keys-delete',
    'keys-regenerate',
    'keys-set-default',
    'notifications-set',
  ]);
  const asking = Object.keys(actions).filter((name) => !changing.some(([each]) => each === name));
  expect(asking.sort()).toEqual([
    'account',
    'destination-get',
    'keys-get',
    'keys-list',
    'ping',
    'sms-balance',
    'transactions-list',
  ]);
});

test.each<[string, unknown, string, unknown]>([
  ['ping', undefined, 'GET /v1/ping', ''],
  ['keys-list', undefined, 'GET /v1/keys', ''],
  ['keys-create', { name: 'Production App' }, 'POST /v1/keys', { name: 'Production App' }],
  ['keys-get', { id: 4 }, 'GET /v1/keys/4', ''],
  ['keys-delete', { id: '4' }, 'DELETE /v1/keys/4', ''],
  ['keys-set-default', { id: 4 }, 'POST /v1/keys/4/set-default', ''],
  ['keys-regenerate', { id: 4 }, 'POST /v1/keys/4/regenerate', ''],
  ['destination-get', { id: 9 }, 'GET /v1/keys/9/destination', ''],
  [
    'notifications-set',
    { id: 9, notify_email: 'payments@myapp.com', notify_phone: '254712345678' },
    'PUT /v1/keys/9/notifications',
    { notify_email: 'payments@myapp.com', notify_phone: '254712345678' },
  ],
  ['notifications-set', { id: 9, notify_phone: '' }, 'PUT /v1/keys/9/notifications', { notify_phone: '' }],
  ['transactions-list', undefined, 'GET /v1/transactions', ''],
  ['account', undefined, 'GET /v1/account', ''],
  ['sms-balance', undefined, 'GET /v1/sms/balance', ''],
])('%s %j sends %s', async (name, config, sent, body) => {
  const { outcome, seen, lines } = await run(name, config);
  expect(outcome.kind).toBe('done');
  expect(seen.map(nameOf)).toEqual([sent]);
  const [call] = seen;
  expect(call?.body === '' ? '' : JSON.parse(call?.body ?? '')).toEqual(body);
  const { authorization, 'x-api-key': smsKey } = call?.headers ?? {};
  const expected = { ping: [undefined, undefined], 'sms-balance': [undefined, apiKey] }[name];
  expect([authorization, smsKey]).toEqual(expected ?? [`Bearer ${apiKey}`, undefined]);
  expect(lines()).not.toContain(apiKey);
});

describe('printed answers', () => {
  test('ping', async () => {
    const { outcome } = await run('ping', undefined, '{"success":true,"message":"pong"}');
    expect(outcome).toEqual({
      kind: 'done',
      text: 'SmartPay answers.',
      json: { success: true, message: 'pong' },
    });
  });

  test('a created key is told once, beside the answer', async () => {
    const created = `{
  "success": true,
  "message": "API account created successfully.",
  "account": {
    "id": 4,
    "name": "Production App",
    "is_default": false,
    "active": false,
    "limit": 0,
    "api_key": "a3f8c1e9b2d4f6a0e7c5b8d1f3a9e2c6b4d7f0a2e5c8b1d3f6a9e0c2b5d8f1a4",
    "destination": { "method": "wallet" },
    "callbackurl": "",
    "created_at": "2025-06-03 15:00:00"
  }
}`;
    const { outcome, lines } = await run('keys-create', { name: 'Production App' }, created, 201);
    expect(outcome).toMatchObject({
      kind: 'done',
      text: 'Created key 4 "Production App" (inactive; 0 calls left; SmartPay wallet).',
      secret: apiKey,
      json: { account: { id: 4, name: 'Production App', destination: { method: 'wallet' } } },
    });
    const { secret: _, ...rest } = outcome as Extract<OperatorOutcome, { kind: 'done' }>;
    expect(`${JSON.stringify(rest)}${lines()}`).not.toContain(apiKey);
  });

  test('the list of keys', async () => {
    const listed = `{
  "success": true,
  "accounts": [
    {
      "id": 1,
      "name": "Default Account",
      "is_default": true,
      "active": true,
      "limit": 4850,
      "fraud_suspended": false,
      "destination": { "method": "paybill", "paybill_number": "123456", "account_number": "ACC001" },
      "callbackurl": "https://myapp.com/callback",
      "notify_email": "pay@myapp.com",
      "notify_phone": "",
      "created_at": "2025-06-01 09:00:00",
      "last_used_at": "2025-06-03 14:22:11"
    }
  ],
  "count": 1
}`;
    const { outcome } = await run('keys-list', undefined, listed);
    expect(textOf(outcome)).toBe(
      'key 1 "Default Account" (default; 4850 calls left; Paybill 123456, account ACC001)',
    );
    expect(jsonOf(outcome)).toEqual(JSON.parse(listed));
  });

  test('the account', async () => {
    const { outcome } = await run('account', undefined);
    expect(textOf(outcome)).toBe(
      'SP36413506, key "Production App", plan Professional (active), 4850 calls left',
    );
    expect(jsonOf(outcome)).toEqual(JSON.parse(account));
  });
});

describe('keys', () => {
  test.each([
    { success: true, api_key: otherKey },
    { success: true, account: { id: 4, api_key: otherKey } },
    { success: true, data: { new_api_key: otherKey } },
  ])('a regenerated key: %j', async (body) => {
    const { outcome } = await run('keys-regenerate', { id: 4 }, JSON.stringify(body));
    expect(outcome).toMatchObject({ kind: 'done', secret: otherKey });
    expect(JSON.stringify(jsonOf(outcome))).not.toContain(otherKey);
  });

  test('a key that is not told is said to be missing', async () => {
    const { outcome } = await run('keys-regenerate', { id: 4 }, '{"success":true,"api_key":"a3f8…"}');
    expect(outcome).not.toHaveProperty('secret');
    expect(textOf(outcome)).toContain('told no new key');
  });

  test('looking at a key never shows it', async () => {
    const body = {
      success: true,
      message: `key ${otherKey}`,
      account: { id: 4, name: 'A', api_key: otherKey },
    };
    const { outcome } = await run('keys-get', { id: 4 }, JSON.stringify(body));
    expect(textOf(outcome)).toBe('key 4 "A"');
    expect(jsonOf(outcome)).toEqual({
      success: true,
      message: 'key [secret]',
      account: { id: 4, name: 'A' },
    });
    expect(outcome).not.toHaveProperty('secret');
    expect(JSON.stringify(outcome)).not.toContain(otherKey);
  });

  test.each<[string, unknown]>([
    ['keys-create', undefined],
    ['keys-create', { name: '' }],
    ['keys-create', { name: 'x'.repeat(81) }],
    ['keys-create', { name: 'a', plan: 'b' }],
    ['keys-get', {}],
    ['keys-delete', { id: '../4' }],
    ['keys-delete', { id: 0 }],
    ['notifications-set', { id: 4 }],
    ['notifications-set', { notify_email: 'nobody' }],
    ['notifications-set', { notify_phone: '0712' }],
    ['transactions-list', { limit: 101 }],
    ['transactions-list', { status: 'paid' }],
  ])('%s %j is refused before the wire', async (name, config) => {
    const { outcome, seen } = await run(name, config);
    expect(outcome).toEqual({ kind: 'refused', detail: expect.stringMatching(/\S/) });
    expect(seen).toHaveLength(0);
  });
});

describe('destination', () => {
  /** As the document prints them. */
  const paybill = `{
  "method": "paybill",
  "paybill_number": "123456",
  "account_number": "ACC001",
  "callbackurl": "https://myapp.com/mpesa/callback"
}`;
  const bank = `{
  "method": "bankpaybill",
  "bank_code": "247247",
  "bank_account": "0123456789",
  "callbackurl": "https://myapp.com/mpesa/callback"
}`;

  test.each([
    paybill,
    bank,
    '{"method":"wallet","callbackurl":"https://a.example/"}',
    '{"method":"phone","phone":"254712345678","callbackurl":"https://a.example/"}',
    '{"method":"till","till_number":"54321","callbackurl":"https://a.example/"}',
  ])('%s is sent so, to the key that is named or the own one', async (text) => {
    const config = JSON.parse(text);
    const named = await run('destination-set', { ...config, id: 9 });
    expect(named.outcome.kind).toBe('done');
    expect(named.seen.map(nameOf)).toEqual(['PUT /v1/keys/9/destination']);
    expect(last(named.seen)).toEqual(config);
    const own = await run('destination-set', config);
    expect(own.seen.map(nameOf)).toEqual(['GET /v1/account', 'PUT /v1/keys/4/destination']);
    expect(last(own.seen)).toEqual(config);
  });

  test('our callback URL where none is given; a phone as SmartPay takes it; bank is bankpaybill', async () => {
    const phone = await run('destination-set', { id: 9, method: 'phone', phone: '0712 345 678' });
    expect(last(phone.seen)).toEqual({ method: 'phone', phone: '254712345678', callbackurl: callbackUrl });
    const named = await run('destination-set', {
      id: 9,
      method: 'bank',
      bank_code: 247247,
      bank_account: '01',
    });
    expect(last(named.seen)).toMatchObject({ method: 'bankpaybill', bank_code: '247247' });
  });

  test('each of the 40 banks', async () => {
    expect(bankCodes).toHaveLength(40);
    const action = has(has(openSmartpay('https://api.smartpaypesa.com').gateway.actions)['destination-set']);
    for (const bank_code of bankCodes)
      expect(action.config?.safeParse({ method: 'bankpaybill', bank_code, bank_account: '01' }).success).toBe(
        true,
      );
  });

  test.each([
    undefined,
    {},
    { method: 'cash' },
    { method: 'wallet', phone: '254712345678' },
    { method: 'phone' },
    { method: 'phone', phone: '+447911123456' },
    { method: 'paybill', paybill_number: '123456' },
    { method: 'till', till_number: '1234' },
    { method: 'till', till_number: '12345678' },
    { method: 'bankpaybill', bank_code: '900900', bank_account: '01' },
    { method: 'bankpaybill', bank_code: '247247', bank_account: ' ' },
    { method: 'wallet', callbackurl: 'ftp://a.example' },
  ])('%j is refused before the wire', async (config) => {
    const { outcome, seen } = await run('destination-set', config);
    expect(outcome.kind).toBe('refused');
    expect(seen).toHaveLength(0);
  });

  test.each([
    [callbackUrl, 'Callbacks come here.'],
    ['https://other.example/cb', 'Callbacks go elsewhere; destination-set sets ours.'],
    ['', 'No callback URL is told; destination-set sets ours.'],
  ])('what it is now, and whether callbacks come here: %s', async (callbackurl, said) => {
    const body = { success: true, destination: { method: 'phone', phone: '254712345678' }, callbackurl };
    const { outcome } = await run('destination-get', undefined, JSON.stringify(body));
    expect(textOf(outcome)).toBe(`Phone 2547****678. ${said}`);
    expect(jsonOf(outcome)).toMatchObject({ destination: { phone: '2547****678' } });
  });
});

test('transactions: the page asked for, payers masked', async () => {
  const transaction = {
    checkout_request_id: 'ws_CO_03062025160832822727856009',
    phone: 254712345678,
    amount: 150,
    status: 'completed',
  };
  const body = JSON.stringify({ success: true, transactions: [transaction], count: 1 });
  const asked = { limit: 100, offset: 20, status: 'completed' };
  const { outcome, seen } = await run('transactions-list', asked, body);
  expect(seen[0]?.query).toEqual({ limit: '100', offset: '20', status: 'completed' });
  expect(textOf(outcome)).toBe('1 transactions');
  expect(jsonOf(outcome)).toMatchObject({ transactions: [{ phone: '2547****678', amount: 150 }] });
  expect(JSON.stringify(outcome)).not.toMatch(/727856009|254712345678/);
});

describe('what an action may not claim', () => {
  test.each<[number, string, string]>([
    [409, refusal('DUPLICATE_NAME', 'An account with that name already exists'), 'refused'],
    [400, refusal('CANNOT_DELETE_DEFAULT'), 'refused'],
    [404, refusal('NOT_FOUND'), 'refused'],
    [401, refusal('INVALID_API_KEY'), 'refused'],
    [429, refusal('RATE_LIMIT_MINUTE'), 'refused'],
    [500, refusal('PAYMENT_FAILURE'), 'unknown'],
    [502, '<html>', 'unknown'],
    [201, '{"success":true,"acc', 'unknown'],
    [200, '{}', 'unknown'],
  ])('%i %s', async (status, text, kind) => {
    const { outcome, seen } = await run('keys-create', { name: 'A' }, text, status);
    expect(outcome.kind).toBe(kind);
    expect(seen).toHaveLength(1);
    if (kind === 'refused') expect(JSON.stringify(outcome)).toContain(JSON.parse(text).error_code);
  });

  test('dropped: it may have happened; a closed port: it has not', async () => {
    const dropped = await serve((response) => response.destroy());
    expect((await act(openSmartpay(dropped.url).gateway, 'keys-regenerate', { id: 4 })).kind).toBe('unknown');
    const closed = await act(openSmartpay(await closedPort()).gateway, 'keys-regenerate', { id: 4 });
    expect(closed.kind).toBe('refused');
  });

  test('the own key cannot be found: nothing is set', async () => {
    const server = await scripted({});
    const outcome = await act(openSmartpay(server.url).gateway, 'destination-set', { method: 'wallet' });
    expect(outcome.kind).toBe('refused');
    expect(server.seen.map(nameOf)).toEqual(['GET /v1/account']);
  });
});
