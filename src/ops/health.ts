/** What a load balancer, an orchestrator and Prometheus ask. Nothing here needs a credential or tells a secret. */
import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.ts';

export type Readiness =
  | { readonly kind: 'ready' }
  /** A word for the operator's eye, without address or credential. */
  | { readonly kind: 'not_ready'; readonly reason: string };

export interface HealthDeps {
  /** Is the database reachable and migrated? A thrown error means that it could not be asked. */
  readonly readiness: () => Promise<Readiness>;
  readonly metrics: Metrics;
}

/** An orchestrator asks again soon; an answer later than this is of no use to it. */
const readinessTimeoutMs = 3000;

export function healthRoutes(deps: HealthDeps): (server: FastifyInstance) => Promise<void> {
  return async (server) => {
    server.get('/healthz', async () => ({ status: 'alive' }));
    server.get('/readyz', async (_request, reply) => {
      const readiness = await askReadiness(deps);
      if (readiness.kind === 'ready') return { status: 'ready' };
      return reply.code(503).send({ status: 'not ready', reason: readiness.reason });
    });
    server.get('/metrics', async (_request, reply) =>
      reply.type(deps.metrics.contentType).send(await deps.metrics.text()),
    );
  };
}

async function askReadiness(deps: HealthDeps): Promise<Readiness> {
  const late = Promise.withResolvers<Readiness>();
  const timer = setTimeout(() => {
    late.resolve({ kind: 'not_ready', reason: 'the database does not answer' });
  }, readinessTimeoutMs);
  try {
    return await Promise.race([deps.readiness(), late.promise]);
  } catch {
    return { kind: 'not_ready', reason: 'the database is not reachable' };
  } finally {
    clearTimeout(timer);
  }
}
