/** Protects the order of a lane: who holds its place, and who stands aside for the rows behind. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { plusSeconds } from '../../src/domain/clock.ts';
import { createDeliverer } from '../../src/outbox/deliver.ts';
import { type OutgoingMessage, passingSeconds } from '../../src/outbox/enqueue.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { createScene } from './scene.ts';

let database: TestDatabase;
let scene: ReturnType<typeof createScene>;
beforeAll(async () => {
  database = await openTestDatabase();
  scene = createScene(database);
});
afterAll(() => database.close());
beforeEach(() => scene.clear());

test('what is said later holds up nobody, and is said then', async () => {
  await scene.say('later', { dueAt: plusSeconds(scene.clock.now(), 60) });
  await scene.say('now');
  await scene.drain();
  expect(scene.texts()).toEqual(['now']);
  scene.clock.advance(60);
  await scene.drain();
  expect(scene.texts()).toEqual(['now', 'later']);
});

test('what waits for its next try keeps its place, also where it was to be said later', async () => {
  await scene.say('later', { dueAt: plusSeconds(scene.clock.now(), 60) });
  scene.clock.advance(60);
  scene.answer(() => ({ kind: 'retry', afterSeconds: null, scope: 'lane', detail: '502' }));
  await scene.drain();
  await scene.say('now');
  await scene.drain();
  expect(scene.texts()).toEqual(['later']);
});

test('what another process wrote by a clock ahead of ours keeps its place', async () => {
  await scene.say('first');
  await scene.say('second');
  const ahead = plusSeconds(scene.clock.now(), 0.2);
  const change = sql`update outbox set created_at = ${ahead}, due_at = ${ahead} where key = 'first'`;
  await change.execute(database.db);
  await scene.drain();
  expect(scene.texts()).toEqual([]);
  scene.clock.advance(1);
  await scene.drain();
  expect(scene.texts()).toEqual(['first', 'second']);
});

test.each([
  ['whatsapp', ['card', 'paid']],
  ['telegram', ['card', 'sending', 'paid']],
] as const)('a passing text on %s, and what takes its place', async (channel, texts) => {
  const deliverer = createDeliverer({ ...scene.deps, channel });
  const drain = async (): Promise<void> => {
    while (await deliverer.runOnce());
  };
  const where = { channel, lane: `${channel}:1` } satisfies Partial<OutgoingMessage>;
  const card = await scene.say('card', where);
  await drain();
  const edit = { ...where, method: 'editMessageText', targetId: card } satisfies Partial<OutgoingMessage>;
  await scene.say('sending', { ...edit, passing: true });
  await drain();
  await scene.say('paid', edit);
  await drain();
  scene.clock.advance(passingSeconds);
  await drain();
  expect(scene.texts()).toEqual(texts);
});

test('a passing text that still stands after its time is said', async () => {
  const deliverer = createDeliverer({ ...scene.deps, channel: 'whatsapp' });
  const where = { channel: 'whatsapp', lane: 'whatsapp:1' } satisfies Partial<OutgoingMessage>;
  const card = await scene.say('card', where);
  await scene.say('sending', { ...where, method: 'editMessageText', targetId: card, passing: true });
  await scene.say('other', where);
  while (await deliverer.runOnce());
  scene.clock.advance(passingSeconds);
  while (await deliverer.runOnce());
  expect(scene.texts()).toEqual(['card', 'other', 'sending']);
});
