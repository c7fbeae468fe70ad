import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../../domain/random.ts';
import type { Scheduler } from '../scheduler.ts';
import { type CallRow, createControl, type TelegramControl } from './control.ts';
import type { Change, Telegram } from './core.ts';
import { createFaults, type FaultPlan } from './faults.ts';
import { type Answer, type Input, readBody, readInput, refusalAnswer, sendAnswer } from './http.ts';
import { botMethods } from './methods-bot.ts';
import { messageMethods } from './methods-messages.ts';
import { updateMethods } from './methods-updates.ts';
import { Refusal, tooMany } from './rules.ts';
import { createState } from './state.ts';
import { createUpdates } from './updates.ts';
import { createWebhookSender } from './webhook.ts';

/**
 * A Bot API server for one bot, made from the public documentation for the playground and the tests. What the real one
 * refuses it refuses, with the same shape of answer; what it does not know it refuses too.
 */
export interface TelegramServer {
  /** The API root, such as http://127.0.0.1:8081, known once it listens. */
  readonly url: string;
  readonly control: TelegramControl;
  listen(): Promise<void>;
  close(): Promise<void>;
}

export interface TelegramServerOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** As BotFather gives it: the bot's id, a colon, a secret. */
  readonly token: string;
  readonly botUsername?: string;
  readonly host?: string;
  /** 0: any free port. */
  readonly port?: number;
}

const methods = new Map(
  Object.entries({ ...messageMethods, ...updateMethods, ...botMethods }).map(([name, method]) => [
    name.toLowerCase(),
    { name, method },
  ]),
);
/** The methods that count against the limits on sending. */
const limited: ReadonlySet<string> = new Set(
  Object.keys(messageMethods).filter((name) => name !== 'deleteMessage'),
);
const keptCalls = 5000;

export function createTelegramServer(options: TelegramServerOptions): TelegramServer {
  const { scheduler, random, token } = options;
  const host = options.host ?? '127.0.0.1';
  const listeners = new Set<(change: Change) => void>();
  const calls: CallRow[] = [];
  const state = createState(botIdOf(token), options.botUsername ?? 'malipo_sandbox_bot', random);
  const updates = createUpdates(state, scheduler);
  const faults = createFaults(scheduler, (down) => {
    if (down) server.closeAllConnections();
    else webhooks.pump();
  });
  const webhooks = createWebhookSender(state, updates, scheduler, faults.isDown);
  const changed = (change: Change): void => {
    if (change.kind === 'webhook') webhooks.reset();
    for (const listener of [...listeners]) listener(change);
  };
  const telegram: Telegram = { state, scheduler, random, updates, changed };
  const note = (row: Omit<CallRow, 'at'>): void => {
    calls.push({ at: scheduler.now(), ...row });
    if (calls.length > keptCalls) calls.splice(0, keptCalls / 10);
    changed({ kind: 'call', method: row.method });
  };
  // Like a restart: whoever waits in a long poll asks again, of what is there now.
  const onRestore = (): void => {
    server.closeAllConnections();
    webhooks.reset();
  };
  const desk: Desk = { telegram, faults, note, token };
  const server = createServer((request, response) => void serve(desk, request, response));

  return {
    get url() {
      const address = server.address() as AddressInfo | null;
      if (address === null) throw new Error('The Telegram server does not listen.');
      return `http://${host}:${address.port}`;
    },
    control: createControl({ telegram, faults, calls, listeners, onRestore }),
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(options.port ?? 0, host, () => {
          server.off('error', reject);
          webhooks.pump();
          resolve();
        });
      }),
    close: () =>
      new Promise((resolve) => {
        webhooks.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function botIdOf(token: string): number {
  const found = /^(\d{1,15}):[\w-]{8,}$/.exec(token);
  if (found === null) throw new Error('A bot token is its id, a colon, and letters, digits, _ or -.');
  return Number(found[1]);
}

interface Desk {
  readonly telegram: Telegram;
  readonly faults: FaultPlan;
  readonly note: (row: Omit<CallRow, 'at'>) => void;
  readonly token: string;
}

async function serve(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (desk.faults.isDown()) {
    request.socket.destroy();
    return;
  }
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const found = /^\/(file\/)?bot([^/]+)\/(.+)$/.exec(url.pathname);
  const [, isFile, token = '', rest = ''] = found ?? [];
  try {
    if (found === null) throw new Refusal(404, 'Not Found');
    if (!sameToken(token, desk.token)) throw new Refusal(401, 'Unauthorized');
    if (isFile !== undefined) sendFile(desk, rest, response);
    else await serveMethod(desk, rest, url.searchParams, request, response);
  } catch (error) {
    if (!response.headersSent && !response.destroyed) sendAnswer(response, refusalAnswer(refusalOf(error)));
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  // Hanging up while it is read is the caller's; everything else is a fault of the sandbox, told so that a test sees it.
  return new Refusal(500, `Internal Server Error: ${error instanceof Error ? error.message : String(error)}`);
}

function sameToken(given: string, own: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(decodeURIComponent(given)), digest(own));
}

function sendFile(desk: Desk, path: string, response: ServerResponse): void {
  const file = [...desk.telegram.state.files.values()].find((row) => row.path === path);
  if (file === undefined) throw new Refusal(404, 'Not Found');
  const bytes = Buffer.from(file.base64, 'base64');
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
  response.end(bytes);
}

async function serveMethod(
  desk: Desk,
  asked: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const known = methods.get(asked.toLowerCase());
  const body = await readBody(request);
  if (known === undefined || !/^(GET|POST)$/.test(request.method ?? '')) throw new Refusal(404, 'Not Found');
  await pause(desk);
  const input = await readInput(request.headers['content-type'] ?? '', query, body);
  const note = (answer: Answer | null, answered: boolean): void =>
    desk.note({ method: known.name, params: forLog(input), answer, answered });
  const drop = desk.faults.takeDrop(known.name);
  if (drop === 'before' || desk.faults.isDown()) {
    note(null, false);
    request.socket.destroy();
    return;
  }
  const hangUp = new AbortController();
  response.once('close', () => hangUp.abort());
  const answer = await answerTo(desk, known.name, input, hangUp.signal);
  const lost = drop === 'after' || desk.faults.isDown() || response.destroyed;
  note(answer, !lost);
  if (lost) request.socket.destroy();
  else sendAnswer(response, answer);
}

function pause(desk: Desk): Promise<void> | void {
  const ms = desk.faults.delayMs();
  if (ms > 0) return new Promise((resolve) => desk.telegram.scheduler.after(ms, resolve));
}

async function answerTo(desk: Desk, name: string, input: Input, signal: AbortSignal): Promise<Answer> {
  try {
    const failure = desk.faults.takeFailure(name);
    if (failure !== null) throw failure;
    const method = methods.get(name.toLowerCase())?.method;
    if (method === undefined) throw new Refusal(404, 'Not Found');
    const wait = limited.has(name) ? desk.faults.retryAfter(String(input.params.chat_id ?? '')) : null;
    if (wait !== null) throw tooMany(wait);
    return { ok: true, result: await method(desk.telegram, { ...input, signal }) };
  } catch (error) {
    return refusalAnswer(refusalOf(error));
  }
}

function forLog(input: Input): CallRow['params'] {
  const files = [...input.files].map(([name, file]) => [name, `<${file.name}, ${file.bytes.length} bytes>`]);
  const params = { ...input.params, ...Object.fromEntries(files) };
  return 'secret_token' in params ? { ...params, secret_token: '<secret>' } : params;
}
