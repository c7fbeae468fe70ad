/** Numbers for Prometheus. Labels are few and closed: kinds, channels and outcomes, never an id, a phone or a name. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface QueueCounts {
  readonly inbox: { readonly pending: number; readonly dead: number };
  readonly outbox: { readonly pending: number; readonly dead: number };
}

export interface Metrics {
  /** One callback at the door: what became of it. `gateway` is the kind of the account. */
  callback(gateway: string, outcome: 'stored' | 'repeated' | 'malformed' | 'forged'): void;
  turn(channel: string, outcome: 'done' | 'retried' | 'dead', seconds: number): void;
  delivery(channel: string, outcome: 'sent' | 'retried' | 'dropped' | 'dead', seconds: number): void;
  /** One STK push: the outcome of the call, and how long the gateway took. */
  submit(gateway: string, outcome: 'accepted' | 'refused' | 'not_sent' | 'unknown', seconds: number): void;
  lookup(gateway: string, outcome: 'evidence' | 'not_found' | 'no_answer', seconds: number): void;
  /** One B2C call: the outcome, and how long the gateway took. */
  payout(gateway: string, outcome: 'accepted' | 'refused' | 'not_sent' | 'unknown', seconds: number): void;
  /** What one piece of evidence did to a payout. */
  payoutSettlement(effect: string): void;
  /** What one piece of evidence did: an `Effect`, or `unmatched`. */
  settlement(effect: string): void;
  /** The whole text, with the queues counted now. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** From a fast row to a gateway that takes its whole time-out. */
const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** `countQueues` is asked at every scrape. Where it fails, the scrape goes on without the queues. */
export function createMetrics(countQueues: () => Promise<QueueCounts>): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const callbacks = new Counter({
    name: 'malipo_callbacks_total',
    help: 'Gateway callbacks at the door, by what became of them',
    labelNames: ['gateway', 'outcome'],
    registers,
  });
  const settlements = new Counter({
    name: 'malipo_settlements_total',
    help: 'Pieces of evidence, by what they did to a payment',
    labelNames: ['effect'],
    registers,
  });
  const timed = (name: string, help: string, subject: string): Histogram =>
    new Histogram({ name, help, labelNames: [subject, 'outcome'], buckets: seconds, registers });
  const turns = timed('malipo_turn_seconds', 'Chat updates handled', 'channel');
  const deliveries = timed('malipo_delivery_seconds', 'Messages handed to a chat platform', 'channel');
  const submits = timed('malipo_submit_seconds', 'STK pushes sent', 'gateway');
  const lookups = timed('malipo_lookup_seconds', 'Look-ups at a gateway', 'gateway');
  const payouts = timed('malipo_payout_seconds', 'B2C calls made', 'gateway');
  const payoutSettlements = new Counter({
    name: 'malipo_payout_settlements_total',
    help: 'Pieces of evidence, by what they did to a payout',
    labelNames: ['effect'],
    registers,
  });
  const refreshQueues = createQueueGauges(registry, countQueues);
  return {
    callback: (gateway, outcome) => callbacks.inc({ gateway, outcome }),
    turn: (channel, outcome, took) => turns.observe({ channel, outcome }, took),
    delivery: (channel, outcome, took) => deliveries.observe({ channel, outcome }, took),
    submit: (gateway, outcome, took) => submits.observe({ gateway, outcome }, took),
    lookup: (gateway, outcome, took) => lookups.observe({ gateway, outcome }, took),
    payout: (gateway, outcome, took) => payouts.observe({ gateway, outcome }, took),
    payoutSettlement: (effect) => payoutSettlements.inc({ effect }),
    settlement: (effect) => settlements.inc({ effect }),
    text: async () => {
      await refreshQueues();
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

function createQueueGauges(registry: Registry, countQueues: () => Promise<QueueCounts>): () => Promise<void> {
  const rows = new Gauge({
    name: 'malipo_queue_rows',
    help: 'Rows that wait, and rows that were given up',
    labelNames: ['queue', 'state'],
    registers: [registry],
  });
  return async () => {
    const counts = await countQueues().catch(() => null);
    // While the database is away the old numbers would be a lie.
    if (counts === null) return rows.reset();
    for (const queue of ['inbox', 'outbox'] as const)
      for (const state of ['pending', 'dead'] as const) rows.set({ queue, state }, counts[queue][state]);
  };
}
