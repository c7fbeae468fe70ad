// Protects what SayaPay may prove: a callback is a hint where the account can ask, and a query names no receipt.
import { describe, expect, test } from 'vitest';
import type { LookupKeys } from '../../src/gateways/gateway.ts';
import { delivered, has, acknowledgedIds as ids, openAs, stkCallback } from './adapters.support.ts';
import { closedPort, says, serve } from './loopback.ts';

const account = { consumerKey: 'key', consumerSecret: 'secret', paths: { stkQuery: '/stkpush/query' } };
const keys: LookupKeys = { ...ids, reference: 'P7KQ4MA1' };
const answer = (change: Record<string, unknown>) =>
  JSON.stringify({
    ResponseCode: '0',
    ResponseDescription: 'The service request has been accepted successsfully',
    MerchantRequestID: '29115-34620561-1',
    CheckoutRequestID: 'ws_CO_191220191020363925',
    ResultCode: '0',
    ResultDesc: 'The service request is processed successfully.',
    ...change,
  });
const underWay = JSON.stringify({
  requestId: '1-2-3',
  errorCode: '500.001.1001',
  errorMessage: 'The transaction is being processed',
});

async function lookUp(status: number, text: string, config: Record<string, unknown> = {}) {
  const server = await serve((response, { path }) =>
    path.endsWith('/oauth/token')
      ? says(200, '{"access_token":"tok","expires_in":"3599"}')(response)
      : says(status, text)(response),
  );
  const { gateway } = openAs('sayapay', { baseUrl: server.url, ...account, ...config });
  return { outcome: await has(gateway.lookup).lookup(keys), server };
}

test.each(['/stkpush/query', 'stkpush/query', '/api/v1/stkpush/query'])('asks at %s', async (stkQuery) => {
  const { server } = await lookUp(200, answer({}), { paths: { stkQuery } });
  expect(server.seen[1]).toMatchObject({ method: 'POST', path: '/api/v1/stkpush/query' });
  expect(server.seen[1]?.headers.authorization).toBe('Bearer tok');
  expect(JSON.parse(server.seen[1]?.body ?? '')).toEqual({ CheckoutRequestID: keys.correlationId });
});

test.each([
  ['what answers a callback', '{"ResultCode":0,"ResultDesc":"Accepted"}'],
  ['a failure of something', '{"ResultCode":1,"ResultDesc":"Insufficient balance"}'],
  ['no checkout id', answer({ CheckoutRequestID: undefined })],
  ['no ResponseCode', answer({ ResponseCode: undefined })],
  ['another ResponseCode', answer({ ResponseCode: '1' })],
])('%s is no result of this prompt', async (_name, text) => {
  expect((await lookUp(200, text)).outcome).toMatchObject({ kind: 'no_answer' });
});

describe('a query tells', () => {
  test('paid, with neither amount nor receipt', async () => {
    for (const text of [answer({}), answer({ ResultCode: 0, new: 1 }), `{"data":${answer({})}}`])
      expect((await lookUp(200, text)).outcome).toEqual({
        kind: 'evidence',
        evidence: {
          verdict: 'paid',
          ids,
          reference: null,
          amountCents: null,
          receipt: null,
          msisdn: null,
          reason: null,
          rawCode: '0',
        },
      });
  });

  test.each([
    ['1032', 'failed', 'cancelled'],
    ['1', 'failed', 'insufficient_funds'],
    ['4999', 'pending', null],
    ['31337', 'failed', 'unmapped'],
  ])('ResultCode %s: %s %s', async (ResultCode, verdict, reason) => {
    expect((await lookUp(200, answer({ ResultCode }))).outcome).toMatchObject({
      kind: 'evidence',
      evidence: { verdict, reason, rawCode: ResultCode },
    });
  });

  test.each([200, 400, 500])('still open, with the status %d', async (status) => {
    expect((await lookUp(status, underWay)).outcome).toMatchObject({ evidence: { verdict: 'pending' } });
  });
});

describe('nothing is learnt', () => {
  test.each<[string, number, string]>([
    [
      'the same code, another sentence',
      500,
      underWay.replace('The transaction is being processed', 'Unable to lock subscriber'),
    ],
    [
      'the same code, wrong credentials',
      500,
      underWay.replace('The transaction is being processed', 'Wrong credentials'),
    ],
    ['another prompt', 200, answer({ CheckoutRequestID: 'ws_CO_2' })],
    ['no result', 200, answer({ ResultCode: undefined })],
    ['a query that was not taken', 200, answer({ ResponseCode: '1' })],
    ['paid in an error status', 500, answer({})],
    ['an error beside a result', 200, answer({ errorCode: '1' })],
    ['a page', 200, '<html>'],
    ['truncated', 200, answer({}).slice(0, 60)],
    ['not there', 404, '{"message":"Not found"}'],
  ])('%s', async (_name, status, text) => {
    expect((await lookUp(status, text)).outcome).toMatchObject({ kind: 'no_answer', stop: false });
  });

  test('a refused token twice stops the account', async () => {
    const { outcome, server } = await lookUp(401, '{"message":"Unauthorized"}');
    expect(outcome).toMatchObject({ kind: 'no_answer', stop: true });
    expect(server.seen).toHaveLength(4);
  });

  test('a closed port, and no id to ask by', async () => {
    const { gateway } = openAs('sayapay', { baseUrl: await closedPort(), ...account });
    expect((await has(gateway.lookup).lookup(keys)).kind).toBe('no_answer');
    expect((await has(gateway.lookup).lookup({ ...keys, correlationId: null })).kind).toBe('not_found');
  });
});

test('the sandbox is asked no more than five times a minute', () => {
  const budget = (baseUrl?: string) =>
    openAs('sayapay', { baseUrl, ...account }).gateway.lookup?.budgetPerMinute;
  expect(budget('https://sandbox.sayapay.co.ke/api/v1')).toBe(5);
  expect(budget()).toBe(60);
});

describe('a callback', () => {
  const callbackOf = (paths: unknown) => has(openAs('sayapay', { ...account, paths }).gateway.callback);

  test('is a hint where the account can ask, and a capability where it cannot', () => {
    expect(callbackOf({ stkQuery: '/stkpush/query' }).trust).toBe('lookup');
    for (const paths of [undefined, {}, { b2c: '/b2c/payout' }]) {
      const { gateway } = openAs('sayapay', { ...account, paths });
      expect(gateway.callback?.trust).toBe('capability');
      expect(gateway.callback?.accountUrlOnly).toBeUndefined();
      expect(gateway.lookup).toBeUndefined();
    }
  });

  test('as the document prints it', () => {
    const ability = callbackOf(undefined);
    expect(ability.read(delivered(stkCallback()))).toMatchObject({
      kind: 'collect',
      evidence: {
        verdict: 'paid',
        ids,
        amountCents: 1200_00n,
        receipt: { number: 'NLJ7RT61SV', final: true },
        msisdn: '254712345678',
      },
    });
    expect(ability.answer).toEqual({ ResultCode: 0, ResultDesc: 'Accepted' });
    const cancelled = stkCallback({ ResultCode: 1032, CallbackMetadata: undefined });
    expect(ability.read(delivered(cancelled))).toMatchObject({ evidence: { reason: 'cancelled' } });
    expect(ability.read(delivered('{"TransID":"LGR019G3J2","TransAmount":"1"}')).kind).toBe('unreadable');
  });
});
