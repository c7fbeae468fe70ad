// Protects the ledger from webhooks that BluePay did not sign, and from reading more into a genuine one than it says.
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReceivedCallback } from '../../src/gateways/gateway.ts';
import { apiSecret, has, openBluepay } from './bluepay.support.ts';

/** As the document prints it. */
const received = `{
"event": "mpesa.payment.received",
"api_version": "1",
"livemode": true,
"data": {
"payment_id": 1,
"amount": 100,
"mpesa_receipt_number": "ABC123XYZ",
"account_reference": "BPINV-001",
"checkout_request_id": "ws_CO_...",
"status": "success"
}
}`;

const ability = has(openBluepay('https://bluepay.co.ke').gateway.callback);

const sign = (body: string | Buffer, secret = apiSecret) =>
  `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;

function delivery(body: string, headers: Record<string, string> = {}): ReceivedCallback {
  return { body: Buffer.from(body), headers: { 'x-bluepay-signature': sign(body), ...headers } };
}

const event = (name: string, data: Record<string, unknown>) =>
  JSON.stringify({ event: name, api_version: '1', livemode: true, data });

const paidData = JSON.parse(received).data;

describe('authenticate', () => {
  test('the printed webhook, signed with the API secret, is genuine', () => {
    expect(ability.trust).toBe('signed');
    expect(ability.authenticate(delivery(received))).toBe('genuine');
    expect(ability.answer).toEqual({ ok: true });
  });

  test('a Basic account is signed with the API secret too', () => {
    const basic = { auth: 'basic', apiUsername: 'shop', apiPassword: 'pass' };
    const callback = has(openBluepay('https://bluepay.co.ke', basic).gateway.callback);
    expect(callback.authenticate(delivery(received))).toBe('genuine');
  });

  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['without its version', sign(received).slice(3)],
    ['of another version', sign(received).replace('v1', 'v2')],
    ['in upper case', `v1=${sign(received).slice(3).toUpperCase()}`],
    ['cut', sign(received).slice(0, -1)],
    ['with more behind it', `${sign(received)}00`],
    ['with a line end', `${sign(received)}\n`],
  ])('a signature header that is %s is malformed', (_name, header) => {
    const headers: Record<string, string> = header === undefined ? {} : { 'x-bluepay-signature': header };
    expect(ability.authenticate({ body: Buffer.from(received), headers })).toBe('malformed');
  });

  test('another secret, another body, or one changed byte is forged', () => {
    const body = Buffer.from(received);
    expect(ability.authenticate(delivery(received, { 'x-bluepay-signature': sign(received, 'other') }))).toBe(
      'forged',
    );
    const raised = received.replace('"amount": 100', '"amount": 900');
    expect(ability.authenticate(delivery(raised, { 'x-bluepay-signature': sign(received) }))).toBe('forged');
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const altered = Buffer.from(body);
        altered.writeUInt8(altered.readUInt8(at) ^ flip, at);
        expect(ability.authenticate({ body: altered, headers: { 'x-bluepay-signature': sign(body) } })).toBe(
          'forged',
        );
      }),
    );
  });

  test('the signature is over the bytes as they came, readable as text or not', () => {
    const body = Buffer.from([0xff, 0xfe, 0x00, 0x7b]);
    expect(ability.authenticate({ body, headers: { 'x-bluepay-signature': sign(body) } })).toBe('genuine');
  });
});

describe('read', () => {
  test('the printed webhook is paid', () => {
    expect(ability.read(delivery(received, { 'x-bluepay-event': 'mpesa.payment.received' }))).toEqual({
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

  test('a failure gives no reason', () => {
    const body = event('mpesa.payment.failed', { ...paidData, mpesa_receipt_number: null, status: 'failed' });
    expect(ability.read(delivery(body))).toMatchObject({
      kind: 'collect',
      evidence: { verdict: 'failed', reason: 'not_given', receipt: null, rawCode: 'failed' },
    });
  });

  test('a stand-in receipt is not final; a phone is read; casing and texts do not matter', () => {
    const data = {
      ...paidData,
      amount: '100.00',
      mpesa_receipt_number: 'RCHK-77',
      phone: '0712345678',
      status: 'SUCCESS',
    };
    expect(ability.read(delivery(event('mpesa.payment.received', data)))).toMatchObject({
      evidence: {
        amountCents: 100_00n,
        receipt: { number: 'RCHK-77', final: false },
        msisdn: '254712345678',
      },
    });
  });

  test('an event of tomorrow is kept as something else', () => {
    expect(ability.read(delivery(event('mpesa.tomorrow', { status: 'SUCCESS' })))).toEqual({
      kind: 'other',
      event: 'mpesa.tomorrow',
    });
  });

  test.each([
    ['mpesa.wallet_topup.received', 'service'],
    ['mpesa.b2c_wallet_topup.received', 'float'],
  ] as const)('%s fills our own balance', (name, of) => {
    const filled = { payment_id: 7, amount: '500.00', mpesa_receipt_number: 'ABC123XYZ', status: 'success' };
    expect(ability.read(delivery(event(name, filled)))).toEqual({
      kind: 'topup',
      topup: { of, amountCents: 500_00n, named: '7' },
    });
    for (const other of [{ status: 'failed' }, { amount: 'lots' }, { amount: 0 }])
      expect(ability.read(delivery(event(name, { ...filled, ...other })))).toMatchObject({
        kind: 'unreadable',
      });
  });

  test.each<[string, string, Record<string, string>]>([
    ['a header that names another event', received, { 'x-bluepay-event': 'mpesa.payment.failed' }],
    ['received, but failed', event('mpesa.payment.received', { ...paidData, status: 'failed' }), {}],
    ['received, but pending', event('mpesa.payment.received', { ...paidData, status: 'pending' }), {}],
    [
      'received, and a status of tomorrow',
      event('mpesa.payment.received', { ...paidData, status: 'held' }),
      {},
    ],
    ['failed, but success', event('mpesa.payment.failed', paidData), {}],
    ['failed, but pending', event('mpesa.payment.failed', { ...paidData, status: 'PENDING' }), {}],
    ['no amount', event('mpesa.payment.received', { ...paidData, amount: undefined }), {}],
    ['an amount that is none', event('mpesa.payment.received', { ...paidData, amount: '1e2' }), {}],
    ['no id and no reference', event('mpesa.payment.received', { amount: 100, status: 'success' }), {}],
    ['no data', '{"event":"mpesa.payment.received"}', {}],
    ['no event', '{"data":{}}', {}],
    ['an event that is no word', '{"event":"<b>","data":{}}', {}],
    ['a list', '[]', {}],
    ['truncated', received.slice(0, 60), {}],
    ['nothing', '', {}],
  ])('unreadable: %s', (_name, body, headers) => {
    expect(ability.read(delivery(body, headers)).kind).toBe('unreadable');
  });

  test('never throws, whatever the bytes and headers are', () => {
    const anyBody = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record({
          event: fc.constantFrom('mpesa.payment.received', 'mpesa.payment.failed', 'mpesa.b2c.success', 7),
          data: fc.dictionary(
            fc.constantFrom(...Object.keys(paidData), 'phone', 'mpesa_receipt', '__proto__'),
            fc.jsonValue(),
          ),
        })
        .map((value) => Buffer.from(JSON.stringify(value))),
    );
    const anyHeaders = fc.dictionary(
      fc.constantFrom('x-bluepay-event', 'x-bluepay-signature', 'idempotency-key'),
      fc.string(),
    );
    fc.assert(
      fc.property(anyBody, anyHeaders, (body, headers) => {
        expect(['collect', 'payout', 'other', 'unreadable']).toContain(ability.read({ body, headers }).kind);
        const key = ability.idempotencyKey({ body, headers });
        expect(key === null || (key.length > 0 && key.length <= 330)).toBe(true);
        expect(ability.authenticate({ body, headers })).not.toBe('genuine');
      }),
    );
  });
});

describe('idempotencyKey', () => {
  const keyOf = (body: string, header?: string) =>
    ability.idempotencyKey(delivery(body, header === undefined ? {} : { 'idempotency-key': header }));

  test('is the same for the same delivery, and never one for two facts', () => {
    expect(keyOf(received, 'd-1')).toBe(keyOf(received, 'd-1'));
    const failed = event('mpesa.payment.failed', { ...paidData, status: 'failed' });
    const another = event('mpesa.payment.received', { ...paidData, payment_id: 2 });
    const distinct = [
      keyOf(received, 'd-1'),
      keyOf(received, 'd-2'),
      keyOf(failed, 'd-1'),
      keyOf(another, 'd-1'),
    ];
    expect(new Set(distinct).size).toBe(4);
  });

  test('without a usable header, event, payment and receipt are the key', () => {
    const spaced = received.replaceAll('\n', ' ');
    const standIn = received.replace('ABC123XYZ', 'RCHK-1');
    expect(keyOf(received)).toBe(keyOf(spaced));
    expect(keyOf(received)).not.toBe(keyOf(standIn));
    for (const unusable of ['', 'a b', 'ü', 'x'.repeat(129)])
      expect(keyOf(received, unusable)).toBe(keyOf(received));
  });

  test('what names no payment is left to the hash of its content', () => {
    expect(keyOf('not json', 'd-1')).toBeNull();
    expect(keyOf('{"event":"mpesa.payment.received","data":{}}', 'd-1')).toBeNull();
  });
});
