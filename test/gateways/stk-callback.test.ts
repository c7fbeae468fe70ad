// Protects the ledger from unsigned callbacks: what Daraja's stkCallback says is read whole or not at all.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readStkCallback, stkCallbackAnswer, unsignedStkCallback } from '../../src/gateways/stk-callback.ts';

/** As SmartPay's document prints it. */
const printed = `{
  "Body": {
    "stkCallback": {
      "MerchantRequestID": "aea5-4f44-b4a1-d9044446ee463545184",
      "CheckoutRequestID": "ws_CO_17062025005554749727856009",
      "ResultCode": 0,
      "ResultDesc": "The service request is processed successfully.",
      "CallbackMetadata": {
        "Item": [
          { "Name": "Amount",             "Value": 150 },
          { "Name": "MpesaReceiptNumber", "Value": "TFH774CBH1" },
          { "Name": "TransactionDate",    "Value": 20250617005603 },
          { "Name": "PhoneNumber",        "Value": 254712345678 }
        ]
      }
    }
  }
}`;

const ids = {
  correlationId: 'ws_CO_17062025005554749727856009',
  requestId: 'aea5-4f44-b4a1-d9044446ee463545184',
};

const read = (text: string | Buffer) => readStkCallback({ body: Buffer.from(text), headers: {} });

type Items = Record<string, unknown>;
const paidItems: Items = { Amount: 150, MpesaReceiptNumber: 'TFH774CBH1', PhoneNumber: 254712345678 };
const itemsOf = (items: Items) => Object.entries(items).map(([Name, Value]) => ({ Name, Value }));
const told = (change: Record<string, unknown>, items: Items = paidItems) =>
  JSON.stringify({
    Body: {
      stkCallback: {
        MerchantRequestID: ids.requestId,
        CheckoutRequestID: ids.correlationId,
        ResultCode: 0,
        ResultDesc: 'said so',
        CallbackMetadata: { Item: itemsOf(items) },
        ...change,
      },
    },
  });

const paid = {
  kind: 'collect',
  evidence: {
    verdict: 'paid',
    ids,
    reference: null,
    amountCents: 150_00n,
    receipt: { number: 'TFH774CBH1', final: true },
    msisdn: '254712345678',
    reason: null,
    rawCode: '0',
  },
};

test('the printed callback is paid', () => expect(read(printed)).toEqual(paid));

test('a prompt that was cancelled has no metadata', () => {
  const body = told({
    ResultCode: 1032,
    ResultDesc: 'Request cancelled by user',
    CallbackMetadata: undefined,
  });
  expect(read(body)).toEqual({
    kind: 'collect',
    evidence: {
      verdict: 'failed',
      ids,
      reference: null,
      amountCents: null,
      receipt: null,
      msisdn: null,
      reason: 'cancelled',
      rawCode: '1032',
    },
  });
});

test.each<[string, string]>([
  [
    'numbers as texts',
    told({ ResultCode: '0' }, { ...paidItems, Amount: '150.00', PhoneNumber: '0712345678' }),
  ],
  [
    'unknown fields everywhere',
    told({ Extra: [1], X: { Y: null } }, { ...paidItems, Balance: undefined, New: {} }),
  ],
  ['a byte order mark', `\uFEFF${printed}`],
  [
    'a value that is told twice',
    told({ CallbackMetadata: { Item: [...itemsOf(paidItems), { Name: 'Amount', Value: '150' }] } }),
  ],
  ['a receipt in small letters', told({}, { ...paidItems, MpesaReceiptNumber: ' tfh774cbh1 ' })],
])('%s: the same', (_name, body) => expect(read(body)).toEqual(paid));

test.each<[string, unknown]>([
  ['missing', undefined],
  ['masked', '2547 ***** 678'],
  ['starred', '254712***678'],
  ['hashed', 'a'.repeat(64)],
  ['foreign', '+447911123456'],
])('a phone that is %s is no phone', (_name, PhoneNumber) => {
  expect(read(told({}, { ...paidItems, PhoneNumber }))).toEqual({
    ...paid,
    evidence: { ...paid.evidence, msisdn: null },
  });
});

test('an unknown code goes to a person, a code of work in progress decides nothing', () => {
  expect(read(told({ ResultCode: 7777 }))).toMatchObject({
    evidence: { verdict: 'failed', reason: 'unmapped', rawCode: '7777', receipt: null },
  });
  expect(read(told({ ResultCode: '4999' }))).toMatchObject({
    evidence: { verdict: 'pending', reason: null },
  });
});

describe('unreadable', () => {
  test.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['a page', '<html>'],
    ['truncated', printed.slice(0, 200)],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x7b])],
    ['a list', '[]'],
    ['another event', '{"Body":{"c2b":{}}}'],
    ['a body that is a text', '{"Body":"stkCallback"}'],
    ['no prompt named', told({ CheckoutRequestID: '' })],
    ['a prompt named 0', told({ CheckoutRequestID: 0 })],
    ['no result code', told({ ResultCode: null })],
    ['a result code that is true', told({ ResultCode: true })],
    ['paid without metadata', told({ CallbackMetadata: undefined })],
    ['paid without an amount', told({}, { ...paidItems, Amount: undefined })],
    ['paid with an amount that is no money', told({}, { ...paidItems, Amount: '1e3' })],
    ['paid with a negative amount', told({}, { ...paidItems, Amount: -150 })],
    [
      'paid with two amounts',
      told({ CallbackMetadata: { Item: [...itemsOf(paidItems), { Name: 'Amount', Value: 9 }] } }),
    ],
    ['paid without a receipt', told({}, { ...paidItems, MpesaReceiptNumber: '' })],
  ])('%s', (_name, body) => {
    expect(read(body)).toEqual({ kind: 'unreadable', detail: expect.stringMatching(/\S/) });
  });

  test('nothing makes it throw', () => {
    expect(read(told({}, { ...paidItems, Amount: { toString: 1 } })).kind).toBe('unreadable');
    expect(read(told({ ResultCode: { toString: 1, valueOf: 1 } })).kind).toBe('unreadable');
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(['collect', 'unreadable']).toContain(read(text).kind);
        const value: unknown = JSON.parse(text);
        for (const body of [{ Body: value }, { Body: { stkCallback: value } }])
          expect(['collect', 'unreadable']).toContain(read(JSON.stringify(body)).kind);
        read(told({ CallbackMetadata: value }));
        read(told({ CallbackMetadata: { Item: value } }));
      }),
    );
  });
});

test('as an ability: only what is no JSON object is turned away', () => {
  const ability = unsignedStkCallback('lookup');
  const of = (text: string) => ({ body: Buffer.from(text), headers: {} });
  expect(ability.trust).toBe('lookup');
  expect(unsignedStkCallback('capability').trust).toBe('capability');
  expect(ability.authenticate(of(printed))).toBe('genuine');
  expect(ability.authenticate(of('{"Body":{}}'))).toBe('genuine');
  for (const junk of ['', '[]', 'null', '"x"', printed.slice(0, -2)])
    expect(ability.authenticate(of(junk))).toBe('malformed');
  expect(ability.idempotencyKey(of(printed))).toBeNull();
  expect(ability.read(of(printed))).toEqual(paid);
  expect(ability.answer).toEqual({ ResultCode: 0, ResultDesc: 'Accepted' });
  expect(ability.answer).toBe(stkCallbackAnswer);
});
