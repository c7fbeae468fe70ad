/** The HTTP side: reads a request, finds its endpoint, meets the faults, writes the answer or breaks the connection. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Scheduler } from '../scheduler.ts';
import type { AnswerFault, Faults, Operation } from './faults.ts';
import { faultOf } from './faults.ts';
import type { Journal, RequestEntry } from './journal.ts';
import { shownBody, shownHeaders } from './journal.ts';
import type { Timers } from './timers.ts';
import type { Answer } from './wire.ts';
import { html, payloadOf } from './wire.ts';

/** One HTTP request, read but not yet understood. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case name → value. */
  readonly headers: { readonly [name: string]: string | undefined };
  readonly ip: string;
  readonly text: string;
  /** What stood where the route's path has `{id}`. */
  readonly id: string;
  /** Run once the answer has left, or the connection is gone. */
  readonly afterAnswer: (() => void)[];
}

export interface Route {
  readonly method: string;
  /** Under the base path; one segment may be `{id}`. */
  readonly path: string;
  readonly operation: Operation;
  readonly handle: (call: Call) => Answer | Promise<Answer>;
}

export interface ServerDeps {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly answerTimers: Timers;
  readonly journal: Journal<RequestEntry>;
  readonly basePath: string;
  readonly routes: () => readonly Route[];
  readonly noSuchPath: Answer;
  readonly wrongMethod: Answer;
}

export function createHttpServer(deps: ServerDeps): Server {
  return createServer((request, response) => {
    serve(deps, request, response).catch((error: unknown) => {
      // A caller that hangs up while its body is read is its own affair; a bug of ours must be seen.
      if (!request.complete) response.destroy();
      else throw error;
    });
  });
}

async function serve(deps: ServerDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  const { url: path = '/', method = 'GET', headers } = request;
  const at = deps.scheduler.now();
  const shown = { method, path, headers: shownHeaders(headers), body: shownBody(body) };
  const entry = deps.journal.add({ at, ...shown, status: null, answer: null, ms: null });
  const [pathname = '', search = ''] = path.split('?', 2);
  const call: Call = {
    method,
    path: pathname,
    query: new URLSearchParams(search),
    headers: singles(headers),
    ip: request.socket.remoteAddress ?? '',
    text: body,
    id: '',
    afterAnswer: [],
  };
  const answer = await route(deps, call);
  const ms = deps.scheduler.now().getTime() - at.getTime();
  if (answer.kind === 'drop') deps.journal.amend(entry, { ms });
  else deps.journal.amend(entry, { ms, status: answer.status, answer: shownBody(payloadOf(answer)) });
  whenGone(response, () => {
    for (const run of call.afterAnswer) run();
  });
  write(request, response, answer);
}

function singles(headers: NodeJS.Dict<string | string[]>): Call['headers'] {
  const pairs = Object.entries(headers).map(([name, value]) => [name, value?.toString()]);
  return Object.fromEntries(pairs);
}

async function route(deps: ServerDeps, call: Call): Promise<Answer> {
  const there = deps.routes().flatMap((one) => {
    const id = idIn(`${deps.basePath}${one.path}`, call.path);
    return id === null ? [] : [{ one, id }];
  });
  const found = there.find(({ one }) => one.method === call.method);
  if (found === undefined) return there.length === 0 ? deps.noSuchPath : deps.wrongMethod;
  const { one, id } = found;
  return struck(deps, one.operation, () => one.handle({ ...call, id }));
}

/** The segment at `{id}`, '' where the pattern has none; null: another path. */
function idIn(pattern: string, path: string): string | null {
  const [head = '', tail] = pattern.split('{id}');
  if (tail === undefined) return pattern === path ? '' : null;
  if (!path.startsWith(head) || !path.endsWith(tail)) return null;
  const id = path.slice(head.length, path.length - tail.length);
  return id === '' || id.includes('/') ? null : id;
}

async function struck(
  { faults, answerTimers }: ServerDeps,
  operation: Operation,
  handle: () => Answer | Promise<Answer>,
): Promise<Answer> {
  const take = (fault: AnswerFault): number | null => faults.take(faultOf(operation, fault));
  if (take('drop_before_accept') !== null) return { kind: 'drop' };
  if (take('http_500') !== null) return html(500, '500 Internal Server Error');
  const answer = await handle();
  // What the gateway refuses by itself needs no bad day.
  if (answer.kind === 'drop' || answer.status >= 300) return answer;
  const slowMs = take('slow');
  if (slowMs !== null) await answerTimers.pause(slowMs);
  if (take('drop_after_accept') !== null) return { kind: 'drop' };
  if (take('http_502') !== null) return html(502, '502 Bad Gateway');
  if (take('html_200') !== null) return html(200, 'Welcome');
  const sound = payloadOf(answer);
  const broken = (text: string): Answer => ({
    kind: 'raw',
    status: answer.status,
    contentType: 'application/json',
    text,
  });
  if (take('truncated_json') !== null) return broken(sound.slice(0, -20));
  return take('oversized') === null ? answer : broken(sound + ' '.repeat(8 * 1024 * 1024));
}

function whenGone(response: ServerResponse, run: () => void): void {
  if (response.closed || response.destroyed) run();
  else response.once('close', run);
}

function write(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (answer.kind === 'drop') {
    request.socket.destroy();
    return;
  }
  const type = answer.kind === 'raw' ? answer.contentType : 'application/json';
  const payload = Buffer.from(payloadOf(answer));
  response.writeHead(answer.status, {
    'content-type': type,
    'content-length': payload.length,
    ...answer.headers,
  });
  response.end(payload);
}
