import { type FastifyInstance, fastify } from 'fastify';
import type { Logger } from './log.ts';

export type Routes = (server: FastifyInstance) => Promise<void>;

/** More than any page or callback needs; routes that take more say so themselves. */
const bodyLimit = 64 * 1024;

/** The HTTP server over the routes of each part. An unforeseen error tells the caller nothing of the inside. */
export function createServer(log: Logger, routes: readonly Routes[]): FastifyInstance {
  const server = fastify({ logger: false, bodyLimit, routerOptions: { ignoreTrailingSlash: true } });
  server.setErrorHandler((err: Error & { statusCode?: number }, _request, reply) => {
    const status = err.statusCode ?? 500;
    if (status >= 500) log.error({ err }, 'a request could not be answered');
    return reply.code(status).send({ error: status >= 500 ? 'Something broke on our side.' : err.message });
  });
  for (const route of routes) server.register(route);
  return server;
}
