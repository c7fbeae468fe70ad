/** Protects what follows from a delivery: it commits with the outcome or not at all, and never for a lost lease. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SendOutcome } from '../../src/channels/channel.ts';
import { createDeliverer } from '../../src/outbox/deliver.ts';
import { enqueue } from '../../src/outbox/enqueue.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { createScene } from './scene.ts';

let database: TestDatabase;
let scene: ReturnType<typeof createScene>;
const seen: string[] = [];

beforeAll(async () => {
  database = await openTestDatabase({ max: 6 });
  scene = createScene(database);
});
afterAll(() => database.close());
beforeEach(async () => {
  await scene.clear();
  seen.length = 0;
});

/** Says a word of its own about each outcome of a row whose key starts so, and then may break. */
const deliverer = (fault: Error | null = null) =>
  createDeliverer({
    ...scene.deps,
    aftermath: {
      concerns: (key) => key.startsWith('told'),
      settle: async (tx, key, outcome) => {
        seen.push(`${key} ${outcome.kind}`);
        const message = {
          channel: 'telegram',
          lane: 'telegram:9',
          method: 'sendMessage',
          payload: {},
        } as const;
        await enqueue(tx, scene.deps, { ...message, key: `after ${key}` });
        if (fault !== null) throw fault;
      },
    },
  });

test.each<[SendOutcome, string]>([
  [{ kind: 'sent', externalId: '1' }, 'sent'],
  [{ kind: 'drop', detail: 'd' }, 'dropped'],
  [{ kind: 'blocked', detail: 'd' }, 'dropped'],
  [{ kind: 'unknown', detail: 'd' }, 'dead'],
  [{ kind: 'dead', detail: 'd' }, 'dead'],
  [{ kind: 'retry', afterSeconds: null, scope: 'lane', detail: 'd' }, 'pending'],
])('%o', async (outcome, state) => {
  await scene.say('told');
  scene.answer(() => outcome);
  await deliverer().runOnce();
  expect(seen).toEqual([`told ${outcome.kind}`]);
  expect(await scene.states()).toEqual({ told: state, 'after told': 'pending' });
});

test('a connection that breaks as the outcome is kept: it is kept a moment later, and nothing is sent twice', async () => {
  let breaks = 1;
  const breaking = createDeliverer({
    ...scene.deps,
    aftermath: {
      concerns: () => true,
      settle: async (tx) => {
        if (breaks-- > 0) await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx);
      },
    },
  });
  await scene.say('told');
  await scene.say('behind');
  await expect(breaking.runOnce()).rejects.toThrow();
  expect(await scene.states()).toMatchObject({ told: 'pending' });
  await breaking.runOnce();
  expect(await scene.states()).toMatchObject({ told: 'sent' });
  while (await breaking.runOnce());
  expect(scene.texts()).toEqual(['told', 'behind']);
});

/** A database that breaks once: at the nth statement, before it is done or before its answer is heard. */
function breaksOnce(db: TestDatabase['db'], nth: number, at: 'before' | 'after') {
  let count = 0;
  const fault = (): never => {
    throw new Error('Connection terminated unexpectedly');
  };
  return db.withPlugin({
    transformQuery: ({ node }) => (++count === nth && at === 'before' ? fault() : node),
    transformResult: async ({ result }) => (count === nth && at === 'after' ? fault() : result),
  });
}

test.each([
  ['the lease whose answer is lost', 1, 'after'],
  ['the question what a message edits', 2, 'before'],
] as const)(
  'a connection that breaks at %s: the row is given back, and sent a moment later',
  async (_, nth, at) => {
    const breaking = createDeliverer({ ...scene.deps, db: breaksOnce(database.db, nth, at) });
    const targetId = await scene.say('first');
    await scene.drain();
    await scene.say('edit', { method: 'editMessageText', targetId });
    await expect(breaking.runOnce()).rejects.toThrow('Connection terminated');
    expect(scene.texts()).toEqual(['first']);
    expect(await breaking.runOnce()).toBe(true);
    expect(scene.texts()).toEqual(['first', 'edit']);
  },
);

test('an outcome that cannot be kept holds up no other chat, and the lease ends', async () => {
  const broken = createDeliverer({
    ...scene.deps,
    aftermath: {
      concerns: (key) => key === 'told',
      settle: () => Promise.reject(new Error('a fault of ours')),
    },
  });
  await scene.say('told');
  await expect(broken.runOnce()).rejects.toThrow('a fault of ours');
  await scene.say('other', { lane: 'telegram:2' });
  expect(await broken.runOnce()).toBe(true);
  expect(await scene.states()).toEqual({ told: 'pending', other: 'sent' });
  scene.clock.advance(61);
  await scene.drain();
  expect(scene.texts()).toEqual(['told', 'other', 'told']);
});

test('only for the rows that it concerns', async () => {
  await scene.say('other');
  await deliverer().runOnce();
  expect([seen, await scene.states()]).toEqual([[], { other: 'sent' }]);
});

test('a fault in it undoes the outcome, and the row is taken again', async () => {
  await scene.say('told');
  await expect(deliverer(new Error('fault')).runOnce()).rejects.toThrow('fault');
  expect(await scene.states()).toEqual({ told: 'pending' });
  scene.clock.advance(60);
  await deliverer().runOnce();
  expect(await scene.states()).toEqual({ told: 'sent', 'after told': 'pending' });
});

test('not for a sender that comes back after its lease', async () => {
  await scene.say('told');
  scene.answer(async (_message, call) => {
    if (call > 1) return { kind: 'sent', externalId: '2' };
    scene.clock.advance(60);
    await deliverer().runOnce();
    return { kind: 'dead', detail: 'late' };
  });
  await deliverer().runOnce();
  expect(seen).toEqual(['told sent']);
});

test('a wait of one message alone pauses neither its lane nor its channel', async () => {
  for (const n of [1, 2, 3]) await scene.say(`m${n}`, { lane: `telegram:${n}` });
  scene.answer(() => ({ kind: 'retry', afterSeconds: 30, scope: 'message', detail: '429' }));
  await scene.drain();
  expect(await database.db.selectFrom('channel_pause').selectAll().execute()).toEqual([]);
  await scene.say('m4', { lane: 'telegram:4' });
  scene.answer(() => ({ kind: 'sent', externalId: '1' }));
  await scene.drain();
  expect((await scene.states()).m4).toBe('sent');
  scene.clock.advance(30);
  await scene.drain();
  expect(new Set(Object.values(await scene.states()))).toEqual(new Set(['sent']));
});
