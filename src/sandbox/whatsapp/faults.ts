import type { Scheduler } from '../scheduler.ts';
import { Refusal } from './rules.ts';

/** The endpoints by name, as a fault or the log names them. */
export type Endpoint =
  | 'messages'
  | 'markRead'
  | 'uploadMedia'
  | 'getMedia'
  | 'downloadMedia'
  | 'getPhoneNumber';

export interface FailFault {
  /** Without a name every endpoint is meant. */
  readonly method?: Endpoint;
  readonly times: number;
  /** Meta's code, such as 131056, 80007, 131000 or 2; its HTTP status and words follow. */
  readonly errorCode: number;
  readonly description?: string;
  /** In place of the status that belongs to the code. */
  readonly status?: number;
}

export interface DropFault {
  readonly method?: Endpoint;
  readonly times: number;
  /** true: the call takes effect and its answer is lost. false: the connection ends before anything happened. */
  readonly afterAccepting: boolean;
}

export interface SendLimits {
  /** One message to the same person in this many seconds… */
  readonly pairEverySeconds: number;
  /** …with so many at once before that counts. */
  readonly pairBurst: number;
  readonly perSecond: number;
}

/** "Pair rate limits" and "Throughput": one in 6 seconds to a person, bursts of 45, 80 a second in all. */
export const documentedLimits: SendLimits = { pairEverySeconds: 6, pairBurst: 45, perSecond: 80 };

/** The bad days of the API, ordered by a test or from the page. */
export interface Faults {
  failNext(fault: FailFault): void;
  dropNext(fault: DropFault): void;
  /** While down every connection is destroyed, and no webhook is called. */
  setDown(down: boolean): void;
  /** Every call waits this long before it is looked at. */
  slow(ms: number): void;
  limit(limits: SendLimits | null): void;
  /** The next messages are accepted and fail later with this code; without a person, anybody's. */
  failDeliveries(fault: { readonly times: number; readonly code: number; readonly person?: number }): void;
  /** Is a text outside the window accepted and failed later, as the Cloud API does, or refused at once? */
  windowErrors(how: 'async' | 'sync'): void;
}

export interface FaultPlan extends Faults {
  isDown(): boolean;
  delayMs(): number;
  takeFailure(method: Endpoint): Refusal | null;
  takeDrop(method: Endpoint): 'before' | 'after' | null;
  /** The code of the limit that is hit; null: there is room, and this one is counted. */
  takeRoom(personId: number): 131056 | 130429 | null;
  takeUndelivered(personId: number): number | null;
  windowIsAsync(): boolean;
}

export function createFaults(scheduler: Scheduler, onDown: (down: boolean) => void): FaultPlan {
  const failures: { fault: FailFault; left: number }[] = [];
  const drops: { fault: DropFault; left: number }[] = [];
  const lost: { code: number; person: number | undefined; left: number }[] = [];
  const buckets = new Map<string, Bucket>();
  let down = false;
  let delayMs = 0;
  let limits: SendLimits | null = null;
  let isAsync = true;

  function takeRoom(personId: number): 131056 | 130429 | null {
    if (limits === null) return null;
    const now = scheduler.now().getTime();
    const { pairBurst, pairEverySeconds, perSecond } = limits;
    const pair = refill(buckets, String(personId), pairBurst, 1 / pairEverySeconds, now);
    const all = refill(buckets, 'all', perSecond, perSecond, now);
    if (all.tokens < 1) return 130429;
    if (pair.tokens < 1) return 131056;
    pair.tokens -= 1;
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
    failDeliveries: ({ times, code, person }) => lost.push({ code, person, left: times }),
    windowErrors: (how) => {
      isAsync = how === 'async';
    },
    isDown: () => down,
    delayMs: () => delayMs,
    takeFailure: (method) => {
      const fault = take(failures, method);
      if (fault === null) return null;
      const { errorCode, description, status } = fault;
      return new Refusal(errorCode, description, status === undefined ? {} : { status });
    },
    takeDrop: (method) => {
      const fault = take(drops, method);
      if (fault === null) return null;
      return fault.afterAccepting ? 'after' : 'before';
    },
    takeRoom,
    takeUndelivered: (personId) => {
      const hit = lost.find(({ person, left }) => left > 0 && (person ?? personId) === personId);
      if (hit === undefined) return null;
      hit.left--;
      return hit.code;
    },
    windowIsAsync: () => isAsync,
  };
}

function take<F extends { readonly method?: Endpoint }>(
  planned: { readonly fault: F; left: number }[],
  method: Endpoint,
): F | null {
  const hit = planned.find(({ fault, left }) => left > 0 && (fault.method ?? method) === method);
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
