/** Protects updates on their way in by long polling: stored before they are confirmed, and asked for again otherwise. */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTelegramApi } from '../../../src/channels/telegram/api.ts';
import { createPoller } from '../../../src/channels/telegram/poll.ts';
import { createInbox, type Inbox } from '../../../src/inbox/store.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { createTestClock } from '../../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type BotCall, ok, refusal, startBotServer } from './bot-server.ts';

let database: TestDatabase;
let server: Awaited<ReturnType<typeof startBotServer>>;
let woken = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await sql`truncate inbox, channel_cursor`.execute(database.db);
  server = await startBotServer();
  woken = 0;
});
afterEach(() => server.close());

const realInbox = () => createInbox({ db: database.db, vault: database.vault, clock: createTestClock() });

function poller(inbox: Inbox = realInbox()) {
  const api = createTelegramApi({ token: '1:a', apiRoot: server.apiRoot, fetch, log: silentLog });
  const onStored = (): void => {
    woken += 1;
  };
  return createPoller({ api, inbox, db: database.db, log: silentLog, onStored });
}

const updates = (...ids: number[]) =>
  ids.map((id) => ({
    update_id: id,
    message: { message_id: id, date: 1, chat: { id: 5, type: 'private' } },
  }));

/** As Telegram does: what is below the offset is confirmed and gone. */
function holding(waiting: ReturnType<typeof updates>) {
  return (call: BotCall) =>
    call.method === 'getUpdates'
      ? ok(waiting.filter((one) => one.update_id >= Number(call.payload.offset ?? 0)))
      : ok(true);
}

const offsets = () =>
  server.calls.filter((call) => call.method === 'getUpdates').map((call) => call.payload.offset);

async function keys(): Promise<string[]> {
  const rows = await database.db.selectFrom('inbox').select('key').orderBy('id').execute();
  return rows.map((row) => row.key);
}

describe('pollOnce', () => {
  test('removes a webhook once, stores what waits, then moves the offset', async () => {
    server.behave(holding(updates(7, 8, 9)));
    const one = poller();
    expect(await one.pollOnce()).toEqual({ kind: 'stored', updates: 3 });
    expect(await one.pollOnce()).toEqual({ kind: 'stored', updates: 0 });
    expect(server.calls.map((call) => call.method)).toEqual(['deleteWebhook', 'getUpdates', 'getUpdates']);
    expect(offsets()).toEqual([undefined, 10]);
    expect(server.calls[1]?.payload).toMatchObject({
      timeout: 25,
      allowed_updates: expect.arrayContaining(['message']),
    });
    expect(await keys()).toEqual(['7', '8', '9']);
    expect(woken).toBe(1);
  });

  test('after a crash goes on at the stored offset', async () => {
    server.behave(holding(updates(7)));
    await poller().pollOnce();
    await poller().pollOnce();
    expect(offsets()).toEqual([undefined, 8]);
  });

  test('after a crash between the store and the offset meets only duplicates', async () => {
    server.behave(holding(updates(7, 8)));
    await poller().pollOnce();
    await sql`truncate channel_cursor`.execute(database.db);
    expect(await poller().pollOnce()).toEqual({ kind: 'stored', updates: 2 });
    expect(await keys()).toEqual(['7', '8']);
    expect(woken).toBe(1);
  });

  test('forgets an offset that is confirmed, since Telegram may count anew', async () => {
    server.behave(holding(updates(900)));
    const one = poller();
    await one.pollOnce();
    await one.pollOnce();
    server.behave(holding(updates(3)));
    expect(await one.pollOnce()).toEqual({ kind: 'stored', updates: 1 });
    expect(await keys()).toEqual(['900', '3']);
  });

  test('confirms nothing that could not be stored', async () => {
    server.behave(holding(updates(7)));
    const broken = poller({
      ...realInbox(),
      storeMany: () => Promise.reject(new Error('Connection terminated unexpectedly')),
    });
    expect(await broken.pollOnce()).toEqual({ kind: 'failed', why: 'ours', afterSeconds: 1 });
    expect(await broken.pollOnce()).toEqual({ kind: 'failed', why: 'ours', afterSeconds: 2 });
    expect(offsets()).toEqual([undefined, undefined]);
    expect(await database.db.selectFrom('channel_cursor').selectAll().execute()).toEqual([]);
  });

  test.each([
    [refusal(409, 'Conflict: terminated by other getUpdates request'), 'conflict', 1],
    [refusal(401, 'Unauthorized'), 'token', 1],
    [refusal(429, 'Too Many Requests', 17), 'telegram', 17],
    [refusal(502, 'Bad Gateway'), 'telegram', 1],
    ['hang_up' as const, 'telegram', 1],
  ] as const)('waits after %o', async (answer, why, afterSeconds) => {
    server.behave((call) => (call.method === 'getUpdates' ? answer : ok(true)));
    expect(await poller().pollOnce()).toEqual({ kind: 'failed', why, afterSeconds });
  });

  test('waits longer after each failure, and shortly again after a success', async () => {
    const one = poller();
    server.behave(() => refusal(500, 'Internal Server Error'));
    const waits: number[] = [];
    for (let n = 0; n < 6; n++) {
      const outcome = await one.pollOnce();
      if (outcome.kind === 'failed') waits.push(outcome.afterSeconds);
    }
    expect(waits).toEqual([1, 2, 5, 15, 30, 30]);
    server.behave(holding([]));
    await one.pollOnce();
    server.behave(() => refusal(500, 'Internal Server Error'));
    expect(await one.pollOnce()).toMatchObject({ afterSeconds: 1 });
  });

  test('after a conflict removes a webhook that somebody registered meanwhile', async () => {
    const one = poller();
    server.behave((call) =>
      call.method === 'getUpdates' ? refusal(409, "Conflict: can't use getUpdates") : ok(true),
    );
    await one.pollOnce();
    await one.pollOnce();
    expect(server.calls.filter((call) => call.method === 'deleteWebhook')).toHaveLength(2);
  });
});

describe('the loop', () => {
  test('asks again and again, and stops while Telegram holds the call', async () => {
    let asked = 0;
    server.behave((call) => {
      if (call.method !== 'getUpdates') return ok(true);
      asked += 1;
      return asked < 3 ? ok(updates(asked)) : 'hold';
    });
    const one = poller();
    one.start();
    await server.called('getUpdates', 3);
    await one.stop();
    expect(await keys()).toEqual(['1', '2']);
    expect(offsets()).toEqual([undefined, 2, 3]);
  });

  test('stops while it waits after a failure', async () => {
    server.behave(() => refusal(429, 'Too Many Requests', 3600));
    const one = poller();
    one.start();
    await server.called('deleteWebhook');
    await one.stop();
    expect(server.calls).toHaveLength(1);
  });
});
