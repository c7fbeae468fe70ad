import { createHmac } from 'node:crypto';
import type { Random } from '../../domain/random.ts';
import type { Journal, WebhookEntry } from '../gateway-kit/journal.ts';
import type { Scheduler } from '../scheduler.ts';
import type { JsonBody } from './wire.ts';

export interface Delivery {
  readonly url: string;
  readonly event: string;
  readonly body: JsonBody;
  /** The merchant's API secret; the signature is made with it whatever way the merchant authenticates. */
  readonly apiSecret: string;
  readonly idempotencyKey: string;
}

export interface Webhooks {
  newKey(): string;
  /** Sends once and never again: BluePay has no retries. Resolves when it was answered or given up. */
  send(delivery: Delivery): Promise<void>;
  /** Resolves when nothing is on its way any more. */
  idle(): Promise<void>;
  open(): void;
  /** Breaks off what is on its way; what would be sent while closed is lost. */
  close(): void;
}

export interface WebhookDeps {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly fetch: typeof fetch;
  readonly journal: Journal<WebhookEntry>;
}

const patienceMs = 10_000;

export function createWebhooks(deps: WebhookDeps): Webhooks {
  const underWay = new Set<Promise<void>>();
  let closing = new AbortController();
  return {
    newKey: () => deps.random.bytes(16).toString('hex'),
    send: (delivery) => {
      if (closing.signal.aborted) return Promise.resolve();
      const sent = post(deps, delivery, closing.signal).finally(() => underWay.delete(sent));
      underWay.add(sent);
      return sent;
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    open: () => {
      if (closing.signal.aborted) closing = new AbortController();
    },
    close: () => closing.abort(new Error('closed')),
  };
}

async function post(deps: WebhookDeps, delivery: Delivery, closing: AbortSignal): Promise<void> {
  const { url } = delivery;
  const body = JSON.stringify(delivery.body);
  const headers = {
    'content-type': 'application/json',
    'x-bluepay-event': delivery.event,
    'x-bluepay-signature': signature(body, delivery.apiSecret),
    'idempotency-key': delivery.idempotencyKey,
  };
  const entry = { at: deps.scheduler.now(), url, headers, body, status: null, failure: null };
  const id = deps.journal.add(entry);
  const patience = new AbortController();
  const stop = deps.scheduler.after(patienceMs, () => patience.abort(new Error('no answer in time')));
  try {
    const signal = AbortSignal.any([patience.signal, closing]);
    const answer = await deps.fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    await answer.arrayBuffer();
    deps.journal.amend(id, { status: answer.status });
  } catch (error) {
    deps.journal.amend(id, { failure: error instanceof Error ? error.message : String(error) });
  } finally {
    stop();
  }
}

/** `v1=` and the hex HMAC-SHA256 of the raw body. */
function signature(rawBody: string, apiSecret: string): string {
  return `v1=${createHmac('sha256', apiSecret).update(rawBody).digest('hex')}`;
}
