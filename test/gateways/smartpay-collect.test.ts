// Protects the shop from two prompts and from false failures: what each answer of SmartPay's STK push proves, and no more.
import { describe, expect, test } from 'vitest';
import type { Reason } from '../../src/domain/payment.ts';
import { closedPort, says, serve } from './loopback.ts';
import { apiKey, has, manualClock, openSmartpay, otherKey, refusal, request } from './smartpay.support.ts';

/** As the document prints it. */
const accepted = `{
  "success": true,
  "message": "STK Push initiated successfully.",
  "checkout_request_id": "ws_CO_03062025160832822727856009",
  "merchant_request_id": "aea5-4f44-b4a1-d9044446ee461957335"
}`;
const ids = {
  correlationId: 'ws_CO_03062025160832822727856009',
  requestId: 'aea5-4f44-b4a1-d9044446ee461957335',
};

async function collectAgainst(status: number, text: string) {
  const server = await serve(says(status, text));
  const outcome = await openSmartpay(server.url).gateway.collect(request);
  return { outcome, server };
}

describe('the request', () => {
  test('is the one that the document prints, and accepted is accepted', async () => {
    const { outcome, server } = await collectAgainst(200, accepted);
    expect(outcome).toEqual({ kind: 'accepted', ids });
    expect(server.seen).toHaveLength(1);
    const [sent] = server.seen;
    expect(sent).toMatchObject({ method: 'POST', path: '/v1/stk/push', query: {} });
    expect(sent?.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: `Bearer ${apiKey}`,
    });
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      phone: '254712345678',
      amount: 150,
      account_reference: 'ORDER101',
      description: 'lunch',
    });
  });

  test('without a description is the printed one to the byte', async () => {
    const server = await serve(says(200, accepted));
    const printed = { ...request, reference: 'ORDER_101', description: '' };
    await openSmartpay(server.url).gateway.collect(printed);
    expect(server.seen[0]?.body).toBe(
      '{"phone":"254712345678","amount":150,"account_reference":"ORDER_101"}',
    );
  });

  test.each(['', '/', '/v1', '/v1/', '/v1//'])('"%s" behind the host: /v1 is there once', async (end) => {
    const server = await serve(says(200, accepted));
    expect((await openSmartpay(`${server.url}${end}`).gateway.collect(request)).kind).toBe('accepted');
    expect(server.seen[0]?.path).toBe('/v1/stk/push');
  });
});

describe('a refusal proves that there is no prompt', () => {
  test.each<[string, number, Reason]>([
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
    ['FRAUD_BLOCK_FAILURE_RATE', 403, 'account_blocked'],
    ['FRAUD_BLOCK_PHONE_DIVERSITY', 403, 'account_blocked'],
    ['FRAUD_BLOCK_BURST', 429, 'account_blocked'],
    ['FRAUD_BLOCK_CANCEL_RATE', 403, 'account_blocked'],
    ['PAYMENT_FAILURE', 500, 'provider_down'],
    ['NOT_FOUND', 404, 'request_refused'],
  ])('%s (%i) is %s', async (code, status, reason) => {
    const { outcome, server } = await collectAgainst(status, refusal(code));
    expect(outcome).toEqual({ kind: 'refused', reason, rawCode: code, detail: 'said so' });
    expect(server.seen).toHaveLength(1);
  });

  test.each<[string, number, 'account' | 'phone']>([
    ['IP_RATE_LIMIT', 60, 'account'],
    ['RATE_LIMIT_MINUTE', 60, 'account'],
    ['RATE_LIMIT_DAY', 3600, 'account'],
    ['PHONE_RATE_LIMIT', 300, 'phone'],
  ])('%s waits %i s for the %s', async (code, seconds, scope) => {
    const { outcome } = await collectAgainst(429, refusal(code));
    expect(outcome).toEqual({
      kind: 'refused',
      reason: 'gateway_busy',
      rawCode: code,
      detail: 'said so',
      wait: { seconds, scope },
    });
  });

  test.each<[number, Reason]>([
    [400, 'request_refused'],
    [401, 'credentials_refused'],
    [403, 'credentials_refused'],
    [429, 'gateway_busy'],
  ])('%i in SmartPay’s own words, but without a code', async (status, reason) => {
    const { outcome } = await collectAgainst(status, '{"success":false,"message":"no"}');
    expect(outcome).toMatchObject({ kind: 'refused', reason, rawCode: `http_${status}`, detail: 'no' });
  });
});

describe('unknown: the phone may be ringing', () => {
  test.each<[string, number, string, string]>([
    ['success without an id', 200, '{"success":true,"message":"STK Push initiated"}', 'http_200'],
    ['success with an empty id', 200, '{"success":true,"checkout_request_id":""}', 'http_200'],
    ['success with a code', 200, `{"success":true,"error_code":"X","checkout_request_id":"a"}`, 'X'],
    ['an error that says success', 400, accepted, 'http_400'],
    [
      'a refusal that names a prompt',
      500,
      '{"success":false,"error_code":"PAYMENT_FAILURE","checkout_request_id":"a"}',
      'PAYMENT_FAILURE',
    ],
    ['a code nobody knows', 422, refusal('NEW_CODE'), 'NEW_CODE'],
    ['a code that is no word', 422, refusal('<b>'), 'unreadable_code'],
    ['no success and no code', 200, '{}', 'http_200'],
    ['not successful, and no word why', 200, '{"success":false}', 'http_200'],
    ['PAYMENT_FAILURE behind a bad gateway', 502, refusal('PAYMENT_FAILURE'), 'PAYMENT_FAILURE'],
    ['another code with 500', 500, refusal('INVALID_PHONE'), 'INVALID_PHONE'],
    ['500 without a code', 500, '{"success":false}', 'http_500'],
    ['truncated JSON', 200, accepted.slice(0, 90), 'http_200'],
    ['a list', 200, '[]', 'http_200'],
    ['a page', 200, '<html>Bad gateway</html>', 'http_200'],
    ['a page of a firewall', 403, '<html>Attention Required!</html>', 'http_403'],
    ['a page of a proxy that is busy', 429, 'Too Many Requests', 'http_429'],
  ])('%s', async (_name, status, text, rawCode) => {
    const { outcome, server } = await collectAgainst(status, text);
    expect(outcome).toMatchObject({ kind: 'unknown', rawCode });
    expect(server.seen).toHaveLength(1);
  });

  test('what names the prompt is kept', async () => {
    const { outcome } = await collectAgainst(200, '{"success":true,"merchant_request_id":"m-1"}');
    expect(outcome).toMatchObject({ kind: 'unknown', ids: { correlationId: null, requestId: 'm-1' } });
  });

  test('dropped, silent, too large, moved', async () => {
    const large = await serve(says(200, `{"success":true,"x":"${'x'.repeat(300_000)}"}`));
    const servers = [
      await serve((response) => response.destroy()),
      await serve(() => undefined),
      large,
      await serve(says(302, '', { location: large.url })),
    ];
    for (const server of servers) {
      const outcome = await openSmartpay(server.url, manualClock(), 200).gateway.collect(request);
      expect(outcome).toMatchObject({ kind: 'unknown', rawCode: 'no_answer' });
    }
    expect(large.seen).toHaveLength(1);
  });
});

describe('not sent', () => {
  test('a closed port', async () => {
    expect((await openSmartpay(await closedPort()).gateway.collect(request)).kind).toBe('not_sent');
  });

  test.each([
    ['nothing', { amountCents: 0n }],
    ['half a shilling', { amountCents: 150n }],
    ['more than M-Pesa moves, though SmartPay’s document allows it', { amountCents: 250_001_00n }],
    ['no reference', { reference: '' }],
  ])('%s', async (_name, change) => {
    const server = await serve(says(200, accepted));
    const outcome = await openSmartpay(server.url).gateway.collect({ ...request, ...change });
    expect(outcome.kind).toBe('not_sent');
    expect(server.seen).toHaveLength(0);
  });

  test('the least and the most that M-Pesa moves are sent', async () => {
    const server = await serve(says(200, accepted));
    const { gateway } = openSmartpay(server.url);
    for (const amountCents of [1_00n, 250_000_00n]) await gateway.collect({ ...request, amountCents });
    expect(server.seen.map((each) => JSON.parse(each.body).amount)).toEqual([1, 250_000]);
  });
});

describe('SmartPay’s counters', () => {
  const counted = (headers: Record<string, string>) => serve(says(200, accepted, headers));

  test.each([
    ['x-ratelimit-remaining', 60],
    ['x-ratelimit-day-remaining', 3600],
  ])('%s: 0 holds the next prompt for %i s before the wire', async (header, seconds) => {
    const server = await counted({ [header]: '0' });
    const clock = manualClock();
    const { gateway } = openSmartpay(server.url, clock);
    expect((await gateway.collect(request)).kind).toBe('accepted');
    clock.advance(20);
    expect(await gateway.collect(request)).toMatchObject({
      kind: 'refused',
      reason: 'gateway_busy',
      rawCode: 'held_by_rate_limit',
      wait: { seconds: seconds - 20, scope: 'account' },
    });
    const lookup = await has(gateway.lookup).lookup({ ...ids, reference: 'ORDER101' });
    expect(lookup).toMatchObject({ kind: 'no_answer', stop: false, waitSeconds: seconds - 20 });
    expect(server.seen).toHaveLength(1);
    clock.advance(seconds - 20);
    expect((await gateway.collect(request)).kind).toBe('accepted');
    expect(server.seen).toHaveLength(2);
  });

  test('anything left, and what is no count, hold nothing', async () => {
    for (const value of ['1', '59', '', 'none', '-1']) {
      const server = await counted({ 'x-ratelimit-remaining': value, 'x-ratelimit-day-remaining': value });
      const { gateway } = openSmartpay(server.url);
      await gateway.collect(request);
      await gateway.collect(request);
      expect(server.seen).toHaveLength(2);
    }
  });

  test('one account’s counter holds no other account', async () => {
    const server = await counted({ 'x-ratelimit-remaining': '0' });
    await openSmartpay(server.url).gateway.collect(request);
    expect((await openSmartpay(server.url).gateway.collect(request)).kind).toBe('accepted');
  });

  test('429 after 429 doubles the wait, an answer ends it, and a phone’s limit is not the account’s', async () => {
    let answer = says(429, refusal('RATE_LIMIT_MINUTE'));
    const server = await serve((response) => answer(response));
    const clock = manualClock();
    const { gateway } = openSmartpay(server.url, clock);
    const waits: (number | undefined)[] = [];
    const next = async () => {
      const outcome = await gateway.collect(request);
      waits.push(outcome.kind === 'refused' ? outcome.wait?.seconds : undefined);
      clock.advance(3600);
    };
    for (let each = 0; each < 6; each++) await next();
    answer = says(200, accepted);
    await next();
    answer = says(429, refusal('IP_RATE_LIMIT'));
    await next();
    answer = says(429, refusal('IP_RATE_LIMIT'), { 'retry-after': '7' });
    await next();
    expect(waits).toEqual([60, 120, 240, 480, 900, 900, undefined, 60, 7]);
    answer = says(429, refusal('PHONE_RATE_LIMIT'));
    await gateway.collect(request);
    answer = says(200, accepted);
    expect((await gateway.collect(request)).kind).toBe('accepted');
  });
});

test('no log line and no outcome holds a key or a whole phone, not even when SmartPay repeats them', async () => {
  const server = await serve((response, seen) =>
    says(400, refusal('MISSING_FIELDS', `${seen.headers.authorization} ${seen.body} ${otherKey}`))(response),
  );
  const { gateway, lines } = openSmartpay(server.url);
  const told = `${JSON.stringify(await gateway.collect(request))}${lines()}`;
  expect(told).toContain('2547****678');
  for (const hidden of [apiKey, otherKey, '254712345678']) expect(told).not.toContain(hidden);
});
