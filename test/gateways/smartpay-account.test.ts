// Protects owners from keys that do not work and from money that lands elsewhere: set-up, balances, destination, configuration.
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import { openGateway } from '../../src/gateways/registry.ts';
import { bankName } from '../../src/gateways/smartpay/banks.ts';
import { closedPort, openHttp, says, serve } from './loopback.ts';
import { account, apiKey, has, nameOf, openSmartpay, refusal, scripted } from './smartpay.support.ts';

const changed = (change: (body: ReturnType<typeof JSON.parse>) => void) => {
  const body = JSON.parse(account);
  change(body);
  return JSON.stringify(body);
};

describe('configuration', () => {
  const { http } = openHttp();
  const open = (config: unknown) => openGateway('smartpay', config, http, systemClock);
  test('opens with a key alone, pasted with its line end, in either case', () => {
    for (const key of [apiKey, `${apiKey}\n`, apiKey.toUpperCase()])
      expect(open({ apiKey: key }).kind).toBe('open');
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ['no key', {}, ['apiKey']],
    ['a short key', { apiKey: apiKey.slice(1) }, ['apiKey']],
    ['a key that is no hex', { apiKey: `z${apiKey.slice(1)}` }, ['apiKey']],
    ['a plain http base', { apiKey, baseUrl: 'http://api.smartpaypesa.com/v1' }, ['baseUrl']],
    ['a base with a query', { apiKey, baseUrl: 'https://api.smartpaypesa.com/v1?key=1' }, ['baseUrl']],
    ['a base with credentials', { apiKey, baseUrl: 'https://a:b@api.smartpaypesa.com/v1' }, ['baseUrl']],
    ['a key of another gateway', { apiKey, apiSecret: 'hidden' }, ['apiSecret']],
  ])('%s is named, never shown', (_name, config, keys) => {
    const opening = open(config);
    const faults = opening.kind === 'bad_config' ? opening.faults : [];
    expect(faults).toEqual(keys.map((key) => expect.stringMatching(new RegExp(`^${key}: `))));
    for (const hidden of ['hidden', apiKey.slice(1)]) expect(JSON.stringify(faults)).not.toContain(hidden);
  });
});

describe('check', () => {
  async function checkAgainst(status: number, text: string) {
    const server = await scripted({ 'GET /v1/account': [status, text] });
    return { server, outcome: await has(openSmartpay(server.url).gateway.check)() };
  }

  test('the printed account', async () => {
    const { server, outcome } = await checkAgainst(200, account);
    expect(outcome).toEqual({
      kind: 'checked',
      label: 'Production App, SP36413506',
      detail: 'key accepted, 4850 calls left',
    });
    expect(server.seen.map(nameOf)).toEqual(['GET /v1/account']);
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${apiKey}`);
  });

  test('a plan that is used up is said', async () => {
    const text = changed((body) => {
      body.active_key.limit_remaining = 0;
      body.subscription.status = 'expired';
    });
    expect((await checkAgainst(200, text)).outcome).toMatchObject({
      kind: 'checked',
      detail: 'key accepted, 0 calls left: prompts will be refused, the plan is expired',
    });
  });

  test('no plan and no key name', async () => {
    const text = changed((body) => {
      delete body.active_key;
      delete body.subscription;
      body.status = 'success';
    });
    expect((await checkAgainst(200, text)).outcome).toEqual({
      kind: 'checked',
      label: 'SP36413506',
      detail: 'key accepted',
    });
  });

  test('a suspended key is refused', async () => {
    const text = changed((body) => {
      body.active_key.fraud_suspended = true;
    });
    expect((await checkAgainst(200, text)).outcome).toMatchObject({ kind: 'refused' });
  });

  test.each<[number, string, string]>([
    [401, refusal('INVALID_API_KEY'), 'refused'],
    [403, refusal('KEY_SUSPENDED'), 'refused'],
    [403, '<html>Attention Required!</html>', 'no_answer'],
    [429, refusal('IP_RATE_LIMIT'), 'no_answer'],
    [500, '', 'no_answer'],
    [200, '{"success":true}', 'no_answer'],
    [200, '{"success":true,"message":"pong"}', 'no_answer'],
  ])('%i %s', async (status, text, kind) => {
    expect((await checkAgainst(status, text)).outcome.kind).toBe(kind);
  });

  test('a closed port', async () => {
    expect((await has(openSmartpay(await closedPort()).gateway.check)()).kind).toBe('no_answer');
  });
});

describe('balances', () => {
  async function balancesAgainst(sms: string, told = account, status = 200) {
    const server = await scripted({ 'GET /v1/account': [status, told], 'GET /v1/sms/balance': [200, sms] });
    return { server, outcome: await has(openSmartpay(server.url).gateway.balances)() };
  }
  const calls = { of: 'calls', cents: null, units: 4850 };

  test.each([
    '{"status":"success","data":{"remaining_balance":99}}',
    '{"success":true,"balance":"99"}',
    '{"success":true,"sms_balance":99}',
    '{"success":true,"data":{"credits":"99.00"}}',
    '{"status":"success","data":99}',
  ])('SMS balance as %s', async (sms) => {
    const { server, outcome } = await balancesAgainst(sms);
    expect(outcome).toEqual({ kind: 'balances', balances: [calls, { of: 'sms', cents: null, units: 99 }] });
    expect(server.seen.map(nameOf)).toEqual(['GET /v1/account', 'GET /v1/sms/balance']);
    expect(server.seen[1]?.headers).toMatchObject({ 'x-api-key': apiKey });
    expect(server.seen[1]?.headers.authorization).toBeUndefined();
  });

  test('what cannot be read is left out; a wallet balance is read where it is told', async () => {
    for (const sms of ['<html>', '{"success":true,"balance":"plenty"}', '{"success":false}'])
      expect((await balancesAgainst(sms)).outcome).toEqual({ kind: 'balances', balances: [calls] });
    const told = changed((body) => {
      body.account.balance = '1,250.50';
    });
    expect((await balancesAgainst('{}', told)).outcome).toMatchObject({
      balances: [calls, { of: 'wallet', cents: 1_250_50n, units: null }],
    });
  });

  test('a refused key', async () => {
    const { outcome } = await balancesAgainst('{}', refusal('INVALID_API_KEY'), 401);
    expect(outcome.kind).toBe('refused');
  });
});

/** GET /v1/keys as the document prints it. */
const keys = `{
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

describe('setup: where the money lands', () => {
  async function setupAgainst(destination: unknown, told = account) {
    const text = typeof destination === 'string' ? destination : JSON.stringify(destination);
    const server = await scripted({
      'GET /v1/account': [200, told],
      'GET /v1/keys/4/destination': [200, text],
      'GET /v1/keys': [200, keys],
    });
    return { server, outcome: await has(openSmartpay(server.url).gateway.setup)() };
  }

  test.each<[string, Record<string, unknown>, string]>([
    ['wallet', { method: 'wallet' }, 'Wallet SP36413506'],
    ['phone', { method: 'phone', phone: '254712345678' }, 'Phone 2547****678'],
    ['masked phone', { method: 'phone', phone: '2547****678' }, 'Phone 2547****678'],
    [
      'paybill',
      { method: 'paybill', paybill_number: '123456', account_number: 'ACC001' },
      'Paybill 123456, account ACC001',
    ],
    ['till', { method: 'till', till_number: 54321 }, 'Till 54321'],
    [
      'bank',
      { method: 'bankpaybill', bank_code: '247247', bank_account: '0123456789' },
      'Equity Bank, account 0123456789',
    ],
    [
      'bank by its other name',
      { method: 'bank', bank_code: 522522, bank_account: '01' },
      'KCB (522522), account 01',
    ],
    [
      'a bank added since',
      { method: 'bankpaybill', bank_code: '900900', bank_account: '01' },
      'Bank 900900, account 01',
    ],
  ])('%s', async (_name, destination, summary) => {
    for (const body of [
      { success: true, destination, callbackurl: 'https://shop.example/cb' },
      { success: true, ...destination },
      { success: true, data: destination },
      { success: true, account: { id: 4, destination } },
    ]) {
      const { server, outcome } = await setupAgainst(body);
      expect(outcome).toMatchObject({ kind: 'setup', summary });
      expect(server.seen.map(nameOf)).toEqual(['GET /v1/account', 'GET /v1/keys/4/destination']);
    }
  });

  test('a callback URL changes nothing in it', async () => {
    const of = async (callbackurl: string) =>
      (
        await setupAgainst({
          success: true,
          destination: { method: 'till', till_number: '12345' },
          callbackurl,
        })
      ).outcome;
    expect(await of('https://a.example')).toEqual(await of(''));
  });

  test('where that cannot be read, the printed list tells', async () => {
    const told = changed((body) => {
      body.active_key.id = 1;
    });
    const server = await scripted({ 'GET /v1/account': [200, told], 'GET /v1/keys': [200, keys] });
    expect(await has(openSmartpay(server.url).gateway.setup)()).toMatchObject({
      kind: 'setup',
      summary: 'Paybill 123456, account ACC001',
    });
  });

  test.each<[string, unknown]>([
    ['an unknown method', { success: true, destination: { method: 'cash' } }],
    ['no method', { success: true }],
    ['a paybill without its number', { success: true, destination: { method: 'paybill' } }],
    ['a phone that is none', { success: true, destination: { method: 'phone', phone: 'mine' } }],
    ['a page', '<html>'],
  ])('%s: nothing is told', async (_name, destination) => {
    expect((await setupAgainst(destination)).outcome.kind).toBe('no_answer');
  });

  test('a refused key, and an account that names no key', async () => {
    const refused = await serve(says(401, refusal('INVALID_API_KEY')));
    expect((await has(openSmartpay(refused.url).gateway.setup)()).kind).toBe('refused');
    const told = changed((body) => {
      delete body.active_key;
    });
    expect((await setupAgainst({}, told)).outcome.kind).toBe('no_answer');
  });

  test('a bank by its code', () => {
    expect([bankName('4156839'), bankName('542542'), bankName('7')]).toEqual([
      'SMARTPAY WALLET',
      'I&M Bank',
      'Bank 7',
    ]);
  });
});
