// Protects what BluePay's document prints: each example is sent or parsed exactly so.
import { createHmac } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { Reason } from '../../src/domain/payment.ts';
import type { LookupKeys } from '../../src/gateways/gateway.ts';
import { has } from './adapters.support.ts';
import { act, asked, examplesOf, meet, type Printed, received } from './contract-examples.ts';

const examples = examplesOf('bluepay');
afterAll(() => expect(examples.unused()).toEqual([]));

const host = 'https://bluepay.co.ke';
const channelId = '550e8400-e29b-41d4-a716-446655440000';
const account = { apiSecret: 'YOUR_API_SECRET', channelId };
const meeting = (...answers: Printed[]) => meet('bluepay', account, ...answers);
const keys: LookupKeys = { correlationId: 'ws_CO_...', requestId: '42', reference: 'BPLINK-A8A25317' };
const { callback: ability } = meeting().gateway;
const callback = has(ability);

test('channels', async () => {
  const listed = meet('bluepay', { apiSecret: 'YOUR_API_SECRET', shortCode: '123456' }, [
    200,
    examples.text('channels-200'),
  ]);
  expect(await listed.gateway.check?.()).toMatchObject({ kind: 'checked', label: 'Paybill 123456' });
  expect(listed.last()).toMatchObject({ method: 'GET', url: `${host}/api/payment_channels.php` });
  expect(await listed.gateway.complete?.()).toMatchObject({ kind: 'completed', config: { channelId } });
  const refused = meeting([401, examples.text('channels-401')]);
  expect(await refused.gateway.check?.()).toMatchObject({
    kind: 'refused',
    detail: expect.stringContaining('Authenticate with Authorization: Bearer'),
  });
});

test('payment status: paid', async () => {
  const { gateway, last } = meeting([200, examples.text('status-paid')]);
  expect(await has(gateway.lookup).lookup(keys)).toEqual({
    kind: 'evidence',
    evidence: {
      verdict: 'paid',
      ids: { correlationId: 'ws_CO_...', requestId: '42' },
      reference: 'BPLINK-A8A25317',
      amountCents: 100_00n,
      receipt: { number: 'ABC12XYZ', final: true },
      msisdn: '254742783614',
      reason: null,
      rawCode: 'SUCCESS',
    },
  });
  expect(last().url).toBe(`${host}/api/payment_status.php?checkout_request_id=ws_CO_...`);
});

test('payment status: not found, and no key', async () => {
  const look = async (...answer: Printed) => has(meeting(answer).gateway.lookup).lookup(keys);
  expect(await look(200, examples.text('status-not-found'))).toMatchObject({ kind: 'not_found' });
  expect(await look(422, examples.text('status-422'))).toMatchObject({ kind: 'no_answer', stop: false });
});

test('STK push: the printed request and its answer', async () => {
  const { gateway, last, sent } = meeting([200, examples.text('stk-200')]);
  const outcome = await gateway.collect({ ...asked, reference: 'BPINV-2048' });
  expect(outcome).toEqual({ kind: 'accepted', ids: { correlationId: 'ws_CO_...', requestId: '1' } });
  expect(sent()).toEqual({ ...examples.json('stk-request'), callback_url: asked.callbackUrl });
  expect(last()).toMatchObject({ method: 'POST', url: `${host}/api/stk_push.php` });
  expect(last().headers.get('authorization')).toBe('Bearer YOUR_API_SECRET');
});

test.each<[string, number, Reason]>([
  ['stk-400', 400, 'request_refused'],
  ['stk-405', 405, 'request_refused'],
  ['stk-401', 401, 'credentials_refused'],
  ['stk-403', 403, 'credentials_refused'],
  ['stk-422', 422, 'request_refused'],
  ['stk-402', 402, 'no_service_tokens'],
])('STK push: %s', async (name, status, reason) => {
  const { gateway } = meeting([status, examples.text(name)]);
  expect(await gateway.collect(asked)).toMatchObject({ kind: 'refused', reason });
});

test('STK push: a 502 still names the prompt', async () => {
  const { gateway } = meeting([502, examples.text('stk-502')]);
  expect(await gateway.collect(asked)).toMatchObject({ kind: 'unknown', ids: { requestId: '1' } });
});

test('the samples in cURL, PHP and Node are what auth "body" sends', async () => {
  const filled = (fields: object) =>
    JSON.parse(JSON.stringify(fields).replaceAll('2547…', '254712345678').replaceAll('…', 'x')) as unknown;
  const config = { apiSecret: 's', channelId: 'x', auth: 'body', apiUsername: 'x', apiPassword: 'x' };
  const { gateway, last, sent } = meet('bluepay', config, [200, examples.text('stk-200')]);
  await gateway.collect(asked);
  const { account_reference, callback_url, ...plain } = sent();
  expect([account_reference, callback_url]).toEqual(['INV-001', asked.callbackUrl]);
  for (const printed of [examples.json('sample-curl'), examples.fields('sample-php'), nodeFields()])
    expect(plain).toEqual(filled(printed));
  expect(last().headers.get('authorization')).toBeNull();
  expect(last().headers.get('content-type')).toBe('application/json');
});

function nodeFields() {
  const { method, ...fields } = examples.fields('sample-node');
  expect(method).toBe('POST');
  return fields;
}

test('pay links', async () => {
  const link = examples.json('paylink-request');
  const open = examples.json('paydefault-request');
  const { gateway, last, sent } = meeting([200, examples.text('stk-200')]);
  const told = { t: 'x', phone: '254712345678' };
  expect(await act(gateway, 'paylink-push', told)).toMatchObject({ kind: 'done' });
  expect(sent()).toEqual({ ...link, ...told });
  expect(last().url).toBe(`${host}/api/stk_push_paylink.php`);
  await act(gateway, 'paydefault-push', { ...told, channelId: 'UUID', amount: 100 });
  expect(sent()).toEqual({ ...open, ...told });
  expect(last().url).toBe(`${host}/api/stk_push_paydefault.php`);
  expect(last().headers.get('authorization')).toBeNull();
});

test('SMS', async () => {
  const { gateway, last, sent } = meeting([200, examples.text('sms-200')]);
  const send = (text: string) =>
    has(gateway.sms).send({ msisdn: '254712345678' as Msisdn, text, reference: 'ORDER-8821-SMS' });
  expect(await send('Your order #8821 is ready for pickup.')).toMatchObject({
    ...{ kind: 'accepted', messageId: '12345', parts: 1, costCents: 2_50n, balanceCents: 97_50n },
  });
  expect(sent()).toEqual(examples.json('sms-request'));
  await send('Your order is ready.');
  expect(sent()).toEqual(examples.json('sms-curl'));
  expect(last().url).toBe(`${host}/api/v1/sms/send`);
  expect(examples.text('sms-curl')).toContain(last().headers.get('authorization'));
});

const signed = (body: string) =>
  received(body, {
    'x-bluepay-signature': `v1=${createHmac('sha256', 'YOUR_API_SECRET').update(body).digest('hex')}`,
  });

test('the webhook of a payment', () => {
  const delivery = signed(examples.text('webhook-received'));
  expect(callback.authenticate(delivery)).toBe('genuine');
  expect(callback.read(delivery)).toEqual({
    kind: 'collect',
    evidence: {
      verdict: 'paid',
      ids: { correlationId: 'ws_CO_...', requestId: null },
      reference: 'BPINV-001',
      amountCents: 100_00n,
      receipt: { number: 'ABC123XYZ', final: true },
      msisdn: null,
      reason: null,
      rawCode: 'success',
    },
  });
});

test.each(['webhook-verify-php', 'webhook-verify-node'])(
  'a signature is malformed where %s says so',
  (name) => {
    const shape = /\/(\^v1=.*?\$)\//.exec(examples.text(name))?.[1];
    const pattern = new RegExp(shape ?? 'no shape');
    const genuine = signed('{}').headers['x-bluepay-signature'] ?? '';
    expect(pattern.test(genuine)).toBe(true);
    for (const header of [genuine, '', 'v1=', `v1=${'0'.repeat(64)}`, `v1=${'A'.repeat(64)}`, `${genuine}0`])
      expect(callback.authenticate(received('{}', { 'x-bluepay-signature': header })) === 'malformed').toBe(
        !pattern.test(header),
      );
  },
);

const { payout } = meeting().gateway;
const b2c = {
  request: examples.json('b2c-request'),
  noTokens: examples.text('b2c-402'),
  noFloat: examples.text('b2c-409'),
  webhook: signed(examples.text('b2c-webhook')),
};

test('the webhook of a payout is genuine, and no payment', () => {
  expect(callback.authenticate(b2c.webhook)).toBe('genuine');
  const reading = callback.read(b2c.webhook);
  if (payout === undefined) expect(reading).toEqual({ kind: 'other', event: 'mpesa.b2c.success' });
  else
    expect(reading).toMatchObject({
      kind: 'payout',
      fact: {
        ...{ verdict: 'paid', payoutId: 'uuid', reference: 'WD-2024-001', amountCents: 500_00n },
        ...{ receipt: { number: 'RKL1XXXXX0' }, msisdn: '254712345678', feeCents: 25_00n },
      },
    });
});

test.runIf(payout !== undefined)('a payout: the printed request and its refusals', async () => {
  const order = {
    ...{ reference: 'WD-2024-001', amountCents: 500_00n, msisdn: asked.msisdn },
    ...{ description: 'Commission payout', callbackUrl: 'https://yourserver.com/webhooks/b2c' },
  };
  const paying = meeting([402, b2c.noTokens], [409, b2c.noFloat]);
  const send = () => has(paying.gateway.payout).send(order);
  expect(await send()).toMatchObject({ kind: 'refused', rawCode: 'INSUFFICIENT_PREPAID' });
  expect(await send()).toMatchObject({ kind: 'refused', rawCode: 'INSUFFICIENT_B2C_BALANCE' });
  const { phone, ...fields } = paying.sent();
  expect({ ...fields, phone: `0${String(phone).slice(-9)}` }).toEqual(b2c.request);
});
