// Protects customers from two SMS and owners from silent ones: what each answer of SmartPay's SMS endpoint proves.
import { describe, expect, test } from 'vitest';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { SmsMessage, SmsOutcome } from '../../src/gateways/abilities.ts';
import { closedPort, says, serve } from './loopback.ts';
import { apiKey, has, openSmartpay, refusal } from './smartpay.support.ts';

/** As the document prints it. */
const accepted = `{
  "status": "success",
  "data": {
    "transaction_id": "5713595232279350695",
    "mobile": "254712345678",
    "sms_parts": 1,
    "characters": 22,
    "cost": 1,
    "remaining_balance": 99
  }
}`;
const message: SmsMessage = {
  msisdn: '254712345678' as Msisdn,
  text: 'Hello from SmartPay!',
  reference: 'sms-1',
};

async function sendAgainst(status: number, text: string): Promise<SmsOutcome> {
  const server = await serve(says(status, text));
  return has(openSmartpay(server.url).gateway.sms).send(message);
}

test('the request and the answer are those that the document prints', async () => {
  const server = await serve(says(200, accepted));
  const sms = has(openSmartpay(server.url).gateway.sms);
  expect(sms).toMatchObject({ idempotent: false, longest: 640 });
  expect(await sms.send(message)).toEqual({
    kind: 'accepted',
    messageId: '5713595232279350695',
    parts: 1,
    costCents: null,
    balanceCents: null,
  });
  const [sent] = server.seen;
  expect(sent).toMatchObject({ method: 'POST', path: '/v1/sms/', query: {} });
  expect(sent?.headers).toMatchObject({ 'x-api-key': apiKey, 'content-type': 'application/json' });
  expect(sent?.headers.authorization).toBeUndefined();
  expect(sent?.body).toBe('{"phone":"254712345678","message":"Hello from SmartPay!"}');
});

test('accepted with less around it', async () => {
  const bare = { kind: 'accepted', messageId: null, parts: null, costCents: null, balanceCents: null };
  expect(await sendAgainst(200, '{"status":"success"}')).toEqual(bare);
  expect(await sendAgainst(201, '{"success":true,"data":[]}')).toEqual(bare);
});

test.each<[string, number, string, string, string]>([
  ['INVALID_API_KEY', 401, refusal('INVALID_API_KEY'), 'credentials_refused', 'INVALID_API_KEY'],
  ['MISSING_AUTH', 401, refusal('MISSING_AUTH'), 'credentials_refused', 'MISSING_AUTH'],
  ['401 alone', 401, '{"status":"error","message":"said so"}', 'credentials_refused', 'http_401'],
  ['INVALID_PHONE', 400, refusal('INVALID_PHONE'), 'phone_refused', 'INVALID_PHONE'],
  ['MISSING_FIELDS', 400, refusal('MISSING_FIELDS'), 'text_refused', 'MISSING_FIELDS'],
  ['KEY_INACTIVE', 403, refusal('KEY_INACTIVE'), 'not_configured', 'KEY_INACTIVE'],
  ['LIMIT_REACHED', 403, refusal('LIMIT_REACHED'), 'no_balance', 'LIMIT_REACHED'],
  ['402', 402, '{"status":"error","message":"said so"}', 'no_balance', 'http_402'],
  ['KEY_SUSPENDED', 403, refusal('KEY_SUSPENDED'), 'provider_refused', 'KEY_SUSPENDED'],
  ['FRAUD_BLOCK_BURST', 429, refusal('FRAUD_BLOCK_BURST'), 'provider_refused', 'FRAUD_BLOCK_BURST'],
  [
    'an error in its own words',
    200,
    '{"status":"error","message":"said so"}',
    'provider_refused',
    'http_200',
  ],
])('%s', async (_name, status, text, reason, rawCode) => {
  expect(await sendAgainst(status, text)).toEqual({ kind: 'refused', reason, rawCode, detail: 'said so' });
});

test('429 is later, and until then nothing is sent', async () => {
  const server = await serve(says(429, refusal('RATE_LIMIT_MINUTE')));
  const sms = has(openSmartpay(server.url).gateway.sms);
  expect(await sms.send(message)).toMatchObject({ kind: 'later', afterSeconds: 60 });
  expect(await sms.send(message)).toMatchObject({ kind: 'later', afterSeconds: 60 });
  expect(server.seen).toHaveLength(1);
});

test.each<[string, number, string]>([
  ['5xx', 500, refusal('PAYMENT_FAILURE')],
  ['success at odds with itself', 200, '{"status":"success","success":false}'],
  ['an error status that says success', 400, accepted],
  ['neither', 200, '{}'],
  ['truncated', 200, accepted.slice(0, 40)],
  ['a page', 200, '<html>'],
])('unknown: %s', async (_name, status, text) => {
  expect((await sendAgainst(status, text)).kind).toBe('unknown');
});

describe('nothing leaves', () => {
  test('a closed port', async () => {
    const sms = has(openSmartpay(await closedPort()).gateway.sms);
    expect((await sms.send(message)).kind).toBe('not_sent');
  });

  test('no text, or one longer than four blocks', async () => {
    const server = await serve(says(200, accepted));
    const sms = has(openSmartpay(server.url).gateway.sms);
    for (const text of ['', 'x'.repeat(641)])
      expect(await sms.send({ ...message, text })).toMatchObject({ kind: 'refused', reason: 'text_refused' });
    expect(server.seen).toHaveLength(0);
    expect((await sms.send({ ...message, text: 'x'.repeat(640) })).kind).toBe('accepted');
  });
});
