/**
 * The front on PORT: the page, the desk, and everything else passed on to the program. A page of another site that runs in
 * the same browser must neither read the desk nor move it, whatever name it makes point here.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Events } from './events.ts';
import { readPageFile } from './page-files.ts';
import { passOn, sayDown, type Target } from './proxy.ts';

export interface DeskFile {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Buffer;
}

/** What the gate opens on to. */
export interface Behind {
  readonly events: Events;
  /** null: done. */
  perform(body: string): Promise<{ readonly status: number; readonly sentence: string } | null>;
  file(id: string): DeskFile | null;
  /** null: the program is not there now. */
  target(): Target | null;
}

export interface Gate {
  readonly port: number;
  /** Until then requests wait. */
  open(behind: Behind): void;
  close(): Promise<void>;
}

const maxActionBytes = 8 * 1024 * 1024;

export type Listening =
  | { readonly kind: 'gate'; readonly gate: Gate }
  /** The system's word for it, such as EADDRINUSE. */
  | { readonly kind: 'refused'; readonly code: string };

export async function listenAt(host: string, port: number): Promise<Listening> {
  const opened = Promise.withResolvers<Behind>();
  const server = createServer((request, response) => {
    void opened.promise
      .then((behind) => serve(behind, request, response))
      .catch(() =>
        response.headersSent ? response.destroy() : say(response, 500, 'The desk broke at this.'),
      );
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause) return { kind: 'refused', code: String(cause.code) };
    throw cause;
  }
  const gate: Gate = {
    port: (server.address() as AddressInfo).port,
    open: opened.resolve,
    close: () => close(server),
  };
  return { kind: 'gate', gate };
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

async function serve(behind: Behind, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://desk');
  if (!isOurName(request.headers.host)) return say(response, 403, 'This desk answers to this machine only.');
  response.setHeader('x-content-type-options', 'nosniff');
  if (pathname === '/favicon.ico') return void response.writeHead(204).end();
  if (pathname === '/' || /^\/desk\/(page|modules)\//.test(pathname))
    return await servePage(pathname, request, response);
  if (!/^\/desk(\/|$)/.test(pathname)) return serveProgram(behind, request, response);
  if (isForeign(request)) return say(response, 403, 'Another page may not use this desk.');
  if (pathname === '/desk/do') return await perform(behind, request, response);
  if (request.method !== 'GET') return say(response, 405, 'This can only be read.');
  if (pathname === '/desk/events') return behind.events.add(response);
  const id = /^\/desk\/file\/([^/]+)$/.exec(pathname)?.[1];
  return id === undefined
    ? say(response, 404, 'There is no such thing on the desk.')
    : sendFile(behind, decoded(id), response);
}

/** A name that someone else's server gave this address arrives as it is: nobody but loopback's own names comes in. */
function isOurName(host: string | undefined): boolean {
  const name = host === undefined ? undefined : URL.parse(`http://${host}`)?.hostname;
  return name === 'localhost' || name === '127.0.0.1' || name === '[::1]';
}

function isForeign({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers;
  if (origin !== undefined) return origin !== `http://${host}`;
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

async function servePage(
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return say(response, 405, 'This can only be read.');
  const file = await readPageFile(pathname);
  if (file === null) return say(response, 404, 'The page has no such file.');
  response.setHeader('etag', file.etag);
  response.setHeader('cache-control', 'no-cache');
  if (file.policy !== null) response.setHeader('content-security-policy', file.policy);
  response.setHeader('referrer-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  if (request.headers['if-none-match'] === file.etag) return void response.writeHead(304).end();
  response.writeHead(200, { 'content-type': file.type, 'content-length': file.bytes.length });
  response.end(request.method === 'HEAD' ? undefined : file.bytes);
}

function serveProgram(behind: Behind, request: IncomingMessage, response: ServerResponse): void {
  const target = behind.target();
  response.removeHeader('x-content-type-options');
  if (target === null) sayDown(response);
  else passOn(target, request, response);
}

async function perform(behind: Behind, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return answer(response, 405, 'The desk is moved with POST.');
  // A form of another site cannot send it without asking first.
  if (request.headers['content-type']?.split(';')[0]?.trim() !== 'application/json')
    return answer(response, 415, 'The desk takes JSON only.');
  const body = await readText(request);
  if (body === null) return answer(response, 413, 'This is too large for the desk.');
  const refused = await behind.perform(body);
  if (refused === null) answer(response, 200, null);
  else answer(response, refused.status, refused.sentence);
}

function answer(response: ServerResponse, status: number, error: string | null): void {
  const body = JSON.stringify(error === null ? { ok: true } : { ok: false, error });
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(body);
}

/** null: too large; the rest is not read. */
async function readText(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > maxActionBytes) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** WhatsApp's ids may hold a name. */
function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return '';
  }
}

/** Pictures and PDFs, such as receipts, are shown; anything else could be a page itself, and is saved. */
function sendFile(behind: Behind, id: string, response: ServerResponse): void {
  const file = behind.file(id);
  if (file === null) {
    say(response, 404, 'There is no such file.');
    return;
  }
  const shown = /^(image\/(png|jpeg|gif|webp)|application\/pdf)$/.test(file.mimeType);
  const name = encodeURIComponent(file.name);
  response.writeHead(200, {
    'content-type': shown ? file.mimeType : 'application/octet-stream',
    'content-disposition': `${shown ? 'inline' : 'attachment'}; filename*=UTF-8''${name}`,
    'content-length': file.bytes.length,
    'cross-origin-resource-policy': 'same-origin',
  });
  response.end(file.bytes);
}

function say(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${sentence}\n`);
}
