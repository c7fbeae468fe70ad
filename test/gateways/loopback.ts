import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createGatewayHttp, type GatewayHttp, type GatewayHttpDeps } from '../../src/gateways/http.ts';
import type { Logger } from '../../src/ops/log.ts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Loopback {
  readonly url: string;
  readonly seen: Seen[];
}

/** A real server on loopback for one test. `answer` runs after the whole request was read. */
export async function serve(answer: (response: ServerResponse, seen: Seen) => void): Promise<Loopback> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://loopback');
      const one = {
        method: request.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: request.headers,
        body: Buffer.concat(parts).toString('utf8'),
      };
      seen.push(one);
      answer(response, one);
    });
  });
  return { url: await listen(server), seen };
}

export async function listen(server: Server | import('node:net').Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** A port that was just free and is closed again. */
export async function closedPort(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${address.port}`;
}

export const says =
  (status: number, text: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  (response: ServerResponse) =>
    response.writeHead(status, headers).end(text);

/** A real pino log whose lines a test reads. */
export function createKeptLog(): { log: Logger; lines: () => string } {
  const lines: string[] = [];
  const to = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { log: pino({ level: 'trace' }, to), lines: () => lines.join('') };
}

export function openHttp(deps: Partial<GatewayHttpDeps> = {}): { http: GatewayHttp; lines: () => string } {
  const { log, lines } = createKeptLog();
  return { http: createGatewayHttp({ fetch: globalThis.fetch, log, ...deps }), lines };
}
