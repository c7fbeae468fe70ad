/** What the tests of the simulated gateways share: one clock, one phone of KES 5,000, and a receiver of callbacks. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { Simulator, SimulatorDeps } from '../../src/sandbox/gateway-kit/simulator.ts';
import { createMpesa } from '../../src/sandbox/mpesa.ts';
import { createManualScheduler } from '../../src/sandbox/scheduler.ts';
import { createTestRandom } from '../support/clock.ts';

export const phone = '254712345678';
export const pin = '1234';

/** What came over the wire is compared, never computed with. */
export type Wire = Record<string, unknown>;

export interface Answered {
  readonly status: number;
  readonly body: Wire;
  readonly headers: Headers;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** A string goes as it is, anything else as JSON. */
  readonly body?: unknown;
}

interface Hands {
  idle(): Promise<void>;
}

export async function startGateway<C extends Hands>(create: (deps: SimulatorDeps) => Simulator<C>) {
  const scheduler = createManualScheduler(new Date('2026-11-21T11:31:00Z'));
  const random = createTestRandom();
  const mpesa = createMpesa({ scheduler, random });
  mpesa.addSubscriber({ msisdn: phone, pin, balanceCents: 500_000n });
  const receiver = await startReceiver();
  const deps = { scheduler, random, mpesa };
  const gateway = create(deps);
  await gateway.listen();
  const { control } = gateway;
  return {
    deps,
    scheduler,
    mpesa,
    receiver,
    gateway,
    control,
    /** JSON unless the headers say otherwise; a POST where there is a body. */
    send: (path: string, sent: Sent = {}) => send(`${gateway.url}${path}`, sent),
    /** The customer types a PIN at the prompt on the phone; resolves when the callbacks are through. */
    pay: async (typed = pin) => {
      for (const prompt of mpesa.prompts(phone)) mpesa.enterPin(prompt.id, typed);
      await control.idle();
    },
    /** As the customer who presses Cancel. */
    cancel: async () => {
      for (const prompt of mpesa.prompts(phone)) mpesa.cancel(prompt.id);
      await control.idle();
    },
    later: async (ms: number) => {
      scheduler.advance(ms);
      await control.idle();
    },
    close: async () => {
      await gateway.close();
      await receiver.close();
    },
  };
}

export function raw(url: string, { method, headers = {}, body }: Sent): Promise<Response> {
  return fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/** HTML and other text is under `text`. */
async function send(url: string, sent: Sent): Promise<Answered> {
  const answer = await raw(url, sent);
  const said = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json');
  return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(said) : { text: said } };
}

export interface Heard {
  readonly path: string;
  readonly raw: string;
}

async function startReceiver() {
  const heard: Heard[] = [];
  const waiting = new Set<() => void>();
  const answers: { status: number | 'silent'; text: string } = { status: 200, text: '{"ResultCode":0}' };
  const server = createServer(async (request, response) => {
    const said = await text(request);
    const { status, text: answer } = answers;
    heard.push({ path: request.url ?? '', raw: said });
    for (const look of waiting) look();
    if (status !== 'silent') response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    /** What it answers from now on; `silent` never. */
    answers,
    bodies: (): Wire[] => heard.map((one) => JSON.parse(one.raw)),
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

/** The printed callback of a paid push, at the instant at which the tests begin. */
export function paidCallback(ids: { checkout: unknown; merchant: unknown }, kes: number): Wire {
  return {
    Body: {
      stkCallback: {
        MerchantRequestID: ids.merchant,
        CheckoutRequestID: ids.checkout,
        ResultCode: 0,
        ResultDesc: 'The service request is processed successfully.',
        CallbackMetadata: { Item: paidItems(kes) },
      },
    },
  };
}

const paidItems = (kes: number) => [
  { Name: 'Amount', Value: kes },
  { Name: 'MpesaReceiptNumber', Value: expect.stringMatching(/^[A-Z][A-Z0-9]{9}$/) },
  { Name: 'TransactionDate', Value: 20261121143100 },
  { Name: 'PhoneNumber', Value: 254712345678 },
];
