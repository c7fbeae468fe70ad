/** One gateway on one loopback server, with everything written down that left for it or was logged about it. */
import type { ServerResponse } from 'node:http';
import { expect } from 'vitest';
import { type Clock, systemClock } from '../../src/domain/clock.ts';
import type { OpenGateway } from '../../src/gateways/gateway.ts';
import type { GatewayHttp } from '../../src/gateways/http.ts';
import { openGateway } from '../../src/gateways/registry.ts';
import type { GatewayFixture, Reply, Sent } from './contract-fixture.ts';
import { openHttp, type Seen, says, serve } from './loopback.ts';

export type Answering = (response: ServerResponse, seen: Seen) => void;

export interface Stage {
  readonly gateway: OpenGateway;
  readonly url: string;
  readonly seen: readonly Seen[];
  /** What came beside the calls for a token. */
  readonly calls: () => readonly Seen[];
  readonly tokens: () => number;
}

export interface StageOptions {
  readonly clock?: Clock;
  /** How long an answer may take; the token's own never fails by it. */
  readonly timeoutMs?: number;
  /** How the call for the number-th token is answered; by default with one. */
  readonly token?: (number: number) => Answering;
  /** Behind the server's address. */
  readonly tail?: string;
}

export const issued = (number: number): string => `tok-${number}-5f2e9c81d7`;

interface Opened {
  readonly gateway: OpenGateway;
  readonly lines: () => string;
  readonly origins: readonly string[];
  readonly baseUrl: string;
}

const opened: Opened[] = [];

/** As the house opens it, over the real HTTP part. */
export function openFixture(
  fixture: GatewayFixture,
  baseUrl: string,
  options: StageOptions = {},
): OpenGateway {
  const origins: string[] = [];
  const { http, lines } = openHttp({
    timeoutMs: 5000,
    fetch: (input, init) => {
      origins.push(new URL(input instanceof Request ? input.url : input).origin);
      return globalThis.fetch(input, init);
    },
  });
  const gateway = openOver(fixture, baseUrl, hurried(http, fixture, options.timeoutMs), options.clock);
  opened.push({ gateway, lines, origins, baseUrl });
  return gateway;
}

export function openOver(
  fixture: GatewayFixture,
  baseUrl: string,
  http: GatewayHttp,
  clock: Clock = systemClock,
): OpenGateway {
  const opening = openGateway(fixture.kind, fixture.config(baseUrl), http, clock);
  if (opening.kind !== 'open') throw new Error(JSON.stringify(opening));
  return opening.gateway;
}

function hurried(http: GatewayHttp, fixture: GatewayFixture, timeoutMs: number | undefined): GatewayHttp {
  if (timeoutMs === undefined) return http;
  return {
    request: (request) =>
      http.request(isToken(fixture, new URL(request.url).pathname) ? request : { ...request, timeoutMs }),
  };
}

const isToken = (fixture: GatewayFixture, path: string) => fixture.token?.sent.path === path;

export async function stage(
  fixture: GatewayFixture,
  answer: Answering,
  options: StageOptions = {},
): Promise<Stage> {
  let given = 0;
  const server = await serve((response, seen) => {
    if (!isToken(fixture, seen.path)) return answer(response, seen);
    given += 1;
    const token =
      options.token?.(given) ?? replies({ status: 200, body: fixture.token?.reply(issued(given)) });
    token(response, seen);
  });
  return {
    gateway: openFixture(fixture, `${server.url}${options.tail ?? ''}`, options),
    url: server.url,
    seen: server.seen,
    calls: () => server.seen.filter(({ path }) => !isToken(fixture, path)),
    tokens: () => given,
  };
}

export const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));

export const replies = ({ status, body, headers }: Reply): Answering =>
  says(status, textOf(body), { 'content-type': 'application/json', ...headers });

/** The gateway's own error, which repeats everything that it was sent. */
export const repeating =
  (fixture: GatewayFixture, status: number): Answering =>
  (response, seen) => {
    const said = `${Object.values(seen.headers).join(' ')} ${seen.body}`;
    replies({ status, body: fixture.error(status, said) })(response, seen);
  };

/** The last call, field by field: nothing that is not documented leaves. */
export function expectSent(fixture: GatewayFixture, seen: Seen | undefined, sent: Sent): void {
  if (seen === undefined) throw new Error('nothing was sent');
  expect(seen).toMatchObject({ method: sent.method, path: sent.path, query: sent.query ?? {} });
  const own = Object.entries(seen.headers).filter(([name]) => !ofHttp.has(name));
  expect(Object.fromEntries(own)).toEqual(sent.headers);
  if (sent.fields === undefined) expect(seen.body).toBe('');
  else expect((fixture.readFields ?? readJson)(seen)).toEqual(sent.fields);
}

const readJson = (seen: Seen): unknown => JSON.parse(seen.body);

const ofHttp: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'accept', 'accept-encoding', 'accept-language', 'sec-fetch-mode', 'user-agent'],
  ...['content-length', 'transfer-encoding'],
]);

/** The phones of the kit, as they are written anywhere. */
const phones = /(?:254|0)?7(?:12345678|08374149|42783614)/;

/** After each case: what it logged and where it called. */
export function expectNothingTold(fixture: GatewayFixture): void {
  for (const { lines, origins, baseUrl } of opened.splice(0)) {
    expectClean(fixture, lines());
    expect(origins.filter((origin) => origin !== new URL(baseUrl).origin)).toEqual([]);
  }
}

export function expectClean(fixture: GatewayFixture, text: string): void {
  for (const secret of [...fixture.secrets, 'tok-1-5f2e9c81d7', 'tok-2-5f2e9c81d7'])
    expect(text).not.toContain(secret);
  expect(text).not.toMatch(phones);
}

/** What the network or a page in between can do to any answer: nobody knows what became of the call. */
export function lostAnswers(body: unknown): readonly (readonly [name: string, answer: Answering])[] {
  const whole = textOf(body);
  const html = '<html><body>Bad gateway</body></html>';
  return [
    ['dropped after it was sent', (response) => void response.destroy()],
    ['an HTML body with 200', says(200, html, { 'content-type': 'text/html' })],
    ['an empty body', says(200, '')],
    ['JSON that ends too early', says(200, whole.slice(0, -2))],
    [
      'a body that breaks off',
      (response) => {
        response.writeHead(200, { 'content-length': String(whole.length) });
        response.write(whole.slice(0, -2), () => response.destroy());
      },
    ],
    ['an oversized body', says(200, `${' '.repeat(300_000)}${whole}`)],
    ...[500, 502, 503, 504, 520].map((status) => [`a page with ${status}`, says(status, html)] as const),
    ['nothing with 500', says(500, '')],
  ];
}

/** A page of somebody in between is no word of the gateway about the credentials, a limit or a payment. */
export const pages: readonly (readonly [name: string, answer: Answering])[] = [400, 401, 403, 404, 429].map(
  (status) => [`a page with ${status}`, says(status, '<html>', { 'content-type': 'text/html' })],
);
