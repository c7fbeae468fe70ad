/** A line typed in a chat until its card is handed to Telegram; and the turn alone, from stored to written. */
import { closedLoop, percentile, type Timing } from './measure.ts';
import type { Site } from './site.ts';

export interface ChatRun {
  /** From the person's send to the bot's answer at Telegram, long polling and delivery included. */
  readonly reply: Timing;
  /** The turn's own time: from the stored update to the written turn, in whole milliseconds. */
  readonly turnP50Ms: number;
  readonly turnP99Ms: number;
}

let lines = 0;

export async function chatRun(site: Site, chats: number, total: number): Promise<ChatRun> {
  const { control } = site.shop.telegram;
  const waiting = new Map<string, () => void>();
  const stop = control.onChange((change) => {
    if (change.kind !== 'call' || change.method !== 'sendMessage') return;
    const to = String(control.calls().at(-1)?.params.chat_id);
    waiting.get(to)?.();
  });
  const from = await newestRow(site);
  const reply = await closedLoop(chats, { total, withinMs: 8000 }, async (_, lane) => {
    const person = site.shop.people[lane] ?? 0;
    const answered = new Promise<void>((resolve) => waiting.set(String(person), resolve));
    control.sendText(person, `${300 + (lines % 900)} 07${30_000_000 + lines++} bench`);
    await answered;
  });
  stop();
  const turns = await turnTimes(site, from);
  return { reply, turnP50Ms: percentile(turns, 0.5), turnP99Ms: percentile(turns, 0.99) };
}

async function newestRow({ store }: Site): Promise<bigint> {
  const row = await store.db
    .selectFrom('inbox')
    .select(({ fn }) => fn.max('id').as('id'))
    .executeTakeFirst();
  return row?.id ?? 0n;
}

async function turnTimes({ store }: Site, after: bigint): Promise<number[]> {
  const rows = await store.db
    .selectFrom('inbox')
    .select(['received_at', 'handled_at'])
    .where('source', '=', 'telegram')
    .where('id', '>', after)
    .execute();
  return rows.flatMap((row) =>
    row.handled_at === null ? [] : [row.handled_at.getTime() - row.received_at.getTime()],
  );
}
