import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createBluepay } from '../../src/sandbox/bluepay/index.ts';
import type { Account } from '../../src/sandbox/bluepay/store.ts';
import { createMpesa } from '../../src/sandbox/mpesa.ts';
import { createManualScheduler } from '../../src/sandbox/scheduler.ts';
import { createTestRandom } from '../support/clock.ts';

export const phone = '254712345678';
export const channelId = '550e8400-e29b-41d4-a716-446655440000';
export const secret = 'sk_live_of_the_test';
export const bearer = { authorization: `Bearer ${secret}` };
export const basic = { authorization: `Basic ${Buffer.from('api_shop:pass word').toString('base64')}` };

/** What came over the wire is compared, never computed with. HTML is its text under `html`. */
type Wire = Record<string, unknown>;

export interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly body: Wire;
}

export interface Answered {
  readonly status: number;
  readonly body: Wire;
}

export const settings: Partial<Account> = {
  merchantId: 'BP-1001',
  merchantName: 'MAMA NJERI SHOP',
  apiSecret: secret,
  apiUsername: 'api_shop',
  apiPassword: 'pass word',
  channels: [
    { channelId, channelType: 'paybill', shortCode: '123456', isActive: true, requiredPrefix: null },
  ],
  serviceTokenKes: 100,
};

/** A listening BluePay with one merchant and one phone of KES 5,000, and a receiver at the account's Callback URL; its path
 * /silent never answers. */
export async function startWorld() {
  const scheduler = createManualScheduler(new Date('2026-11-21T11:31:00Z'));
  const random = createTestRandom();
  const mpesa = createMpesa({ scheduler, random });
  mpesa.addSubscriber({ msisdn: phone, pin: '1234', balanceCents: 500_000n });
  const receiver = await startReceiver();
  const bluepay = createBluepay({ scheduler, random, mpesa });
  await bluepay.listen();
  const { control } = bluepay;
  const account = control.addAccount({ ...settings, callbackUrl: `${receiver.url}/hook` });
  const post = (path: string, body: unknown, headers: Record<string, string> = bearer) =>
    ask(`${bluepay.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return {
    scheduler,
    mpesa,
    bluepay,
    control,
    account,
    receiver,
    post,
    get: (path: string, headers: Record<string, string> = bearer) =>
      ask(`${bluepay.url}${path}`, { headers }),
    stk: (over: Record<string, unknown> = {}, headers?: Record<string, string>) =>
      post('/api/stk_push.php', { channel_id: channelId, phone, amount: 100, ...over }, headers),
    status: (key: Record<string, unknown>) => post('/api/payment_status.php', key),
    /** The customer types the PIN of the prompt that stands on the phone; resolves when the webhooks are through. */
    pay: async (pin = '1234') => {
      for (const prompt of mpesa.prompts(phone)) mpesa.enterPin(prompt.id, pin);
      await control.idle();
    },
    close: async () => {
      await bluepay.close();
      await receiver.close();
    },
  };
}

export type World = Awaited<ReturnType<typeof startWorld>>;

export async function ask(url: string, init: RequestInit): Promise<Answered> {
  const headers = { 'content-type': 'application/json', ...(init.headers as Record<string, string>) };
  const answer = await fetch(url, { ...init, headers });
  const raw = await answer.text();
  return {
    status: answer.status,
    body: answer.headers.get('content-type')?.includes('json') ? JSON.parse(raw) : { html: raw },
  };
}

async function startReceiver() {
  const heard: Heard[] = [];
  const paths: string[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const raw = await text(request);
    heard.push({ headers: request.headers, raw, body: JSON.parse(raw) });
    paths.push(request.url ?? '');
    for (const look of waiting) look();
    if (request.url !== '/silent') response.writeHead(200).end('OK');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    paths,
    /** Resolves once it has heard so many. */
    hears: (count: number) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (heard.length >= count && waiting.delete(look)) resolve();
        };
        waiting.add(look);
        look();
      }),
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The document's own check, written out independently of the simulator. */
export function isSigned(heard: Heard | undefined, apiSecret = secret): boolean {
  const header = String(heard?.headers['x-bluepay-signature']);
  const [, hex] = /^v1=([a-f0-9]{64})$/.exec(header) ?? [];
  return (
    hex ===
    createHmac('sha256', apiSecret)
      .update(heard?.raw ?? '')
      .digest('hex')
  );
}

/** Resolves at the next change that `register` tells of. */
export function nextChange(register: (listener: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    const leave = register(() => {
      leave();
      resolve();
    });
  });
}
