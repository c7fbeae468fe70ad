/** What a simulated gateway posts to merchants: unsigned JSON, now or later, again where the gateway's document says so. */
import type { Scheduler } from '../scheduler.ts';
import type { Journal, WebhookEntry } from './journal.ts';
import { createTimers } from './timers.ts';

export interface Delivery {
  readonly id: number;
  readonly url: string;
  readonly body: string;
  /** Posts that were not answered as they should be. */
  readonly failures: number;
  readonly dueAt: number;
}

export interface CourierPolicy {
  readonly patienceMs: number;
  /** How long to wait after the first, second, … post that failed; an empty list: never again. */
  readonly retryAfterMs: readonly number[];
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

export interface Courier {
  send(url: string, body: string, delayMs?: number): void;
  /** Posts once and waits; null: no answer in time. */
  ask(url: string, body: string, patienceMs: number): Promise<Reply | null>;
  /** Resolves when nothing is on its way; what waits for its time does not count. */
  idle(): Promise<void>;
  /** What is not delivered or given up yet. */
  pending(): readonly Delivery[];
  restore(deliveries: readonly Delivery[]): void;
  /** Goes on with what is pending. */
  open(): void;
  /** Breaks off what is on its way; it stays pending. */
  close(): void;
}

export interface CourierDeps {
  readonly scheduler: Scheduler;
  readonly fetch: typeof fetch;
  readonly journal: Journal<WebhookEntry>;
  readonly policy: CourierPolicy;
}

export function createCourier(deps: CourierDeps): Courier {
  const { scheduler, policy } = deps;
  const timers = createTimers(scheduler);
  const pending = new Map<number, Delivery>();
  const underWay = new Set<Promise<unknown>>();
  let count = 0;
  let closing = new AbortController();
  closing.abort();

  function track<T>(work: Promise<T>): Promise<T> {
    const tracked: Promise<T> = work.finally(() => underWay.delete(tracked));
    underWay.add(tracked);
    return tracked;
  }

  function plan(delivery: Delivery): void {
    pending.set(delivery.id, delivery);
    if (closing.signal.aborted) return;
    const waitMs = delivery.dueAt - scheduler.now().getTime();
    if (waitMs > 0) timers.after(waitMs, () => void track(deliver(delivery)));
    else void track(deliver(delivery));
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const { signal } = closing;
    const reply = await post(deps, delivery.url, delivery.body, policy.patienceMs, signal);
    if (signal.aborted) return;
    pending.delete(delivery.id);
    const waitMs = policy.retryAfterMs[delivery.failures];
    if (reply?.status === 200 || waitMs === undefined) return;
    plan({
      ...delivery,
      failures: delivery.failures + 1,
      dueAt: scheduler.now().getTime() + waitMs,
    });
  }

  function open(): void {
    if (!closing.signal.aborted) return;
    closing = new AbortController();
    for (const delivery of [...pending.values()]) plan(delivery);
  }

  return {
    send: (url, body, delayMs = 0) => {
      count += 1;
      plan({ id: count, url, body, failures: 0, dueAt: scheduler.now().getTime() + delayMs });
    },
    ask: (url, body, patienceMs) => track(post(deps, url, body, patienceMs, closing.signal)),
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    pending: () => [...pending.values()],
    restore: (deliveries) => {
      const wasOpen = !closing.signal.aborted;
      closing.abort(new Error('restored'));
      timers.cancelAll();
      pending.clear();
      for (const delivery of deliveries) pending.set(delivery.id, delivery);
      count = Math.max(count, ...pending.keys(), 0);
      if (wasOpen) open();
    },
    open,
    close: () => {
      closing.abort(new Error('closed'));
      timers.cancelAll();
    },
  };
}

async function post(
  { scheduler, fetch, journal }: CourierDeps,
  url: string,
  body: string,
  patienceMs: number,
  closing: AbortSignal,
): Promise<Reply | null> {
  const headers = { 'content-type': 'application/json' };
  const id = journal.add({ at: scheduler.now(), url, headers, body, status: null, failure: null });
  const patience = new AbortController();
  const stop = scheduler.after(patienceMs, () => patience.abort(new Error('no answer in time')));
  try {
    const signal = AbortSignal.any([patience.signal, closing]);
    const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    const text = await answer.text();
    journal.amend(id, { status: answer.status });
    return { status: answer.status, text };
  } catch (error) {
    journal.amend(id, { failure: error instanceof Error ? error.message : String(error) });
    return null;
  } finally {
    stop();
  }
}
