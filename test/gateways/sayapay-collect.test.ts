// Protects the shop from two prompts behind one answer of SayaPay, and its token from being asked for by everybody at once.
import { describe, expect, test } from 'vitest';
import type { Reason } from '../../src/domain/payment.ts';
import { createTestClock } from '../support/clock.ts';
import { acknowledgement, collectRequest, acknowledgedIds as ids, openAs } from './adapters.support.ts';
import { closedPort, says, serve } from './loopback.ts';

/** As the document prints them. */
const printedToken = `{
  "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...",
  "token_type": "Bearer",
  "expires_in": 3599
}`;
const printedAccepted = `{
  "ResponseCode": "0",
  "ResponseDescription": "Success. Request accepted for processing",
  "MerchantRequestID": "29115-34620561-1",
  "CheckoutRequestID": "ws_CO_191220191020363925",
  "CustomerMessage": "Success. Request accepted for processing"
}`;
const account = { consumerKey: 'YOUR_KEY', consumerSecret: 'YOUR_SECRET' };
const basic = 'Basic WU9VUl9LRVk6WU9VUl9TRUNSRVQ=';
const tokenPath = '/api/v1/oauth/token';
const stk = '/api/v1/stkpush/process';

type Answer = readonly [status: number, text: string, headers?: Record<string, string>];
async function sayapay(tokenOf: (number: number) => Answer, ...answers: readonly Answer[]) {
  let given = 0;
  let asked = 0;
  const server = await serve((response, { path }) => {
    const [status, text, headers] =
      path === tokenPath
        ? tokenOf(++given)
        : (answers[Math.min(asked++, answers.length - 1)] ?? ([500, ''] as const));
    return says(status, text, headers)(response);
  });
  const tokens = () => server.seen.filter(({ path }) => path === tokenPath).length;
  return { server, tokens };
}
const numbered = (expires_in: unknown) => (number: number) =>
  [200, JSON.stringify({ access_token: `tok-${number}`, expires_in })] as const;

async function collectAgainst(...answers: readonly Answer[]) {
  const { server, tokens } = await sayapay(numbered(3599), ...answers);
  const { gateway } = openAs('sayapay', { baseUrl: server.url, ...account });
  return { outcome: await gateway.collect(collectRequest), server, tokens };
}

test('the calls are the printed ones, with the prompt’s own callback URL', async () => {
  const { server } = await sayapay(() => [200, printedToken], [200, printedAccepted]);
  const { gateway } = openAs('sayapay', { baseUrl: `${server.url}/api/v1`, ...account });
  // Its sample: 1200 shillings for INV-001. "Internet bill" is 13 characters; ours is the reference.
  const outcome = await gateway.collect({ ...collectRequest, amountCents: 1200_00n, reference: 'INV-001' });
  expect(outcome).toEqual({ kind: 'accepted', ids });
  const [token, push] = server.seen;
  expect(token).toMatchObject({ method: 'GET', path: tokenPath, query: {}, body: '' });
  expect(token?.headers.authorization).toBe(basic);
  expect(push).toMatchObject({ method: 'POST', path: stk });
  expect(push?.headers).toMatchObject({
    authorization: 'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...',
    'content-type': 'application/json',
  });
  expect(JSON.parse(push?.body ?? '')).toEqual({
    phone: '254712345678',
    amount: 1200,
    reference: 'INV-001',
    description: 'INV-001',
    callbackUrl: 'https://shop.example/cb/aa/bb',
  });
});

test.each(['', '/', '/api/v1', '/api/v1/', '/api/v1/api/v1', '/api/v1/api/v1/'])(
  'the base address with %j is the same one',
  async (tail) => {
    const { server } = await sayapay(numbered(3599), [200, printedAccepted]);
    const { gateway } = openAs('sayapay', { baseUrl: `${server.url}${tail}`, ...account });
    expect((await gateway.collect(collectRequest)).kind).toBe('accepted');
    expect(server.seen.map(({ path }) => path)).toEqual([tokenPath, stk]);
  },
);

describe('the token', () => {
  const five = (gateway: ReturnType<typeof openAs>['gateway']) =>
    Promise.all([1, 2, 3, 4, 5].map(() => gateway.collect(collectRequest)));

  test.each([
    ['a number', 3599, 3539],
    ['a text', '3599', 3539],
    ['missing', undefined, 3539],
    ['unreadable', 'soon', 3539],
    ['short', 30, 15],
  ])('expires_in %s: one for all who wait, until a little before its end', async (_name, expires, usable) => {
    const { server, tokens } = await sayapay(numbered(expires), [200, printedAccepted]);
    const clock = createTestClock();
    const { gateway } = openAs('sayapay', { baseUrl: server.url, ...account }, { clock });
    expect((await five(gateway)).every(({ kind }) => kind === 'accepted')).toBe(true);
    clock.advance(usable - 1);
    await five(gateway);
    expect(tokens()).toBe(1);
    clock.advance(1);
    await five(gateway);
    expect(tokens()).toBe(2);
  });

  test('that died early is replaced once, for everybody', async () => {
    const { server, tokens } = await sayapay(
      numbered(3599),
      ...[1, 2, 3, 4, 5].map((): Answer => [401, '{}']),
      [200, printedAccepted],
    );
    const { gateway } = openAs('sayapay', { baseUrl: server.url, ...account });
    expect((await five(gateway)).map(({ kind }) => kind)).toEqual(Array(5).fill('accepted'));
    expect(tokens()).toBe(2);
    expect(server.seen.filter(({ path }) => path === stk)).toHaveLength(10);
  });

  test('that is refused twice stops at a refusal of the account', async () => {
    const { outcome, server } = await collectAgainst([401, '{"message":"Unauthorized"}']);
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'credentials_refused', rawCode: 'http_401' });
    expect(server.seen.map(({ path }) => path)).toEqual([tokenPath, stk, tokenPath, stk]);
  });

  test('that a page refuses is replaced for the next call, and this prompt is not sent twice', async () => {
    const { outcome, server } = await collectAgainst([401, '<html>Unauthorized</html>']);
    expect(outcome).toMatchObject({ kind: 'unknown', rawCode: 'http_401' });
    expect(server.seen.map(({ path }) => path)).toEqual([tokenPath, stk]);
  });

  test('that cannot be replaced leaves the answer that was given', async () => {
    let tokens = 0;
    const token = (): Answer => (tokens++ === 0 ? [200, printedToken] : [500, '']);
    const { server } = await sayapay(token, [401, '{"message":"Unauthorized"}']);
    const { gateway } = openAs('sayapay', { baseUrl: server.url, ...account });
    expect(await gateway.collect(collectRequest)).toMatchObject({ kind: 'refused', rawCode: 'http_401' });
  });

  test.each<[string, Answer, string]>([
    ['refused', [401, '{"message":"Bad keys"}'], 'refused'],
    ['an error of the server', [500, ''], 'not_sent'],
    ['no token in it', [200, '{"expires_in":3599}'], 'not_sent'],
    ['elsewhere', [302, '', { location: 'https://example.com/' }], 'not_sent'],
  ])('%s: no prompt was asked for', async (_name, token, kind) => {
    const { server } = await sayapay(() => token, [200, printedAccepted]);
    const { gateway } = openAs('sayapay', { baseUrl: server.url, ...account });
    expect((await gateway.collect(collectRequest)).kind).toBe(kind);
    expect(server.seen).toHaveLength(1);
  });

  test('proves the account at set-up', async () => {
    const { server } = await sayapay(() => [200, printedToken]);
    const { gateway } = openAs('sayapay', { baseUrl: server.url, ...account });
    expect(await gateway.check?.()).toMatchObject({ kind: 'checked' });
    expect(server.seen.map(({ path }) => path)).toEqual([tokenPath]);
    const strict = await sayapay(() => [401, '{"message":"YOUR_SECRET is wrong"}']);
    const refused = openAs('sayapay', { baseUrl: strict.server.url, ...account }).gateway;
    expect(await refused.check?.()).toMatchObject({
      kind: 'refused',
      detail: expect.not.stringContaining('YOUR_SECRET'),
    });
  });
});

describe('refused: what HTTP says was not carried out, in JSON', () => {
  test.each<[number, Reason]>([
    [400, 'request_refused'],
    [403, 'credentials_refused'],
    [404, 'request_refused'],
    [422, 'request_refused'],
  ])('%d', async (status, reason) => {
    const daraja = '{"requestId":"1-2-3","errorCode":"400.002.02","errorMessage":"Bad Request"}';
    const { outcome } = await collectAgainst([status, daraja]);
    expect(outcome).toEqual({ kind: 'refused', reason, rawCode: '400.002.02', detail: 'Bad Request' });
  });

  test('429 rests the account for as long as it is told', async () => {
    const told = await collectAgainst([429, '{"message":"Slow down"}', { 'retry-after': '7' }]);
    expect(told.outcome).toMatchObject({ reason: 'gateway_busy', wait: { seconds: 7, scope: 'account' } });
    const untold = await collectAgainst([429, '{"message":"Slow down"}']);
    expect(untold.outcome).toMatchObject({ wait: { seconds: 60, scope: 'account' } });
  });
});

describe('unknown, never failed and never sent again', () => {
  test.each<[string, Answer]>([
    ['another ResponseCode', [200, '{"ResponseCode":"1","ResponseDescription":"?"}']],
    ['no checkout id', [200, '{"ResponseCode":"0"}']],
    ['an error beside a yes', [200, JSON.stringify({ ...acknowledgement, errorCode: '1' })]],
    ['a refusal that names a prompt', [400, JSON.stringify(acknowledgement)]],
    ['a 401 that names a prompt', [401, JSON.stringify(acknowledgement)]],
    ['a lost answer of Daraja inside', [400, '{"errorCode":"500.001.1001","errorMessage":"Busy"}']],
    ['a duplicate', [409, '{"message":"Duplicate"}']],
    ['a 5xx', [503, '{"message":"Down"}']],
    ['a page', [400, '<html>']],
    ['truncated', [200, printedAccepted.slice(0, 90)]],
    ['elsewhere', [302, '', { location: 'https://example.com/' }]],
    ['a list', [200, '[]']],
  ])('%s', async (_name, answer) => {
    const { outcome, server } = await collectAgainst(answer);
    expect(outcome.kind).toBe('unknown');
    expect(server.seen).toHaveLength(2);
  });

  test('numbers for texts and fields of tomorrow are read', async () => {
    const text = JSON.stringify({ ...acknowledgement, ResponseCode: 0, fee: null });
    expect((await collectAgainst([200, text])).outcome).toEqual({ kind: 'accepted', ids });
  });

  test('dropped and silent', async () => {
    for (const answer of [(response: { destroy(): void }) => response.destroy(), () => undefined]) {
      const server = await serve((response, { path }) =>
        path === tokenPath ? says(200, printedToken)(response) : answer(response),
      );
      const { gateway } = openAs('sayapay', { baseUrl: server.url, ...account }, { timeoutMs: 100 });
      expect((await gateway.collect(collectRequest)).kind).toBe('unknown');
    }
  });
});

test('not sent: a closed port, and what SayaPay would not take', async () => {
  const closed = openAs('sayapay', { baseUrl: await closedPort(), ...account }).gateway;
  expect((await closed.collect(collectRequest)).kind).toBe('not_sent');
  const { server } = await sayapay(numbered(3599), [200, printedAccepted]);
  const { gateway } = openAs('sayapay', { baseUrl: server.url, ...account });
  for (const change of [
    { amountCents: 0n },
    { amountCents: 150n },
    { reference: '' },
    { reference: 'x'.repeat(14) },
  ])
    expect((await gateway.collect({ ...collectRequest, ...change })).kind).toBe('not_sent');
  expect(server.seen).toHaveLength(0);
});

test('no log line and no outcome holds a secret, a token or a whole phone', async () => {
  const message = `Bearer tok-1 ${basic} YOUR_SECRET 254712345678`;
  const { server } = await sayapay(numbered(3599), [400, JSON.stringify({ message })]);
  const { gateway, lines } = openAs('sayapay', { baseUrl: server.url, ...account });
  const told = `${JSON.stringify(await gateway.collect(collectRequest))}${lines()}`;
  expect(told).toContain('2547****678');
  for (const hidden of ['tok-1', 'WU9VUl9', 'YOUR_SECRET', '254712345678'])
    expect(told).not.toContain(hidden);
});
