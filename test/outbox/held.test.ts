/** Protects that what was held back goes out once its person writes: in order, and only the newest of what changed. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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

test('what was held for more than a week stays unsaid: it stands in the history', async () => {
  await scene.say('stale');
  scene.clock.advance(6 * 24 * 3600);
  await scene.say('fresh');
  await hold();
  scene.clock.advance(2 * 24 * 3600);
  expect(await release()).toBe(1);
  await scene.drain();
  expect(scene.texts()).toEqual(['fresh']);
  expect(await scene.row('stale')).toMatchObject({ state: 'dropped', error: 'too old' });
});

test('nobody else’s words go out, and nothing that is over', async () => {
  await scene.say('mine');
  await scene.drain();
  await scene.say('theirs', { lane: 'telegram:2' });
  await hold('telegram:2');
  expect(await release()).toBe(0);
  expect(await scene.states()).toEqual({ mine: 'sent', theirs: 'held' });
});

describe('whose person wrote while the platform refused it', () => {
  const lane = 'telegram:77';
  const wroteAt = (at: Date | null) =>
    sql`insert into identity (id, channel, external_id, wrote_at, created_at)
      values (gen_random_uuid(), 'telegram', '77', ${at}, now())
      on conflict (channel, external_id) do update set wrote_at = ${at}`.execute(database.db);
  const refused = { kind: 'held', detail: 'closed', rung: false } as const;

  test('is tried again at once', async () => {
    await wroteAt(null);
    scene.answer(async (_message, call) => {
      if (call > 1) return { kind: 'sent', externalId: '9' };
      await wroteAt(scene.clock.now());
      await release(lane);
      return refused;
    });
    await scene.say('news', { lane });
    await scene.drain();
    expect(await scene.row('news')).toMatchObject({ state: 'sent', tries: 2 });
  });

  test('also where that turn commits after it', async () => {
    await wroteAt(null);
    await scene.say('news', { lane });
    const held = Promise.withResolvers<void>();
    const turn = database.db.transaction().execute(async (tx) => {
      await sql`update identity set wrote_at = ${scene.clock.now()} where external_id = '77'`.execute(tx);
      await releaseHeld(tx, scene.clock.now(), lane);
      await held.promise;
    });
    scene.answer(async (_message, call) => (call > 1 ? { kind: 'sent', externalId: '9' } : refused));
    const drained = scene.drain();
    await expect
      .poll(async () => {
        const { rows } = await sql`
          select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
          database.db,
        );
        return rows.length;
      })
      .toBe(1);
    held.resolve();
    await Promise.all([turn, drained]);
    expect(await scene.row('news')).toMatchObject({ state: 'sent' });
  });

  test.each([
    ['who never wrote', null],
    ['who wrote yesterday', -24 * 3600],
  ])('waits for one %s', async (_who, seconds) => {
    await wroteAt(seconds === null ? null : plusSeconds(scene.clock.now(), seconds));
    scene.answer(() => refused);
    await scene.say('news', { lane });
    await scene.drain();
    expect(await scene.row('news')).toMatchObject({ state: 'held', error: 'held: closed', tries: 1 });
  });
});
