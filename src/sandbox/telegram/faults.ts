import type { Scheduler } from '../scheduler.ts';
import { Refusal } from './rules.ts';

export interface FailFault {
  /** Without a name every method is meant but getUpdates, whose calls nobody counts. */
  readonly method?: string;
  readonly times: number;
  readonly errorCode: number;
  readonly description: string;
  readonly retryAfter?: number;
}

export interface DropFault {
  readonly method?: string;
  readonly times: number;
  /** true: the call takes effect and its answer is lost. false: the connection ends before anything happened. */
  readonly afterAccepting: boolean;
}

/** The bad days of a chat platform, ordered by a test or from the page. */
export interface Faults {
  failNext(fault: FailFault): void;
  dropNext(fault: DropFault): void;
  /** While down every connection is destroyed, and no webhook is called. */
  setDown(down: boolean): void;
  /** Every call waits this long before it is looked at. */
  slow(ms: number): void;
  limit(limits: SendLimits | null): void;
}

export interface SendLimits {
  readonly perChatPerSecond: number;
  /** How many messages a chat takes at once before its rate counts. */
  readonly chatBurst: number;
  readonly globalPerSecond: number;
}

/** What the documentation's FAQ says of broadcasts: one a second in a chat, short bursts allowed, thirty in all. */
export const documentedLimits: SendLimits = { perChatPerSecond: 1, chatBurst: 3, globalPerSecond: 30 };

export interface FaultPlan extends Faults {
  isDown(): boolean;
  delayMs(): number;
  takeFailure(method: string): Refusal | null;
  takeDrop(method: string): 'before' | 'after' | null;
  /** Whole seconds until the chat takes a message again; null: now, and this one is counted. */
  retryAfter(chatId: string): number | null;
}

export function createFaults(scheduler: Scheduler, onDown: (down: boolean) => void): FaultPlan {
  const failures: { fault: FailFault; left: number }[] = [];
  const drops: { fault: DropFault; left: number }[] = [];
  let down = false;
  let delayMs = 0;
  let limits: SendLimits | null = null;
  const buckets = new Map<string, Bucket>();

  function retryAfter(chatId: string): number | null {
    if (limits === null) return null;
    const now = scheduler.now().getTime();
    const chat = refill(buckets, chatId, limits.chatBurst, limits.perChatPerSecond, now);
    const all = refill(buckets, 'all', limits.globalPerSecond, limits.globalPerSecond, now);
    const waitSeconds = Math.max(
      (1 - chat.tokens) / limits.perChatPerSecond,
      (1 - all.tokens) / limits.globalPerSecond,
    );
    if (waitSeconds > 0) return Math.max(1, Math.ceil(waitSeconds));
    chat.tokens -= 1;
    all.tokens -= 1;
    return null;
  }

  return {
    failNext: (fault) => failures.push({ fault, left: fault.times }),
    dropNext: (fault) => drops.push({ fault, left: fault.times }),
    setDown: (value) => {
      down = value;
      onDown(value);
    },
    slow: (ms) => {
      delayMs = ms;
    },
    limit: (value) => {
      limits = value;
      buckets.clear();
    },
    isDown: () => down,
    delayMs: () => delayMs,
    takeFailure: (method) => {
      const fault = take(failures, method);
      return fault === null
        ? null
        : new Refusal(fault.errorCode, fault.description, fault.retryAfter ?? null);
    },
    takeDrop: (method) => {
      const fault = take(drops, method);
      if (fault === null) return null;
      return fault.afterAccepting ? 'after' : 'before';
    },
    retryAfter,
  };
}

function take<F extends { readonly method?: string }>(
  planned: { readonly fault: F; left: number }[],
  method: string,
): F | null {
  const hit = planned.find(
    ({ fault, left }) =>
      left > 0 &&
      (fault.method === undefined
        ? method !== 'getUpdates'
        : fault.method.toLowerCase() === method.toLowerCase()),
  );
  if (hit === undefined) return null;
  hit.left--;
  return hit.fault;
}

interface Bucket {
  tokens: number;
  at: number;
}

function refill(
  buckets: Map<string, Bucket>,
  key: string,
  capacity: number,
  perSecond: number,
  now: number,
): Bucket {
  const bucket = buckets.get(key) ?? { tokens: capacity, at: now };
  bucket.tokens = Math.min(capacity, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
  bucket.at = now;
  buckets.set(key, bucket);
  return bucket;
}
