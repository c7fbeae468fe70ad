// Protects what SmartPay's document prints: each example is sent or parsed exactly so.
import { afterAll, expect, test } from 'vitest';
import { bankCodes, bankName } from '../../src/gateways/smartpay/banks.ts';
import { has } from './adapters.support.ts';
import { act, asked, callbackUrl, examplesOf, meet, type Printed, received } from './contract-examples.ts';

const examples = examplesOf('smartpay');
afterAll(() => expect(examples.unused()).toEqual([]));

const base = 'https://api.smartpaypesa.com/v1';
const printedKey = 'a3f8c1e9b2d4f6a0e7c5b8d1f3a9e2c6b4d7f0a2e5c8b1d3f6a9e0c2b5d8f1a4';
const meeting = (...answers: Printed[]) => meet('smartpay', { apiKey: printedKey }, ...answers);
const yes: Printed = [200, '{"success":true,"message":"OK"}'];

test('authentication', async () => {
  const { gateway, last } = meeting([200, examples.text('stk-200')]);
  await gateway.collect(asked);
  expect(`Authorization: ${last().headers.get('authorization')}`).toBe(
    examples.text('authentication-header'),
  );
});

test('ping, without a key', async () => {
  const { gateway, last } = meeting([200, examples.text('ping-200')]);
  expect(await act(gateway, 'ping')).toMatchObject({ kind: 'done', json: examples.json('ping-200') });
  expect(last()).toMatchObject({ method: 'GET', url: `${base}/ping`, body: '' });
  expect(last().headers.get('authorization')).toBeNull();
});

test('keys: list', async () => {
  const { gateway, last } = meeting([200, examples.text('keys-list-200')]);
  expect(await act(gateway, 'keys-list')).toMatchObject({
    kind: 'done',
    text: 'key 1 "Default Account" (default; 4850 calls left; Paybill 123456, account ACC001)',
  });
  expect(last()).toMatchObject({ method: 'GET', url: `${base}/keys` });
});

test('keys: create, and the key is told once', async () => {
  const { gateway, last } = meeting([201, examples.text('keys-create-201')]);
  const outcome = await act(gateway, 'keys-create', examples.json('keys-create-request'));
  expect(outcome).toMatchObject({ kind: 'done', secret: printedKey });
  expect('json' in outcome ? JSON.stringify(outcome.json) : '').not.toContain(printedKey);
  const [line] = examples.text('keys-create-request').split(' HTTP/1.1');
  expect(`${last().method} ${new URL(last().url).pathname}`).toBe(line);
  expect(JSON.parse(last().body)).toEqual(examples.json('keys-create-request'));
});

test.each(['destination-paybill', 'destination-bank'])('%s', async (name) => {
  const { gateway, last, sent } = meeting(yes);
  expect(await act(gateway, 'destination-set', { id: 4, ...examples.json(name) })).toMatchObject({
    kind: 'done',
  });
  expect(last()).toMatchObject({ method: 'PUT', url: `${base}/keys/4/destination` });
  expect(sent()).toEqual(examples.json(name));
  const { callbackurl, ...unsaid } = examples.json(name);
  await act(gateway, 'destination-set', { id: 4, ...unsaid });
  expect(callbackurl).toBe('https://myapp.com/mpesa/callback');
  expect(sent()).toEqual({ ...unsaid, callbackurl: callbackUrl });
});

test('the supported banks are those of the list', () => {
  expect(bankCodes.map((code) => `${code}${bankName(code)}`).join('\n')).toBe(
    examples.text('supported-banks'),
  );
});

test('where the money lands is read from the printed account and the printed list', async () => {
  const printed = examples.text('keys-list-200').replace('"id": 1', '"id": 4');
  const { gateway } = meeting(
    [200, examples.text('account-200')],
    [404, '{"success":false}'],
    [200, printed],
  );
  expect(await gateway.setup?.()).toMatchObject({ kind: 'setup', summary: 'Paybill 123456, account ACC001' });
});

test('notifications', async () => {
  const { gateway, last, sent } = meeting(yes);
  await act(gateway, 'notifications-set', { id: 4, ...examples.json('notifications') });
  expect(last()).toMatchObject({ method: 'PUT', url: `${base}/keys/4/notifications` });
  expect(sent()).toEqual(examples.json('notifications'));
});

test('STK push: the printed request to the byte, and its answer', async () => {
  const { gateway, last, sent } = meeting([200, examples.text('stk-200')]);
  const order = { ...asked, amountCents: 150_00n, reference: 'ORDER_101' };
  expect(await gateway.collect(order)).toEqual({
    kind: 'accepted',
    ids: {
      correlationId: 'ws_CO_03062025160832822727856009',
      requestId: 'aea5-4f44-b4a1-d9044446ee461957335',
    },
  });
  expect(last()).toMatchObject({ method: 'POST', url: `${base}/stk/push` });
  for (const line of [last().url, `-d '${last().body}'`, '"Content-Type: application/json"'])
    expect(examples.text('stk-curl')).toContain(line);
  const { account_reference, ...unnamed } = sent();
  expect(account_reference).toBe('ORDER_101');
  expect(unnamed).toEqual(examples.fields('stk-php'));
});

test('transaction status', async () => {
  const { gateway, last } = meeting(yes);
  const keys = { correlationId: 'ws_CO_03062025142200123456789', requestId: null, reference: 'X' };
  await has(gateway.lookup).lookup(keys);
  const [line] = examples.text('transaction-request').split(' HTTP/1.1');
  expect(`${last().method} ${new URL(last().url).pathname}`).toBe(line);
});

test('account', async () => {
  const { gateway, last } = meeting([200, examples.text('account-200')]);
  expect(await gateway.check?.()).toEqual({
    ...{ kind: 'checked', label: 'Production App, SP36413506', detail: 'key accepted, 4850 calls left' },
  });
  expect(last()).toMatchObject({ method: 'GET', url: `${base}/account` });
  expect(await act(gateway, 'account')).toMatchObject({
    text: 'SP36413506, key "Production App", plan Professional (active), 4850 calls left',
  });
});

test('SMS', async () => {
  const { gateway, last, sent } = meeting([200, examples.text('sms-200')]);
  const message = { msisdn: asked.msisdn, text: 'Hello from SmartPay!', reference: 'x' };
  expect(await has(gateway.sms).send(message)).toMatchObject({
    ...{ kind: 'accepted', messageId: '5713595232279350695', parts: 1 },
  });
  // "Supports 07XX, 01XX, or 254XX formats": the phone goes out whole.
  expect(sent()).toEqual({ ...examples.json('sms-curl'), phone: '254712345678' });
  expect(examples.text('sms-curl')).toContain(`POST ${last().url} `);
  expect(last().headers.get('x-api-key')).toBe(printedKey);
});

test('the webhook', () => {
  const callback = has(meeting().gateway.callback);
  expect(callback.read(received(examples.text('webhook')))).toEqual({
    kind: 'collect',
    evidence: {
      verdict: 'paid',
      ids: {
        correlationId: 'ws_CO_17062025005554749727856009',
        requestId: 'aea5-4f44-b4a1-d9044446ee463545184',
      },
      reference: null,
      amountCents: 150_00n,
      receipt: { number: 'TFH774CBH1', final: true },
      msisdn: '254712345678',
      reason: null,
      rawCode: '0',
    },
  });
});
