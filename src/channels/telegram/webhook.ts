/**
 * Where Telegram calls. An update is a committed row before it is answered 200; anything but 200 makes Telegram send it
 * again, so 503 while the database is away loses nothing.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseDown } from '../../db/open.ts';
import type { Inbox } from '../../inbox/store.ts';
import type { Logger } from '../../ops/log.ts';
import type { TelegramAnswer, TelegramApi } from './api.ts';
import { allowedUpdates, isUpdate, toInboxItem } from './receive.ts';

export interface TelegramWebhookDeps {
  readonly secret: string;
  readonly inbox: Inbox;
  readonly log: Logger;
  /** Something new is in the inbox. */
  readonly onStored: () => void;
}

const path = '/telegram';
const secretHeader = 'x-telegram-bot-api-secret-token';
const bodyLimit = 1024 * 1024;
const setUpTimeoutMs = 15_000;
/** Telegram's default; more would only meet each other at the lock of a chat. */
const maxConnections = 40;

/** A Fastify plugin; the secret is checked before the body is read. */
export function telegramWebhook(deps: TelegramWebhookDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.post(
      path,
      {
        bodyLimit,
        onRequest: async (request, reply) => {
          if (isOurs(deps.secret, request.headers[secretHeader])) return;
          deps.log.warn('a call of the Telegram webhook without its secret was refused');
          return reply.code(401).send({ error: 'The secret token does not match.' });
        },
      },
      (request, reply) => receive(deps, request, reply),
    );
  };
}

/** Hashed first: the comparison takes the same time whatever the length. */
function isOurs(secret: string, given: string | string[] | undefined): boolean {
  return typeof given === 'string' && timingSafeEqual(digest(secret), digest(given));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function receive(
  deps: TelegramWebhookDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!isUpdate(request.body)) return reply.code(400).send({ error: 'This is not an update.' });
  try {
    if ((await deps.inbox.store(toInboxItem(request.body))) === 'stored') deps.onStored();
    return reply.code(200).send({ ok: true });
  } catch (err) {
    if (!isDatabaseDown(err)) throw err;
    deps.log.warn({ err }, 'an update could not be stored; Telegram sends it again');
    return reply.code(503).header('retry-after', '5').send({ error: 'Not stored; send it again.' });
  }
}

/** Idempotent; `publicUrl` is the base under which Telegram reaches us over HTTPS. */
export async function registerWebhook(
  api: TelegramApi,
  options: { readonly publicUrl: string; readonly secret: string },
): Promise<TelegramAnswer> {
  const payload = {
    url: new URL(path.slice(1), options.publicUrl.endsWith('/') ? options.publicUrl : `${options.publicUrl}/`)
      .href,
    secret_token: options.secret,
    allowed_updates: allowedUpdates,
    max_connections: maxConnections,
  };
  return await api.call('setWebhook', payload, { timeoutMs: setUpTimeoutMs });
}
