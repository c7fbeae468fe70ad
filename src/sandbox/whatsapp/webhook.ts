import type { Scheduler } from '../scheduler.ts';
import { createEnvelopes, type Envelope, type EnvelopeFaults } from './envelope.ts';
import type { EventRow, WhatsappState } from './state.ts';

/** One POST to the webhook, as it went out. */
export interface PostRow {
  readonly at: Date;
  readonly url: string;
  readonly body: string;
  readonly signature: string | null;
  /** 1: the first time. */
  readonly attempt: number;
  /** null: no answer. */
  readonly status: number | null;
}

export type EventKind = 'message' | 'status';

export interface ReleaseOptions {
  /** All in one POST. */
  readonly together?: boolean;
  readonly reversed?: boolean;
  /** false: this one is lost for ever. */
  readonly keep?: (event: EventRow) => boolean;
}

/** The bad days of the way from Meta to the webhook. */
export interface WebhookFaults extends EnvelopeFaults {
  /** From now on events wait; without a kind all of them. */
  hold(kind?: EventKind): void;
  held(): readonly EventRow[];
  release(options?: ReleaseOptions): void;
  /** The next POSTs that are taken are sent once more, byte by byte. */
  duplicateNext(times?: number): void;
  /** What waits for its back-off is sent now. */
  redeliver(): void;
  posts(): readonly PostRow[];
}

export interface WebhookSender extends WebhookFaults {
  push(event: Omit<EventRow, 'id' | 'at'>): void;
  pump(): void;
  /** Events that are due and not yet taken; what waits for a back-off, or is held, is not due. */
  pending(): number;
  /** After a new subscription or a restore: what is under way is given up and begun anew. */
  reset(): void;
  stop(): void;
}

const requestTimeoutMs = 20_000;
const firstPauseMs = 2_000;
const longestPauseMs = 60 * 60 * 1000;
/** "We retry with decreasing frequency for up to 7 days." */
const givenUpMs = 7 * 24 * 60 * 60 * 1000;
const keptPosts = 2000;

interface Delivery {
  readonly envelope: Envelope;
  readonly attempt: number;
}

export function createWebhookSender(
  state: WhatsappState,
  scheduler: Scheduler,
  appSecret: string,
  isDown: () => boolean,
  changed: () => void,
): WebhookSender {
  const envelopes = createEnvelopes(state, appSecret);
  const posts: PostRow[] = [];
  const cancels = new Set<() => void>();
  const busyLanes = new Set<number>();
  const held: EventRow[] = [];
  const holding = new Set<EventKind>();
  let waiting: Delivery[] = [];
  let resting: Delivery[] = [];
  let duplicates = 0;
  let round = 0;

  function push(draft: Omit<EventRow, 'id' | 'at'>): void {
    // As at Meta: where nobody has subscribed, nobody hears of it later either.
    if (state.webhookUrl === null) return;
    const event: EventRow = { ...draft, id: state.nextEventId++, at: scheduler.now().getTime() };
    state.events.push(event);
    if (holding.has(event.status === null ? 'message' : 'status')) held.push(event);
    else {
      waiting.push(plan([event]));
      pump();
    }
  }

  function plan(events: readonly EventRow[]): Delivery {
    return { envelope: envelopes.wrap(events), attempt: 1 };
  }

  function pump(): void {
    if (state.webhookUrl === null || isDown()) return;
    for (const delivery of [...waiting]) {
      const lanes = delivery.envelope.events.map((event) => event.lane);
      if (lanes.some((lane) => busyLanes.has(lane))) continue;
      for (const lane of lanes) busyLanes.add(lane);
      waiting = waiting.filter((one) => one !== delivery);
      void deliver(delivery, state.webhookUrl, round);
    }
  }

  async function deliver(delivery: Delivery, url: string, begun: number): Promise<void> {
    const { envelope, attempt } = delivery;
    const status = await post(envelope, url, attempt);
    const taken = status !== null && status >= 200 && status < 300;
    if (begun !== round) return;
    if (taken && duplicates > 0) {
      duplicates--;
      await post(envelope, url, attempt);
      if (begun !== round) return;
    }
    for (const { lane } of envelope.events) busyLanes.delete(lane);
    const oldest = Math.min(...envelope.events.map(({ at }) => at));
    if (taken || envelope.forged || scheduler.now().getTime() - oldest > givenUpMs) drop(envelope.events);
    else rest(delivery);
    changed();
    pump();
  }

  function rest(delivery: Delivery): void {
    resting.push(delivery);
    const pauseMs = Math.min(firstPauseMs * 2 ** (delivery.attempt - 1), longestPauseMs);
    later(pauseMs, () => wake(delivery));
  }

  function wake(delivery: Delivery): void {
    if (!resting.includes(delivery)) return;
    resting = resting.filter((one) => one !== delivery);
    waiting.push({ ...delivery, attempt: delivery.attempt + 1 });
    pump();
  }

  function drop(events: readonly EventRow[]): void {
    const ids = new Set(events.map(({ id }) => id));
    state.events = state.events.filter(({ id }) => !ids.has(id));
  }

  function later(ms: number, run: () => void): () => void {
    const cancel = scheduler.after(ms, () => {
      cancels.delete(cancel);
      run();
    });
    cancels.add(cancel);
    return () => {
      cancels.delete(cancel);
      cancel();
    };
  }

  async function post(envelope: Envelope, url: string, attempt: number): Promise<number | null> {
    const hangUp = new AbortController();
    const give = (): void => hangUp.abort();
    cancels.add(give);
    const done = later(requestTimeoutMs, give);
    let status: number | null = null;
    try {
      const answer = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          // A connection that is kept would end with the program, and the next call on it with it.
          connection: 'close',
          'user-agent': 'facebookexternalua',
          ...(envelope.signature === null ? {} : { 'x-hub-signature-256': envelope.signature }),
        },
        body: envelope.body,
        signal: hangUp.signal,
      });
      await answer.arrayBuffer();
      status = answer.status;
    } catch {
      status = null;
    }
    done();
    cancels.delete(give);
    const { body, signature } = envelope;
    posts.push({ at: scheduler.now(), url, body, signature, attempt, status });
    if (posts.length > keptPosts) posts.splice(0, keptPosts / 10);
    return status;
  }

  function stop(): void {
    round++;
    for (const cancel of [...cancels]) cancel();
    cancels.clear();
    busyLanes.clear();
    waiting = [];
    resting = [];
  }

  return {
    ...envelopes.faults,
    push,
    pump,
    stop,
    reset: () => {
      stop();
      const known = new Set(state.events);
      held.splice(0, held.length, ...held.filter((event) => known.has(event)));
      waiting = state.events.filter((event) => !held.includes(event)).map((event) => plan([event]));
      pump();
    },
    pending: () =>
      state.events.length -
      held.length -
      resting.reduce((sum, delivery) => sum + delivery.envelope.events.length, 0),
    hold: (kind) => {
      for (const one of kind === undefined ? (['message', 'status'] as const) : [kind]) holding.add(one);
    },
    held: () => held,
    release: (options = {}) => {
      holding.clear();
      const all = held.splice(0);
      const kept = all.filter((event) => options.keep?.(event) ?? true);
      drop(all.filter((event) => !kept.includes(event)));
      if (options.reversed === true) kept.reverse();
      if (kept.length === 0) return;
      waiting.push(...(options.together === true ? [plan(kept)] : kept.map((event) => plan([event]))));
      pump();
    },
    duplicateNext: (times = 1) => {
      duplicates += times;
    },
    redeliver: () => {
      for (const delivery of [...resting]) wake(delivery);
    },
    posts: () => posts,
  };
}
