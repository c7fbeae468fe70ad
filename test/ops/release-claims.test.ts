/** Protects the start after a kill: what the dead program was sending goes out at once, not after its lease. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemRandom } from '../../src/domain/random.ts';
import { silentLog } from '../../src/ops/log.ts';
import { releaseClaims } from '../../src/ops/queues.ts';
import { createDeliverer } from '../../src/outbox/deliver.ts';
import { enqueue } from '../../src/outbox/enqueue.ts';
import { createTestClock } from '../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test('a message that was being sent by a killed program is sent by the next one at once', async () => {
  const clock = createTestClock();
  const { db, vault } = database;
  await db
    .transaction()
    .execute((tx) =>
      enqueue(
        tx,
        { vault, clock },
        { key: 'k', channel: 'telegram', lane: 'telegram:1', method: 'sendMessage', payload: {} },
      ),
    );
  let calls = 0;
  const never = new Promise<never>(() => undefined);
  const deliverer = (send: () => Promise<{ kind: 'sent'; externalId: string }>) =>
    createDeliverer({
      db,
      vault,
      clock,
      random: systemRandom,
      channel: 'telegram',
      sender: { send },
      log: silentLog,
    });
  const reached = Promise.withResolvers<void>();
  void deliverer(() => {
    calls += 1;
    reached.resolve();
    return never;
  }).runOnce();
  await reached.promise;
  const next = deliverer(async () => ({ kind: 'sent', externalId: '7' }));
  expect(await next.runOnce()).toBe(false);
  await releaseClaims(db, clock);
  expect(await next.runOnce()).toBe(true);
  expect(calls).toBe(1);
  const row = await db.selectFrom('outbox').select(['state', 'external_id']).executeTakeFirstOrThrow();
  expect(row).toEqual({ state: 'sent', external_id: '7' });
});
