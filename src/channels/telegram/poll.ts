/**
 * Long polling. Updates are stored before the offset moves, and a row's unique key makes a second delivery harmless, so
 * nothing is lost or doubled by a crash between the two.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '../../db/tables.ts';
import type { Inbox } from '../../inbox/store.ts';
import type { Logger } from '../../ops/log.ts';
import type { TelegramAnswer, TelegramApi } from './api.ts';
import { allowedUpdates, isUpdate, toInboxItem } from './receive.ts';

export interface PollerDeps {
  readonly api: TelegramApi;
  readonly inbox: Inbox;
  readonly db: Database;
  readonly log: Logger;
  /** Something new is in the inbox. */
  readonly onStored: () => void;
}

export type PollOutcome =
  | { readonly kind: 'stored'; readonly updates: number }
  /** Nothing was lost; Telegram gives the same updates again. */
  | {
      readonly kind: 'failed';
      readonly why: 'conflict' | 'token' | 'telegram' | 'ours';
      readonly afterSeconds: number;
    };

export interface Poller {
  start(): void;
  pollOnce(): Promise<PollOutcome>;
  /** Ends the call that waits for updates; resolves when what came is stored. */
  stop(): Promise<void>;
}

const channel = 'telegram';
const holdSeconds = 25;
const timeoutMs = 35_000;
const setUpTimeoutMs = 15_000;
const backOffSeconds = [1, 2, 5, 15] as const;
const longestBackOffSeconds = 30;

interface State {
  /** null: not read yet. 0: nothing to confirm. */
  offset: bigint | null;
  webhookGone: boolean;
  failures: number;
  readonly stopping: AbortController;
}

export function createPoller(deps: PollerDeps): Poller {
  const state: State = { offset: null, webhookGone: false, failures: 0, stopping: new AbortController() };
  let running = Promise.resolve();
  return {
    pollOnce: () => pollOnce(deps, state),
    start: () => {
      running = run(deps, state);
    },
    stop: async () => {
      state.stopping.abort();
      await running;
    },
  };
}

async function run(deps: PollerDeps, state: State): Promise<void> {
  const { signal } = state.stopping;
  while (!signal.aborted) {
    const outcome = await pollOnce(deps, state);
    if (outcome.kind === 'failed')
      await wait(outcome.afterSeconds * 1000, undefined, { signal }).catch(() => undefined);
  }
}

async function pollOnce(deps: PollerDeps, state: State): Promise<PollOutcome> {
  try {
    const answer = await ask(deps, state);
    if (answer.kind !== 'ok') return failed(deps, state, answer);
    const updates = await keep(deps, state, answer.result);
    state.failures = 0;
    return { kind: 'stored', updates };
  } catch (err) {
    deps.log.error({ err }, 'updates of Telegram could not be stored; they are asked for again');
    return { kind: 'failed', why: 'ours', afterSeconds: backOff(state) };
  }
}

async function ask(deps: PollerDeps, state: State): Promise<TelegramAnswer> {
  const { signal } = state.stopping;
  if (!state.webhookGone) {
    const removed = await deps.api.call('deleteWebhook', {}, { timeoutMs: setUpTimeoutMs, signal });
    if (removed.kind !== 'ok') return removed;
    state.webhookGone = true;
  }
  state.offset ??= await readOffset(deps.db);
  const payload = {
    ...(state.offset === 0n ? {} : { offset: Number(state.offset) }),
    timeout: holdSeconds,
    allowed_updates: allowedUpdates,
  };
  return await deps.api.call('getUpdates', payload, { timeoutMs, signal });
}

async function keep(deps: PollerDeps, state: State, result: unknown): Promise<number> {
  const updates = Array.isArray(result) ? result.filter(isUpdate) : [];
  if (updates.length > 0) {
    const stored = await deps.inbox.storeMany(updates.map(toInboxItem));
    await moveOffset(deps, state, BigInt(Math.max(...updates.map((update) => update.update_id)) + 1));
    if (stored > 0) deps.onStored();
  } else if (state.offset !== 0n) {
    // The offset is confirmed. After a quiet week Telegram may count from a lower number, which an old offset would
    // confirm unseen.
    await moveOffset(deps, state, 0n);
  }
  return updates.length;
}

async function readOffset(db: Database): Promise<bigint> {
  const row = await db
    .selectFrom('channel_cursor')
    .select('value')
    .where('channel', '=', channel)
    .executeTakeFirst();
  return row?.value ?? 0n;
}

async function moveOffset(deps: PollerDeps, state: State, value: bigint): Promise<void> {
  await deps.db
    .insertInto('channel_cursor')
    .values({ channel, value })
    .onConflict((conflict) => conflict.column('channel').doUpdateSet({ value }))
    .execute();
  state.offset = value;
}

function failed(
  deps: PollerDeps,
  state: State,
  answer: Exclude<TelegramAnswer, { kind: 'ok' }>,
): Extract<PollOutcome, { kind: 'failed' }> {
  if (answer.kind === 'refused') {
    const afterSeconds = answer.retryAfter ?? backOff(state);
    const detail = answer.description;
    if (answer.errorCode === 409) {
      // Somebody may have registered a webhook again, which also answers 409.
      state.webhookGone = false;
      deps.log.error({ detail }, 'another program asks Telegram for the updates of this bot');
      return { kind: 'failed', why: 'conflict', afterSeconds };
    }
    if (answer.errorCode === 401 || answer.errorCode === 404) {
      deps.log.error({ detail }, 'Telegram does not know this TELEGRAM_BOT_TOKEN');
      return { kind: 'failed', why: 'token', afterSeconds };
    }
    deps.log.warn({ detail, errorCode: answer.errorCode }, 'Telegram gives no updates now');
    return { kind: 'failed', why: 'telegram', afterSeconds };
  }
  const afterSeconds = backOff(state);
  if (!state.stopping.signal.aborted) deps.log.warn({ detail: answer.detail }, 'Telegram cannot be reached');
  return { kind: 'failed', why: 'telegram', afterSeconds };
}

function backOff(state: State): number {
  return backOffSeconds[state.failures++] ?? longestBackOffSeconds;
}
