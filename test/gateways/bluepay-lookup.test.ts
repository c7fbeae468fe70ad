// Protects what a look-up may prove: paid is BluePay's own plain word about our prompt, and silence is no failure.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readKes } from '../../src/gateways/bluepay/wire.ts';
import type { LookupKeys } from '../../src/gateways/gateway.ts';
import { has, openBluepay } from './bluepay.support.ts';
import { closedPort, says, serve } from './loopback.ts';

/** As the document prints them. */
const settled = `{
"ok": true,
"success": true,
"found": true,
"paid": true,
"failed": false,
"stk_status": "SUCCESS",
"stk_request_id": 42,
"checkout_request_id": "ws_CO_...",
"account_reference": "BPLINK-A8A25317",
"external_reference": "BPLINK-A8A25317",
"amount": 100,
"phone": "254742783614",
"payment": {
"id": 10,
"mpesa_receipt_number": "ABC12XYZ",
"amount": 100,
"phone": "254742783614",
"transaction_time": "2026-04-19 09:50:00",
"pending_confirmation": false
},
"wallet_topup": null,
"created_at": "2026-04-19 09:48:00",
"order": {
"status": "completed",
"checkout_request_id": "ws_CO_...",
"external_reference": "BPLINK-A8A25317",
"amount": 100,
"phone": "254742783614",
"stk_request_id": 42
}
}`;
const notFound = `{
"ok": true,
"success": true,
"found": false,
"paid": false,
"failed": false,
"stk_status": null,
"message": "No matching STK for this merchant yet",
"payment": null
}`;
const noKey =
  '{ "ok": false, "success": false, "error": "Provide checkout_request_id, account_reference (recommended), external_reference, stk_request_id, or deprecated account_id" }';

const keys: LookupKeys = { correlationId: 'ws_CO_...', requestId: '42', reference: 'BPLINK-A8A25317' };
const byReference: LookupKeys = { ...keys, correlationId: null, requestId: null };

async function lookUp(status: number, text: string, by: LookupKeys = keys) {
  const server = await serve(says(status, text));
  return has(openBluepay(server.url).gateway.lookup).lookup(by);
}

/** The printed answer with some fields changed. */
function changed(top: Record<string, unknown>, payment: Record<string, unknown> = {}): string {
  const body = JSON.parse(settled);
  return JSON.stringify({ ...body, payment: { ...body.payment, ...payment }, ...top });
}

test('the printed answer is paid, with amount, receipt, phone and both ids', async () => {
  expect(await lookUp(200, settled)).toEqual({
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
});

test.each<[LookupKeys, Record<string, string>]>([
  [keys, { checkout_request_id: 'ws_CO_...' }],
  [{ ...keys, correlationId: null }, { stk_request_id: '42' }],
  [byReference, { account_reference: 'BPLINK-A8A25317' }],
])('the best key is asked for, and only that one', async (by, query) => {
  const server = await serve(says(200, settled));
  const outcome = await has(openBluepay(server.url).gateway.lookup).lookup(by);
  expect(outcome).toMatchObject({ kind: 'evidence', evidence: { verdict: 'paid' } });
  expect(server.seen).toHaveLength(1);
  expect(server.seen[0]).toMatchObject({ method: 'GET', path: '/api/payment_status.php', query, body: '' });
  expect(server.seen[0]?.headers.authorization).toBe('Bearer bp_live_5f2e9c_secret');
});

test('credentials that travel in the body make it a POST, so that no URL holds them', async () => {
  const server = await serve(says(200, settled));
  await has(openBluepay(server.url, { auth: 'body' }).gateway.lookup).lookup(keys);
  expect(server.seen[0]).toMatchObject({ method: 'POST', path: '/api/payment_status.php', query: {} });
  expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({
    checkout_request_id: 'ws_CO_...',
    api_key: 'bp_live_5f2e9c_secret',
  });
});

describe('the three states', () => {
  test('not found is HTTP 200 and no failure', async () => {
    expect(await lookUp(200, notFound)).toEqual({
      kind: 'not_found',
      detail: 'No matching STK for this merchant yet',
    });
  });

  test('neither paid nor failed is pending', async () => {
    const text = changed({ paid: false, stk_status: 'PENDING', payment: null });
    expect(await lookUp(200, text)).toMatchObject({
      kind: 'evidence',
      evidence: { verdict: 'pending', reason: null, receipt: null, rawCode: 'PENDING' },
    });
  });

  test('failed gives no reason, because BluePay gives none', async () => {
    const text = changed({ paid: false, failed: true, stk_status: null, payment: [] });
    expect(await lookUp(200, text)).toMatchObject({
      kind: 'evidence',
      evidence: {
        verdict: 'failed',
        reason: 'not_given',
        receipt: null,
        rawCode: 'failed',
        amountCents: 100_00n,
      },
    });
  });
});

test.each([
  [
    'a stand-in',
    { mpesa_receipt_number: 'RCHK-9F2', pending_confirmation: true },
    { number: 'RCHK-9F2', final: false },
  ],
  [
    'a stand-in that nothing marks',
    { mpesa_receipt_number: 'rchk-9f2' },
    { number: 'RCHK-9F2', final: false },
  ],
  ['a number still to be confirmed', { pending_confirmation: '1' }, { number: 'ABC12XYZ', final: false }],
  ['none yet', { mpesa_receipt_number: null, pending_confirmation: true }, null],
  ['no text to print', { mpesa_receipt_number: '<b>x</b>' }, null],
])('receipt: %s', async (_name, payment, receipt) => {
  expect(await lookUp(200, changed({}, payment))).toMatchObject({
    kind: 'evidence',
    evidence: { verdict: 'paid', receipt },
  });
});

test('numbers and truths as texts are read', async () => {
  const text = changed(
    { ok: '1', found: 'true', paid: 1, failed: '0', stk_request_id: '42' },
    { amount: '1,250.50', phone: 254742783614 },
  );
  expect(await lookUp(200, text)).toMatchObject({
    evidence: { verdict: 'paid', amountCents: 1250_50n, msisdn: '254742783614', ids: { requestId: '42' } },
  });
});

test('what moved counts, not what was asked for; a masked phone is no phone', async () => {
  expect(await lookUp(200, changed({ amount: 100 }, { amount: 60, phone: '2547****614' }))).toMatchObject({
    evidence: { verdict: 'paid', amountCents: 60_00n, msisdn: null },
  });
});

describe('the answer must be about our prompt', () => {
  test.each<[string, LookupKeys, Record<string, unknown>]>([
    ['another reference', byReference, { account_reference: 'BPLINK-OTHER' }],
    ['no reference', byReference, { account_reference: null, external_reference: null }],
    ['another checkout id', keys, { checkout_request_id: 'ws_CO_other' }],
    ['another request id', { ...keys, correlationId: null }, { stk_request_id: 43 }],
  ])('%s is no answer', async (_name, by, change) => {
    expect(await lookUp(200, changed(change), by)).toMatchObject({ kind: 'no_answer', stop: false });
  });

  test('the old name of the reference is as good', async () => {
    expect(await lookUp(200, changed({ account_reference: undefined }), byReference)).toMatchObject({
      kind: 'evidence',
      evidence: { reference: 'BPLINK-A8A25317' },
    });
  });
});

describe('no answer: nothing was learnt', () => {
  test.each<[string, number, string]>([
    ['paid and failed at once', 200, changed({ failed: true })],
    ['paid, but not found', 200, changed({ found: false })],
    ['paid that is neither true nor false', 200, changed({ paid: null })],
    ['failed that is neither true nor false', 200, changed({ paid: false, failed: 'maybe' })],
    ['found left out', 200, changed({ found: undefined })],
    ['paid without a readable amount', 200, changed({}, { amount: '100.001' })],
    ['not ok', 200, changed({ ok: false })],
    ['the printed 422', 422, noKey],
    ['502', 502, settled],
    ['truncated', 200, settled.slice(0, 80)],
    ['a page', 200, '<html></html>'],
    ['a list', 200, '[]'],
  ])('%s', async (_name, status, text) => {
    expect(await lookUp(status, text)).toMatchObject({ kind: 'no_answer', stop: false });
  });

  test('refused credentials stop the look-ups', async () => {
    const text =
      '{ "ok": false, "error": "Unauthorized", "message": "Authenticate with Authorization: Bearer … or Basic …" }';
    for (const status of [401, 403])
      expect(await lookUp(status, text)).toMatchObject({ kind: 'no_answer', stop: true });
  });

  test('a firewall that refuses us is no word of BluePay', async () => {
    for (const status of [401, 403])
      for (const text of ['<html>Forbidden</html>', '{"message":"Forbidden"}'])
        expect(await lookUp(status, text)).toMatchObject({ kind: 'no_answer', stop: false });
  });

  test('nobody there', async () => {
    const { gateway } = openBluepay(await closedPort());
    expect(await has(gateway.lookup).lookup(keys)).toMatchObject({ kind: 'no_answer', stop: false });
  });
});

test('no log line of a look-up holds the secret, the checkout id or the phone in it', async () => {
  const server = await serve(says(200, settled));
  const { gateway, lines } = openBluepay(server.url);
  await has(gateway.lookup).lookup({ ...keys, correlationId: 'ws_CO_21112026143100712345678' });
  expect(lines()).toContain('/api/payment_status.php');
  for (const hidden of ['bp_live_5f2e9c_secret', '712345678', '254742783614'])
    expect(lines()).not.toContain(hidden);
});

describe('shillings in whole cents', () => {
  test('every amount of cents is read exactly, as number, text and PHP number_format', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_00 }), (cents) => {
        const shillings = Math.floor(cents / 100);
        const part = String(cents % 100).padStart(2, '0');
        expect(readKes(`${shillings}.${part}`)).toBe(BigInt(cents));
        expect(readKes(`${shillings.toLocaleString('en-US')}.${part}`)).toBe(BigInt(cents));
        expect(readKes(JSON.parse(`${shillings}.${part}`))).toBe(BigInt(cents));
      }),
    );
  });

  test('what is no amount of whole cents is none, and nothing throws', () => {
    for (const bad of [
      '',
      ' ',
      '-1',
      '+1',
      '1e3',
      '0x10',
      '1.005',
      '1,00',
      '12,345,6',
      'KES 100',
      '.5',
      '5.',
      null,
      undefined,
    ])
      expect(readKes(bad)).toBeNull();
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e21, 0.1 + 0.2, 1.005])
      expect(readKes(bad)).toBeNull();
    expect(readKes('100.5000')).toBe(100_50n);
    fc.assert(
      fc.property(fc.anything(), (value) => readKes(value) === null || typeof readKes(value) === 'bigint'),
    );
  });
});
