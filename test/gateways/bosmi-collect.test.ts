// Protects the customer from a second prompt where BOSMI's answer was lost: it has no reference to ask by.
import { describe, expect, test } from 'vitest';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { phpEncode } from '../../src/gateways/bosmi/wire.ts';
import { collectRequest, openAs } from './adapters.support.ts';
import { closedPort, says, serve } from './loopback.ts';

/** The credentials and the answers as the document prints them. */
const printedKey = { apiKey: 'Sd4#k[HFS', username: 'admin', email: 'example@gmail.com' };
const printedRequest = `{
"api_key": "Sd4#k[HFS",
"username": "admin",
"email": "example@gmail.com",
"phone": "0712345678",
"amount": 100
}`;
const printedAccepted = `{
"status":"0",
"transaction_id":"B0smi_Id2025032121054940609",
"Phone_Num":"254712345678",
"message":"Transaction initiated successfully."
}`;
const printedRefusal = `{
"status": "error",
"message": "Failed to initiate payment, please retry and use correct MPESA number."
}`;
const ids = { correlationId: null, requestId: 'B0smi_Id2025032121054940609' };

async function collectAgainst(status: number, text: string, config: Record<string, unknown> = {}) {
  const server = await serve(says(status, text));
  const { gateway, lines } = openAs('bosmi', { baseUrl: server.url, ...printedKey, ...config });
  return { outcome: await gateway.collect(collectRequest), server, lines };
}

test('the request is the printed one, and so is the answer', async () => {
  const { outcome, server } = await collectAgainst(200, printedAccepted);
  expect(outcome).toEqual({ kind: 'accepted', ids });
  const [sent] = server.seen;
  expect(sent).toMatchObject({ method: 'POST', path: '/processrequest' });
  expect(sent?.headers['content-type']).toBe('application/json');
  expect(JSON.parse(sent?.body ?? '')).toEqual(JSON.parse(printedRequest));
});

test('encoding form is what http_build_query makes of the PHP sample', async () => {
  const { outcome, server } = await collectAgainst(200, printedAccepted, { encoding: 'form' });
  expect(outcome.kind).toBe('accepted');
  expect(server.seen[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(server.seen[0]?.body).toBe(
    'api_key=Sd4%23k%5BHFS&username=admin&email=example%40gmail.com&phone=0712345678&amount=100',
  );
  expect(phpEncode("a b~c*d'(é)!-_.")).toBe('a+b%7Ec%2Ad%27%28%C3%A9%29%21-_.');
});

test('the default address is the printed one; trailing slashes are no other', () => {
  for (const baseUrl of [undefined, 'https://api.bosmi.org/bsmpay/stkpushquery/v3//'])
    expect(openAs('bosmi', { ...printedKey, baseUrl }).gateway.kind).toBe('bosmi');
});

test.each([
  ['a status as a number', '{"status":0,"transaction_id":"B0smi_Id2025032121054940609","new":[1]}'],
  ['a printed array', '{\n"status" => 0\n"transaction_id" => B0smi_Id2025032121054940609\n}'],
])('%s is read', async (_name, text) => {
  expect((await collectAgainst(200, text)).outcome).toEqual({ kind: 'accepted', ids });
});

describe('a refusal proves that there is no prompt', () => {
  test.each([200, 400, 422])(
    'the printed sentence, with the status %d that is left unstated',
    async (status) => {
      expect((await collectAgainst(status, printedRefusal)).outcome).toEqual({
        kind: 'refused',
        reason: 'phone_refused',
        rawCode: 'error',
        detail: 'Failed to initiate payment, please retry and use correct MPESA number.',
      });
    },
  );

  test.each([401, 403])('%d beside an error of its own', async (status) => {
    const { outcome } = await collectAgainst(status, '{"status":"error","message":"Bad key"}');
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'credentials_refused', detail: 'Bad key' });
  });

  test('01… numbers are refused by us, unless the account takes them', async () => {
    const server = await serve(says(200, printedAccepted));
    const request = { ...collectRequest, msisdn: '254112345678' as Msisdn };
    const config = { baseUrl: server.url, ...printedKey };
    expect(await openAs('bosmi', config).gateway.collect(request)).toMatchObject({
      kind: 'refused',
      reason: 'phone_refused',
      detail: expect.stringContaining('allow01'),
    });
    expect(server.seen).toHaveLength(0);
    const outcome = await openAs('bosmi', { ...config, allow01: true }).gateway.collect(request);
    expect(outcome.kind).toBe('accepted');
    expect(JSON.parse(server.seen[0]?.body ?? '')).toMatchObject({ phone: '0112345678' });
  });
});

describe('unknown, never failed and never sent again, in either encoding', () => {
  test.each<[string, number, string]>([
    ['a sentence nobody knows', 200, '{"status":"error","message":"Service is down"}'],
    [
      'the sentence of a query',
      200,
      '{"status":"error","message":"Transaction is being processed or failed."}',
    ],
    ['an error without a sentence', 200, '{"status":"error"}'],
    ['a refusal that names a prompt', 200, printedRefusal.replace('{', '{"transaction_id":"B0smi_Id1",')],
    ['a refusal in a 5xx', 500, printedRefusal],
    ['status 0 without an id', 200, '{"status":"0","message":"Transaction initiated successfully."}'],
    ['status 0 in an error status', 400, printedAccepted],
    ['a status of tomorrow', 200, '{"status":"1","transaction_id":"B0smi_Id1"}'],
    ['an empty status', 200, '{"status":"","transaction_id":"B0smi_Id1"}'],
    ['truncated JSON', 200, printedAccepted.slice(0, 40)],
    ['a list', 200, '[]'],
    ['a page', 200, '<html>Bad gateway</html>'],
    ['a page of a proxy', 403, '<html>Attention Required!</html>'],
  ])('%s', async (_name, status, text) => {
    for (const encoding of ['json', 'form']) {
      const { outcome, server } = await collectAgainst(status, text, { encoding });
      expect(outcome.kind).toBe('unknown');
      expect(server.seen).toHaveLength(1);
    }
  });

  test('an id in a lost answer is kept, to be asked by', async () => {
    const text = '{"status":"error","message":"?","transaction_id":"B0smi_Id2025032121054940609"}';
    expect((await collectAgainst(500, text)).outcome).toMatchObject({ kind: 'unknown', ids });
  });

  test('dropped after the request was read, silence, too much, and elsewhere', async () => {
    const large = await serve(says(200, `{"status":"0","x":"${'x'.repeat(300_000)}"}`));
    const moved = says(302, '', { location: large.url });
    for (const answer of [(response: { destroy(): void }) => response.destroy(), () => undefined, moved]) {
      const server = await serve(answer);
      const { gateway } = openAs('bosmi', { baseUrl: server.url, ...printedKey }, { timeoutMs: 60 });
      expect((await gateway.collect(collectRequest)).kind).toBe('unknown');
      expect(server.seen).toHaveLength(1);
    }
    expect(large.seen).toHaveLength(0);
    const { gateway } = openAs('bosmi', { baseUrl: large.url, ...printedKey });
    expect((await gateway.collect(collectRequest)).kind).toBe('unknown');
  });
});

test('not sent: a closed port, and what M-Pesa would not take', async () => {
  const closed = openAs('bosmi', { baseUrl: await closedPort(), ...printedKey }).gateway;
  expect((await closed.collect(collectRequest)).kind).toBe('not_sent');
  const server = await serve(says(200, printedAccepted));
  const { gateway } = openAs('bosmi', { baseUrl: server.url, ...printedKey });
  for (const amountCents of [0n, 150n, 250_001_00n])
    expect((await gateway.collect({ ...collectRequest, amountCents })).kind).toBe('not_sent');
  expect(server.seen).toHaveLength(0);
});

test('no log line and no outcome holds the key or a whole phone, not even when BOSMI repeats them', async () => {
  for (const encoding of ['json', 'form']) {
    const apiKey = 'Sd4#k[H"\\FS';
    const server = await serve((response, seen) =>
      says(200, JSON.stringify({ status: 'error', message: `${apiKey} ${seen.body}` }))(response),
    );
    const { gateway, lines } = openAs('bosmi', { baseUrl: server.url, ...printedKey, apiKey, encoding });
    const told = `${JSON.stringify(await gateway.collect(collectRequest))}${lines()}`;
    expect(told).toContain('0712****678');
    for (const hidden of ['Sd4#k', 'Sd4%23k', '0712345678']) expect(told).not.toContain(hidden);
  }
});
