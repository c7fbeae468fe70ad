// Protects the ledger from SmartPay's undocumented status answer: read where it is plain, and believed in nothing else.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LookupOutcome } from '../../src/gateways/gateway.ts';
import { knownKinds, phoneLimitOf } from '../../src/gateways/registry.ts';
import { closedPort, says, serve } from './loopback.ts';
import { apiKey, has, openSmartpay, refusal } from './smartpay.support.ts';

const id = 'ws_CO_03062025142200123456789';
const keys = { correlationId: id, requestId: null, reference: 'ORDER101' };

async function look(status: number, text: string, asked = keys as Parameters<typeof lookupOf>[1]) {
  const server = await serve(says(status, text));
  return { outcome: await lookupOf(server.url, asked), server };
}
function lookupOf(
  url: string,
  asked: { correlationId: string | null; requestId: string | null; reference: string },
): Promise<LookupOutcome> {
  return has(openSmartpay(url).gateway.lookup).lookup(asked);
}

const record = {
  checkout_request_id: id,
  merchant_request_id: 'm-1',
  account_reference: 'ORDER101',
  amount: '150.00',
  phone: '254712345678',
  status: 'completed',
  mpesa_receipt: 'TFH774CBH1',
};
const paid = {
  kind: 'evidence',
  evidence: {
    verdict: 'paid',
    ids: { correlationId: id, requestId: 'm-1' },
    reference: 'ORDER101',
    amountCents: 150_00n,
    receipt: { number: 'TFH774CBH1', final: true },
    msisdn: '254712345678',
    reason: null,
    rawCode: 'completed',
  },
};
const whole = (change: Record<string, unknown>) =>
  JSON.stringify({ success: true, transaction: { ...record, ...change } });

test('the request is the one that the document prints', async () => {
  const { server } = await look(200, whole({}));
  expect(server.seen).toHaveLength(1);
  expect(server.seen[0]).toMatchObject({
    method: 'GET',
    path: '/v1/transactions/ws_CO_03062025142200123456789',
    query: {},
    headers: { authorization: `Bearer ${apiKey}` },
  });
  const ability = has(openSmartpay('https://api.smartpaypesa.com/v1').gateway.lookup);
  expect(ability.budgetPerMinute).toBe(20);
  // A lost answer is searched in the list.
  expect(ability.needsIds).toBeUndefined();
  expect(knownKinds).toContain('smartpay');
  expect(phoneLimitOf('smartpay')).toEqual({ prompts: 3, seconds: 300 });
});

describe('paid', () => {
  test.each<[string, unknown]>([
    ['under transaction', { success: true, transaction: record }],
    ['under data', { success: true, data: record }],
    ['under both', { success: true, data: { transaction: record } }],
    ['at the top', { success: true, message: 'Found', ...record }],
    ['as a list of one', { success: true, data: [record] }],
    ['under an envelope that says success', { status: 'success', transaction: record }],
  ])('%s', async (_name, body) => {
    expect((await look(200, JSON.stringify(body))).outcome).toEqual(paid);
  });

  test('by Daraja’s own names', async () => {
    const body = {
      ResponseCode: '0',
      MerchantRequestID: 'm-1',
      CheckoutRequestID: id,
      ResultCode: '0',
      ResultDesc: 'The service request is processed successfully.',
    };
    expect((await look(200, JSON.stringify(body))).outcome).toEqual({
      kind: 'evidence',
      evidence: {
        ...paid.evidence,
        reference: null,
        amountCents: null,
        receipt: null,
        msisdn: null,
        rawCode: '0',
      },
    });
  });

  test('a code and a word that agree', async () => {
    const { outcome } = await look(200, whole({ result_code: 0, status: 'Completed' }));
    expect(outcome).toEqual({ ...paid, evidence: { ...paid.evidence, rawCode: '0' } });
  });
});

describe('not paid', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['failed', { status: 'failed' }, { verdict: 'failed', reason: 'not_given', rawCode: 'failed' }],
    ['cancelled', { status: 'failed', ResultCode: 1032 }, { verdict: 'failed', reason: 'cancelled' }],
    ['only a code', { status: null, result_code: '1037' }, { verdict: 'failed', reason: 'unreachable' }],
    ['a code nobody knows', { status: 'failed', ResultCode: 7 }, { verdict: 'failed', reason: 'unmapped' }],
    [
      'pending',
      { status: 'PENDING' },
      { verdict: 'pending', reason: null, rawCode: 'PENDING'.toLowerCase() },
    ],
    ['still processed', { status: undefined, ResultCode: 4999 }, { verdict: 'pending', reason: null }],
    ['a word nobody knows', { status: 'processing' }, { verdict: 'pending', rawCode: 'processing' }],
    ['an envelope’s word', { status: 'success' }, { verdict: 'pending' }],
    ['reversed, though its code says 0', { status: 'reversed', ResultCode: 0 }, { verdict: 'pending' }],
  ])('%s', async (_name, change, evidence) => {
    const { outcome } = await look(200, whole(change));
    expect(outcome).toMatchObject({ kind: 'evidence', evidence: { ...evidence, receipt: null } });
  });
});

describe('nothing is learnt', () => {
  test.each<[string, string]>([
    ['a word and a code at odds', whole({ ResultCode: 1032 })],
    ['pending, with the code of paid', whole({ status: 'pending', ResultCode: 0 })],
    ['another prompt', whole({ checkout_request_id: 'ws_CO_other' })],
    ['an amount that cannot be read', whole({ amount: 'KES 150' })],
    ['neither status nor code', whole({ status: undefined })],
    ['an envelope alone', '{"success":true,"status":"completed"}'],
    ['an envelope that failed', '{"success":true,"status":"failed","message":"no"}'],
    ['not successful', JSON.stringify({ success: false, transaction: record })],
    ['an empty object', '{}'],
    ['a list', '[]'],
    ['a page', '<html>'],
    ['truncated', whole({}).slice(0, 60)],
  ])('%s', async (_name, text) => {
    expect((await look(200, text)).outcome).toMatchObject({ kind: 'no_answer', stop: false });
  });

  test.each<[number, string, boolean]>([
    [401, refusal('INVALID_API_KEY'), true],
    [401, refusal('MISSING_AUTH'), true],
    [403, refusal('KEY_SUSPENDED'), true],
    [403, '<html>Attention Required!</html>', false],
    [404, '<html>Not here</html>', false],
    [400, refusal('MISSING_FIELDS'), false],
    [500, refusal('PAYMENT_FAILURE'), false],
    [503, '', false],
  ])('%i %s', async (status, text, stop) => {
    const { outcome, server } = await look(status, text);
    expect(outcome).toMatchObject({ kind: 'no_answer', stop });
    expect(server.seen).toHaveLength(1);
  });

  test.each<[string, number]>([
    ['RATE_LIMIT_MINUTE', 60],
    ['RATE_LIMIT_DAY', 3600],
    ['IP_RATE_LIMIT', 60],
  ])('%s says how long to wait', async (code, waitSeconds) => {
    expect((await look(429, refusal(code))).outcome).toMatchObject({
      kind: 'no_answer',
      stop: false,
      waitSeconds,
    });
  });

  test('no connection, dropped', async () => {
    expect(await lookupOf(await closedPort(), keys)).toMatchObject({ kind: 'no_answer', stop: false });
    const dropped = await serve((response) => response.destroy());
    expect(await lookupOf(dropped.url, keys)).toMatchObject({ kind: 'no_answer', stop: false });
  });

  test('whatever JSON comes, paid only with its word or code', async () => {
    let text = '';
    const server = await serve((response) => says(200, text)(response));
    const { gateway } = openSmartpay(server.url);
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue(),
        fc.constantFrom('transaction', 'data', 'status', 'x'),
        async (value, name) => {
          text = JSON.stringify({ success: true, [name]: value });
          const outcome = await has(gateway.lookup).lookup(keys);
          expect(outcome.kind === 'evidence' && outcome.evidence.verdict === 'paid').toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test('SmartPay does not know it: not a failure', async () => {
  expect((await look(404, refusal('NOT_FOUND'))).outcome).toMatchObject({ kind: 'not_found' });
});

describe('a lost answer left no id', () => {
  const lost = { ...keys, correlationId: null };
  const other = { ...record, checkout_request_id: 'ws_CO_other', account_reference: 'SMARTPAY' };
  const listing = (...transactions: unknown[]) => JSON.stringify({ success: true, transactions, count: 2 });

  test('found by our reference in the newest hundred, with its id', async () => {
    const { outcome, server } = await look(200, listing(other, record), lost);
    expect(outcome).toEqual(paid);
    expect(server.seen[0]).toMatchObject({
      method: 'GET',
      path: '/v1/transactions',
      query: { limit: '100' },
    });
  });

  test('found by the merchant request id, where that was told', async () => {
    const { account_reference: _, ...unnamed } = record;
    const asked = { ...lost, requestId: 'm-1' };
    expect(
      (await look(200, listing({ ...other, merchant_request_id: 'x' }, unnamed), asked)).outcome,
    ).toMatchObject({
      kind: 'evidence',
      evidence: { verdict: 'paid', ids: { correlationId: id } },
    });
  });

  test.each<[string, string]>([
    ['not in it', listing(other)],
    ['an empty list', listing()],
    ['a list without references', listing({ ...record, account_reference: undefined })],
    ['a reference that only begins so', listing({ ...record, account_reference: 'ORDER1012' })],
    ['no list at all', '{"success":true}'],
  ])('%s: not found', async (_name, text) => {
    expect((await look(200, text, lost)).outcome).toMatchObject({ kind: 'not_found' });
  });

  test('two of them: nobody knows which', async () => {
    const twice = listing(record, { ...record, checkout_request_id: 'ws_CO_2' });
    expect((await look(200, twice, lost)).outcome).toMatchObject({ kind: 'no_answer', stop: false });
  });

  test('a refused key stops here too', async () => {
    expect((await look(401, refusal('INVALID_API_KEY'), lost)).outcome).toMatchObject({ stop: true });
  });
});
