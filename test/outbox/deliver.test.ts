/** Protects what was decided to be said: sent in order within a chat, through outages, limits and lost senders. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SendOutcome } from '../../src/channels/channel.ts';
import { createDeliverer, type SentMessage } from '../../src/outbox/deliver.ts';
import { enqueue } from '../../src/outbox/enqueue.ts';
import { createTestRandom } from '../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { createScene } from './scene.ts';

let database: TestDatabase;
let scene: ReturnType<typeof createScene>;

beforeAll(async () => {
  database = await openTestDatabase({ max: 12 });
  scene = createScene(database);
});
afterAll(() => database.close());
beforeEach(() => scene.clear());

const outage: SendOutcome = { kind: 'retry', afterSeconds: null, scope: 'lane', detail: '502 Bad Gateway' };

describe('enqueue', () => {
  test('says a thing once for its key, and answers the same id', async () => {
    const first = await scene.say('a');
    expect(first).toBeGreaterThanOrEqual(2n ** 40n);
    expect(await scene.say('a', { payload: { text: 'another' } })).toBe(first);
    await scene.drain();
    expect(scene.texts()).toEqual(['a']);
  });

  test('seals the payload under the name of its row', async () => {
    await scene.say('a', { payload: { text: '0712345678' } });
    const { payload_sealed } = await scene.row('a');
    expect(payload_sealed.includes('0712345678')).toBe(false);
    expect(database.vault.open(payload_sealed, 'outbox:a')).toBe('{"text":"0712345678"}');
  });

  test('can say it later', async () => {
    await scene.say('a', { dueAt: new Date(scene.clock.now().getTime() + 60_000) });
    expect(await scene.deliverer.runOnce()).toBe(false);
    scene.clock.advance(60);
    expect(await scene.deliverer.runOnce()).toBe(true);
  });

  test('is undone with its transaction', async () => {
    const turn = database.db.transaction().execute(async (tx) => {
      const message = {
        key: 'a',
        channel: 'telegram',
        lane: 'telegram:1',
        method: 'sendMessage',
        payload: {},
      } as const;
      await enqueue(tx, { vault: database.vault, clock: scene.clock }, message);
      throw new Error('the turn failed');
    });
    await expect(turn).rejects.toThrow('the turn failed');
    expect(await scene.deliverer.runOnce()).toBe(false);
    expect(await scene.states()).toEqual({});
  });
});

describe('delivery', () => {
  test('sends the oldest first and keeps the real id', async () => {
    for (const key of ['a', 'b', 'c']) await scene.say(key);
    await scene.drain();
    expect(scene.texts()).toEqual(['a', 'b', 'c']);
    expect(await scene.row('b')).toMatchObject({
      state: 'sent',
      external_id: '502',
      sent_at: scene.clock.now(),
      lease_token: null,
      tries: 1,
    });
  });

  test('keeps the ids of the parts that went ahead', async () => {
    scene.answer(() => ({ kind: 'sent', externalId: '9', earlierIds: ['7', '8'] }));
    await scene.say('a');
    await scene.drain();
    expect(await scene.row('a')).toMatchObject({ external_id: '9', earlier_ids: ['7', '8'] });
  });

  test('tells who measures, after the commit', async () => {
    const told: SentMessage[] = [];
    const deliverer = createDeliverer({ ...scene.deps, onSent: (message) => told.push(message) });
    const id = await scene.say('a');
    await deliverer.runOnce();
    expect(told).toMatchObject([{ id, key: 'a', lane: 'telegram:1', method: 'sendMessage' }]);
  });

  test('leaves other channels to their own deliverers', async () => {
    await scene.say('a', { channel: 'sms', lane: 'sms:1' });
    expect(await scene.deliverer.runOnce()).toBe(false);
  });

  test('has one message of a lane in flight', async () => {
    await scene.say('a');
    await scene.say('b');
    await scene.say('other', { lane: 'telegram:2' });
    scene.answer(async (message) => {
      if (message.payload.text === 'a') await scene.drain();
      return { kind: 'sent', externalId: '1' };
    });
    await scene.deliverer.runOnce();
    expect(scene.texts()).toEqual(['a', 'other']);
    expect((await scene.states()).b).toBe('pending');
  });

  test.each([1, 2, 3])(
    'by four deliverers under random failures keeps every lane in order (seed %i)',
    async (seed) => {
      const random = createTestRandom(`outbox ${seed}`);
      const expected = new Map<string, string[]>();
      for (let n = 0; n < 60; n++) {
        const lane = `telegram:${random.bytes(1).readUInt8(0) % 3}`;
        await scene.say(`m${n}`, { lane, payload: { chat_id: lane, text: `m${n}` } });
        expected.set(lane, [...(expected.get(lane) ?? []), `m${n}`]);
      }
      const arrived = new Map<string, string[]>();
      scene.answer(async (message) => {
        if (random.bytes(1).readUInt8(0) < 80) return outage;
        const lane = String(message.payload.chat_id);
        arrived.set(lane, [...(arrived.get(lane) ?? []), String(message.payload.text)]);
        return { kind: 'sent', externalId: '1' };
      });
      for (let round = 0; Object.values(await scene.states()).includes('pending') && round < 500; round++) {
        await Promise.all([scene.drain(), scene.drain(), scene.drain(), scene.drain()]);
        scene.clock.advance(60);
      }
      expect(arrived).toEqual(expected);
    },
  );
});

describe('a lease', () => {
  test('that ended gives the row to another sender; the late answer of the first changes nothing', async () => {
    await scene.say('a');
    await scene.say('b');
    scene.answer(async (_message, call) => {
      if (call > 1) return { kind: 'sent', externalId: 'second' };
      scene.clock.advance(60);
      await scene.deliverer.runOnce();
      return { kind: 'dead', detail: 'the first came late' };
    });
    await scene.deliverer.runOnce();
    expect(scene.texts()).toEqual(['a', 'a']);
    expect(await scene.row('a')).toMatchObject({ state: 'sent', external_id: 'second', tries: 2 });
  });

  test('that another sender holds is not taken from it by the late answer of the first', async () => {
    await scene.say('a');
    const second = Promise.withResolvers<SendOutcome>();
    const secondCalled = Promise.withResolvers<void>();
    let secondRun: Promise<unknown> = Promise.resolve();
    scene.answer(async (_message, call) => {
      if (call > 1) {
        secondCalled.resolve();
        return await second.promise;
      }
      scene.clock.advance(60);
      secondRun = scene.deliverer.runOnce();
      await secondCalled.promise;
      return { kind: 'dead', detail: 'the first came late' };
    });
    await scene.deliverer.runOnce();
    expect(await scene.row('a')).toMatchObject({ state: 'pending', error: null, tries: 2 });
    second.resolve({ kind: 'sent', externalId: 'second' });
    await secondRun;
    expect(await scene.row('a')).toMatchObject({ state: 'sent', external_id: 'second' });
  });

  test('of a killed process is waited for, and the order is kept meanwhile', async () => {
    await scene.say('a');
    await scene.say('b');
    scene.answer(() => new Promise<never>(() => undefined));
    void scene.deliverer.runOnce();
    while (scene.calls.length === 0) await scene.row('a');
    scene.answer(() => ({ kind: 'sent', externalId: '1' }));
    scene.clock.advance(59.999);
    expect(await scene.deliverer.runOnce()).toBe(false);
    scene.clock.advance(0.001);
    await scene.drain();
    expect(scene.texts()).toEqual(['a', 'a', 'b']);
  });

  test('that ended but was not taken still counts', async () => {
    await scene.say('a');
    scene.answer(() => {
      scene.clock.advance(61);
      return { kind: 'sent', externalId: '1' };
    });
    await scene.deliverer.runOnce();
    expect(await scene.row('a')).toMatchObject({ state: 'sent' });
  });
});

describe('an outage', () => {
  test('is waited out with growing pauses, without a last try', async () => {
    await scene.say('a');
    scene.answer(() => outage);
    for (const seconds of [1, 2, 5, 15, 30, 60, 60, 60]) {
      expect(await scene.deliverer.runOnce()).toBe(true);
      scene.clock.advance(seconds - 0.001);
      expect(await scene.deliverer.runOnce()).toBe(false);
      scene.clock.advance(0.001);
    }
    expect(await scene.row('a')).toMatchObject({ state: 'pending', error: '502 Bad Gateway', tries: 8 });
  });

  test('of one chat does not hold up another, and does hold up what is behind in its own', async () => {
    await scene.say('a');
    await scene.say('b');
    await scene.say('c', { lane: 'telegram:2' });
    scene.answer((message) => (message.payload.text === 'a' ? outage : { kind: 'sent', externalId: '1' }));
    await scene.drain();
    expect(await scene.states()).toEqual({ a: 'pending', b: 'pending', c: 'sent' });
  });
});

describe('a limit of the platform', () => {
  const limit = (afterSeconds: number, scope: 'lane' | 'channel' = 'lane'): SendOutcome => ({
    kind: 'retry',
    afterSeconds,
    scope,
    detail: '429 Too Many Requests: retry after',
  });
  const limitedOnce = (outcome: SendOutcome) => (_message: unknown, call: number) =>
    call === 1 ? outcome : ({ kind: 'sent', externalId: '1' } as const);

  test('of a chat pauses that chat for as long as it says', async () => {
    await scene.say('a');
    await scene.say('b', { lane: 'telegram:2' });
    scene.answer(limitedOnce(limit(37)));
    await scene.drain();
    expect(await scene.states()).toEqual({ a: 'pending', b: 'sent' });
    scene.clock.advance(36.999);
    expect(await scene.deliverer.runOnce()).toBe(false);
    scene.clock.advance(0.001);
    expect(await scene.deliverer.runOnce()).toBe(true);
  });

  test('of the channel pauses it for every process', async () => {
    await scene.say('a');
    await scene.say('b', { lane: 'telegram:2' });
    scene.answer(limitedOnce(limit(10, 'channel')));
    await scene.drain();
    expect(scene.texts()).toEqual(['a']);
    const otherProcess = createDeliverer({ ...scene.deps, random: createTestRandom('another process') });
    expect(await otherProcess.runOnce()).toBe(false);
    scene.clock.advance(10);
    await scene.drain();
    expect(scene.texts()).toEqual(['a', 'a', 'b']);
  });

  test('in three chats at once is one of the channel', async () => {
    for (const chat of [1, 2, 3, 4]) await scene.say(`m${chat}`, { lane: `telegram:${chat}` });
    scene.answer(() => limit(10));
    await scene.drain();
    expect(scene.texts()).toEqual(['m1', 'm2', 'm3']);
  });

  test('is not shortened by a later, shorter one', async () => {
    await scene.say('a');
    scene.answer(() => limit(30));
    await scene.drain();
    await scene.say('b', { channel: 'telegram', lane: 'telegram:2' });
    scene.answer(() => limit(5, 'channel'));
    await scene.drain();
    scene.answer(() => ({ kind: 'sent', externalId: '1' }));
    scene.clock.advance(5);
    await scene.drain();
    expect(await scene.states()).toEqual({ a: 'pending', b: 'sent' });
  });
});

describe('a message that cannot be sent', () => {
  test.each([
    [{ kind: 'drop', detail: 'query is too old' }, 'dropped', 'query is too old'],
    [{ kind: 'blocked', detail: '403' }, 'dropped', 'blocked: 403'],
    [{ kind: 'dead', detail: '400 bad markup' }, 'dead', 'dead: 400 bad markup'],
    [{ kind: 'unknown', detail: 'no answer' }, 'dead', 'unknown: no answer'],
  ] as const)('%o leaves its lane as %s', async (outcome, state, error) => {
    await scene.say('a');
    await scene.say('b');
    scene.answer((_message, call) => (call === 1 ? outcome : { kind: 'sent', externalId: '1' }));
    await scene.drain();
    expect(await scene.row('a')).toMatchObject({ state, error });
    expect(await scene.row('b')).toMatchObject({ state: 'sent' });
  });

  test('because its sender throws is tried ten times, then dead', async () => {
    await scene.say('a');
    scene.answer(() => {
      throw new TypeError('a fault of ours');
    });
    for (let tries = 0; tries < 10; tries++) {
      expect((await scene.row('a')).state).toBe('pending');
      await scene.drain();
      scene.clock.advance(60);
    }
    expect(await scene.row('a')).toMatchObject({ state: 'dead', error: 'dead: a fault of ours' });
  });
});
