/** Protects what a load balancer and Prometheus are told: ready only when the database can be used, and no secrets. */
import { fastify } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { healthRoutes, type Readiness } from '../../src/ops/health.ts';
import { createMetrics, type QueueCounts } from '../../src/ops/metrics.ts';

const counts: QueueCounts = { inbox: { pending: 3, dead: 1 }, outbox: { pending: 2, dead: 0 } };

async function serve(readiness: () => Promise<Readiness>, countQueues = async () => counts) {
  const metrics = createMetrics(countQueues);
  const server = fastify();
  onTestFinished(() => server.close());
  server.register(healthRoutes({ readiness, metrics }));
  await server.ready();
  return { metrics, get: (url: string) => server.inject({ method: 'GET', url }) };
}

describe('health', () => {
  it('is alive whatever the database does', async () => {
    const { get } = await serve(() => Promise.reject(new Error('down')));
    expect((await get('/healthz')).statusCode).toBe(200);
  });

  it('is ready when the database is', async () => {
    const { get } = await serve(async () => ({ kind: 'ready' }));
    expect((await get('/readyz')).statusCode).toBe(200);
  });

  it('says why it is not ready', async () => {
    const { get } = await serve(async () => ({ kind: 'not_ready', reason: 'not migrated' }));
    const answer = await get('/readyz');
    expect([answer.statusCode, answer.json().reason]).toEqual([503, 'not migrated']);
  });

  it('keeps to itself what the database said', async () => {
    const { get } = await serve(() => Promise.reject(new Error('password hush refused')));
    const answer = await get('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain('hush');
  });
});

describe('metrics', () => {
  it('are counted by kind and outcome, the queues at the time of asking', async () => {
    const { metrics, get } = await serve(async () => ({ kind: 'ready' }));
    metrics.callback('bluepay', 'stored');
    metrics.callback('bluepay', 'repeated');
    metrics.settlement('paid');
    metrics.submit('bluepay', 'accepted', 0.2);
    metrics.lookup('bluepay', 'not_found', 0.1);
    metrics.turn('telegram', 'done', 0.004);
    metrics.delivery('telegram', 'sent', 0.03);
    const answer = await get('/metrics');
    expect(answer.headers['content-type']).toContain('text/plain');
    const lines = answer.body.split('\n');
    for (const line of [
      'malipo_callbacks_total{gateway="bluepay",outcome="stored"} 1',
      'malipo_callbacks_total{gateway="bluepay",outcome="repeated"} 1',
      'malipo_settlements_total{effect="paid"} 1',
      'malipo_submit_seconds_count{gateway="bluepay",outcome="accepted"} 1',
      'malipo_lookup_seconds_count{gateway="bluepay",outcome="not_found"} 1',
      'malipo_turn_seconds_bucket{le="0.005",channel="telegram",outcome="done"} 1',
      'malipo_delivery_seconds_bucket{le="0.025",channel="telegram",outcome="sent"} 0',
      'malipo_queue_rows{queue="inbox",state="pending"} 3',
      'malipo_queue_rows{queue="inbox",state="dead"} 1',
      'malipo_queue_rows{queue="outbox",state="pending"} 2',
    ])
      expect(lines).toContain(line);
    expect(answer.body).toContain('process_resident_memory_bytes');
  });

  it('show no old queue lengths while the database is away', async () => {
    let away = false;
    const { get } = await serve(
      async () => ({ kind: 'ready' }),
      () => (away ? Promise.reject(new Error('down')) : Promise.resolve(counts)),
    );
    expect((await get('/metrics')).body).toContain('malipo_queue_rows{');
    away = true;
    const answer = await get('/metrics');
    expect(answer.statusCode).toBe(200);
    expect(answer.body).not.toContain('malipo_queue_rows{');
  });
});
