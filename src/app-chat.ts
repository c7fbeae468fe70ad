/** The chat half of the program: what arrives becomes turns of the bot, what is to be said is delivered. */
import type { Platform, PlatformDeps, TurnStart } from './app-platform.ts';
import { tellDrafted, tellRefused, tellResult } from './bot/cards/bulk-tell.ts';
import { createStaffTell } from './bot/cards/staff-tell.ts';
import type { BotDeps } from './bot/context.ts';
import { createUpdateHandler } from './bot/updates.ts';
import type { ChatChannel, Database } from './db/tables.ts';
import type { InboxHandler } from './inbox/claim.ts';
import type { Metrics } from './ops/metrics.ts';
import type { Routes } from './ops/server.ts';
import type { Worker } from './ops/worker.ts';
import { type Aftermath, createDeliverer } from './outbox/deliver.ts';
import { createBulkIntake } from './payouts/bulk-intake.ts';
import { createBulkProgress } from './payouts/bulk-progress.ts';
import { createStaffNews } from './payouts/staff-news.ts';

export interface ChatDeps extends BotDeps {
  readonly db: Database;
  readonly metrics: Metrics;
  readonly worker: (name: string, lanes: number, runOnce: () => Promise<boolean>) => Worker;
  readonly inboxWorker: (
    source: ChatChannel,
    lanes: number,
    handler: InboxHandler,
    afterCommit: () => void,
  ) => Worker;
  /** What follows where a message did not arrive. */
  readonly aftermath: Aftermath;
  /** A turn has committed: what it asked for can be done. */
  readonly turned: () => void;
  /** Each is made with what wakes its turns. */
  readonly platforms: readonly ((deps: PlatformDeps) => Platform)[];
}

export interface Chats {
  /** Those that run from the start. */
  readonly workers: readonly Worker[];
  readonly routes: readonly Routes[];
  /** The bot's name or number there; null: not known, or not connected. */
  name(channel: ChatChannel): string | null;
  /** Messages may wait to be sent. */
  deliver(): void;
  start(signal: AbortSignal): Promise<void>;
  /** Turns that wait for their next try look whether it is time. */
  wake(which: (worker: string) => boolean): void;
  stop(): Promise<void>;
}

const senders = 8;
const turnLanes = 4;

export function createChats(deps: ChatDeps): Chats {
  const lines = deps.platforms.map((make) => createLine(deps, make));
  const deliver = (): void => {
    for (const line of lines) line.deliver.wake();
  };
  const said = (runOnce: () => Promise<boolean>) => async () => {
    const did = await runOnce();
    if (did) deliver();
    return did;
  };
  const intake = createBulkIntake({
    ...deps,
    fetchFile: async (lane, id, mostBytes) => {
      const line = lines.find(({ platform }) => lane.startsWith(`${platform.channel}:`));
      if (line === undefined) return { kind: 'gone', detail: 'its chat is not connected any more' };
      return await line.platform.fetchFile(id, mostBytes);
    },
    tellDrafted: (tx, id, to) => tellDrafted(tx, deps, id, to),
    tellRefused: (tx, file, why) => tellRefused(tx, deps, file, why),
  });
  const progress = createBulkProgress({ ...deps, tellResult: (tx, id, n) => tellResult(tx, deps, id, n) });
  const reading = deps.worker('bulk files', 1, said(intake.runOnce));
  const looking = deps.worker('bulk progress', 1, said(progress.runOnce));
  // What an operator changed at the command line.
  const staffNews = createStaffNews({ ...deps, tellStaff: createStaffTell(deps) });
  const telling = deps.worker('staff news', 1, said(staffNews.runOnce));
  const after = (): void => {
    deliver();
    deps.turned();
  };
  return {
    workers: [...lines.map((line) => line.deliver), reading, looking, telling],
    routes: lines.flatMap(({ platform }) => platform.routes ?? []),
    name: (channel) => lines.find(({ platform }) => platform.channel === channel)?.platform.name() ?? null,
    deliver,
    start: async (signal) => void (await Promise.all(lines.map((line) => line.start(signal, after)))),
    wake: (which) => {
      for (const { platform, wake } of lines) if (which(`inbox ${platform.channel}`)) wake();
    },
    stop: async () => void (await Promise.all(lines.map((line) => line.stop()))),
  };
}

/** One platform's way in and out. */
function createLine(deps: ChatDeps, make: (deps: PlatformDeps) => Platform) {
  let turns: Worker | null = null;
  const wake = (): void => turns?.wake();
  const platform = make({ onStored: wake });
  const { channel, sender } = platform;
  const deliverer = createDeliverer({
    ...deps,
    channel,
    sender,
    onSent: ({ sentAt, createdAt }) =>
      deps.metrics.delivery(channel, 'sent', (sentAt.getTime() - createdAt.getTime()) / 1000),
  });
  const begin = (after: () => void) => (start: TurnStart) => {
    const handler = createUpdateHandler({
      ...deps,
      ...start,
      channel,
      turned: (seconds) => deps.metrics.turn(channel, 'done', seconds),
    });
    turns = deps.inboxWorker(channel, turnLanes, start.around?.(handler) ?? handler, after);
    turns.start();
  };
  return {
    platform,
    deliver: deps.worker(`deliver ${channel}`, senders, deliverer.runOnce),
    start: (signal: AbortSignal, after: () => void) => platform.start(signal, begin(after)),
    wake,
    async stop() {
      await platform.stop();
      await turns?.stop();
    },
  };
}
