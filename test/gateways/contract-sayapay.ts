/** SayaPay for the kit: `sayapay.txt`; its query, which has no body there, as Daraja answers it. */
import type { Reason } from '../../src/domain/payment.ts';
import { at, type Fields, type GatewayFixture, named, stkPaid, zero } from './contract-fixture.ts';
import { sayapayPayout } from './contract-payouts.ts';
import { issued } from './contract-stage.ts';
import { acknowledged, stkCallbacks, stkIds, stkKeys } from './contract-stk.ts';

const consumerKey = 'YOUR_KEY';
const consumerSecret = 'saya-secret-7d2f81';
const basic = Buffer.from(`${consumerKey}:${consumerSecret}`).toString('base64');

const error = (status: number, said: string): Fields => ({
  errorCode: `${status}.001.01`,
  errorMessage: said,
});
const bearer = { authorization: `Bearer ${issued(1)}`, 'content-type': 'application/json' };

/** "1032 = cancelled" is all that is printed. */
const callbacks = (trust: 'lookup' | 'capability') => ({
  ...stkCallbacks(trust, [[1032, 'cancelled']]),
  proves: stkPaid,
});

const statuses: readonly (readonly [number, Reason])[] = [
  [400, 'request_refused'],
  [401, 'credentials_refused'],
  [403, 'credentials_refused'],
  [404, 'request_refused'],
  [405, 'request_refused'],
  [422, 'request_refused'],
  [429, 'gateway_busy'],
];

const answer = (change: Fields): Fields => ({
  ...{ ResponseCode: '0', ResponseDescription: 'The service request has been accepted successfully' },
  ...{ MerchantRequestID: stkIds.requestId, CheckoutRequestID: stkIds.correlationId },
  ...{ ResultCode: '0', ResultDesc: 'The service request is processed successfully.', ...change },
});
const found = (name: string, change: Fields) => ({ name, reply: { status: 200, body: answer(change) } });
const underWay = { errorCode: '500.001.1001', errorMessage: 'The transaction is being processed' };

export const sayapayWithoutQuery: GatewayFixture = {
  name: 'SayaPay',
  kind: 'sayapay',
  config: (baseUrl) => ({ baseUrl, consumerKey, consumerSecret }),
  secrets: [consumerSecret, basic],
  error,
  token: {
    sent: { method: 'GET', path: '/api/v1/oauth/token', headers: { authorization: `Basic ${basic}` } },
    reply: (token) => ({ access_token: token, token_type: 'Bearer', expires_in: 3599 }),
    lifeSeconds: 3599,
  },
  collect: {
    sent: {
      method: 'POST',
      path: '/api/v1/stkpush/process',
      headers: bearer,
      fields: {
        ...{ phone: '254712345678', amount: 100, reference: 'P7KQ4MA1', description: 'P7KQ4MA1' },
        callbackUrl: 'https://shop.example/cb/aa/bb',
      },
    },
    accepted: acknowledged,
    ids: stkIds,
    accepts: (body) => zero(at(body, 'ResponseCode')) && named(at(body, 'CheckoutRequestID')),
    refusals: statuses.map(([status, reason]) => ({
      ...{ name: `${status}`, reply: { status, body: { message: 'No' } }, reason, rawCode: `http_${status}` },
      ...(status === 401 && { twice: true as const }),
      ...(status === 429 && { wait: { seconds: 60, scope: 'account' as const } }),
    })),
    unknowns: [
      {
        name: 'another ResponseCode',
        reply: { status: 200, body: answer({ ResponseCode: '1' }) },
        ids: stkIds,
      },
      { name: 'a 500 of Daraja inside of 400', reply: { status: 400, body: underWay } },
      { name: '409, which nobody decided about', reply: { status: 409, body: { message: 'No' } } },
    ],
  },
  callback: callbacks('capability'),
};

export const sayapay: GatewayFixture = {
  ...sayapayWithoutQuery,
  name: 'SayaPay with paths',
  config: (baseUrl) => ({
    ...{ baseUrl, consumerKey, consumerSecret },
    paths: { stkQuery: '/stkpush/query', b2c: '/b2c/payout' },
  }),
  payout: sayapayPayout(bearer),
  callback: callbacks('lookup'),
  lookup: {
    keys: stkKeys,
    sent: {
      ...{ method: 'POST', path: '/api/v1/stkpush/query', headers: bearer },
      fields: { CheckoutRequestID: stkIds.correlationId },
    },
    paid: answer({}),
    evidence: {
      ...{ verdict: 'paid', ids: stkIds, reference: null, amountCents: null, receipt: null, msisdn: null },
      ...{ reason: null, rawCode: '0' },
    },
    pending: [
      { name: 'being processed', reply: { status: 500, body: underWay } },
      found('ResultCode 4999', { ResultCode: '4999' }),
    ],
    failed: [
      { ...found('ResultCode 1032', { ResultCode: 1032 }), reason: 'cancelled', rawCode: '1032' },
      { ...found('a code that nobody knows', { ResultCode: '31337' }), reason: 'unmapped', rawCode: '31337' },
    ],
    notFound: [],
    stop: [401, 403].map((status) => ({ name: `${status}`, reply: { status, body: error(status, 'No') } })),
    noAnswer: [
      { name: 'too many calls', reply: { status: 429, body: error(429, 'Spike arrest') } },
      { name: 'unable to lock subscriber', reply: { status: 500, body: error(500, 'Unable to lock') } },
      found('another ResponseCode', { ResponseCode: '1' }),
      found('no result', { ResultCode: undefined }),
    ],
    proves: (body) =>
      [body, at(body, 'data'), at(body, 'response')].some((each) => zero(at(each, 'ResultCode'))),
  },
};
