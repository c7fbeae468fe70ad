/** The pages for customers: what a receipt says now, and paying by a link. They work without JavaScript. */
import type { FastifyInstance } from 'fastify';
import { payRoutes } from './pay.ts';
import { receiptRoutes } from './receipt.ts';
import type { WebDeps } from './web.ts';

export function webRoutes(deps: WebDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    receiptRoutes(app, deps);
    payRoutes(app, deps);
  };
}
