import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallRow } from './control.ts';
import type { Whatsapp } from './core.ts';
import type { Endpoint, FaultPlan } from './faults.ts';
import { type Answer, readBody, readForm, readJson, refusalAnswer, sendAnswer, sendBytes } from './http.ts';
import { downloadMedia, type Form, getMedia, uploadMedia } from './media.ts';
import { postMessages } from './messages.ts';
import { readNumber } from './number.ts';
import { badToken, type Fields, noObject, Refusal } from './rules.ts';
import type { Statuses } from './statuses.ts';

export interface Desk {
  readonly whatsapp: Whatsapp;
  readonly statuses: Statuses;
  readonly faults: FaultPlan;
  readonly note: (row: Omit<CallRow, 'at'>) => void;
  /** null: the token has expired. */
  readonly token: () => string | null;
  /** Tokens that were right once: they are told that they expired. */
  readonly knownTokens: Set<string>;
  readonly origin: () => string;
}

interface Call {
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, unknown>>;
  /** The result, or bytes to download. */
  readonly run: () => unknown;
}

export async function serve(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (desk.faults.isDown()) {
    request.socket.destroy();
    return;
  }
  try {
    const body = await readBody(request);
    const ms = desk.faults.delayMs();
    if (ms > 0) await new Promise<void>((resolve) => desk.whatsapp.scheduler.after(ms, resolve));
    const call = await callOf(desk, request, body);
    await answer(desk, call, request, response);
  } catch (error) {
    if (!response.headersSent && !response.destroyed) sendAnswer(response, asAnswer(desk, error));
  }
}

async function callOf(desk: Desk, request: IncomingMessage, body: Buffer): Promise<Call> {
  const { whatsapp } = desk;
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const method = request.method ?? '';
  const token = request.headers.authorization ?? '';
  const query = Object.fromEntries(url.searchParams);
  if (url.pathname === '/whatsapp_business/attachments/' && method === 'GET') {
    const run = () => downloadMedia(whatsapp, url.searchParams, isRight(desk, token));
    return { endpoint: 'downloadMedia', params: { mid: query.mid }, run };
  }
  const [, id = '', edge] = /^\/v\d+\.\d+\/([^/]+)(?:\/(messages|media))?\/?$/.exec(url.pathname) ?? [];
  const guarded = (run: () => unknown) => () => {
    allow(desk, token);
    return run();
  };
  const own = id === whatsapp.state.phoneNumberId;
  const none = guarded(() => {
    throw noObject(method, id);
  });
  if (edge === 'messages' && method === 'POST') {
    const type = request.headers['content-type'] ?? '';
    const fields = readable(() => readJson(type, body));
    const endpoint = fields.value?.status === undefined ? 'messages' : 'markRead';
    const run = own ? guarded(() => postMessages(desk, fields.get())) : none;
    return { endpoint, params: fields.value ?? {}, run };
  }
  if (edge === 'media' && method === 'POST') {
    const form = await readForm(request.headers['content-type'] ?? '', body);
    const run = own ? guarded(() => uploadMedia(whatsapp, form)) : none;
    return { endpoint: 'uploadMedia', params: forLog(form), run };
  }
  if (edge !== undefined || id === '' || method !== 'GET')
    return { endpoint: 'getPhoneNumber', params: query, run: none };
  if (own) {
    const run = guarded(() => readNumber(whatsapp.state, url.searchParams));
    return { endpoint: 'getPhoneNumber', params: query, run };
  }
  const run = guarded(() => getMedia(whatsapp, id, url.searchParams, desk.origin()));
  return { endpoint: 'getMedia', params: { id, ...query }, run };
}

/** Read at once for the log; what it throws is thrown where it is asked for. */
function readable(read: () => Fields): { readonly value: Fields | null; get(): Fields } {
  try {
    const value = read();
    return { value, get: () => value };
  } catch (error) {
    return {
      value: null,
      get: () => {
        throw error;
      },
    };
  }
}

async function answer(
  desk: Desk,
  { endpoint, params, run }: Call,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const note = (given: Answer | null, answered: boolean): void =>
    desk.note({ method: endpoint, params, answer: given, answered });
  const drop = desk.faults.takeDrop(endpoint);
  if (drop === 'before' || desk.faults.isDown()) {
    note(null, false);
    request.socket.destroy();
    return;
  }
  let file: { readonly mimeType: string; readonly base64: string } | null = null;
  let given: Answer;
  try {
    const failure = desk.faults.takeFailure(endpoint);
    if (failure !== null) throw failure;
    const result = await run();
    if (endpoint === 'downloadMedia') file = result as { mimeType: string; base64: string };
    given = { status: 200, body: file === null ? result : '<file>' };
  } catch (error) {
    given = asAnswer(desk, error);
  }
  const lost = drop === 'after' || desk.faults.isDown() || response.destroyed;
  note(given, !lost);
  if (lost) request.socket.destroy();
  else if (file !== null) sendBytes(response, file.mimeType, Buffer.from(file.base64, 'base64'));
  else sendAnswer(response, given);
}

function asAnswer(desk: Desk, error: unknown): Answer {
  const traceId = `A${desk.whatsapp.random.bytes(17).toString('base64url')}`;
  if (error instanceof Refusal) return refusalAnswer(error, traceId);
  // A fault of the sandbox, told so that a test sees it.
  const why = error instanceof Error ? error.message : String(error);
  return refusalAnswer(new Refusal(1, `The sandbox broke: ${why}`, { status: 500 }), traceId);
}

function isRight(desk: Desk, header: string): boolean {
  const token = desk.token();
  return token !== null && same(header, `Bearer ${token}`);
}

function allow(desk: Desk, header: string): void {
  if (isRight(desk, header)) return;
  throw badToken(desk.knownTokens.has(header.replace(/^Bearer /, '')) ? 'expired' : 'wrong');
}

function same(given: string, own: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(own));
}

function forLog({ fields, files }: Form): Record<string, unknown> {
  const named = [...files].map(([name, file]) => [name, `<${file.name}, ${file.bytes.length} bytes>`]);
  return { ...Object.fromEntries(fields), ...Object.fromEntries(named) };
}
