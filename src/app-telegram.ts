/** Telegram in the program. */
import type { Platform, PlatformDeps } from './app-platform.ts';
import { commandNames } from './bot/table.ts';
import type { Words } from './bot/words.ts';
import { createTelegramApi } from './channels/telegram/api.ts';
import { createTelegramFiles } from './channels/telegram/files.ts';
import { createPoller } from './channels/telegram/poll.ts';
import { readUpdate } from './channels/telegram/receive.ts';
import { createTelegramSender } from './channels/telegram/send.ts';
import { announce, untilKnown } from './channels/telegram/start.ts';
import { telegramWebhook } from './channels/telegram/webhook.ts';
import type { TelegramConfig } from './config.ts';
import type { Database, Locale } from './db/tables.ts';
import type { Inbox } from './inbox/store.ts';
import type { Logger } from './ops/log.ts';

export interface TelegramDeps extends PlatformDeps {
  readonly config: TelegramConfig;
  readonly db: Database;
  readonly inbox: Inbox;
  readonly fetch: typeof fetch;
  readonly log: Logger;
  readonly words: Words;
  readonly publicUrl: string;
}

export function createTelegramPlatform(deps: TelegramDeps): Platform {
  const { config, db, inbox, fetch, log, words, publicUrl, onStored } = deps;
  const api = createTelegramApi({ token: config.token, apiRoot: config.apiRoot, fetch, log });
  const files = createTelegramFiles({ api, token: config.token, apiRoot: config.apiRoot, fetch });
  const poller = createPoller({ api, inbox, db, log, onStored });
  const secret = config.webhookSecret;
  const webhook = secret === null ? null : { publicUrl, secret };
  let username: string | null = null;
  return {
    channel: 'telegram',
    sender: createTelegramSender({ api }),
    routes: secret === null ? null : telegramWebhook({ secret, inbox, log, onStored }),
    fetchFile: files.fetch,
    name: () => username,
    /** Updates wait in the inbox until Telegram has told who we are; everything else works before. */
    async start(signal, begin) {
      const me = await untilKnown(api, signal, log);
      if (me === null) return;
      username = me.username;
      begin({ botInfo: me, read: readUpdate });
      if (webhook === null) poller.start();
      const commands = { en: commandList(words, 'en'), sw: commandList(words, 'sw') };
      await announce(api, { commands, webhook }, signal, log);
    },
    stop: () => poller.stop(),
  };
}

function commandList(words: Words, locale: Locale) {
  return commandNames.map((command) => ({ command, description: words.say(locale, `cmd-${command}`) }));
}
