/** The playground as a newcomer starts it: a process of its own, moved and watched only over HTTP. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { connectEmbedded } from '../../src/db/embedded.ts';
import { openDatabase } from '../../src/db/open.ts';
import { silentLog } from '../../src/ops/log.ts';
import type { PersonId } from '../../src/sandbox/cast.ts';
import type { ChannelId } from '../../src/sandbox/chat-names.ts';
import type { DeskState } from '../../src/sandbox/view.ts';
import type { DeskMessage } from '../../src/sandbox/view-chat.ts';
import { compileCache } from '../crash/program.ts';
import { scratch } from '../support/scratch.ts';

const program = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface Started {
  readonly process: ChildProcess;
  /** Without a slash at the end. */
  readonly url: string;
  readonly line: string;
  /** Everything on stdout until now. */
  stdout(): string;
  readonly desk: Watch;
  perform(action: object): Promise<{ status: number; body: { ok: boolean; error?: string } }>;
  /** Performs it, and fails unless it was done. */
  do(action: object): Promise<void>;
  /** Sends the signal, and answers the exit status once the process has gone. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface Watch {
  /** The newest state. */
  now(): DeskState;
  /** Resolves with what `find` finds, looked at now and after each event. */
  until<T>(what: string, find: (state: DeskState) => T | undefined | null | false): Promise<T>;
  close(): void;
}

/** Longer than the lease of a message that a killed program was sending: until then nobody else sends it. */
const patienceMs = 75_000;

export function spawnPlayground(
  dataDir: string,
  port: number,
  extra: Record<string, string> = {},
): ChildProcess {
  const { PATH, HOME } = process.env;
  return spawn(process.execPath, [program], {
    cwd: dataDir,
    env: { PATH, HOME, ...compileCache(), PORT: String(port), DATA_DIR: dataDir, ...extra },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export async function startPlayground(
  dataDir: string,
  extra: Record<string, string> = {},
  port = 0,
): Promise<Started> {
  const process = spawnPlayground(dataDir, port, extra);
  let stdout = '';
  process.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  const faults = process.stderr === null ? Promise.resolve('') : text(process.stderr);
  const line = await firstLine(process, faults);
  const url = line.replace(/^Playground: (.*)\/$/, '$1');
  const desk = await watch(url);
  const perform: Started['perform'] = async (action) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/desk/do`, { method: 'POST', headers, body: JSON.stringify(action) });
    return { status: answer.status, body: (await answer.json()) as { ok: boolean; error?: string } };
  };
  return {
    process,
    url,
    line,
    stdout: () => stdout,
    desk,
    perform,
    do: async (action) => {
      const { body } = await perform(action);
      if (!body.ok) throw new Error(`${JSON.stringify(action)}: ${body.error}`);
    },
    end: async (signal) => {
      desk.close();
      if (process.exitCode !== null || process.signalCode !== null) return process.exitCode;
      const exit = once(process, 'exit') as Promise<[number | null]>;
      process.kill(signal);
      return (await exit)[0];
    },
  };
}

async function firstLine(process: ChildProcess, faults: Promise<string>): Promise<string> {
  if (process.stdout === null) throw new Error('no stdout');
  const line = once(createInterface(process.stdout), 'line').then(([text]: string[]) => text ?? '');
  const gone = once(process, 'exit').then(async ([code]) => {
    throw new Error(`the playground ended with ${code}: ${await faults}`);
  });
  gone.catch(() => undefined);
  return await Promise.race([line, gone]);
}

/** Reads the server-sent events of a desk. */
async function watch(url: string): Promise<Watch> {
  const stop = new AbortController();
  const answer = await fetch(`${url}/desk/events`, { signal: stop.signal });
  let state: DeskState | null = null;
  const waiting = new Set<() => void>();
  const take = (event: string): void => {
    const data = /^data: (.*)$/m.exec(event)?.[1];
    if (data === undefined) return;
    state = JSON.parse(data) as DeskState;
    for (const look of [...waiting]) look();
  };
  const reading = readEvents(answer, take).catch(() => undefined);
  const until: Watch['until'] = (what, find) =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = state === null ? null : find(state);
        if (found === undefined || found === null || found === false) return;
        waiting.delete(look);
        clearTimeout(timer);
        resolve(found);
      };
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`${what}: never seen; the desk is ${summary(state)}`));
      }, patienceMs);
      waiting.add(look);
      look();
    });
  await until('a first state', (first) => first);
  return {
    now: () => {
      if (state === null) throw new Error('no state yet');
      return state;
    },
    until,
    close: () => {
      stop.abort();
      void reading;
    },
  };
}

async function readEvents(answer: Response, take: (event: string) => void): Promise<void> {
  let left = '';
  const decoder = new TextDecoder();
  if (answer.body === null) return;
  for await (const chunk of answer.body) {
    left += decoder.decode(chunk, { stream: true });
    const events = left.split('\n\n');
    left = events.pop() ?? '';
    for (const event of events) take(event);
  }
}

function summary(state: DeskState | null): string {
  if (state === null) return 'not seen';
  const chats = state.people.flatMap(({ id, chats: all }) =>
    Object.entries(all).map(
      ([channel, { messages }]) => `${id}, ${channel}: ${messages.map(({ plain }) => plain).join(' | ')}`,
    ),
  );
  return JSON.stringify({ app: state.app, payment: state.payment, chats, wire: state.wire }, null, 1);
}

export function messagesOf(
  state: DeskState,
  person: PersonId,
  channel: ChannelId = 'telegram',
): readonly DeskMessage[] {
  return state.people.find(({ id }) => id === person)?.chats[channel].messages ?? [];
}

/** The newest message of the bot that says what is wanted. */
export function cardOf(
  state: DeskState,
  person: PersonId,
  wanted: RegExp,
  channel: ChannelId = 'telegram',
): DeskMessage | undefined {
  return messagesOf(state, person, channel).findLast(({ fromBot, plain }) => fromBot && wanted.test(plain));
}

export function promptOn(state: DeskState, msisdn: string) {
  return state.phones.find((phone) => phone.msisdn === msisdn)?.prompts[0];
}

/** Asks the shop's bot for a payment and presses the first button of its card; resolves once the prompt shows. */
export async function ask(desk: Started, line: string, msisdn: string) {
  const card = await askFor(desk, line);
  return send(desk, card, msisdn);
}

/** The same, through the account whose name or label the card then says. */
export async function askThrough(desk: Started, account: RegExp, line: string, msisdn: string) {
  let card = await askFor(desk, line);
  const { id } = card;
  for (let turns = 0; !account.test(card.plain); turns += 1) {
    const { plain, buttons } = card;
    if (turns > 5) throw new Error(`no account ${account}: ${plain}`);
    const data = buttons.flat().find(({ text }) => text === 'Another account')?.data;
    await desk.do({ action: 'press', person: 'shop', messageId: id, data });
    card = await desk.desk.until('another account on the card', (state) =>
      messagesOf(state, 'shop').find((each) => each.id === id && each.plain !== plain && isAsking(each)),
    );
  }
  return send(desk, card, msisdn);
}

async function askFor(desk: Started, line: string): Promise<DeskMessage> {
  await desk.do({ action: 'say', person: 'shop', text: line });
  const note = line.split(' ')[2] ?? '';
  return desk.desk.until(`a card for ${line}`, (state) => {
    // Where there are several accounts, the one that it goes through stands before the note.
    const found = cardOf(state, 'shop', new RegExp(`P-\\w{5}\\n(Through .*\\n)?${note}`));
    return found !== undefined && isAsking(found) && found;
  });
}

const isAsking = ({ buttons }: DeskMessage): boolean => buttons.length > 1;

async function send(desk: Started, card: DeskMessage, msisdn: string) {
  const data = card.buttons[0]?.[0]?.data;
  await desk.do({ action: 'press', person: 'shop', messageId: card.id, data });
  return desk.desk.until(`a prompt on ${msisdn}`, (state) => promptOn(state, msisdn));
}

/** A request whose Host and Origin are what a browser under a foreign name would send. */
export async function rawRequest(
  url: string,
  options: { method?: string; headers: Record<string, string>; body?: string },
): Promise<{ status: number; body: string }> {
  const asked = request(url, { method: options.method ?? 'GET', headers: options.headers });
  asked.end(options.body);
  const [answer] = await once(asked, 'response');
  return { status: answer.statusCode, body: await text(answer) };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Makes the prompts that are over older: M-Pesa wants a minute between two to one phone, and the desk's clock is real. */
export async function minutesPass(dataDir: string): Promise<void> {
  const server = await connectEmbedded({ dataDir: path.join(dataDir, 'playground'), log: silentLog });
  const { db, close } = openDatabase({ connection: server.url, log: silentLog, max: 1 });
  const before = (column: string) => sql`${sql.ref(column)} - interval '3 minutes'`;
  await sql`
    update attempt set queued_at = ${before('queued_at')}, live_until = ${before('live_until')}
    where state in ('paid', 'failed')`.execute(db);
  await close();
  await server.close();
}

export async function temporaryDirectory(): Promise<string> {
  return await mkdtemp(path.join(scratch, `malipo-desk-${process.pid}-`));
}

export async function remove(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}
