// Protects customers from two SMS and shops from a false "sent": what each answer of Africa's Talking proves.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AfricasTalkingDeps, createAfricasTalking } from '../../../src/channels/sms/africastalking.ts';
import type { Msisdn } from '../../../src/domain/msisdn.ts';
import { systemRandom } from '../../../src/domain/random.ts';
import { createMpesa } from '../../../src/sandbox/mpesa.ts';
import { createManualScheduler } from '../../../src/sandbox/scheduler.ts';
import { closedPort, openHttp, says, serve } from '../../gateways/loopback.ts';
import {
  type AfricasTalkingServer,
  apiKey,
  createAfricasTalkingServer,
  senderId,
  username,
} from '../../support/africastalking.ts';

const msisdn = '254712345678' as Msisdn;
const message = { msisdn, text: 'KES 500 paid to Mama Njeri & Sons, 21/11 12:45.' };

const scheduler = createManualScheduler();
const mpesa = createMpesa({ scheduler, random: systemRandom });
let server: AfricasTalkingServer;
beforeAll(async () => {
  server = createAfricasTalkingServer({ scheduler, random: systemRandom, mpesa });
  await server.listen();
});
afterAll(() => server.close());
beforeEach(() => {
  server.control.clearAll();
  server.control.setBalance(1000);
});

function open(over: Partial<AfricasTalkingDeps> = {}, timeoutMs = 5000) {
  const { http, lines } = openHttp();
  const alerts: string[] = [];
  const note = (_about: unknown, text?: string) => alerts.push(text ?? '');
  const at = createAfricasTalking({
    ...{ username, apiKey, from: null, apiRoot: server.url },
    http: { request: (request) => http.request({ ...request, timeoutMs }) },
    log: { error: note, info: (text: string) => alerts.push(text) } as never,
    ...over,
  });
  return { ...at, alerts, lines };
}

const inbox = () => mpesa.smsInbox(msisdn);

async function told(status: number, text: string, headers?: Record<string, string>) {
  const { url, seen } = await serve(says(status, text, headers));
  const at = open({ apiRoot: url });
  const outcome = await at.send(message);
  expect(seen).toHaveLength(1);
  expect(at.lines()).not.toContain(apiKey);
  return outcome;
}
const toldOf = (sentence: string, recipients: readonly object[]) =>
  told(201, JSON.stringify({ SMSMessageData: { Message: sentence, Recipients: recipients } }));
const recipient = { statusCode: 101, number: '+254712345678', status: 'Success', cost: 'KES 0.8000' };

describe('the request', () => {
  test('is the one of the document, with + before the phone, and arrives', async () => {
    const before = inbox().length;
    expect(await open().send(message)).toEqual({
      kind: 'accepted',
      status: 'Sent',
      messageId: expect.stringMatching(/^ATXid_\d+$/),
      parts: 1,
      costCents: 80n,
      balanceCents: null,
    });
    expect(inbox().slice(before)).toMatchObject([{ from: 'AFRICASTKNG', text: message.text }]);
    const { url, seen } = await serve(says(201, '{}'));
    await open({ apiRoot: url, from: senderId }).send(message);
    expect(seen[0]).toMatchObject({ method: 'POST', path: '/version1/messaging', query: {} });
    expect(seen[0]?.headers).toMatchObject({
      apikey: apiKey,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({
      username,
      to: '+254712345678',
      message: message.text,
      from: senderId,
    });
  });

  test('carries the sender id that the operator set', async () => {
    const before = inbox().length;
    await open({ from: senderId }).send(message);
    expect(inbox().slice(before)).toMatchObject([{ from: senderId }]);
  });

  test('goes nowhere without TLS, or to a redirect', async () => {
    const insecure = await open({ apiRoot: 'http://api.example.com' }).send(message);
    expect(insecure).toMatchObject({ kind: 'not_sent', detail: expect.stringContaining('https') });
    const elsewhere = await serve(says(201, '{}'));
    const outcome = await told(302, '', { location: elsewhere.url });
    expect(outcome.kind).toBe('unknown');
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('a status of the document', () => {
  test.each([
    [100, 'accepted', undefined],
    [101, 'accepted', undefined],
    [102, 'accepted', undefined],
    [401, 'refused', 'provider_refused'],
    [402, 'refused', 'not_configured'],
    [403, 'refused', 'phone_refused'],
    [404, 'refused', 'phone_refused'],
    [405, 'refused', 'no_balance'],
    [406, 'refused', 'phone_refused'],
    [407, 'refused', 'provider_refused'],
    [409, 'refused', 'phone_refused'],
    [500, 'unknown', undefined],
    [501, 'unknown', undefined],
    [502, 'refused', 'provider_refused'],
    // Not in the document.
    [103, 'unknown', undefined],
    [418, 'unknown', undefined],
  ])('%i is %s %s', async (statusCode, kind, reason) => {
    server.control.answerWith(statusCode);
    const outcome = await open().send(message);
    expect(outcome.kind).toBe(kind);
    expect('reason' in outcome ? outcome.reason : undefined).toBe(reason);
  });

  test('no balance, no sender id of ours, and no key are told to the operator, once until it works', async () => {
    const at = open();
    server.control.answerWith(405, 405, 403, 101, 405);
    for (let n = 0; n < 5; n++) await at.send(message);
    expect(at.alerts).toEqual([
      expect.stringContaining('top up'),
      "Africa's Talking sends again",
      expect.stringContaining('top up'),
    ]);
    const unknownSender = open({ from: 'OTHER' });
    expect(await unknownSender.send(message)).toMatchObject({ kind: 'refused', reason: 'not_configured' });
    expect(unknownSender.alerts).toEqual([expect.stringContaining('AFRICASTALKING_FROM')]);
    const wrongKey = open({ apiKey: 'atsk_other' });
    for (let n = 0; n < 2; n++)
      expect(await wrongKey.send(message)).toEqual({
        kind: 'refused',
        reason: 'credentials_refused',
        rawCode: 'http_401',
        detail: 'The supplied authentication is invalid',
      });
    expect(wrongKey.alerts).toEqual([expect.stringContaining('AFRICASTALKING_API_KEY')]);
  });
});

describe('nobody knows', () => {
  test.each([
    ['sms_drop_after_accept', 1],
    ['sms_drop_before_accept', 0],
    ['sms_http_500', 0],
    ['sms_http_502', 1],
    ['sms_html_200', 1],
    ['sms_truncated_json', 1],
    ['sms_oversized', 1],
  ] as const)('after %s', async (fault, arrived) => {
    const before = inbox().length;
    server.control.arm(fault);
    expect((await open().send(message)).kind).toBe('unknown');
    expect(inbox().length - before).toBe(arrived);
  });

  test('after a time-out', async () => {
    server.control.arm('sms_slow', 60_000);
    expect((await open({}, 100).send(message)).kind).toBe('unknown');
  });

  test.each([
    ['no list', '{"SMSMessageData":{"Message":"Sent to 1/1"}}'],
    ['no code', '{"SMSMessageData":{"Message":"","Recipients":[{"number":"+254712345678"}]}}'],
    ['XML', '<AfricasTalkingResponse><SMSMessageData/></AfricasTalkingResponse>'],
    ['nothing', ''],
  ])('from an answer with %s', async (_name, text) => {
    expect((await told(201, text)).kind).toBe('unknown');
  });

  test('from an answer about another phone, or about two', async () => {
    expect((await toldOf('', [{ ...recipient, number: '+254700000000' }])).kind).toBe('unknown');
    expect((await toldOf('', [recipient, recipient])).kind).toBe('unknown');
    expect((await toldOf('Something else', [])).kind).toBe('unknown');
  });

  test.each([
    [500, 'Internal error'],
    [503, '{"message":"busy"}'],
  ])('from HTTP %i, whatever it says', async (status, text) => {
    expect((await told(status, text)).kind).toBe('unknown');
  });

  test('from the page of a firewall', async () => {
    expect((await told(403, '<html>blocked</html>', { 'content-type': 'text/html' })).kind).toBe('unknown');
  });
});

describe('an answer', () => {
  test('with an empty list went to nobody', async () => {
    expect(await toldOf('InsufficientBalance', [])).toMatchObject({ kind: 'refused', reason: 'no_balance' });
    expect(await toldOf('Sent to 0/1 Total Cost: 0', [])).toMatchObject({
      kind: 'refused',
      reason: 'provider_refused',
    });
  });

  test('that refuses the request as a whole tells why, without a key or a phone', async () => {
    expect(await told(400, `Bad key ${apiKey} for +254712345678`)).toEqual({
      kind: 'refused',
      reason: 'provider_refused',
      rawCode: 'http_400',
      detail: 'Bad key [key] for …',
    });
  });

  test('of a busy provider is for later', async () => {
    const outcome = await told(429, 'Slow down', { 'retry-after': '7' });
    expect(outcome).toEqual({ kind: 'later', detail: 'http_429', afterSeconds: 7 });
  });

  test.each([
    ['KES 0.8000', 80n],
    ['KES 1.6001', 161n],
    ['KES 2', 200n],
    ['USD 0.0080', null],
    ['0', null],
    ['', null],
  ])('costs %s: %s cents', async (cost, costCents) => {
    expect(await toldOf('', [{ ...recipient, statusCode: '101', cost, messageId: 'None' }])).toEqual({
      kind: 'accepted',
      status: 'Sent',
      messageId: null,
      parts: null,
      costCents,
      balanceCents: null,
    });
  });

  test('that never came, since nobody listened, was not sent', async () => {
    expect((await open({ apiRoot: await closedPort() }).send(message)).kind).toBe('not_sent');
  });
});

describe('the balance of the app', () => {
  test('is its own word', async () => {
    server.control.setBalance(178_550);
    expect(await open().balance()).toEqual({ kind: 'balance', shown: 'KES 1785.50', cents: 178_550n });
  });

  test('is not told to a wrong key, and what is unreadable is no balance', async () => {
    expect(await open({ apiKey: 'atsk_other' }).balance()).toEqual({ kind: 'credentials_refused' });
    for (const text of ['<html>', '{}', '{"UserData":{"balance":17}}']) {
      const { url } = await serve(says(200, text));
      expect((await open({ apiRoot: url }).balance()).kind).toBe('no_answer');
    }
  });
});
