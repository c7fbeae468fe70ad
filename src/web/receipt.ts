import type { FastifyInstance } from 'fastify';
import type { WebDeps } from './web.ts';

export function receiptRoutes(_app: FastifyInstance, _deps: WebDeps): void {}
