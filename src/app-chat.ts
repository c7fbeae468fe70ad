/** The chat half of the program: what arrives becomes turns of the bot, what is to be said is delivered. */
import { commandNames } from './bot/bot.ts';
import { tellDrafted, tellRefused, tellResult } from './bot/cards/bulk-tell.ts';
import type { BotDeps } from './bot/context.ts';
import { createUpdateHandler } from './bot/updates.ts';
import type { Words } from './bot/words.ts';
import { createTelegramApi } from './channels/telegram/api.ts';
import { createTelegramFiles } from './channels/telegram/files.ts';
import { createPoller } from './channels/telegram/poll.ts';
import { toVirtualIds } from './channels/telegram/receive.ts';
import { createTelegramSender } from './channels/telegram/send.ts';
import { announce, untilKnown } from './channels/telegram/start.ts';
import { telegramWebhook } from './channels/telegram/webhook.ts';
import type { TelegramConfig } from './config.ts';
import type { Database, Locale } from './db/tables.ts';
import type { InboxHandler } from './inbox/claim.ts';
import type { Inbox } from './inbox/store.ts';
import type { Metrics } from './ops/metrics.ts';
import type { Routes } from './ops/server.ts';
import type { Worker } from './ops/worker.ts';
import { type Aftermath, createDeliverer } from './outbox/deliver.ts';
import { createBulkIntake } from './payouts/bulk-intake.ts';
import { createBulkProgress } from './payouts/bulk-progress.ts';

export interface ChatDeps extends BotDeps {
  readonly db: Database;
  readonly config: TelegramConfig;
  readonly fetch: typeof fetch;
  readonly inbox: Inbox;
  readonly metrics: Metrics;
  readonly worker: (name: string, lanes: number, runOnce: () => Promise<boolean>) => Worker;
  readonly inboxWorker: (
    source: 'telegram',
    lanes: number,
    handler: InboxHandler,
    afterCommit: () => void,
  ) => Worker;
  /** What follows where a message did not arrive. */
  readonly aftermath: Aftermath;
  /** A turn has committed: what it asked for can be done. */
  readonly turned: () => void;
}

export interface Chat {
  readonly deliver: Worker;
  /** Files of payouts: fetched, read, and looked at while they are sent. */
  readonly bulk: readonly Worker[];
  /** null: nothing is received over HTTP. */
  readonly routes: Routes | null;
  /** The bot's name on the platform; null until the platform has told it. */
  username(): string | null;
  start(signal: AbortSignal): Promise<void>;
  /** Turns that wait for their next try look whether it is time. */
  wake(): void;
  stop(): Promise<void>;
}

function commandList(words: Words, locale: Locale) {
  return commandNames.map((command) => ({ command, description: words.say(locale, `cmd-${command}`) }));
}

export function createTelegramChat(deps: ChatDeps): Chat {
  const { db, vault, clock, random, log, words, config, inbox, metrics, publicUrl } = deps;
  const api = createTelegramApi({ token: config.token, apiRoot: config.apiRoot, fetch: deps.fetch, log });
  const deliverer = createDeliverer({
    db,
    vault,
    clock,
    random,
    channel: 'telegram',
    sender: createTelegramSender({ api }),
    log,
    onSent: (sent) =>
      metrics.delivery('telegram', 'sent', (sent.sentAt.getTime() - sent.createdAt.getTime()) / 1000),
    aftermath: deps.aftermath,
  });
  const deliver = deps.worker('deliver telegram', 8, deliverer.runOnce);
  const files = createTelegramFiles({ api, token: config.token, apiRoot: config.apiRoot, fetch: deps.fetch });
  const said = (runOnce: () => Promise<boolean>) => async () => {
    const did = await runOnce();
    if (did) deliver.wake();
    return did;
  };
  const intake = createBulkIntake({
    ...deps,
    fetchFile: files.fetch,
    tellDrafted: (tx, id, to) => tellDrafted(tx, deps, id, to),
    tellRefused: (tx, file, why) => tellRefused(tx, deps, file, why),
  });
  const progress = createBulkProgress({ ...deps, tellResult: (tx, id, n) => tellResult(tx, deps, id, n) });
  const reading = deps.worker('bulk files', 1, said(intake.runOnce));
  const looking = deps.worker('bulk progress', 1, said(progress.runOnce));
  let turns: Worker | null = null;
  let username: string | null = null;
  const onStored = (): void => turns?.wake();
  const poller = createPoller({ api, inbox, db, log, onStored });
  const secret = config.webhookSecret;
  const webhook = secret === null ? null : { publicUrl, secret };
  return {
    deliver,
    bulk: [reading, looking],
    routes: secret === null ? null : telegramWebhook({ secret, inbox, log, onStored }),
    username: () => username,
    /** Updates wait in the inbox until Telegram has told who we are; everything else works before. */
    async start(signal) {
      const me = await untilKnown(api, signal, log);
      if (me === null) return;
      username = me.username;
      const handler = createUpdateHandler({
        ...deps,
        botInfo: me,
        toVirtualIds,
        turned: (seconds) => metrics.turn('telegram', 'done', seconds),
      });
      turns = deps.inboxWorker('telegram', 4, handler, () => {
        deps.turned();
        deliver.wake();
        reading.wake();
        looking.wake();
      });
      turns.start();
      if (webhook === null) poller.start();
      const commands = { en: commandList(words, 'en'), sw: commandList(words, 'sw') };
      await announce(api, { commands, webhook }, signal, log);
    },
    wake: () => turns?.wake(),
    async stop() {
      await poller.stop();
      await turns?.stop();
    },
  };
}
