// Protects the books from what anybody could post: only whole results of prompts, and confirmations that settle nothing.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OperatorAround } from '../../src/gateways/abilities.ts';
import { delivered, has, acknowledgedIds as ids, openAs, stkCallback } from './adapters.support.ts';
import { says, serve } from './loopback.ts';

/** As the document prints it. */
const printedConfirmation = `{
"TransactionType": "Pay Bill",
"TransID": "LGR019G3J2",
"TransAmount": "100.00",
"BusinessShortCode": "600126",
"BillRefNumber": "account123",
"MSISDN": "254708374149",
"FirstName": "John"
}`;
const account = { baseUrl: 'https://pay.example', shortCode: '600126' };
const ability = has(openAs('daraja-php', account).gateway.callback);
const confirmation = (change: Record<string, unknown>) =>
  ability.read(delivered(JSON.stringify({ ...JSON.parse(printedConfirmation), ...change })));

test('nothing proves a callback, and a prompt names no URL of its own', () => {
  expect(ability).toMatchObject({ trust: 'capability', accountUrlOnly: true });
  expect(ability.answer).toEqual({ ResultCode: 0, ResultDesc: 'Accepted' });
  expect(openAs('daraja-php', account).gateway.lookup).toBeUndefined();
});

test('the result of a prompt is Daraja’s', () => {
  expect(ability.read(delivered(stkCallback()))).toEqual({
    kind: 'collect',
    evidence: {
      verdict: 'paid',
      ids,
      reference: null,
      amountCents: 1200_00n,
      receipt: { number: 'NLJ7RT61SV', final: true },
      msisdn: '254712345678',
      reason: null,
      rawCode: '0',
    },
  });
});

test.each([
  ['1', 'insufficient_funds'],
  ['1032', 'cancelled'],
  ['1037', 'unreachable'],
  ['2001', 'wrong_pin'],
  ['31337', 'unmapped'],
])('the code %s of the document is %s', (ResultCode, reason) => {
  const reading = ability.read(delivered(stkCallback({ ResultCode, CallbackMetadata: undefined })));
  expect(reading).toMatchObject({
    kind: 'collect',
    evidence: { verdict: 'failed', reason, rawCode: ResultCode },
  });
});

test('the printed confirmation is money that nobody asked for', () => {
  expect(ability.read(delivered(printedConfirmation))).toEqual({
    kind: 'unasked',
    money: {
      receipt: { number: 'LGR019G3J2', final: true },
      amountCents: 100_00n,
      billReference: 'account123',
      msisdn: '254708374149',
      payerName: 'John',
    },
  });
});

test.each(['2547 ***** 126', 'a'.repeat(64), '', null, undefined])('the phone %s names nobody', (MSISDN) => {
  expect(confirmation({ MSISDN })).toMatchObject({ kind: 'unasked', money: { msisdn: null } });
});

test('numbers as texts, texts as numbers, other names and fields of tomorrow', () => {
  const change = {
    TransAmount: 1234.5,
    BusinessShortCode: 600126,
    BillRefNumber: 77,
    MSISDN: 254708374149,
    FirstName: ' Wanjirũ\n',
    MiddleName: '',
    LastName: "Ng'ang'a",
    OrgAccountBalance: '9.00',
  };
  expect(confirmation(change)).toMatchObject({
    money: {
      amountCents: 1234_50n,
      billReference: '77',
      payerName: "Wanjirũ Ng'ang'a",
      msisdn: '254708374149',
    },
  });
  const bare = { FirstName: undefined, BillRefNumber: undefined };
  expect(confirmation(bare)).toMatchObject({ money: { payerName: null, billReference: '' } });
});

test.each<[string, string]>([
  ['another short code', printedConfirmation.replace('600126', '600127')],
  ['no amount', printedConfirmation.replace('100.00', '1e2')],
  ['nothing', printedConfirmation.replace('100.00', '0.00')],
  ['no receipt', printedConfirmation.replace('LGR019G3J2', '<b>')],
  ['neither kind', '{"TransactionType":"Pay Bill"}'],
  ['a list', '[]'],
  ['truncated', printedConfirmation.slice(0, 60)],
  ['empty', ''],
])('unreadable: %s', (_name, body) => {
  expect(ability.read(delivered(body)).kind).toBe('unreadable');
});

test('never throws, whatever the bytes are', () => {
  const anyBody = fc.oneof(
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    fc
      .dictionary(fc.constantFrom(...Object.keys(JSON.parse(printedConfirmation)), 'Body'), fc.jsonValue())
      .map((value) => Buffer.from(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(anyBody, (body) => {
      expect(['collect', 'unasked', 'unreadable']).toContain(ability.read({ body, headers: {} }).kind);
    }),
  );
});

describe('c2b-register', () => {
  const around: OperatorAround = {
    callbackUrl: 'https://shop.example/cb/aa',
    operationUrl: (operation) => `https://shop.example/cb/aa/${operation === 'confirmation' ? 'cc' : 'dd'}`,
  };
  async function register(status: number, text: string, config: unknown = null, given = around) {
    const server = await serve((response, { path }) =>
      path.includes('token')
        ? says(200, '{"success":true,"token":"tok"}')(response)
        : says(status, text)(response),
    );
    const { gateway } = openAs('daraja-php', { ...account, baseUrl: server.url });
    const action = has(gateway.actions?.['c2b-register']);
    return { outcome: await action.run(config, given), server, changes: action.changes };
  }
  const yes = '{"status":200,"response":{"ResponseCode":"0","ResponseDescription":"success"}}';

  test('registers both addresses under Daraja’s own names', async () => {
    const { outcome, server, changes } = await register(200, yes);
    expect(changes).toBe(true);
    expect(outcome).toMatchObject({ kind: 'done', json: { shortCode: '600126', registered: true } });
    expect(server.seen[1]).toMatchObject({ method: 'POST', path: '/api/c2b_register.php' });
    expect(server.seen[1]?.headers.authorization).toBe('Bearer tok');
    expect(JSON.parse(server.seen[1]?.body ?? '')).toEqual({
      ShortCode: '600126',
      ResponseType: 'Completed',
      ConfirmationURL: 'https://shop.example/cb/aa/cc',
      ValidationURL: 'https://shop.example/cb/aa/dd',
    });
    const other = await register(200, '{"success":true}', { responseType: 'Cancelled' });
    expect(JSON.parse(other.server.seen[1]?.body ?? '')).toMatchObject({ ResponseType: 'Cancelled' });
    expect(other.outcome.kind).toBe('done');
  });

  test.each<[string, number, string, string]>([
    ['400', 400, '{"status":400,"message":"Bad Request"}', 'refused'],
    ['a plain no', 200, '{"success":false,"message":"Already registered"}', 'refused'],
    ['500', 500, '{"status":500}', 'unknown'],
    ['an inner code', 200, '{"status":200,"response":{"ResponseCode":"7"}}', 'unknown'],
    ['a page', 200, '<html>', 'unknown'],
  ])('%s', async (_name, status, text, kind) => {
    expect((await register(status, text)).outcome.kind).toBe(kind);
  });

  test('an address that M-Pesa refuses is not offered', async () => {
    const operationUrl = (operation: string) => `https://mpesa.shop.example/cb/${operation}`;
    const { outcome, server } = await register(200, yes, null, { ...around, operationUrl });
    expect(outcome).toMatchObject({ kind: 'refused', detail: expect.stringContaining('"mpesa"') });
    expect(server.seen).toHaveLength(0);
  });
});
