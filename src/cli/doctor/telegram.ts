import { createTelegramApi, readMe, type TelegramApi } from '../../channels/telegram/api.ts';
import type { Config, TelegramConfig } from '../../config.ts';
import { silentLog } from '../../ops/log.ts';
import type { Surroundings } from '../command.ts';
import { type Finding, hint, ok, wrong } from './finding.ts';

export interface TelegramFindings {
  readonly findings: readonly Finding[];
  /** Telegram's own time, where it answered with one. */
  readonly date: Date | null;
}

export async function askTelegram(config: Config, around: Surroundings): Promise<TelegramFindings> {
  if (config.telegram === null) return { findings: [notUsed(config)], date: null };
  let date: Date | null = null;
  const api = createTelegramApi({
    token: config.telegram.token,
    apiRoot: config.telegram.apiRoot,
    log: silentLog,
    fetch: async (...request) => {
      const response = await around.fetch(...request);
      date = readDate(response.headers.get('date')) ?? date;
      return response;
    },
  });
  const me = await readMe(api);
  if (me.kind === 'ok') {
    const webhook = await checkWebhook(api, config, config.telegram, around.clock.now());
    return { findings: [ok('telegram', `the bot is @${me.me.username}`), webhook], date };
  }
  return { findings: [refusedToken(me)], date };
}

function notUsed(config: Config): Finding {
  if (config.whatsapp !== null) return ok('telegram', 'not used');
  if (config.mode === 'playground') return ok('telegram', 'not used: this is the playground');
  return wrong('telegram', 'no chat is set', 'set TELEGRAM_BOT_TOKEN or the four WHATSAPP_ variables');
}

function refusedToken(answer: Exclude<Awaited<ReturnType<typeof readMe>>, { kind: 'ok' }>): Finding {
  if (answer.kind === 'no_answer')
    return wrong(
      'telegram',
      `no answer (${answer.detail})`,
      'see that this server reaches TELEGRAM_API_ROOT',
    );
  if (answer.errorCode === 401 || answer.errorCode === 404)
    return wrong(
      'telegram',
      'the token is refused',
      'ask @BotFather for the token and set TELEGRAM_BOT_TOKEN',
    );
  return wrong('telegram', `refused (${answer.errorCode}): ${answer.description}`, 'try again in a minute');
}

const webhookTimeoutMs = 15_000;
const recentMs = 3600 * 1000;

async function checkWebhook(
  api: TelegramApi,
  config: Config,
  telegram: TelegramConfig,
  now: Date,
): Promise<Finding> {
  const answer = await api.call('getWebhookInfo', {}, { timeoutMs: webhookTimeoutMs });
  if (answer.kind !== 'ok')
    return wrong('webhook', 'Telegram does not tell its state', 'try again in a minute');
  const info = readInfo(answer.result);
  if (telegram.webhookSecret === null) {
    if (info.url === '') return ok('webhook', 'none: long polling');
    return wrong(
      'webhook',
      `one is set (${info.url}), so long polling gets nothing`,
      'start the program: it removes it',
    );
  }
  const wanted = `${config.publicUrl}/telegram`;
  if (info.url !== wanted)
    return wrong(
      'webhook',
      `Telegram calls ${info.url === '' ? 'nobody' : info.url}, not ${wanted}`,
      'start the program: it registers it',
    );
  const failing = info.lastError !== null && now.getTime() - info.lastErrorMs < recentMs;
  if (failing)
    return wrong(
      'webhook',
      `Telegram could not deliver: ${info.lastError}`,
      `see that ${wanted} is reachable from the internet`,
    );
  if (info.waiting > 100)
    return hint('webhook', `${info.waiting} updates wait at Telegram`, 'look at the log');
  return ok('webhook', wanted);
}

interface WebhookInfo {
  readonly url: string;
  readonly waiting: number;
  readonly lastError: string | null;
  readonly lastErrorMs: number;
}

function readInfo(result: unknown): WebhookInfo {
  const info: Readonly<Record<string, unknown>> = { ...(typeof result === 'object' ? result : null) };
  const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
  return {
    url: typeof info.url === 'string' ? info.url : '',
    waiting: number(info.pending_update_count),
    lastError: typeof info.last_error_message === 'string' ? info.last_error_message : null,
    lastErrorMs: number(info.last_error_date) * 1000,
  };
}

function readDate(header: string | null): Date | null {
  const at = header === null ? Number.NaN : Date.parse(header);
  return Number.isNaN(at) ? null : new Date(at);
}
