/** Protects work that nobody woke a worker for: the one look that serves all workers must find it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plusSeconds } from '../../src/domain/clock.ts';
import { createInbox } from '../../src/inbox/store.ts';
import { whatIsDue } from '../../src/ops/due.ts';
import { enqueue } from '../../src/outbox/enqueue.ts';
import { createTestClock } from '../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase({ max: 1 });
});
afterAll(() => database.close());

test('what lies in the inbox and the outbox wakes its own worker, until it is taken', async () => {
  const { db, vault } = database;
  const clock = createTestClock();
  const now = clock.now();
  expect(await whatIsDue(db, now)).toEqual([]);
  const item = { key: 'k', lane: null, accountId: null, attemptId: null, body: '{}' };
  await createInbox({ db, vault, clock }).store({ ...item, source: 'gateway' });
  await db
    .transaction()
    .execute((tx) =>
      enqueue(
        tx,
        { vault, clock },
        { key: 'k', channel: 'sms', lane: 'sms:1', method: 'sendMessage', payload: {} },
      ),
    );
  expect(await whatIsDue(db, now)).toEqual(['inbox gateway', 'deliver sms']);
  await db.updateTable('inbox').set({ state: 'done' }).execute();
  await db
    .updateTable('outbox')
    .set({ lease_until: plusSeconds(now, 60) })
    .execute();
  expect(await whatIsDue(db, now)).toEqual([]);
  expect(await whatIsDue(db, plusSeconds(now, 61))).toEqual(['deliver sms']);
});
