/** The list of commands that Telegram shows beside the text field, in each language of ours. */
import type { BotCommand } from 'grammy/types';
import type { Locale } from '../../db/tables.ts';
import type { TelegramAnswer, TelegramApi } from './api.ts';

const setUpTimeoutMs = 15_000;

/** A phone set to another language sees English. Answers the first refusal, or ok. */
export async function registerCommands(
  api: TelegramApi,
  commands: Readonly<Record<Locale, readonly BotCommand[]>>,
): Promise<TelegramAnswer> {
  const lists = [
    { commands: commands.en },
    { commands: commands.en, language_code: 'en' },
    { commands: commands.sw, language_code: 'sw' },
  ];
  for (const list of lists) {
    const answer = await api.call('setMyCommands', list, { timeoutMs: setUpTimeoutMs });
    if (answer.kind !== 'ok') return answer;
  }
  return { kind: 'ok', result: true };
}
