// Protects the ledger from SmartPay's unsigned callbacks: a hint, whatever it says.
import { expect, test } from 'vitest';
import { has, openSmartpay } from './smartpay.support.ts';

/** As the document prints it. */
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
const of = (text: string) => ({ body: Buffer.from(text), headers: { 'content-type': 'application/json' } });
const ability = has(openSmartpay('https://api.smartpaypesa.com/v1').gateway.callback);

test('the printed webhook is read, and confirmed by a look-up before it counts', () => {
  expect(ability.trust).toBe('lookup');
  expect(ability.authenticate(of(printed))).toBe('genuine');
  expect(ability.idempotencyKey(of(printed))).toBeNull();
  expect(ability.answer).toEqual({ ResultCode: 0, ResultDesc: 'Accepted' });
  expect(ability.read(of(printed))).toMatchObject({
    kind: 'collect',
    evidence: {
      verdict: 'paid',
      ids: { correlationId: 'ws_CO_17062025005554749727856009' },
      amountCents: 150_00n,
      receipt: { number: 'TFH774CBH1', final: true },
      msisdn: '254712345678',
    },
  });
});

test.each<[number, string]>([
  [1, 'insufficient_funds'],
  [1001, 'busy'],
  [1019, 'expired'],
  [1032, 'cancelled'],
  [1037, 'unreachable'],
  [2001, 'wrong_pin'],
  [9999, 'provider_down'],
])('the document’s code %i is %s', (code, reason) => {
  const body = of(printed.replace('"ResultCode": 0', `"ResultCode": ${code}`));
  expect(ability.read(body)).toMatchObject({
    kind: 'collect',
    evidence: { verdict: 'failed', reason, receipt: null, rawCode: String(code) },
  });
});

test('no JSON is malformed; JSON that is no result is kept and named', () => {
  expect(ability.authenticate(of('<html>'))).toBe('malformed');
  expect(ability.authenticate(of('{"hello":1}'))).toBe('genuine');
  expect(ability.read(of('{"hello":1}')).kind).toBe('unreadable');
});
