/** A deliverer over a real database, with a channel whose answers the test decides. */
import { sql } from 'kysely';
import type { ChannelMessage, SendOutcome } from '../../src/channels/channel.ts';
import type { OutboxTable } from '../../src/db/tables.ts';
import { silentLog } from '../../src/ops/log.ts';
import { createDeliverer, type DelivererDeps } from '../../src/outbox/deliver.ts';
import { enqueue, type OutgoingMessage } from '../../src/outbox/enqueue.ts';
import { createTestClock, createTestRandom } from '../support/clock.ts';
import type { TestDatabase } from '../support/database.ts';

export type Answer = (message: ChannelMessage, call: number) => SendOutcome | Promise<SendOutcome>;

export function createScene(database: TestDatabase) {
  const { db, vault } = database;
  const clock = createTestClock();
  const random = createTestRandom();
  const calls: ChannelMessage[] = [];
  let answer: Answer = sentAs;
  const deps: DelivererDeps = {
    db,
    vault,
    clock,
    random,
    channel: 'telegram',
    log: silentLog,
    sender: {
      send: async (message) => {
        calls.push(message);
        return await answer(message, calls.length);
      },
    },
  };

  const scene = {
    clock,
    calls,
    deps,
    deliverer: createDeliverer(deps),
    answer: (next: Answer) => {
      answer = next;
    },
    say: (key: string, over: Partial<OutgoingMessage> = {}): Promise<bigint> =>
      db.transaction().execute((tx) => enqueue(tx, { vault, clock }, { ...text(key), ...over })),
    drain: async (): Promise<void> => {
      while (await scene.deliverer.runOnce());
    },
    row: (key: string) =>
      db.selectFrom('outbox').selectAll().where('key', '=', key).executeTakeFirstOrThrow(),
    states: async (): Promise<Record<string, OutboxTable['state']>> => {
      const rows = await db.selectFrom('outbox').select(['key', 'state']).orderBy('id').execute();
      return Object.fromEntries(rows.map((row) => [row.key, row.state]));
    },
    texts: (): unknown[] => calls.map((call) => call.payload.text),
    clear: async (): Promise<void> => {
      await sql`truncate outbox, channel_pause, inbox`.execute(db);
      calls.length = 0;
      answer = sentAs;
    },
  };
  return scene;
}

/** Every message gets a new id; an edit keeps its message's. */
function sentAs(message: ChannelMessage, call: number): SendOutcome {
  return { kind: 'sent', externalId: message.targetExternalId ?? String(500 + call) };
}

function text(key: string): OutgoingMessage {
  return {
    key,
    channel: 'telegram',
    lane: 'telegram:1',
    method: 'sendMessage',
    payload: { chat_id: 1, text: key },
  };
}
