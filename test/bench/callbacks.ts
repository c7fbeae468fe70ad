/** Callbacks at the door and payments behind it, at a chosen number of connections, and at a steady pace. */
import { until } from '../crash/until.ts';
import { closedLoop, type Timing, timing } from './measure.ts';
import { preparePayments } from './payments.ts';
import { createPoster } from './post.ts';
import type { Site } from './site.ts';

export interface CallbackRun {
  readonly acknowledged: Timing;
  readonly settledPerSecond: number;
}

export async function callbackRun(site: Site, connections: number, count: number): Promise<CallbackRun> {
  const waiting = await preparePayments(site.store, site.seeded, site.chats, count);
  const before = await ledgerRows(site);
  const poster = createPoster(connections);
  const startedAt = performance.now();
  let posted = 0;
  const acknowledged = await closedLoop(connections, { total: count, withinMs: 5000 }, async (index) => {
    const posting = waiting[index]?.posting;
    if (posting === undefined || (await poster.post(posting)) !== 200) throw new Error('not acknowledged');
    posted++;
  });
  poster.close();
  await until('every payment is settled', async () => (await ledgerRows(site)) - before >= posted);
  const settledPerSecond = posted / ((performance.now() - startedAt) / 1000);
  await quiet(site);
  return { acknowledged, settledPerSecond };
}

/** From the callback's first byte to the edited card at Telegram, at a pace that does not wait for answers. */
export async function receiptRun(site: Site, perSecond: number, seconds: number): Promise<Timing> {
  const waiting = await preparePayments(site.store, site.seeded, site.chats, perSecond * seconds);
  const sentAt = new Map<string, number>();
  const times: number[] = [];
  const stop = onReceipts(site, (ref) => {
    const at = sentAt.get(ref);
    if (at !== undefined && sentAt.delete(ref)) times.push(performance.now() - at);
  });
  const poster = createPoster(64);
  const startedAt = performance.now();
  await Promise.all(
    waiting.map(async ({ ref, posting }, index) => {
      await new Promise((resolve) => setTimeout(resolve, (index * 1000) / perSecond));
      sentAt.set(ref, performance.now());
      await poster.post(posting);
    }),
  );
  await until('every receipt is handed over', () => times.length === waiting.length);
  stop();
  poster.close();
  await quiet(site);
  return timing(times, performance.now() - startedAt);
}

function onReceipts(site: Site, receipt: (ref: string) => void): () => void {
  const { control } = site.shop.telegram;
  return control.onChange((change) => {
    if (change.kind !== 'call' || change.method !== 'editMessageText') return;
    const text = String(control.calls().at(-1)?.params.text);
    const ref = /P-[0-9A-Z]{5}/.exec(text)?.[0];
    if (ref !== undefined && text.includes('Paid to')) receipt(ref);
  });
}

async function ledgerRows({ store }: Site): Promise<number> {
  const { rows } = await store.db
    .selectFrom('ledger')
    .select(({ fn }) => fn.countAll<bigint>().as('rows'))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

/** What one measure left to be said must not burden the next. */
async function quiet({ store }: Site): Promise<void> {
  await until('nothing waits', async () => {
    const row = await store.db
      .selectFrom('outbox')
      .select('id')
      .where('state', '=', 'pending')
      .executeTakeFirst();
    return row === undefined;
  });
}
