import type { Scheduler } from '../scheduler.ts';
import { conflict } from './rules.ts';
import type { TelegramState, UpdateRow } from './state.ts';

/** Updates wait here until the bot confirms them by offset, or its webhook takes them. */
export interface Updates {
  push(type: string, lane: number, payload: Readonly<Record<string, unknown>>): void;
  poll(request: PollRequest): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Ends a running long poll the way the real server does. */
  interrupt(why: string): void;
  /** Called after every push. */
  onPush(listener: () => void): void;
  pending(): readonly UpdateRow[];
  remove(id: number): void;
  clear(): void;
}

export interface PollRequest {
  readonly offset: number;
  readonly limit: number;
  readonly timeoutSeconds: number;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

/** "Updates are stored until the bot receives them, but not longer than 24 hours." */
const keptMs = 24 * 60 * 60 * 1000;
/** Delivered only where the bot asked for them by name. */
const onRequestOnly: ReadonlySet<string> = new Set([
  'chat_member',
  'message_reaction',
  'message_reaction_count',
]);

export function createUpdates(state: TelegramState, scheduler: Scheduler): Updates {
  const listeners: (() => void)[] = [];
  let waiting: { readonly wake: () => void; readonly fail: (why: string) => void } | null = null;

  function dropStale(): void {
    const oldest = scheduler.now().getTime() - keptMs;
    if (state.updates.some((update) => update.at < oldest))
      state.updates = state.updates.filter((update) => update.at >= oldest);
  }

  function interrupt(why: string): void {
    waiting?.fail(why);
  }

  /** Everything before a positive offset is confirmed; a negative one keeps that many from the end. */
  function confirm(offset: number): void {
    if (offset > 0) state.updates = state.updates.filter((update) => update.id >= offset);
    else if (offset < 0) state.updates = state.updates.slice(offset);
  }

  async function poll(request: PollRequest): Promise<readonly Readonly<Record<string, unknown>>[]> {
    if (state.webhook !== null)
      throw conflict(
        "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      );
    interrupt('terminated by other getUpdates request; make sure that only one bot instance is running');
    dropStale();
    confirm(request.offset);
    if (state.updates.length === 0 && request.timeoutSeconds > 0 && !request.signal.aborted)
      await nextPush(request);
    return state.updates.slice(0, request.limit).map((update) => ({ update_id: update.id, ...update.body }));
  }

  function nextPush(request: PollRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        cancel();
        request.signal.removeEventListener('abort', wake);
        if (waiting === mine) waiting = null;
        settle();
      };
      const wake = (): void => end(resolve);
      const mine = { wake, fail: (why: string): void => end(() => reject(conflict(why))) };
      const cancel = scheduler.after(request.timeoutSeconds * 1000, wake);
      request.signal.addEventListener('abort', wake);
      waiting = mine;
    });
  }

  function push(type: string, lane: number, payload: Readonly<Record<string, unknown>>): void {
    const wanted =
      state.allowedUpdates === null ? !onRequestOnly.has(type) : state.allowedUpdates.includes(type);
    if (!wanted) return;
    const at = scheduler.now().getTime();
    state.updates.push({ id: state.nextUpdateId++, at, lane, body: { [type]: payload } });
    waiting?.wake();
    for (const listener of listeners) listener();
  }

  return {
    push,
    poll,
    interrupt,
    onPush: (listener) => {
      listeners.push(listener);
    },
    pending: () => {
      dropStale();
      return state.updates;
    },
    remove: (id) => {
      state.updates = state.updates.filter((update) => update.id !== id);
    },
    clear: () => {
      state.updates = [];
    },
  };
}
