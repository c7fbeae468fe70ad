/** What is asked of Telegram, and told to it, once at start. */
import type { BotCommand, UserFromGetMe } from 'grammy/types';
import type { Locale } from '../../db/tables.ts';
import type { Logger } from '../../ops/log.ts';
import { pause } from '../../ops/pause.ts';
import { readMe, type TelegramApi } from './api.ts';
import { registerCommands } from './commands.ts';
import { registerWebhook } from './webhook.ts';

const retryMs = 5000;

/** Telegram may be down when we start; what came in before waits in the inbox. null: we are stopping. */
export async function untilKnown(
  api: TelegramApi,
  signal: AbortSignal,
  log: Logger,
): Promise<UserFromGetMe | null> {
  while (!signal.aborted) {
    const answer = await readMe(api);
    if (answer.kind === 'ok') return answer.me;
    log.error({ answer }, 'Telegram does not say who we are; asking again');
    await pause(retryMs, signal);
  }
  return null;
}

export interface Announcement {
  readonly commands: Readonly<Record<Locale, readonly BotCommand[]>>;
  /** null: long polling. */
  readonly webhook: { readonly publicUrl: string; readonly secret: string } | null;
}

/**
 * The menu, and where updates are sent. A refused menu costs nobody a message and is only logged; a webhook is tried
 * until it is taken, since without it nothing comes in.
 */
export async function announce(
  api: TelegramApi,
  what: Announcement,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const registered = await registerCommands(api, what.commands);
  if (registered.kind !== 'ok') log.warn({ answer: registered }, 'the commands were not registered');
  while (what.webhook !== null && !signal.aborted) {
    const hooked = await registerWebhook(api, what.webhook);
    if (hooked.kind === 'ok') return;
    log.error({ answer: hooked }, 'the webhook was not registered; trying again');
    await pause(retryMs, signal);
  }
}
