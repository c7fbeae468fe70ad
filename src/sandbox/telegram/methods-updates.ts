import type { Telegram } from './core.ts';
import type { Methods } from './methods.ts';
import { allowedUpdatesParam, badRequest, flagParam, integerParam, type Params, textParam } from './rules.ts';

const maxOffset = 2 ** 31 - 1;
/** The server waits no longer than this, whatever was asked. */
const longestPollSeconds = 50;
const defaultConnections = 40;
const maxUrlLength = 2048;

export const updateMethods: Methods = {
  getUpdates: async (telegram, { params, signal }) => {
    const limit = integerParam(params, 'limit', 1, 100) ?? 100;
    const timeout = integerParam(params, 'timeout', 0, 86_400) ?? 0;
    const offset = integerParam(params, 'offset', -maxOffset, maxOffset) ?? 0;
    const allowed = allowedUpdatesParam(params);
    if (allowed !== undefined && telegram.state.webhook === null) telegram.state.allowedUpdates = allowed;
    const timeoutSeconds = Math.min(timeout, longestPollSeconds);
    return telegram.updates.poll({ offset, limit, timeoutSeconds, signal });
  },
  setWebhook: (telegram, { params }) => {
    const url = textParam(params, 'url') ?? '';
    if (url === '') return removeWebhook(telegram, params);
    checkWebhookUrl(url);
    const secretToken = secretParam(params);
    const maxConnections = integerParam(params, 'max_connections', 1, 100) ?? defaultConnections;
    const allowed = allowedUpdatesParam(params);
    if (allowed !== undefined) telegram.state.allowedUpdates = allowed;
    if (flagParam(params, 'drop_pending_updates')) telegram.updates.clear();
    telegram.state.webhook = { url, secretToken, maxConnections, lastErrorDate: null, lastErrorMessage: '' };
    telegram.updates.interrupt('terminated by setWebhook request');
    telegram.changed({ kind: 'webhook' });
    return true;
  },
  deleteWebhook: (telegram, { params }) => removeWebhook(telegram, params),
  getWebhookInfo: (telegram) => {
    const { webhook, allowedUpdates } = telegram.state;
    const failed = webhook !== null && webhook.lastErrorDate !== null;
    return {
      url: webhook?.url ?? '',
      has_custom_certificate: false,
      pending_update_count: telegram.updates.pending().length,
      ...(webhook === null ? {} : { max_connections: webhook.maxConnections }),
      ...(failed
        ? { last_error_date: webhook.lastErrorDate, last_error_message: webhook.lastErrorMessage }
        : {}),
      ...(allowedUpdates === null ? {} : { allowed_updates: allowedUpdates }),
    };
  },
};

function removeWebhook(telegram: Telegram, params: Params): true {
  if (flagParam(params, 'drop_pending_updates')) telegram.updates.clear();
  telegram.state.webhook = null;
  telegram.changed({ kind: 'webhook' });
  return true;
}

function secretParam(params: Params): string {
  const secret = textParam(params, 'secret_token') ?? '';
  if (secret.length > 256) throw badRequest('secret token is too long');
  if (!/^[\w-]*$/.test(secret)) throw badRequest('secret token contains unallowed characters');
  return secret;
}

/** The real server takes HTTPS only; a Bot API server in local mode takes HTTP too, and this one is local. */
function checkWebhookUrl(text: string): void {
  const url = text.length <= maxUrlLength && URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw badRequest('invalid webhook URL specified');
  const loopback = /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback))
    throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
}
