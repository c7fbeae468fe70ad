import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createManualScheduler, type ManualScheduler } from '../../src/sandbox/scheduler.ts';
import type { WhatsappControl } from '../../src/sandbox/whatsapp/control.ts';
import { createWhatsappServer, type WhatsappServer } from '../../src/sandbox/whatsapp/server.ts';
import type { TemplateRow } from '../../src/sandbox/whatsapp/state.ts';
import { createTestRandom } from '../support/clock.ts';

export const numberId = '106540352242922';
export const accessToken = 'EAAtest-token';
export const appSecret = 'app-secret';
export const verifyToken = 'verify-me';
export const amina = 254712345678;
export const brian = 254722000111;
/** Has a username, and no phone in the events. */
export const hidden = 'KE.13491208655302741918';

export type Json = Record<string, unknown>;

export interface Arrived {
  readonly body: string;
  readonly signature: string | undefined;
  readonly signed: boolean;
}

export interface Hook {
  readonly url: string;
  readonly arrived: Arrived[];
  /** What is answered; 200 unless set. */
  status: number;
  close(): Promise<void>;
}

/** A webhook as the documents ask for it. */
export async function openHook(): Promise<Hook> {
  const arrived: Arrived[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://hook');
    if (request.method === 'GET') {
      const fine = url.searchParams.get('hub.verify_token') === verifyToken;
      response.writeHead(fine ? 200 : 403);
      response.end(fine ? url.searchParams.get('hub.challenge') : 'no');
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const signature = request.headers['x-hub-signature-256'] as string | undefined;
      const own = `sha256=${createHmac('sha256', appSecret).update(bytes).digest('hex')}`;
      arrived.push({ body: bytes.toString('utf8'), signature, signed: signature === own });
      response.writeHead(hook.status);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hook: Hook = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    arrived,
    status: 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return hook;
}

export interface Reply {
  readonly status: number;
  readonly body: Json;
}

export interface Kit {
  readonly server: WhatsappServer;
  readonly control: WhatsappControl;
  readonly scheduler: ManualScheduler;
  readonly hook: Hook;
  call(path: string, init?: RequestInit, token?: string | null): Promise<Reply>;
  /** A message; the rest of the fields over `messaging_product` and Amina's number. */
  post(body: Json): Promise<Reply>;
  /** The wamid of a message that must be accepted. */
  send(body: Json): Promise<string>;
  text(body: string, to?: number): Promise<string>;
  /** `status code details` of a message that must be refused. */
  refusal(body: Json): Promise<string>;
  /** Everything that was due has been posted. */
  rest(): Promise<void>;
  /** The values of all changes that arrived, oldest first. */
  values(): Json[];
  statuses(): Json[];
  messages(): Json[];
  close(): Promise<void>;
}

export async function startKit(options: { readonly templates?: readonly TemplateRow[] } = {}): Promise<Kit> {
  const scheduler = createManualScheduler();
  const server = createWhatsappServer({
    ...{
      scheduler,
      random: createTestRandom(),
      phoneNumberId: numberId,
      accessToken,
      appSecret,
      verifyToken,
    },
    ...options,
  });
  await server.listen();
  const { control } = server;
  const hook = await openHook();
  await control.subscribe(hook.url);
  control.addPerson({ id: amina, firstName: 'Amina', started: true });
  control.addPerson({ id: brian, firstName: 'Brian' });
  control.addPerson({ id: hidden, firstName: 'Hadija', username: 'hadija', started: true });

  async function call(
    path: string,
    init: RequestInit = {},
    token: string | null = accessToken,
  ): Promise<Reply> {
    const headers = new Headers(init.headers);
    if (token !== null) headers.set('authorization', `Bearer ${token}`);
    const answer = await fetch(`${server.url}${path}`, { ...init, headers });
    return { status: answer.status, body: (await answer.json()) as Json };
  }
  const post = (body: Json): Promise<Reply> =>
    call(`/${numberId}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messaging_product: 'whatsapp', to: String(amina), ...body }),
    });
  async function send(body: Json): Promise<string> {
    const { status, body: given } = await post(body);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(given)}`);
    return (given.messages as { id: string }[])[0]?.id ?? '';
  }
  const values = (): Json[] =>
    hook.arrived.flatMap(({ body }) =>
      (JSON.parse(body) as { entry: { changes: { value: Json }[] }[] }).entry.flatMap(({ changes }) =>
        changes.map(({ value }) => value),
      ),
    );

  return {
    ...{ server, control, scheduler, hook, call, post, send, values },
    text: (body, to = amina) => send({ to: String(to), type: 'text', text: { body } }),
    refusal: async (body) => {
      const { status, body: given } = await post(body);
      const error = given.error as { code: number; error_data?: { details: string } } | undefined;
      if (error === undefined) throw new Error(`accepted: ${JSON.stringify(given)}`);
      return `${status} ${error.code} ${error.error_data?.details ?? ''}`;
    },
    rest: () => control.until(() => control.pendingUpdates() === 0).then(() => undefined),
    statuses: () => values().flatMap((value) => (value.statuses as Json[] | undefined) ?? []),
    messages: () => values().flatMap((value) => (value.messages as Json[] | undefined) ?? []),
    close: async () => {
      await server.close();
      await hook.close();
    },
  };
}
