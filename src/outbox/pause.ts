/**
 * "Too many requests" of a platform, shared by all processes: a lane or a whole channel says nothing until then. The
 * Bot API does not tell whether a chat or the bot is over its limit; several chats limited at once mean the bot. WhatsApp
 * tells: there a person who is written to too fast is nobody else's business.
 */
import { sql } from 'kysely';
import type { Database, OutboxTable, Tx } from '../db/tables.ts';

const lanesThatMeanTheChannel = 3;

export interface Pause {
  readonly channel: OutboxTable['channel'];
  readonly lane: string;
  readonly scope: 'lane' | 'channel';
  readonly now: Date;
  readonly until: Date;
}

export async function pause(tx: Database | Tx, wanted: Pause): Promise<void> {
  await pauseKey(tx, wanted.scope === 'channel' ? wanted.channel : wanted.lane, wanted.until);
  if (wanted.scope === 'channel' || wanted.channel !== 'telegram') return;
  const { limited } = await tx
    .selectFrom('channel_pause')
    .select(({ fn }) => fn.countAll<bigint>().as('limited'))
    .where('key', 'like', `${wanted.channel}:%`)
    .where('until', '>', wanted.now)
    .executeTakeFirstOrThrow();
  if (limited >= lanesThatMeanTheChannel) await pauseKey(tx, wanted.channel, wanted.until);
}

async function pauseKey(tx: Database | Tx, key: string, until: Date): Promise<void> {
  await tx
    .insertInto('channel_pause')
    .values({ key, until })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({ until: sql<Date>`greatest(channel_pause.until, excluded.until)` }),
    )
    .execute();
}
