// Protects the one question money depends on: did a request provably never leave, was it answered, or does nobody know.
import { createServer as createTcpServer } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gatewayUrl, maskPhones, parseBaseUrl, redact } from '../../src/gateways/http.ts';
import { closedPort, listen, openHttp, says, serve } from './loopback.ts';

const post = (url: string) => ({
  method: 'POST' as const,
  url,
  headers: { authorization: 'Bearer very-secret-key', 'content-type': 'application/json' },
  body: '{"phone":"254712345678"}',
});

describe('an answer', () => {
  test('comes with status, headers, text and what JSON says', async () => {
    const server = await serve(says(422, '{"ok":false}', { 'x-one': '1' }));
    const outcome = await openHttp().http.request(post(`${server.url}/a`));
    expect(outcome).toMatchObject({ kind: 'answer', status: 422, text: '{"ok":false}', json: { ok: false } });
    expect(outcome.kind === 'answer' && outcome.headers['x-one']).toBe('1');
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]).toMatchObject({ method: 'POST', path: '/a', body: '{"phone":"254712345678"}' });
  });

  test.each([
    ['truncated JSON', '{"ok":true,'],
    ['a page', '<html>Bad Gateway</html>'],
    ['nothing', ''],
  ])('that is %s has no JSON', async (_name, text) => {
    const server = await serve(says(200, text));
    const outcome = await openHttp().http.request(post(server.url));
    expect(outcome).toMatchObject({ kind: 'answer', status: 200, text });
    expect(outcome.kind === 'answer' && outcome.json).toBeUndefined();
  });

  test('with a byte order mark is still JSON', async () => {
    const server = await serve(says(200, '\uFEFF{"ok":true}'));
    expect(await openHttp().http.request(post(server.url))).toMatchObject({ json: { ok: true } });
  });

  test('as large as the cap is read', async () => {
    const server = await serve(says(200, 'x'.repeat(1000)));
    expect(await openHttp({ maxBytes: 1000 }).http.request(post(server.url))).toMatchObject({
      kind: 'answer',
    });
  });
});

describe('not sent', () => {
  test('a closed port', async () => {
    const outcome = await openHttp().http.request(post(await closedPort()));
    expect(outcome).toEqual({ kind: 'not_sent', detail: 'no connection (ECONNREFUSED)' });
  });

  test('a name that does not exist', async () => {
    const outcome = await openHttp().http.request(post('https://no-such-gateway.invalid/'));
    expect(outcome.kind).toBe('not_sent');
  });

  test('a TLS handshake that the far side leaves', async () => {
    const url = await listen(createTcpServer((socket) => socket.once('data', () => socket.end())));
    const outcome = await openHttp().http.request(post(url.replace('http:', 'https:')));
    expect(outcome.kind).toBe('not_sent');
  });

  test('a connection that times out, or a certificate that is refused, before anything was written', async () => {
    for (const code of ['UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED']) {
      const cause = Object.assign(new Error(code), { code });
      const { http } = openHttp({
        fetch: async () => Promise.reject(new TypeError('fetch failed', { cause })),
      });
      expect(await http.request(post('https://gateway.example/'))).toMatchObject({ kind: 'not_sent' });
    }
  });

  test('several addresses are not sent only when each of them failed before writing', async () => {
    const connect = Object.assign(new Error('a'), { code: 'ECONNREFUSED', syscall: 'connect' });
    const read = Object.assign(new Error('b'), { code: 'ECONNRESET', syscall: 'read' });
    const outcomeOf = (errors: Error[]) =>
      openHttp({
        fetch: async () =>
          Promise.reject(new TypeError('fetch failed', { cause: new AggregateError(errors, 'all') })),
      }).http.request(post('https://gateway.example/'));
    expect((await outcomeOf([connect, connect])).kind).toBe('not_sent');
    expect((await outcomeOf([connect, read])).kind).toBe('unknown');
  });

  test.each([
    'http://gateway.example/',
    'https://user:pass@gateway.example/',
    'ftp://127.0.0.1/',
    'http://127.0.0.1.evil.example/',
    'no address',
  ])('%s is not called at all', async (url) => {
    let called = 0;
    const { http } = openHttp({ fetch: async () => Promise.resolve(new Response(String(called++))) });
    expect((await http.request(post(url))).kind).toBe('not_sent');
    expect(called).toBe(0);
  });

  test('a header that HTTP cannot carry', async () => {
    const server = await serve(says(200, '{}'));
    const outcome = await openHttp().http.request({
      ...post(server.url),
      headers: { authorization: 'Bearer …' },
    });
    expect(outcome.kind).toBe('not_sent');
    expect(server.seen).toHaveLength(0);
  });
});

describe('unknown', () => {
  test('dropped after the request was read, and not asked again', async () => {
    const server = await serve((response) => response.destroy());
    expect((await openHttp().http.request(post(server.url))).kind).toBe('unknown');
    expect(server.seen).toHaveLength(1);
  });

  test('dropped before anything was answered on an accepted connection', async () => {
    const url = await listen(
      createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
    );
    expect((await openHttp().http.request(post(url))).kind).toBe('unknown');
  });

  test('no answer in time', async () => {
    const server = await serve(() => undefined);
    const outcome = await openHttp({ timeoutMs: 60 }).http.request(post(server.url));
    expect(outcome).toEqual({ kind: 'unknown', detail: 'no whole answer within 60 ms' });
    expect(server.seen).toHaveLength(1);
  });

  test('a body that stops in the middle, in time or by the connection', async () => {
    const slow = await serve((response) => response.writeHead(200).write('{"ok"'));
    expect((await openHttp().http.request({ ...post(slow.url), timeoutMs: 60 })).kind).toBe('unknown');
    const broken = await serve((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"ok"', () => response.destroy());
    });
    expect((await openHttp().http.request(post(broken.url))).kind).toBe('unknown');
  });

  test('a body larger than the cap', async () => {
    const server = await serve(says(200, 'x'.repeat(1001)));
    const outcome = await openHttp({ maxBytes: 1000 }).http.request(post(server.url));
    expect(outcome).toEqual({ kind: 'unknown', detail: 'status 200, more than 1000 bytes' });
  });

  test('a redirect is not followed with the credentials', async () => {
    const thief = await serve(says(200, '{"ok":true}'));
    for (const status of [301, 302, 307, 308]) {
      const server = await serve(says(status, '', { location: `${thief.url}/` }));
      const outcome = await openHttp().http.request(post(server.url));
      expect(outcome.kind).toBe('unknown');
    }
    expect(thief.seen).toHaveLength(0);
  });
});

test('no connection is kept: each request says close, so that no later POST meets a dead socket', async () => {
  const server = await serve(says(200, '{}'));
  const { http } = openHttp();
  await http.request({ method: 'GET', url: server.url, headers: { Connection: 'keep-alive' } });
  await http.request(post(server.url));
  expect(server.seen.map((one) => one.headers.connection)).toEqual(['close', 'close']);
});

test('a log line says what was called and how it ended, and no header, body, query or whole phone', async () => {
  const server = await serve(says(200, '{"receipt":"TFH774CBH1"}'));
  const { http, lines } = openHttp();
  await http.request(post(`${server.url}/status/ws_CO_21112026143100712345678?phone=254712345678&key=abc`));
  await http.request(post(await closedPort()));
  const written = lines().trim().split('\n');
  expect(written).toHaveLength(2);
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ method: 'POST', outcome: 'answer', status: 200 });
  expect(JSON.parse(written[1] ?? '')).toMatchObject({ outcome: 'not_sent' });
  for (const hidden of ['very-secret-key', '712345678', 'TFH774CBH1', 'key=abc', 'authorization'])
    expect(lines()).not.toContain(hidden);
});

test.each([
  ['https://bluepay.co.ke', 'https://bluepay.co.ke'],
  ['https://bluepay.co.ke/', 'https://bluepay.co.ke'],
  [' https://api.example/v1// ', 'https://api.example/v1'],
  ['http://127.0.0.1:4010/', 'http://127.0.0.1:4010'],
  ['http://localhost:4010', 'http://localhost:4010'],
  ['http://[::1]:4010', 'http://[::1]:4010'],
  ['http://bluepay.co.ke', null],
  ['https://a:b@bluepay.co.ke', null],
  ['https://bluepay.co.ke/?key=1', null],
  ['https://bluepay.co.ke/#a', null],
  ['bluepay.co.ke', null],
  ['', null],
])('base URL %j becomes %j', (text, expected) => {
  expect(parseBaseUrl(text)).toBe(expected);
});

test('a query is encoded', () => {
  expect(gatewayUrl('https://a.example/v1', '/x', { ref: 'a b&c' })).toBe(
    'https://a.example/v1/x?ref=a+b%26c',
  );
  expect(gatewayUrl('https://a.example', '/x')).toBe('https://a.example/x');
});

describe('redact', () => {
  test('takes secrets, phones, line ends and length out of a text', () => {
    const text = `key s3cr3t+key\nfor 0712\n345 678 and +254-712-345-678${' x'.repeat(500)}`;
    const redacted = redact(text, ['', 's3cr3t+key', 's3cr3t']);
    expect(redacted).toMatch(/^key \[secret\] for 0712\*\*\*\*678 and \+2547\*\*\*\*678 x/);
    expect(redacted.length).toBeLessThan(310);
  });

  test('never leaves a secret or a whole phone, whatever stands around it', () => {
    const phone = fc.integer({ min: 100_000_000, max: 199_999_999 }).map((tail) => `254${tail}`);
    fc.assert(
      fc.property(fc.string(), fc.string(), phone, (before, after, number) => {
        const redacted = redact(`${before}${number}${after}abcSECRETabc`, ['SECRET']);
        expect(redacted).not.toContain(number);
        expect(redacted).not.toContain('SECRET');
      }),
    );
    expect(maskPhones('amount 250000, 12345678')).toBe('amount 250000, 12345678');
  });
});
