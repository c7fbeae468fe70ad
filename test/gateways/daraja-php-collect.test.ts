// Protects the shop from two prompts behind one: both layers must say yes, and only a refused token is tried again.
import { describe, expect, test } from 'vitest';
import type { Reason } from '../../src/domain/payment.ts';
import { createTestClock } from '../support/clock.ts';
import { acknowledgement, collectRequest, acknowledgedIds as ids, openAs } from './adapters.support.ts';
import { closedPort, says, serve } from './loopback.ts';

/** As the document prints them. */
const printedToken = `{
"success": true,
"token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJ..."
}`;
const printedAccepted = `{
"status": 200,
"response": {
"MerchantRequestID": "29115-34620561-1",
"CheckoutRequestID": "ws_CO_191220191020363925",
"ResponseCode": "0",
"ResponseDescription": "Success. Request accepted for processing",
"CustomerMessage": "Success. Request accepted for processing"
}
}`;
const account = { shortCode: '174379', consumerKey: 'key-7', consumerSecret: 'hush-hush-9' };

type Answer = readonly [status: number, text: string];
/** A platform whose tokens are tok-1, tok-2…; the answers to prompts come in turn, the last one for ever. */
async function platform(tokens: Answer | null, ...answers: readonly Answer[]) {
  let given = 0;
  let asked = 0;
  const server = await serve((response, seen) => {
    if (seen.path === '/api/generate_token.php') {
      const [status, text] = tokens ?? [200, JSON.stringify({ success: true, token: `tok-${++given}` })];
      return says(status, text)(response);
    }
    const [status, text] = answers[Math.min(asked++, answers.length - 1)] ?? [500, ''];
    return says(status, text)(response);
  });
  const calls = () => server.seen.map(({ path, headers }) => `${path} ${headers.authorization ?? '-'}`);
  return { server, calls };
}

const stk = '/api/stk_push.php';
const tokenCall = '/api/generate_token.php Basic a2V5LTc6aHVzaC1odXNoLTk=';

async function collectAgainst(answer: Answer, config: Record<string, unknown> = {}) {
  const { server, calls } = await platform(null, answer);
  const { gateway } = openAs('daraja-php', { baseUrl: server.url, ...account, ...config });
  return { outcome: await gateway.collect(collectRequest), server, calls };
}

test('the printed token goes into the printed call, and the printed answer is accepted', async () => {
  const { server, calls } = await platform([200, printedToken], [200, printedAccepted]);
  const { gateway } = openAs('daraja-php', { baseUrl: `${server.url}/`, ...account });
  expect(await gateway.collect(collectRequest)).toEqual({ kind: 'accepted', ids });
  expect(calls()).toEqual([tokenCall, `${stk} Bearer eyJ0eXAiOiJKV1QiLCJhbGciOiJ...`]);
  expect(server.seen[0]).toMatchObject({ method: 'POST', body: '' });
  expect(server.seen[1]?.headers['content-type']).toBe('application/json');
  expect(JSON.parse(server.seen[1]?.body ?? '')).toEqual({
    phone: '254712345678',
    amount: 100,
    reference: 'P7KQ4MA1',
    description: 'P7KQ4MA1',
  });
});

test('without credentials of the account, none are sent', async () => {
  const config = { consumerKey: undefined, consumerSecret: undefined };
  const { outcome, calls } = await collectAgainst([200, printedAccepted], config);
  expect(outcome.kind).toBe('accepted');
  expect(calls()[0]).toBe('/api/generate_token.php -');
});

test('one token serves many prompts at once, for an hour less a minute', async () => {
  const { server, calls } = await platform(null, [200, printedAccepted]);
  const clock = createTestClock();
  const { gateway } = openAs('daraja-php', { baseUrl: server.url, ...account }, { clock });
  const five = () => Promise.all([1, 2, 3, 4, 5].map(() => gateway.collect(collectRequest)));
  expect((await five()).every(({ kind }) => kind === 'accepted')).toBe(true);
  clock.advance(3539);
  await five();
  expect(calls().filter((call) => call === tokenCall)).toHaveLength(1);
  clock.advance(1);
  await five();
  expect(calls().filter((call) => call === tokenCall)).toHaveLength(2);
  expect(calls().at(-1)).toBe(`${stk} Bearer tok-2`);
});

describe('a token that died early', () => {
  const refused: Answer[] = [
    [401, '{"status":401,"message":"Unauthorized"}'],
    [200, '{"status":401,"response":{"errorMessage":"Invalid Access Token"}}'],
  ];
  test.each(refused)('%d %s is replaced once, and the prompt is sent once more', async (...answer) => {
    const { server, calls } = await platform(null, answer, [200, printedAccepted]);
    const { gateway } = openAs('daraja-php', { baseUrl: server.url, ...account });
    expect(await gateway.collect(collectRequest)).toEqual({ kind: 'accepted', ids });
    expect(calls()).toEqual([tokenCall, `${stk} Bearer tok-1`, tokenCall, `${stk} Bearer tok-2`]);
    expect(server.seen[3]?.body).toBe(server.seen[1]?.body);
  });

  test.each(refused)('%d %s again is a refusal of the account', async (...answer) => {
    const { server, calls } = await platform(null, answer);
    const { gateway } = openAs('daraja-php', { baseUrl: server.url, ...account });
    expect(await gateway.collect(collectRequest)).toMatchObject({
      kind: 'refused',
      reason: 'credentials_refused',
    });
    expect(calls()).toHaveLength(4);
  });

  test('a 401 that is no JSON may be of somebody in between: it is not sent again, and the next token is new', async () => {
    const { server, calls } = await platform(null, [401, 'Unauthorized']);
    const { gateway } = openAs('daraja-php', { baseUrl: server.url, ...account });
    expect(await gateway.collect(collectRequest)).toMatchObject({ kind: 'unknown', rawCode: 'http_401' });
    expect(calls()).toHaveLength(2);
    await gateway.collect(collectRequest);
    expect(calls()).toHaveLength(4);
  });

  test('a 401 that names a prompt proves nothing: it is not sent again', async () => {
    const { outcome, calls } = await collectAgainst([401, JSON.stringify({ response: acknowledgement })]);
    expect(outcome).toMatchObject({ kind: 'unknown', ids });
    expect(calls()).toHaveLength(2);
  });
});

describe('without a token no prompt was asked for', () => {
  test.each<[string, Answer, string]>([
    ['refused', [401, '{"success":false,"message":"Unauthorized"}'], 'refused'],
    ['not given', [200, '{"success":false}'], 'not_sent'],
    ['a token that no header carries', [200, '{"success":true,"token":"a b"}'], 'not_sent'],
    ['no success', [200, '{"token":"tok"}'], 'not_sent'],
    ['an error of the server', [500, 'oops'], 'not_sent'],
    ['elsewhere', [302, ''], 'not_sent'],
  ])('%s', async (_name, token, kind) => {
    const { server } = await platform(token, [200, printedAccepted]);
    const { gateway } = openAs('daraja-php', { baseUrl: server.url, ...account });
    expect((await gateway.collect(collectRequest)).kind).toBe(kind);
    expect(server.seen.map(({ path }) => path)).toEqual(['/api/generate_token.php']);
  });

  test('what went wrong is not remembered', async () => {
    let well = false;
    const server = await serve((response, { path }) => {
      if (!well) return says(503, '')(response);
      return says(200, path === stk ? printedAccepted : printedToken)(response);
    });
    const { gateway } = openAs('daraja-php', { baseUrl: server.url, ...account });
    expect((await gateway.collect(collectRequest)).kind).toBe('not_sent');
    well = true;
    expect((await gateway.collect(collectRequest)).kind).toBe('accepted');
  });
});

describe('the documented statuses, in HTTP and in the body', () => {
  test.each<[string, Answer, Reason]>([
    ['400', [400, '{"status":400,"message":"Bad Request"}'], 'request_refused'],
    ['400 in a 200', [200, '{"status":"400","response":{"errorMessage":"Bad phone"}}'], 'request_refused'],
  ])('%s is a refusal', async (_name, answer, reason) => {
    expect((await collectAgainst(answer)).outcome).toMatchObject({ kind: 'refused', reason });
  });

  test.each<[string, Answer]>([
    ['500', [500, '{"status":500,"message":"Server Error"}']],
    ['500 in a 200', [200, '{"status":500,"message":"Server Error"}']],
    [
      'an inner refusal code',
      [200, '{"status":200,"response":{"ResponseCode":"1","ResponseDescription":"?"}}'],
    ],
    [
      'an inner lost answer',
      [400, '{"status":400,"response":{"errorCode":"500.001.1001","errorMessage":"Busy"}}'],
    ],
    ['no inner part', [200, JSON.stringify({ status: 200, ...acknowledgement })]],
    ['no outer status', [200, JSON.stringify({ response: acknowledgement })]],
    ['an outer error around an inner yes', [200, JSON.stringify({ status: 400, response: acknowledgement })]],
    ['no checkout id', [200, JSON.stringify({ status: 200, response: { ResponseCode: '0' } })]],
    ['a status of tomorrow', [409, '{"status":409}']],
    ['a page', [400, '<html>Bad Request</html>']],
    ['truncated', [200, printedAccepted.slice(0, 90)]],
    ['elsewhere', [302, '']],
  ])('%s is unknown', async (_name, answer) => {
    const { outcome, calls } = await collectAgainst(answer);
    expect(outcome.kind).toBe('unknown');
    expect(calls()).toHaveLength(2);
  });

  test('numbers as texts and fields of tomorrow are read', async () => {
    const text = JSON.stringify({
      status: '200',
      response: { ...acknowledgement, ResponseCode: 0, fee: 1 },
      x: [],
    });
    expect((await collectAgainst([200, text])).outcome).toEqual({ kind: 'accepted', ids });
  });
});

test('not sent: a closed port, and what the platform would not take', async () => {
  const closed = openAs('daraja-php', { baseUrl: await closedPort(), ...account }).gateway;
  expect((await closed.collect(collectRequest)).kind).toBe('not_sent');
  const { server } = await platform(null, [200, printedAccepted]);
  const { gateway } = openAs('daraja-php', { baseUrl: server.url, ...account });
  for (const change of [{ amountCents: 0n }, { amountCents: 150n }, { reference: 'P-7' }, { reference: '' }])
    expect((await gateway.collect({ ...collectRequest, ...change })).kind).toBe('not_sent');
  expect(server.seen).toHaveLength(0);
});

test('a token proves the account at set-up', async () => {
  const { server, calls } = await platform([200, printedToken]);
  const config = { baseUrl: server.url, ...account };
  expect(await openAs('daraja-php', config).gateway.check?.()).toMatchObject({
    kind: 'checked',
    label: 'Short code 174379',
  });
  expect(calls()).toHaveLength(1);
  const strict = await platform([401, '{"message":"no hush-hush-9"}']);
  const refused = openAs('daraja-php', { ...config, baseUrl: strict.server.url });
  expect(await refused.gateway.check?.()).toEqual({
    kind: 'refused',
    detail: 'no token (http_401): no [secret]',
  });
});

test('no log line and no outcome holds a secret, a token or a whole phone', async () => {
  const { server } = await platform(null, [
    400,
    '{"message":"Bearer tok-1 a2V5LTc6aHVzaC1odXNoLTk= hush-hush-9 254712345678"}',
  ]);
  const { gateway, lines } = openAs('daraja-php', { baseUrl: server.url, ...account });
  const told = `${JSON.stringify(await gateway.collect(collectRequest))}${lines()}`;
  expect(told).toContain('2547****678');
  for (const hidden of ['tok-1', 'a2V5LTc6', 'hush-hush-9', '254712345678'])
    expect(told).not.toContain(hidden);
});
