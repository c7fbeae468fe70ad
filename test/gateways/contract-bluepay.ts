/** BluePay for the kit: `bluepay.txt`. */
import { createHmac } from 'node:crypto';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { at, type Facts, type Fields, type GatewayFixture, named, yes } from './contract-fixture.ts';
import { bluepayPayout } from './contract-payouts.ts';

const apiSecret = 'bp_live_5f2e9c_secret';
const apiUsername = 'shop';
const apiPassword = 'pass-7d2f81';
const channelId = '550e8400-e29b-41d4-a716-446655440000';
const checkout = 'ws_CO_191220191020363925';
const basic = Buffer.from(`${apiUsername}:${apiPassword}`).toString('base64');

const error = (said: string, error_code?: string): Fields => ({
  ...{ ok: false, success: false, error: said, message: said },
  ...(error_code !== undefined && { error_code }),
});

const status = (change: Fields = {}, payment: Fields = {}): Fields => ({
  ...{ ok: true, success: true, found: true, paid: true, failed: false, stk_status: 'SUCCESS' },
  ...{ stk_request_id: 42, checkout_request_id: checkout },
  ...{ account_reference: 'P7KQ4MA1', external_reference: 'P7KQ4MA1', amount: 100, phone: '254742783614' },
  payment: {
    ...{ id: 10, mpesa_receipt_number: 'ABC12XYZ', amount: 100, phone: '254742783614' },
    ...{ transaction_time: '2026-04-19 09:50:00', pending_confirmation: false, ...payment },
  },
  ...change,
});
const open = { paid: false, failed: false, stk_status: 'PENDING', payment: null };

const webhook = (event: string, data: Fields): Fields => ({ event, api_version: '1', livemode: true, data });

function paidWebhook({ correlationId, reference, amount, receipt, phone }: Facts): Fields {
  return webhook('mpesa.payment.received', {
    ...{ payment_id: 1, amount, mpesa_receipt_number: receipt, account_reference: reference },
    ...{ checkout_request_id: correlationId, phone, status: 'success' },
  });
}

const failedWebhook = webhook('mpesa.payment.failed', {
  ...{ payment_id: 2, amount: 100, account_reference: 'P7KQ4MA1', checkout_request_id: checkout },
  status: 'failed',
});

function webhookProves(body: unknown): boolean {
  const told = at(body, 'data.status');
  return (
    at(body, 'event') === 'mpesa.payment.received' &&
    (!named(told) || ['success', 'completed'].includes(String(told).toLowerCase())) &&
    /^[\d,]+(\.\d+)?$/.test(String(at(body, 'data.amount'))) &&
    [at(body, 'data.checkout_request_id'), at(body, 'data.account_reference')].some(named)
  );
}

function bluepay(auth: 'bearer' | 'basic' | 'body'): GatewayFixture {
  const credentials = { bearer: `Bearer ${apiSecret}`, basic: `Basic ${basic}`, body: null }[auth];
  const header: Record<string, string> = credentials === null ? {} : { authorization: credentials };
  const inBody = auth === 'body' ? { api_username: apiUsername, api_password: apiPassword } : {};
  const posted = (path: string, fields: Fields) => ({
    method: 'POST',
    path,
    headers: { ...header, 'content-type': 'application/json' },
    fields: { ...fields, ...inBody },
  });
  const asked = (path: string, query: Readonly<Record<string, string>>) =>
    auth === 'body' ? posted(path, query) : { method: 'GET', path, query, headers: header };
  return {
    name: `BluePay by ${auth}`,
    kind: 'bluepay',
    config: (baseUrl) => ({
      ...{ baseUrl, apiSecret, channelId, auth },
      ...(auth !== 'bearer' && { apiUsername, apiPassword }),
    }),
    secrets: [
      apiSecret,
      'pay-link-token-81',
      ...{ bearer: [], basic: [apiPassword, basic], body: [apiPassword] }[auth],
    ],
    error: (_status, said) => error(said),
    collect: {
      sent: posted('/api/stk_push.php', {
        channel_id: channelId,
        phone: '254712345678',
        amount: 100,
        account_reference: 'P7KQ4MA1',
        callback_url: 'https://shop.example/cb/aa/bb',
      }),
      accepted: {
        ...{ ok: true, stk_request_id: 42, checkout_request_id: checkout },
        account_reference: 'P7KQ4MA1',
      },
      ids: { correlationId: checkout, requestId: '42' },
      accepts: (body) => yes(at(body, 'ok')) && named(at(body, 'checkout_request_id')),
      refusals: [
        plain(400, 'request_refused'),
        plain(401, 'credentials_refused'),
        plain(403, 'credentials_refused'),
        plain(405, 'request_refused'),
        plain(422, 'request_refused'),
        coded(402, 'INSUFFICIENT_PREPAID', 'no_service_tokens'),
        coded(422, 'REFERENCE_PREFIX_MISMATCH', 'reference_refused'),
        coded(422, 'INVALID_PHONE', 'phone_refused'),
        coded(403, 'CHANNEL_NOT_AVAILABLE', 'channel_inactive'),
        coded(422, 'ACCOUNT_REFERENCE_INVALID', 'reference_refused'),
        coded(422, 'STK_VALIDATION_FAILED', 'request_refused'),
      ],
      unknowns: [
        {
          name: '502 with the id of a prompt',
          reply: { status: 502, body: { ...error('…'), detail: null, stk_request_id: 1 } },
          ids: { correlationId: null, requestId: '1' },
        },
        {
          name: 'a refusal that names a prompt',
          reply: { status: 422, body: { ...error('No', 'INVALID_PHONE'), checkout_request_id: checkout } },
          ids: { correlationId: checkout, requestId: null },
        },
        { name: 'a code that nobody knows', reply: { status: 422, body: error('No', 'NEW_CODE') } },
        { name: 'ok without a checkout id', reply: { status: 200, body: { ok: true } } },
        { name: 'neither yes nor no', reply: { status: 422, body: { message: 'No' } } },
      ],
    },
    callback: {
      trust: 'signed',
      answer: { ok: true },
      paid: paidWebhook,
      namesReference: true,
      failed: [{ name: 'the event', body: failedWebhook, reason: 'not_given', rawCode: 'failed' }],
      sign: (body, secret = apiSecret) => ({
        'x-bluepay-signature': `v1=${createHmac('sha256', secret).update(body).digest('hex')}`,
      }),
      proves: webhookProves,
    },
    lookup: {
      keys: { correlationId: checkout, requestId: '42', reference: 'P7KQ4MA1' },
      sent: asked('/api/payment_status.php', { checkout_request_id: checkout }),
      paid: status(),
      evidence: {
        verdict: 'paid',
        ids: { correlationId: checkout, requestId: '42' },
        reference: 'P7KQ4MA1',
        amountCents: 100_00n,
        receipt: { number: 'ABC12XYZ', final: true },
        msisdn: '254742783614' as Msisdn,
        reason: null,
        rawCode: 'SUCCESS',
      },
      paidAmount: (amount) => status({}, { amount }),
      pending: [{ name: 'neither paid nor failed', reply: { status: 200, body: status(open) } }],
      failed: [
        {
          name: 'failed',
          reply: { status: 200, body: status({ ...open, failed: true, stk_status: 'FAILED' }) },
          reason: 'not_given',
          rawCode: 'FAILED',
        },
      ],
      notFound: [
        {
          name: 'found: false',
          reply: { status: 200, body: { ok: true, success: true, found: false, paid: false, failed: false } },
        },
      ],
      stop: [401, 403].map((code) => ({
        name: `${code}`,
        reply: { status: code, body: error('Unauthorized') },
      })),
      noAnswer: [
        { name: 'paid and failed', reply: { status: 200, body: status({ failed: true }) } },
        { name: 'no key was given', reply: { status: 422, body: error('Provide checkout_request_id') } },
        { name: 'a page with 401', reply: { status: 401, body: '<html>' } },
        { name: 'too many calls', reply: { status: 429, body: error('Slow down') } },
      ],
      proves: (body) =>
        ['ok', 'found', 'paid'].every((name) => yes(at(body, name))) && !yes(at(body, 'failed')),
    },
    sms: {
      sent: posted('/api/v1/sms/send', {
        ...{ phone: '254712345678', message: 'Hello from the shop', reference: 'sms-1' },
      }),
      accepted: {
        ...{
          ok: true,
          success: true,
          reference: 'sms-1',
          phone: '254712345678',
          status: 'SENT',
          fee_kes: 2.5,
        },
        ...{ segments: 1, message_id: 12345, sender_name: 'FULL_CIRCLE', balance_kes: 97.5, sms_id: 1 },
      },
      outcome: { kind: 'accepted', messageId: '12345', parts: 1, costCents: 2_50n, balanceCents: 97_50n },
    },
    payout: bluepayPayout({ posted, asked }),
    actions: {
      'paylink-push': { t: 'pay-link-token-81', phone: '254712345678' },
      'paydefault-push': { t: 'pay-link-token-81', phone: '254712345678', channelId, amount: 100 },
    },
  };
}

type Refusal = GatewayFixture['collect']['refusals'][number];

const plain = (code: number, reason: Refusal['reason']): Refusal => ({
  ...{ name: `${code}`, reason, rawCode: `http_${code}` },
  reply: { status: code, body: error('No') },
});
const coded = (code: number, errorCode: string, reason: Refusal['reason']): Refusal => ({
  ...{ name: errorCode, reason, rawCode: errorCode },
  reply: { status: code, body: { ...error('No', errorCode), required_kes: 1, balance_kes: 0 } },
});

export const bluepayBearer = bluepay('bearer');
export const bluepayBasic = bluepay('basic');
export const bluepayBody = bluepay('body');
