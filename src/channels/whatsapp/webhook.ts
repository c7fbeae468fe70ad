/**
 * Where Meta calls. The signature is over the exact bytes of the body, so that they are read as bytes; everything in a body
 * is committed in one transaction before it is answered 200. Anything but 200 makes Meta send it again, for up to seven
 * days: what is signed and yet cannot be read is therefore acknowledged and logged.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseDown } from '../../db/open.ts';
import type { Inbox } from '../../inbox/store.ts';
import { type ReceiveDeps, toInboxItems } from './receive.ts';

export interface WhatsappWebhookDeps extends ReceiveDeps {
  /** Signs what Meta posts. */
  readonly appSecret: string;
  /** What the operator typed into Meta's form beside our address. */
  readonly verifyToken: string;
  readonly inbox: Inbox;
  /** Something new is in the inbox. */
  readonly onStored: () => void;
}

const path = '/whatsapp';
/** Meta posts up to 3 MB (developers.facebook.com, "Webhooks"). */
const bodyLimit = 3 * 1024 * 1024;

/** A Fastify plugin. */
export function whatsappWebhook(deps: WhatsappWebhookDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, done) =>
      done(null, body),
    );
    app.get(path, (request, reply) => shakeHands(deps, request, reply));
    app.post(path, { bodyLimit }, (request, reply) => receive(deps, request, reply));
  };
}

/** Meta asks once, when the address is set: the bare challenge is the answer. */
async function shakeHands(
  deps: WhatsappWebhookDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const query = request.query as Readonly<Record<string, unknown>>;
  const challenge = query['hub.challenge'];
  const asks = query['hub.mode'] === 'subscribe' && typeof challenge === 'string' && challenge !== '';
  if (!asks || !isSame(deps.verifyToken, query['hub.verify_token'])) {
    deps.log.warn('a WhatsApp verification without the verify token was refused');
    return reply.code(403).send({ error: 'The verify token does not match.' });
  }
  return reply.code(200).type('text/plain').header('x-content-type-options', 'nosniff').send(challenge);
}

/** Hashed first: the comparison takes the same time whatever the length. */
function isSame(secret: string, given: unknown): boolean {
  return typeof given === 'string' && timingSafeEqual(digest(secret), digest(given));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

async function receive(
  deps: WhatsappWebhookDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  if (!isSigned(deps.appSecret, body, request.headers['x-hub-signature-256'])) {
    deps.log.warn({ bytes: body.length }, 'a call of the WhatsApp webhook without its signature was refused');
    return reply.code(401).send({ error: 'The signature does not match.' });
  }
  const items = toInboxItems(deps, parse(body));
  if (items === null) {
    deps.log.warn({ bytes: body.length }, 'a signed body of WhatsApp could not be read and is not kept');
    return reply.code(200).send({ ok: true });
  }
  try {
    if ((await deps.inbox.storeMany(items)) > 0) deps.onStored();
    return await reply.code(200).send({ ok: true });
  } catch (err) {
    if (!isDatabaseDown(err)) throw err;
    deps.log.warn({ err }, 'WhatsApp messages could not be stored; Meta sends them again');
    return reply.code(503).header('retry-after', '5').send({ error: 'Not stored; send it again.' });
  }
}

function isSigned(secret: string, body: Buffer, header: string | string[] | undefined): boolean {
  if (typeof header !== 'string') return false;
  const given = /^sha256=([0-9a-f]{64})$/i.exec(header)?.[1] ?? '';
  const wanted = createHmac('sha256', secret).update(body).digest();
  return given !== '' && timingSafeEqual(wanted, Buffer.from(given, 'hex'));
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
