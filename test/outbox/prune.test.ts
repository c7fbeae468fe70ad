/** Protects the data store from growing for ever, and what is still needed from being forgotten. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CardId, type IdentityId, newId, type PaymentId } from '../../src/domain/ids.ts';
import { prune } from '../../src/outbox/prune.ts';
import { createTestRandom } from '../support/clock.ts';
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

const days = 24 * 3600;
const monthAgo = () => new Date(scene.clock.now().getTime() - 30 * days * 1000);

test('finished rows older than the date go, younger, waiting and dead ones stay', async () => {
  await scene.say('dead');
  scene.answer(() => ({ kind: 'dead', detail: '400' }));
  await scene.drain();
  scene.answer((message) =>
    message.payload.text === 'dropped' ? { kind: 'drop', detail: '' } : { kind: 'sent', externalId: '1' },
  );
  await scene.say('sent');
  await scene.say('dropped');
  await scene.drain();
  await scene.say('later', { dueAt: new Date('2030-01-01T00:00:00Z'), lane: 'telegram:9' });
  scene.clock.advance(31 * days);
  await scene.say('young', { lane: 'telegram:2' });
  await scene.drain();
  expect(await prune(database.db, monthAgo())).toEqual({ inbox: 0, outbox: 2 });
  expect(await scene.states()).toEqual({ dead: 'dead', later: 'pending', young: 'sent' });
});

test('a message that a card or a waiting edit means stays', async () => {
  const carded = await scene.say('card');
  const edited = await scene.say('edited', { lane: 'telegram:2' });
  await scene.say('plain');
  await scene.drain();
  await addCard(carded);
  scene.clock.advance(31 * days);
  await scene.say('edit', { method: 'editMessageText', targetId: edited, lane: 'telegram:2' });
  expect(await prune(database.db, monthAgo())).toEqual({ inbox: 0, outbox: 1 });
  expect(Object.keys(await scene.states())).toEqual(['card', 'edited', 'edit']);
});

test('handled inbox rows go in batches, and old pauses with them', async () => {
  const old = new Date(scene.clock.now().getTime() - 40 * days * 1000);
  await sql`
    insert into inbox (source, key, body_sealed, state, tries, due_at, received_at, handled_at)
    select 'telegram', n::text, '', case when n % 500 = 0 then 'dead' else 'done' end, 0, ${old}, ${old}, ${old}::timestamptz
    from generate_series(1, 2500) n`.execute(database.db);
  await database.db.insertInto('channel_pause').values({ key: 'telegram:1', until: old }).execute();
  expect(await prune(database.db, monthAgo())).toEqual({ inbox: 2495, outbox: 0 });
  expect(await database.db.selectFrom('channel_pause').selectAll().execute()).toEqual([]);
});

/** A card row without the payment and the person that it stands on. */
async function addCard(messageId: bigint): Promise<void> {
  const now = scene.clock.now();
  const random = createTestRandom();
  await database.db.transaction().execute(async (tx) => {
    await sql`set local session_replication_role = replica`.execute(tx);
    await tx
      .insertInto('card')
      .values({
        id: newId<CardId>(scene.clock, random),
        payment_id: newId<PaymentId>(scene.clock, random),
        identity_id: newId<IdentityId>(scene.clock, random),
        kind: 'request',
        lane: 'telegram:1',
        message_id: messageId,
        version: 1,
        nonce: 'nonce',
        shown: 'digest',
        created_at: now,
        updated_at: now,
      })
      .execute();
  });
}
