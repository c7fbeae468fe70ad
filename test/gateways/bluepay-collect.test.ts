// Protects the shop from two prompts and from false failures: what each answer of BluePay's STK push proves, and no more.
import { describe, expect, test } from 'vitest';
import type { Reason } from '../../src/domain/payment.ts';
import { channelId, openBluepay, request } from './bluepay.support.ts';
import { closedPort, says, serve } from './loopback.ts';

/** As the document prints them. */
const printed = {
  accepted:
    '{ "ok": true, "stk_request_id": 1, "checkout_request_id": "ws_CO_...", "account_reference": "BP-LINK-A1B2C3D4" }',
  json: '{ "ok": false, "success": false, "error": "Invalid JSON body", "message": "Invalid JSON body" }',
  method: '{ "ok": false, "success": false, "error": "Method not allowed", "message": "Method not allowed" }',
  unauthorized:
    '{ "ok": false, "success": false, "error": "Unauthorized", "message": "Authenticate with Authorization: Bearer … or Basic …", "hint": "See /public/docs.php#authentication" }',
  csrf: '{ "ok": false, "success": false, "error": "Invalid CSRF token", "message": "Invalid CSRF token" }',
  invalid: '{ "ok": false, "success": false, "error": "…", "message": "…" }',
  tokens: `{
"ok": false,
"success": false,
"error": "402 Insufficient service tokens",
"message": "402 Insufficient service tokens",
"error_code": "INSUFFICIENT_PREPAID",
"required_kes": 1,
"balance_kes": 0
}`,
  lost: '{ "ok": false, "success": false, "error": "…", "message": "…", "detail": null, "stk_request_id": 1 }',
};

async function collectAgainst(status: number, text: string) {
  const server = await serve(says(status, text));
  const outcome = await openBluepay(server.url).gateway.collect(request);
  return { outcome, server };
}

test('the request is the one that the document prints, and accepted is accepted', async () => {
  const { outcome, server } = await collectAgainst(200, printed.accepted);
  expect(outcome).toEqual({ kind: 'accepted', ids: { correlationId: 'ws_CO_...', requestId: '1' } });
  expect(server.seen).toHaveLength(1);
  const [sent] = server.seen;
  expect(sent).toMatchObject({ method: 'POST', path: '/api/stk_push.php', query: {} });
  expect(sent?.headers).toMatchObject({
    authorization: 'Bearer bp_live_5f2e9c_secret',
    'content-type': 'application/json',
  });
  expect(JSON.parse(sent?.body ?? '')).toEqual({
    channel_id: channelId,
    phone: '254712345678',
    amount: 100,
    account_reference: 'P7KQ4MA1',
    callback_url: 'https://shop.example/cb/aa/bb',
  });
});

test.each([
  ['basic', { auth: 'basic', apiUsername: 'shop', apiPassword: 'pä ss' }, 'Basic c2hvcDpww6Qgc3M=', {}],
  [
    'body with a credential',
    { auth: 'body', apiUsername: 'shop', apiPassword: 'pass' },
    undefined,
    {
      api_username: 'shop',
      api_password: 'pass',
    },
  ],
  ['body with the secret', { auth: 'body' }, undefined, { api_key: 'bp_live_5f2e9c_secret' }],
])('authentication %s', async (_name, config, authorization, inBody) => {
  const server = await serve(says(200, printed.accepted));
  const outcome = await openBluepay(`${server.url}/`, config).gateway.collect(request);
  expect(outcome.kind).toBe('accepted');
  expect(server.seen[0]?.headers.authorization).toBe(authorization);
  const body: Record<string, unknown> = JSON.parse(server.seen[0]?.body ?? '');
  const credentials = Object.entries(body).filter(([name]) => name.startsWith('api_'));
  expect(Object.fromEntries(credentials)).toEqual(inBody);
});

test.each([
  [
    'numbers as texts and fields of tomorrow',
    '{"ok":"true","stk_request_id":"7","checkout_request_id":"ws_CO_9","new":[1]}',
  ],
  ['ok as 1', '{"ok":1,"stk_request_id":7,"checkout_request_id":"ws_CO_9"}'],
])('%s are read', async (_name, text) => {
  const { outcome } = await collectAgainst(200, text);
  expect(outcome).toEqual({ kind: 'accepted', ids: { correlationId: 'ws_CO_9', requestId: '7' } });
});

describe('a refusal proves that there is no prompt', () => {
  test.each<[string, number, string, Reason, string]>([
    ['400', 400, printed.json, 'request_refused', 'http_400'],
    ['405', 405, printed.method, 'request_refused', 'http_405'],
    ['401', 401, printed.unauthorized, 'credentials_refused', 'http_401'],
    ['403', 403, printed.csrf, 'credentials_refused', 'http_403'],
    ['422', 422, printed.invalid, 'request_refused', 'http_422'],
    ['402', 402, printed.tokens, 'no_service_tokens', 'INSUFFICIENT_PREPAID'],
  ])('%s as printed', async (_name, status, text, reason, rawCode) => {
    const { outcome, server } = await collectAgainst(status, text);
    expect(outcome).toMatchObject({ kind: 'refused', reason, rawCode });
    expect(server.seen).toHaveLength(1);
  });

  test.each<[string, Reason]>([
    ['INSUFFICIENT_PREPAID', 'no_service_tokens'],
    ['REFERENCE_PREFIX_MISMATCH', 'reference_refused'],
    ['INVALID_PHONE', 'phone_refused'],
    ['CHANNEL_NOT_AVAILABLE', 'channel_inactive'],
    ['MERCHANT_INACTIVE', 'channel_inactive'],
    ['ACCOUNT_REFERENCE_INVALID', 'reference_refused'],
    ['STK_VALIDATION_FAILED', 'request_refused'],
  ])('%s, whatever the status below 500', async (code, reason) => {
    for (const status of [200, 403, 422]) {
      const { outcome } = await collectAgainst(status, `{"ok":false,"message":"m","error_code":"${code}"}`);
      expect(outcome).toEqual({ kind: 'refused', reason, rawCode: code, detail: 'm' });
    }
  });

  test('missing service tokens are counted out', async () => {
    const { outcome } = await collectAgainst(402, printed.tokens);
    expect(outcome).toMatchObject({ detail: '402 Insufficient service tokens (needs KES 1, has KES 0)' });
    const text =
      '{"ok":false,"error_code":"INSUFFICIENT_PREPAID","required_kes":"2.50","balance_kes":"1,200.00"}';
    expect((await collectAgainst(402, text)).outcome).toMatchObject({
      detail: 'no message (needs KES 2.50, has KES 1200)',
    });
  });
});

describe('unknown, never failed and never sent again', () => {
  test('a 502 that names the prompt gives the id to look up by', async () => {
    const { outcome } = await collectAgainst(502, printed.lost);
    expect(outcome).toEqual({
      kind: 'unknown',
      ids: { correlationId: null, requestId: '1' },
      rawCode: 'http_502',
      detail: '…',
    });
  });

  test.each<[string, number, string, string]>([
    ['ok without ids', 200, '{"ok":true}', 'http_200'],
    ['ok with an empty id', 200, '{"ok":true,"checkout_request_id":"","stk_request_id":0}', 'http_200'],
    ['ok that success contradicts', 200, '{"ok":true,"success":false,"checkout_request_id":"a"}', 'http_200'],
    ['not ok, and no word why', 200, '{"ok":false}', 'http_200'],
    ['truncated JSON', 200, '{"ok":true,"stk_requ', 'http_200'],
    ['a list', 200, '[]', 'http_200'],
    ['a page', 200, '<html>Bad gateway</html>', 'http_200'],
    ['a page of a proxy', 403, '<html>Attention Required!</html>', 'http_403'],
    ['another 5xx', 500, '{"ok":false,"error_code":"INVALID_PHONE"}', 'INVALID_PHONE'],
    ['a 5xx page', 503, 'Service Unavailable', 'http_503'],
    ['a code nobody knows', 422, '{"ok":false,"error_code":"NEW_CODE"}', 'NEW_CODE'],
    ['a code that is no word', 422, '{"ok":false,"error_code":"<b>"}', 'unreadable_code'],
    ['a status that the document does not print', 429, '{"ok":false}', 'http_429'],
    ['a refusal that names a prompt', 422, '{"ok":false,"stk_request_id":9}', 'http_422'],
    ['an error status that says ok', 422, '{"ok":true,"checkout_request_id":"a"}', 'http_422'],
  ])('%s', async (_name, status, text, rawCode) => {
    const { outcome, server } = await collectAgainst(status, text);
    expect(outcome).toMatchObject({ kind: 'unknown', rawCode });
    expect(server.seen).toHaveLength(1);
  });

  test('dropped after the request was read, and silence', async () => {
    const dropped = await serve((response) => response.destroy());
    expect((await openBluepay(dropped.url).gateway.collect(request)).kind).toBe('unknown');
    expect(dropped.seen).toHaveLength(1);
    const silent = await serve(() => undefined);
    expect((await openBluepay(silent.url, {}, 60).gateway.collect(request)).kind).toBe('unknown');
    const large = await serve(says(200, `{"ok":true,"x":"${'x'.repeat(300_000)}"}`));
    expect((await openBluepay(large.url).gateway.collect(request)).kind).toBe('unknown');
    const moved = await serve(says(302, '', { location: large.url }));
    expect((await openBluepay(moved.url).gateway.collect(request)).kind).toBe('unknown');
    expect(large.seen).toHaveLength(1);
  });
});

describe('not sent', () => {
  test('a closed port', async () => {
    expect((await openBluepay(await closedPort()).gateway.collect(request)).kind).toBe('not_sent');
  });

  test.each([
    ['no channel id yet', { channelId: undefined, shortCode: '123456' }, {}],
    ['nothing', {}, { amountCents: 0n }],
    ['half a shilling', {}, { amountCents: 150n }],
    ['more than M-Pesa moves', {}, { amountCents: 250_001_00n }],
    ['no reference', {}, { reference: '' }],
    ['a reference of 65', {}, { reference: 'x'.repeat(65) }],
  ])('%s', async (_name, config, change) => {
    const server = await serve(says(200, printed.accepted));
    const outcome = await openBluepay(server.url, config).gateway.collect({ ...request, ...change });
    expect(outcome.kind).toBe('not_sent');
    expect(server.seen).toHaveLength(0);
  });
});

test('no log line and no outcome holds a secret or a whole phone, not even when BluePay repeats them', async () => {
  const basic = { auth: 'basic', apiUsername: 'shop', apiPassword: 'pass-word-9' };
  const server = await serve((response, seen) =>
    says(
      422,
      JSON.stringify({
        ok: false,
        message: `${seen.headers.authorization} ${seen.body} bp_live_5f2e9c_secret pass-word-9`,
      }),
    )(response),
  );
  const { gateway, lines } = openBluepay(server.url, basic);
  const told = `${JSON.stringify(await gateway.collect(request))}${lines()}`;
  expect(told).toContain('2547****678');
  const pair = Buffer.from('shop:pass-word-9').toString('base64');
  for (const hidden of ['bp_live_5f2e9c_secret', 'pass-word-9', pair, '254712345678'])
    expect(told).not.toContain(hidden);
});
