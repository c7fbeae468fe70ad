// Protects wages from a second payout and from false refusals: what each answer of BluePay's B2C proves, and no more.
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { Reason } from '../../src/domain/payment.ts';
import type { PayoutOrder } from '../../src/gateways/abilities.ts';
import { apiSecret, has, openBluepay } from './bluepay.support.ts';
import { closedPort, says, serve } from './loopback.ts';

/** As the document prints them. */
const printed = {
  request: `{
"amount": 500,
"phone": "0712345678",
"reference": "WD-2024-001",
"description": "Commission payout",
"callbackUrl": "https://yourserver.com/webhooks/b2c"
}`,
  tokens: `{
"ok": false,
"success": false,
"error": "402 Insufficient service tokens",
"message": "402 Insufficient service tokens",
"error_code": "INSUFFICIENT_PREPAID",
"required_kes": 25,
"balance_kes": 10,
"transaction_fee_kes": 25
}`,
  float: `{
"ok": false,
"success": false,
"error": "409 Insufficient B2C wallet balance",
"message": "409 Insufficient B2C wallet balance",
"error_code": "INSUFFICIENT_B2C_BALANCE",
"required_kes": 500,
"balance_kes": 120
}`,
  webhook: `{
"event": "mpesa.b2c.success",
"data": {
"id": "uuid",
"type": "B2C",
"status": "SUCCESS",
"amount": 500,
"phone_number": "254712345678",
"external_reference": "WD-2024-001",
"mpesa_receipt": "RKL1XXXXX0",
"transaction_fee": 25.00
}
}`,
};
const order: PayoutOrder = {
  reference: 'WD-2024-001',
  amountCents: 500_00n,
  msisdn: '254712345678' as Msisdn,
  description: 'Commission payout',
  callbackUrl: 'https://yourserver.com/webhooks/b2c',
};
const paid = {
  verdict: 'paid',
  payoutId: 'uuid',
  reference: 'WD-2024-001',
  amountCents: 500_00n,
  receipt: { number: 'RKL1XXXXX0', final: true },
  msisdn: '254712345678',
  feeCents: 25_00n,
  reason: null,
  rawCode: 'SUCCESS',
};
const payoutOf = (url: string) => has(openBluepay(url).gateway.payout);
const refusal = (error_code: string) =>
  JSON.stringify({ ok: false, success: false, error: '…', message: '…', error_code });

async function sendAgainst(status: number, text: string) {
  const server = await serve(says(status, text));
  const outcome = await payoutOf(server.url).send(order);
  return { outcome, server };
}

test('the request is the one that the document prints, sent once', async () => {
  const { outcome, server } = await sendAgainst(
    200,
    '{"ok":true,"success":true,"data":{"payout":{"id":"u-1"}}}',
  );
  expect(outcome).toEqual({ kind: 'accepted', payoutId: 'u-1', feeCents: null });
  expect(server.seen).toHaveLength(1);
  const [sent] = server.seen;
  expect(sent).toMatchObject({ method: 'POST', path: '/api/v1/b2c/payouts' });
  expect(sent?.headers.authorization).toBe(`Bearer ${apiSecret}`);
  expect(JSON.parse(sent?.body ?? '')).toEqual({ ...JSON.parse(printed.request), phone: '254712345678' });
});

describe('accepted, in whatever shape: the document prints none', () => {
  test.each([
    ['data.payout.id', { data: { payout: { id: 'u-1', transaction_fee: 25.0 } } }, 'u-1', 25_00n],
    ['data.payout.payout_id', { data: { payout: { payout_id: 'u-1' } } }, 'u-1', null],
    ['data.id', { data: { id: 'u-1', transaction_fee: '1,025.50' } }, 'u-1', 1025_50n],
    ['payout.id', { payout: { id: 7 } }, '7', null],
    ['payout_id', { payout_id: 'u-1', transaction_fee_kes: 25 }, 'u-1', 25_00n],
    ['payout_id beside data', { payout_id: 'u-1', data: { status: 'PENDING' } }, 'u-1', null],
    ['no id', { data: [] }, null, null],
  ])('%s', async (_name, body, payoutId, feeCents) => {
    const { outcome } = await sendAgainst(201, JSON.stringify({ ok: true, ...body }));
    expect(outcome).toEqual({ kind: 'accepted', payoutId, feeCents });
  });
});

describe('refused: provably nothing was sent', () => {
  test.each<[string, number, string, Reason]>([
    ['the printed 402', 402, printed.tokens, 'no_service_tokens'],
    ['the printed 409', 409, printed.float, 'float_too_low'],
    ['MERCHANT_INACTIVE', 403, refusal('MERCHANT_INACTIVE'), 'channel_inactive'],
    ['B2C_DISABLED', 403, refusal('B2C_DISABLED'), 'channel_inactive'],
    ['INVALID_PHONE', 422, refusal('INVALID_PHONE'), 'phone_refused'],
    ['B2C_VALIDATION_FAILED', 422, refusal('B2C_VALIDATION_FAILED'), 'request_refused'],
    ['B2C_UNAVAILABLE', 503, refusal('B2C_UNAVAILABLE'), 'provider_down'],
    ['401 without a code', 401, '{"ok":false,"error":"Unauthorized"}', 'credentials_refused'],
  ])('%s', async (_name, status, text, reason) => {
    expect((await sendAgainst(status, text)).outcome).toMatchObject({ kind: 'refused', reason });
  });

  test('the detail tells what is missing', async () => {
    const { outcome } = await sendAgainst(409, printed.float);
    expect(outcome).toMatchObject({
      detail: '409 Insufficient B2C wallet balance (needs KES 500, has KES 120)',
    });
  });
});

describe('unknown: it may be under way, and is never sent again', () => {
  test.each([
    ['REFERENCE_IN_USE: it exists', 409, refusal('REFERENCE_IN_USE')],
    ['B2C_GATEWAY_ERROR', 502, refusal('B2C_GATEWAY_ERROR')],
    ['a 503 of a proxy', 503, '<html>'],
    ['a 503 without its code', 503, '{"ok":false}'],
    ['a 409 without its code', 409, '{"ok":false}'],
    ['a code under another status', 502, refusal('INSUFFICIENT_B2C_BALANCE')],
    ['a code of tomorrow', 422, refusal('TOMORROW')],
    [
      'a refusal that names a payout',
      422,
      '{"ok":false,"error_code":"INVALID_PHONE","data":{"payout":{"id":"u"}}}',
    ],
    ['a refusal that does not say so', 402, '{"error_code":"INSUFFICIENT_PREPAID"}'],
    ['ok and success contradict', 200, '{"ok":true,"success":false,"data":{"id":"u"}}'],
    ['another reference', 200, '{"ok":true,"data":{"payout":{"id":"u","external_reference":"OTHER"}}}'],
    ['HTML with 200', 200, '<html>'],
    ['a list', 200, '[]'],
    ['truncated', 200, '{"ok":true,'],
  ])('%s', async (_name, status, text) => {
    const { outcome, server } = await sendAgainst(status, text);
    expect(outcome.kind).toBe('unknown');
    expect(server.seen).toHaveLength(1);
  });

  test('no whole answer', async () => {
    const server = await serve((response) => response.destroy());
    expect((await payoutOf(server.url).send(order)).kind).toBe('unknown');
    expect(server.seen).toHaveLength(1);
  });
});

test('not sent: nobody listens, or it is outside the limits', async () => {
  expect((await payoutOf(await closedPort()).send(order)).kind).toBe('not_sent');
  const server = await serve(says(200, '{"ok":true}'));
  const payout = payoutOf(server.url);
  for (const amountCents of [9_00n, 10_50n, 250_001_00n, 0n, -500_00n])
    expect((await payout.send({ ...order, amountCents })).kind).toBe('not_sent');
  expect((await payout.send({ ...order, reference: 'a b' })).kind).toBe('not_sent');
  expect(server.seen).toHaveLength(0);
  for (const amountCents of [10_00n, 250_000_00n])
    expect((await payout.send({ ...order, amountCents })).kind).toBe('accepted');
});

describe('look-up', () => {
  const ask = async (status: number, body: unknown, payoutId: string | null = 'uuid') => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const server = await serve(says(status, text));
    const lookup = has(payoutOf(server.url).lookup);
    return { told: await lookup({ payoutId, reference: 'WD-2024-001' }), server };
  };
  const { data } = JSON.parse(printed.webhook) as { data: Record<string, unknown> };
  const status = (value: unknown) => ({
    ok: true,
    success: true,
    data: { payout: { ...data, status: value } },
  });

  test('asks by the id, and reads what the webhook prints', async () => {
    const { told, server } = await ask(200, status('SUCCESS'));
    expect(server.seen[0]).toMatchObject({
      method: 'GET',
      path: '/api/v1/b2c/payout_status',
      query: { payout_id: 'uuid' },
    });
    expect(told).toEqual({ kind: 'fact', fact: paid });
  });

  test.each([
    ['PENDING', 'pending'],
    ['success', 'paid'],
    ['FAILED', 'failed'],
    ['REVERSED', 'reversed'],
  ])('%s is %s', async (value, verdict) => {
    expect((await ask(200, status(value))).told).toMatchObject({ fact: { verdict } });
  });

  test('a stand-in receipt is not final', async () => {
    const body = { ok: true, data: { payout: { ...data, mpesa_receipt: 'RCHK-77' } } };
    expect((await ask(200, body)).told).toMatchObject({
      fact: { receipt: { number: 'RCHK-77', final: false } },
    });
  });

  test('without an id nothing is asked', async () => {
    const { told, server } = await ask(200, status('SUCCESS'), null);
    expect(told.kind).toBe('not_found');
    expect(server.seen).toHaveLength(0);
  });

  test.each([
    ['a status of tomorrow', 200, status('HELD')],
    ['no status', 200, status(undefined)],
    ['paid without an amount', 200, { ok: true, data: { payout: { ...data, amount: 'lots' } } }],
    ['another payout', 200, { ok: true, data: { payout: { ...data, id: 'other' } } }],
    ['not ok', 200, { ...status('FAILED'), ok: false }],
    ['500', 500, status('FAILED')],
    ['HTML', 200, '<html>'],
  ])('%s is no answer', async (_name, code, body) => {
    expect((await ask(code, body)).told).toMatchObject({ kind: 'no_answer', stop: false });
  });

  test('refused credentials need a person; an id that it does not know proves nothing', async () => {
    expect((await ask(401, { ok: false })).told).toMatchObject({ kind: 'no_answer', stop: true });
    expect((await ask(404, { ok: false, message: 'Payout not found' })).told.kind).toBe('not_found');
  });
});

describe('webhook', () => {
  const callback = has(openBluepay('https://bluepay.co.ke').gateway.callback);
  const read = (text: string) => {
    const signature = `v1=${createHmac('sha256', apiSecret).update(text).digest('hex')}`;
    const received = { body: Buffer.from(text), headers: { 'x-bluepay-signature': signature } };
    expect(callback.authenticate(received)).toBe('genuine');
    return callback.read(received);
  };
  const event = (name: string, over: Record<string, unknown>) =>
    JSON.stringify({ event: name, data: { ...JSON.parse(printed.webhook).data, ...over } });

  test('the printed one', () => {
    expect(read(printed.webhook)).toEqual({ kind: 'payout', fact: paid });
  });

  test('a failure has no receipt and no reason', () => {
    const told = read(event('mpesa.b2c.failed', { status: 'FAILED', mpesa_receipt: null }));
    expect(told).toMatchObject({ fact: { verdict: 'failed', receipt: null, reason: 'not_given' } });
    expect(read(event('mpesa.b2c.failed', { status: undefined }))).toMatchObject({
      fact: { verdict: 'failed' },
    });
  });

  test.each([
    ['success, but failed', event('mpesa.b2c.success', { status: 'FAILED' })],
    ['success, but pending', event('mpesa.b2c.success', { status: 'PENDING' })],
    ['failed, but success', event('mpesa.b2c.failed', {})],
    ['failed, but reversed', event('mpesa.b2c.failed', { status: 'REVERSED' })],
    ['no amount', event('mpesa.b2c.success', { amount: null })],
    ['no data', '{"event":"mpesa.b2c.success"}'],
  ])('unreadable: %s', (_name, text) => {
    expect(read(text).kind).toBe('unreadable');
  });
});
