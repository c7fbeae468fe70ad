/** Payouts for the kit: the B2C chapter of `bluepay.txt`, and the sample of `sayapay.txt`. */
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { Reason } from '../../src/domain/payment.ts';
import { at, type Fields, named, type PayoutFixture, type Sent, yes, zero } from './contract-fixture.ts';

const id = '7d2f8f0e-5b1c-4f0e-9a51-0c5d6f1b2a33';

const envelope = (payout: Fields): Fields => ({ ok: true, success: true, data: { payout } });
const error = (said: string, error_code?: string): Fields => ({
  ...{ ok: false, success: false, error: said, message: said },
  ...(error_code !== undefined && { error_code }),
});

/** "B2C error_code values". */
const refusals: readonly (readonly [string, number, Reason])[] = [
  ['INSUFFICIENT_PREPAID', 402, 'no_service_tokens'],
  ['MERCHANT_INACTIVE', 403, 'channel_inactive'],
  ['B2C_DISABLED', 403, 'channel_inactive'],
  ['INSUFFICIENT_B2C_BALANCE', 409, 'float_too_low'],
  ['INVALID_PHONE', 422, 'phone_refused'],
  ['B2C_VALIDATION_FAILED', 422, 'request_refused'],
  ['B2C_UNAVAILABLE', 503, 'provider_down'],
];

/** How an account of BluePay posts and asks. */
export interface BluepayCalls {
  readonly posted: (path: string, fields: Fields) => Sent;
  readonly asked: (path: string, query: Readonly<Record<string, string>>) => Sent;
}

export function bluepayPayout({ posted, asked }: BluepayCalls): PayoutFixture {
  return {
    sent: posted('/api/v1/b2c/payouts', {
      ...{ amount: 500, phone: '254712345678', reference: 'W7KQ4MA1', description: 'refund' },
      callbackUrl: 'https://shop.example/cb/aa/bb',
    }),
    accepted: envelope({ id, status: 'PENDING', external_reference: 'W7KQ4MA1', transaction_fee: 25.0 }),
    outcome: { kind: 'accepted', payoutId: id, feeCents: 25_00n },
    accepts: (body) => yes(at(body, 'ok')),
    refusals: [
      ...refusals.map(([code, status, reason]) => ({
        ...{ name: code, reason, rawCode: code, reply: { status, body: error('No', code) } },
      })),
      {
        ...{ name: '401', reason: 'credentials_refused', rawCode: 'http_401' },
        reply: { status: 401, body: error('Unauthorized') },
      },
    ],
    unknowns: [
      {
        name: 'a payout with our reference exists',
        reply: { status: 409, body: error('No', 'REFERENCE_IN_USE') },
      },
      { name: 'after accept', reply: { status: 502, body: error('No', 'B2C_GATEWAY_ERROR') } },
      { name: 'a code that nobody knows', reply: { status: 422, body: error('No', 'NEW_CODE') } },
      {
        name: 'a refusal that names a payout',
        reply: { status: 422, body: { ...error('No'), payout_id: id } },
      },
    ],
    lookup: {
      payoutId: id,
      sent: asked('/api/v1/b2c/payout_status', { payout_id: id }),
      body: (status) =>
        envelope({
          ...{ id, type: 'B2C', status, amount: 500, phone_number: '254712345678' },
          ...{ external_reference: 'W7KQ4MA1', mpesa_receipt: 'RKL1XXXXX0', transaction_fee: 25.0 },
        }),
      fact: {
        verdict: 'paid',
        payoutId: id,
        reference: 'W7KQ4MA1',
        amountCents: 500_00n,
        receipt: { number: 'RKL1XXXXX0', final: true },
        msisdn: '254712345678' as Msisdn,
        feeCents: 25_00n,
        reason: null,
        rawCode: 'SUCCESS',
      },
    },
  };
}

/** The answer is printed nowhere: Daraja's acknowledgement of a B2C. */
export function sayapayPayout(headers: Readonly<Record<string, string>>): PayoutFixture {
  return {
    sent: {
      ...{ method: 'POST', path: '/api/v1/b2c/payout', headers },
      fields: { phone: '254712345678', amount: 500, remarks: 'W7KQ4MA1' },
    },
    accepted: { ConversationID: 'AG_1', OriginatorConversationID: '1-2-3', ResponseCode: '0' },
    outcome: { kind: 'accepted', payoutId: 'AG_1', feeCents: null },
    accepts: (body) =>
      zero(at(body, 'ResponseCode')) &&
      [at(body, 'ConversationID'), at(body, 'OriginatorConversationID')].some(named),
    refusals: [
      refused(400, 'request_refused'),
      // Never sent a second time, whatever is answered.
      refused(401, 'credentials_refused'),
      refused(403, 'credentials_refused'),
    ],
    unknowns: [
      { name: 'another ResponseCode', reply: { status: 200, body: { ResponseCode: '1' } } },
      { name: 'a refusal that names a payout', reply: { status: 400, body: { ConversationID: 'AG_1' } } },
    ],
  };
}

const refused = (status: number, reason: Reason) => ({
  ...{ name: `${status}`, reason, rawCode: `http_${status}` },
  reply: { status, body: { message: 'No' } },
});
