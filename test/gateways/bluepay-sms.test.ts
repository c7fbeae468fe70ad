// Protects customers from two SMS and shops from a false "sent": what each answer of BluePay's SMS API proves.
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { SmsMessage } from '../../src/gateways/abilities.ts';
import { openGateway } from '../../src/gateways/registry.ts';
import { createBluepay } from '../../src/sandbox/bluepay/index.ts';
import { createMpesa } from '../../src/sandbox/mpesa.ts';
import { createManualScheduler } from '../../src/sandbox/scheduler.ts';
import { createTestRandom } from '../support/clock.ts';
import { has, openBluepay } from './bluepay.support.ts';
import { closedPort, openHttp, says, serve } from './loopback.ts';

const message: SmsMessage = {
  msisdn: '254712345678' as Msisdn,
  text: 'Your order #8821 is ready for pickup.',
  reference: 'ORDER-8821-SMS',
};

/** As the document prints it. */
const sent = `{
"ok": true,
"success": true,
"reference": "ORDER-8821-SMS",
"phone": "254712345678",
"status": "SENT",
"fee_kes": 2.5,
"segments": 1,
"message_id": 12345,
"sender_name": "FULL_CIRCLE",
"balance_kes": 97.5,
"sms_id": 1
}`;
const accepted = {
  kind: 'accepted',
  status: 'SENT',
  messageId: '12345',
  parts: 1,
  costCents: 250n,
  balanceCents: 9750n,
};
const no = (code: string | null, more = '') =>
  `{"ok":false,"success":false,"error":"e","message":"m"${code === null ? '' : `,"error_code":"${code}"`}${more}}`;

async function sendAgainst(status: number, text: string, headers?: Record<string, string>) {
  const server = await serve(says(status, text, headers));
  const outcome = await has(openBluepay(server.url).gateway.sms).send(message);
  return { outcome, server };
}

test('the request is the one that the document prints, and the answer is read whole', async () => {
  const { outcome, server } = await sendAgainst(200, sent);
  expect(outcome).toEqual(accepted);
  const [seen] = server.seen;
  expect(server.seen).toHaveLength(1);
  expect(seen).toMatchObject({ method: 'POST', path: '/api/v1/sms/send', query: {} });
  expect(seen?.headers.authorization).toBe('Bearer bp_live_5f2e9c_secret');
  expect(JSON.parse(seen?.body ?? '')).toEqual({
    phone: '254712345678',
    message: 'Your order #8821 is ready for pickup.',
    reference: 'ORDER-8821-SMS',
  });
});

test('numbers as texts, and what is left out', async () => {
  const { outcome } = await sendAgainst(200, '{"ok":1,"status":"sent","fee_kes":"2.50","segments":"2"}');
  expect(outcome).toEqual({
    kind: 'accepted',
    status: 'SENT',
    messageId: null,
    parts: 2,
    costCents: 250n,
    balanceCents: null,
  });
});

describe('refused', () => {
  test.each([
    [402, 'INSUFFICIENT_PREPAID', 'no_balance'],
    [422, 'SMS_VALIDATION_FAILED', 'phone_refused'],
    [502, 'SMS_PROVIDER_REJECTED', 'provider_refused'],
    [503, 'SMS_NOT_CONFIGURED', 'not_configured'],
    [403, 'MERCHANT_INACTIVE', 'not_configured'],
    [400, null, 'text_refused'],
    [401, null, 'credentials_refused'],
    [403, null, 'credentials_refused'],
    [405, null, 'text_refused'],
    [402, null, 'no_balance'],
    [422, null, 'phone_refused'],
  ] as const)('%i %s is %s', async (status, code, reason) => {
    const { outcome, server } = await sendAgainst(status, no(code));
    const rawCode = code ?? `http_${status}`;
    expect(outcome).toEqual({ kind: 'refused', reason, rawCode, detail: 'm', balanceCents: null });
    expect(server.seen).toHaveLength(1);
  });

  test('for want of tokens tells what is left', async () => {
    const { outcome } = await sendAgainst(
      402,
      no('INSUFFICIENT_PREPAID', ',"required_kes":2.5,"balance_kes":1'),
    );
    expect(outcome).toMatchObject({ reason: 'no_balance', balanceCents: 100n });
  });

  test.each([
    ['no text', { text: '' }],
    ['a text of 481', { text: 'x'.repeat(481) }],
    ['a reference of 65', { reference: 'r'.repeat(65) }],
    ['a reference with a space', { reference: 'a b' }],
  ])('%s, before it is sent', async (_name, over) => {
    const server = await serve(says(200, sent));
    const outcome = await has(openBluepay(server.url).gateway.sms).send({ ...message, ...over });
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'text_refused', rawCode: 'own_check' });
    expect(server.seen).toEqual([]);
  });
});

test.each([
  ['the reference is still pending', 409, no('REFERENCE_IN_USE'), {}, null],
  ['409 without a code', 409, no(null), {}, null],
  ['BluePay says so', 200, '{"ok":true,"status":"PENDING"}', {}, null],
  ['too many requests', 429, 'slow down', { 'retry-after': '30' }, 30],
])('later: %s', async (_name, status, text, headers, afterSeconds) => {
  const { outcome } = await sendAgainst(status, text, headers);
  expect(outcome).toMatchObject({ kind: 'later', afterSeconds });
});

describe('unknown, to be asked again under its reference', () => {
  test.each([
    ['ok without a status', 200, '{"ok":true}'],
    ['a status that nobody knows', 200, '{"ok":true,"status":"MAYBE"}'],
    ['ok that success contradicts', 200, '{"ok":true,"success":false,"status":"SENT"}'],
    ['another message’s answer', 200, '{"ok":true,"status":"SENT","reference":"OTHER"}'],
    ['not ok, and no word why', 200, '{"ok":false}'],
    ['truncated JSON', 200, '{"ok":true,"stat'],
    ['a page', 403, '<html>Attention Required!</html>'],
    ['502 without a code', 502, no(null)],
    ['503 without a code', 503, no(null)],
    ['500', 500, 'Internal Server Error'],
    ['a code that nobody knows', 422, no('NEW_CODE')],
  ])('%s', async (_name, status, text) => {
    expect((await sendAgainst(status, text)).outcome.kind).toBe('unknown');
  });

  test('dropped after the request was read, and silence', async () => {
    const dropped = await serve((response) => response.destroy());
    expect((await has(openBluepay(dropped.url).gateway.sms).send(message)).kind).toBe('unknown');
    const silent = await serve(() => undefined);
    expect((await has(openBluepay(silent.url, {}, 60).gateway.sms).send(message)).kind).toBe('unknown');
  });
});

test('not sent: a closed port', async () => {
  expect((await has(openBluepay(await closedPort()).gateway.sms).send(message)).kind).toBe('not_sent');
});

test('no log line and no outcome holds a secret or a whole phone', async () => {
  const server = await serve((response, seen) =>
    says(422, JSON.stringify({ ok: false, message: `${seen.headers.authorization} ${seen.body}` }))(response),
  );
  const { gateway, lines } = openBluepay(server.url);
  const told = `${JSON.stringify(await has(gateway.sms).send(message), (_key, value) => String(value))}${lines()}`;
  for (const hidden of ['bp_live_5f2e9c_secret', '254712345678']) expect(told).not.toContain(hidden);
});

describe('with the simulated BluePay', () => {
  async function openHouse() {
    const scheduler = createManualScheduler();
    const random = createTestRandom();
    const mpesa = createMpesa({ scheduler, random });
    const bluepay = createBluepay({ scheduler, random, mpesa });
    await bluepay.listen();
    onTestFinished(() => bluepay.close());
    const account = bluepay.control.addAccount({ serviceTokenKes: 100 });
    const config = { baseUrl: bluepay.url, apiSecret: account.apiSecret, shortCode: '123456' };
    const opening = openGateway('bluepay', config, openHttp({ timeoutMs: 5000 }).http, systemClock);
    if (opening.kind !== 'open') throw new Error(JSON.stringify(opening));
    return { bluepay, mpesa, account, scheduler, sms: has(opening.gateway.sms) };
  }

  test('one reference is one SMS and one fee, whatever is asked again', async () => {
    const { sms, mpesa } = await openHouse();
    const first = await sms.send(message);
    expect(first).toMatchObject({ kind: 'accepted', parts: 1, costCents: 250n, balanceCents: 9750n });
    expect(await sms.send(message)).toEqual(first);
    expect(mpesa.smsInbox(message.msisdn)).toHaveLength(1);
  });

  test('Airtel’s phones, an empty purse, and a reference that is under way', async () => {
    const { sms, bluepay, account, scheduler } = await openHouse();
    const refused = { kind: 'refused', reason: 'phone_refused' };
    expect(await sms.send({ ...message, msisdn: '254733000222' as Msisdn })).toMatchObject(refused);
    bluepay.control.arm('sms_slow', 10_000);
    const slow = sms.send(message);
    while ((await sms.send(message)).kind !== 'later');
    scheduler.advance(10_000);
    expect((await slow).kind).toBe('accepted');
    bluepay.control.setAccount(account.merchantId, { serviceTokenKes: 2 });
    const poor = await sms.send({ ...message, reference: 'another' });
    expect(poor).toMatchObject({ kind: 'refused', reason: 'no_balance', balanceCents: 200n });
  });
});
