/** What the machine, its PostgreSQL, Fastify and grammY do alone, in the same run: nothing of ours can be faster. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Bot } from 'grammy';
import type { UserFromGetMe } from 'grammy/types';
import pg from 'pg';
import { closedLoop, type Timing } from './measure.ts';
import { createPoster, type Posting } from './post.ts';

/** The embedded server has room for sixty, and the program holds twenty of them; further lanes share. */
const mostClients = 30;
const bounds = { total: Number.POSITIVE_INFINITY, withinMs: 1500 };

/** A prepared single-row INSERT, committed by itself, as large as a stored callback. */
export async function insertFloor(connection: string, lanes: number): Promise<Timing> {
  const pool = new pg.Pool({ connectionString: connection, max: Math.min(lanes, mostClients) });
  try {
    await pool.query('create table if not exists bench_floor (id bigint primary key, body bytea)');
    await pool.query('truncate bench_floor');
    const body = Buffer.alloc(700, 1);
    const text = 'insert into bench_floor values ($1, $2)';
    return await closedLoop(lanes, bounds, (index) =>
      pool.query({ name: 'floor', text, values: [index, body] }),
    );
  } finally {
    await pool.end();
  }
}

export async function routeFloor(lanes: readonly number[], like: Posting): Promise<readonly Timing[]> {
  const child = fork(fileURLToPath(new URL('floor-server.ts', import.meta.url)));
  const [address] = await once(child, 'message');
  const posting = { ...like, url: `${address}/cb/${'0'.repeat(32)}/${'0'.repeat(32)}` };
  const timings: Timing[] = [];
  for (const count of lanes) {
    const poster = createPoster(count);
    timings.push(await closedLoop(count, bounds, () => poster.post(posting)));
    poster.close();
  }
  child.kill();
  await once(child, 'exit');
  return timings;
}

/** One update in, one reply out, against a network that answers at once. */
export async function grammyFloor(): Promise<Timing> {
  const botInfo = { id: 1, is_bot: true, first_name: 'Floor', username: 'floor_bot' } as UserFromGetMe;
  const answer = { ok: true, result: { message_id: 1, date: 0, chat: { id: 1, type: 'private' } } };
  const stub = async () => ({ json: async () => answer });
  const bot = new Bot('0:floor', { botInfo, client: { fetch: stub as never } });
  bot.on('message:text', (ctx) => ctx.reply('floor'));
  return await closedLoop(1, { total: 5000, withinMs: 3000 }, (index) =>
    bot.handleUpdate({
      update_id: index,
      message: {
        message_id: index,
        date: 0,
        text: 'floor',
        chat: { id: 1, type: 'private', first_name: 'F' },
        from: { id: 1, is_bot: false, first_name: 'F' },
      },
    }),
  );
}
