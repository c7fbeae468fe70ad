/** The pages for customers: what a receipt says now, and paying by a link. They work without JavaScript. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseDown } from '../db/open.ts';
import { languageOf } from './language.ts';
import { noticeBody, sendPage } from './layout.ts';
import { payRoutes } from './pay.ts';
import { receiptRoutes } from './receipt.ts';
import { say, type TextKey } from './texts.ts';
import type { WebDeps } from './web.ts';

export function webRoutes(deps: WebDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    app.setErrorHandler((err: FastifyError, request, reply) => onError(deps, err, request, reply));
    receiptRoutes(app, deps);
    payRoutes(app, deps);
  };
}

/** Long enough for a server to start again, short enough for somebody who waits at a counter. */
const downRetrySeconds = 10;

/** A person reads the answer, whatever went wrong. */
function onError(
  deps: WebDeps,
  err: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const lang = languageOf(request);
  const send = (status: number, heading: TextKey, means: TextKey): Promise<FastifyReply> =>
    sendPage(reply, status, { lang, title: say(lang, heading), body: noticeBody(lang, heading, means) });
  if (isDatabaseDown(err)) {
    deps.log.warn({ reason: err.message }, 'a page could not be shown: the database does not answer');
    reply.header('retry-after', String(downRetrySeconds));
    return send(503, 'down', 'down-means');
  }
  const status = err.statusCode ?? 500;
  if (status < 500) return send(status, 'no-page', 'no-page-means');
  deps.log.error({ err }, 'a page could not be shown');
  return send(500, 'broke', 'broke-means');
}
