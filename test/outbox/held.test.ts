/** Protects that what was held back goes out once its person writes: in order, and only the newest of what changed. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { plusSeconds } from '../../src/domain/clock.ts';
import { releaseHeld } from '../../src/outbox/held.ts';
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

const edit = (targetId: bigint) => ({ method: 'editMessageText', targetId }) as const;
const hold = (lane = 'telegram:1') =>
  sql`update outbox set state = 'held', error = 'held: closed', tries = 9 where lane = ${lane}`.execute(
    database.db,
  );
const release = (lane = 'telegram:1') =>
  database.db.transaction().execute((tx) => releaseHeld(tx, scene.clock.now(), lane));

test('what was held goes out in its order, before what is said now', async () => {
  await scene.say('first', { dueAt: plusSeconds(scene.clock.now(), -60) });
  await scene.say('second');
  await hold();
  scene.clock.advance(3600);
  expect(await release()).toBe(2);
  await scene.say('answer');
  await scene.drain();
  expect(scene.texts()).toEqual(['first', 'second', 'answer']);
  expect(await scene.row('first')).toMatchObject({ state: 'sent', error: null, tries: 1 });
});

test('of a card that changed while it was held only the newest text goes out', async () => {
  const card = await scene.say('card');
  await scene.say('other');
  await scene.say('second', edit(card));
  await scene.say('third', edit(card));
  await hold();
  expect(await release()).toBe(2);
  await scene.drain();
  expect(scene.calls.map(({ method, payload }) => [method, payload.text])).toEqual([
    ['sendMessage', 'other'],
    ['sendMessage', 'third'],
  ]);
  expect(await scene.row('card')).toMatchObject({ external_id: '502' });
  expect(await scene.row('second')).toMatchObject({ state: 'dropped', error: 'superseded' });
});

test('a card that was sent before is told of its newest text only', async () => {
  const card = await scene.say('card');
  await scene.drain();
  await scene.say('second', edit(card));
  await scene.say('third', edit(card));
  await sql`update outbox set state = 'held' where state = 'pending'`.execute(database.db);
  expect(await release()).toBe(1);
  await scene.drain();
  expect(scene.texts()).toEqual(['card', 'third']);
});

test('nobody else’s words go out, and nothing that is over', async () => {
  await scene.say('mine');
  await scene.drain();
  await scene.say('theirs', { lane: 'telegram:2' });
  await hold('telegram:2');
  expect(await release()).toBe(0);
  expect(await scene.states()).toEqual({ mine: 'sent', theirs: 'held' });
});
