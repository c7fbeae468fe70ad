/** SmartPay for the kit: `smartpay.txt`. */
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { Reason } from '../../src/domain/payment.ts';
import { at, type Fields, type GatewayFixture, named, stkPaid, yes, zero } from './contract-fixture.ts';
import { type Codes, stkCallbacks } from './contract-stk.ts';

const apiKey = 'a3f8c1e9b2d4f6a0e7c5b8d1f3a9e2c6b4d7f0a2e5c8b1d3f6a9e0c2b5d8f1a4';
const checkout = 'ws_CO_03062025160832822727856009';
const merchant = 'aea5-4f44-b4a1-d9044446ee461957335';

const error = (said: string, error_code?: string): Fields => ({
  ...{ success: false, message: said },
  ...(error_code !== undefined && { error_code }),
});

/** "API errors". */
const codes: readonly (readonly [code: string, status: number, reason: Reason, seconds?: number])[] = [
  ['MISSING_AUTH', 401, 'credentials_refused'],
  ['INVALID_API_KEY', 401, 'credentials_refused'],
  ['KEY_SUSPENDED', 403, 'account_blocked'],
  ['KEY_INACTIVE', 403, 'plan_used_up'],
  ['LIMIT_REACHED', 403, 'plan_used_up'],
  ['MISSING_FIELDS', 400, 'request_refused'],
  ['INVALID_PHONE', 400, 'phone_refused'],
  ['INVALID_AMOUNT', 400, 'request_refused'],
  ['DUPLICATE_NAME', 409, 'request_refused'],
  ['CANNOT_DELETE_DEFAULT', 400, 'request_refused'],
  ['IP_RATE_LIMIT', 429, 'gateway_busy', 60],
  ['RATE_LIMIT_MINUTE', 429, 'gateway_busy', 60],
  ['RATE_LIMIT_DAY', 429, 'gateway_busy', 3600],
  ['PHONE_RATE_LIMIT', 429, 'gateway_busy', 300],
  ['FRAUD_BLOCK_FAILURE_RATE', 403, 'account_blocked'],
  ['FRAUD_BLOCK_PHONE_DIVERSITY', 403, 'account_blocked'],
  ['FRAUD_BLOCK_BURST', 429, 'account_blocked'],
  ['FRAUD_BLOCK_CANCEL_RATE', 403, 'account_blocked'],
  ['PAYMENT_FAILURE', 500, 'provider_down'],
  ['NOT_FOUND', 404, 'request_refused'],
];

/** "M-Pesa ResultCodes". */
const results: Codes = [
  [1, 'insufficient_funds'],
  [1001, 'busy'],
  [1019, 'expired'],
  [1032, 'cancelled'],
  [1037, 'unreachable'],
  [2001, 'wrong_pin'],
  [9999, 'provider_down'],
];

/** The document shows no body of a transaction: the words of its list's filter, the names of its other answers. */
const transaction = (change: Fields = {}): Fields => ({
  success: true,
  transaction: {
    ...{ checkout_request_id: checkout, merchant_request_id: merchant, account_reference: 'P7KQ4MA1' },
    ...{ amount: 100, phone: '254712345678', status: 'completed', mpesa_receipt_number: 'TFH774CBH1' },
    ...change,
  },
});

const found = (name: string, change: Fields) => ({
  name,
  reply: { status: 200, body: transaction({ mpesa_receipt_number: null, ...change }) },
});

function saysCompleted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const own = at(value, 'status') === 'completed' || zero(at(value, 'ResultCode'));
  return own || Object.values(value).some(saysCompleted);
}

const bearer = { authorization: `Bearer ${apiKey}` };
const json = { 'content-type': 'application/json' };

export const smartpay: GatewayFixture = {
  name: 'SmartPay',
  kind: 'smartpay',
  config: (baseUrl) => ({ baseUrl, apiKey }),
  secrets: [apiKey],
  error: (_status, said) => error(said),
  collect: {
    sent: {
      method: 'POST',
      path: '/v1/stk/push',
      headers: { ...bearer, ...json },
      fields: {
        ...{ phone: '254712345678', amount: 100, account_reference: 'P7KQ4MA1' },
        description: 'lunch, for two & <b>all</b>',
      },
    },
    accepted: {
      ...{ success: true, message: 'STK Push initiated successfully.' },
      ...{ checkout_request_id: checkout, merchant_request_id: merchant },
    },
    ids: { correlationId: checkout, requestId: merchant },
    accepts: (body) =>
      yes(at(body, 'success')) &&
      [at(body, 'checkout_request_id'), at(body, 'CheckoutRequestID')].some(named),
    refusals: codes.map(([code, status, reason, seconds]) => ({
      ...{ name: code, reason, rawCode: code, reply: { status, body: error('No', code) } },
      ...(seconds !== undefined && {
        wait: { seconds, scope: code === 'PHONE_RATE_LIMIT' ? 'phone' : 'account' } as const,
      }),
    })),
    unknowns: [
      { name: 'a code that nobody knows', reply: { status: 400, body: error('No', 'NEW_CODE') } },
      { name: '500 without PAYMENT_FAILURE', reply: { status: 500, body: error('No', 'OTHER') } },
      { name: 'PAYMENT_FAILURE with 502', reply: { status: 502, body: error('No', 'PAYMENT_FAILURE') } },
      { name: 'success without an id', reply: { status: 200, body: { success: true } } },
      {
        name: 'an error that names a prompt',
        reply: { status: 400, body: { ...error('No', 'INVALID_PHONE'), checkout_request_id: checkout } },
        ids: { correlationId: checkout, requestId: null },
      },
    ],
  },
  callback: { ...stkCallbacks('lookup', results), proves: stkPaid },
  lookup: {
    keys: { correlationId: checkout, requestId: merchant, reference: 'P7KQ4MA1' },
    sent: { method: 'GET', path: `/v1/transactions/${checkout}`, headers: bearer },
    paid: transaction(),
    evidence: {
      verdict: 'paid',
      ids: { correlationId: checkout, requestId: merchant },
      reference: 'P7KQ4MA1',
      amountCents: 100_00n,
      receipt: { number: 'TFH774CBH1', final: true },
      msisdn: '254712345678' as Msisdn,
      reason: null,
      rawCode: 'completed',
    },
    paidAmount: (amount) => transaction({ amount }),
    pending: [found('the word', { status: 'pending' }), found('a word of tomorrow', { status: 'held' })],
    failed: [
      { ...found('the word', { status: 'failed' }), reason: 'not_given', rawCode: 'failed' },
      ...results.map(([code, reason]) => ({
        ...found(`ResultCode ${code}`, { status: 'failed', ResultCode: code }),
        ...{ reason, rawCode: String(code) },
      })),
      {
        ...found('a code that nobody knows', { status: 'failed', ResultCode: 31337 }),
        ...{ reason: 'unmapped', rawCode: '31337' },
      },
    ],
    notFound: [{ name: 'NOT_FOUND', reply: { status: 404, body: error('No', 'NOT_FOUND') } }],
    stop: [
      { name: 'INVALID_API_KEY', reply: { status: 401, body: error('No', 'INVALID_API_KEY') } },
      { name: 'KEY_SUSPENDED', reply: { status: 403, body: error('No', 'KEY_SUSPENDED') } },
    ],
    noAnswer: [
      { name: 'a page with 401', reply: { status: 401, body: '<html>' } },
      { name: 'RATE_LIMIT_MINUTE', reply: { status: 429, body: error('No', 'RATE_LIMIT_MINUTE') } },
      { name: '404 of another', reply: { status: 404, body: '<html>' } },
      { name: 'status and code at odds', reply: { status: 200, body: transaction({ ResultCode: 1032 }) } },
    ],
    proves: saysCompleted,
  },
  sms: {
    sent: {
      ...{ method: 'POST', path: '/v1/sms/', headers: { 'x-api-key': apiKey, ...json } },
      fields: { phone: '254712345678', message: 'Hello from the shop' },
    },
    accepted: {
      status: 'success',
      data: {
        ...{ transaction_id: '5713595232279350695', mobile: '254712345678', sms_parts: 1, characters: 19 },
        ...{ cost: 1, remaining_balance: 99 },
      },
    },
    outcome: {
      ...{
        kind: 'accepted',
        messageId: '5713595232279350695',
        parts: 1,
        costCents: null,
        balanceCents: null,
      },
    },
  },
  actions: {
    ping: null,
    'keys-list': null,
    'keys-create': { name: 'Production App' },
    'keys-get': { id: '4' },
    'keys-delete': { id: '4' },
    'keys-set-default': { id: '4' },
    'keys-regenerate': { id: '4' },
    'destination-get': { id: '4' },
    'destination-set': { id: '4', method: 'phone', phone: '254712345678' },
    'notifications-set': { id: '4', notify_phone: '254712345678' },
    'transactions-list': { status: 'completed' },
    account: null,
    'sms-balance': null,
  },
};
