/** Protects the order of a chat and the way back from a pressed button to the card that holds it. */
import type { Update } from 'grammy/types';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isUpdate, laneOf, toInboxItem, toVirtualIds } from '../../../src/channels/telegram/receive.ts';
import { enqueue } from '../../../src/outbox/enqueue.ts';
import { createTestClock } from '../../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => sql`truncate outbox`.execute(database.db));

const chat = { id: 1001, type: 'private', first_name: 'Amina' };
const from = { id: 1001, is_bot: false, first_name: 'Amina' };
const message = (messageId: number, more: object = {}) => ({
  message_id: messageId,
  date: 1,
  chat,
  from,
  ...more,
});
const update = (fields: object): Update => ({ update_id: 9, ...fields }) as Update;
const pressed = (messageId: number, more: object = {}) =>
  update({
    callback_query: { id: 'q', from, chat_instance: 'c', data: 'x', message: message(messageId, more) },
  });

describe('the lane', () => {
  const group = { id: -1007, type: 'supergroup', title: 'Shop' };
  test.each([
    ['a message', { message: message(1) }, 'telegram:1001'],
    ['a message in a group', { message: { ...message(1), chat: group } }, 'telegram:-1007'],
    ['an edited message', { edited_message: message(1) }, 'telegram:1001'],
    ['a membership', { my_chat_member: { chat, from } }, 'telegram:1001'],
    [
      'a button in a group',
      { callback_query: { id: 'q', from, message: { ...message(1), chat: group } } },
      'telegram:-1007',
    ],
    [
      'a button without its message',
      { callback_query: { id: 'q', from, inline_message_id: 'i' } },
      'telegram:1001',
    ],
    ['a poll', { poll: { id: 'p' } }, null],
  ])('of %s', (_what, fields, lane) => {
    expect(laneOf(update(fields))).toBe(lane);
  });
});

test('an update is an inbox item under its own id', () => {
  const one = update({ message: message(1, { text: '500 0712345678' }) });
  expect(toInboxItem(one)).toEqual({
    source: 'telegram',
    key: '9',
    lane: 'telegram:1001',
    accountId: null,
    attemptId: null,
    body: JSON.stringify(one),
  });
});

test.each([[null], [[]], ['9'], [{}], [{ update_id: '9' }], [{ update_id: 1.5 }]])(
  '%j is no update',
  (value) => {
    expect(isUpdate(value)).toBe(false);
  },
);

describe('virtual ids', () => {
  async function sent(key: string, externalId: string, over: { lane?: string; targetId?: bigint } = {}) {
    return await database.db.transaction().execute(async (tx) => {
      const id = await enqueue(
        tx,
        { vault: database.vault, clock: createTestClock() },
        { key, channel: 'telegram', lane: 'telegram:1001', method: 'sendMessage', payload: {}, ...over },
      );
      await tx
        .updateTable('outbox')
        .set({ state: 'sent', external_id: externalId })
        .where('id', '=', id)
        .execute();
      return id;
    });
  }
  const map = (one: Update) => database.db.transaction().execute((tx) => toVirtualIds(tx, one));

  test('a pressed button names the outbox row of its card', async () => {
    const id = await sent('card', '501');
    const before = pressed(501);
    const mapped = await map(before);
    expect(mapped.callback_query?.message?.message_id).toBe(Number(id));
    expect(before.callback_query?.message?.message_id).toBe(501);
  });

  test('a card that was edited is still the row of its message', async () => {
    const card = await sent('card', '501');
    await sent('edit', '501', { targetId: card });
    expect((await map(pressed(501))).callback_query?.message?.message_id).toBe(Number(card));
  });

  test('a reply names the message it answers, and its own id stays', async () => {
    const id = await sent('question', '501');
    const mapped = await map(update({ message: message(601, { reply_to_message: message(501) }) }));
    expect(mapped.message).toMatchObject({ message_id: 601, reply_to_message: { message_id: Number(id) } });
  });

  test('a message of another chat or of nobody is left alone', async () => {
    await sent('card', '501', { lane: 'telegram:2002' });
    expect(await map(pressed(501))).toEqual(pressed(501));
    expect(await map(update({ message: message(501) }))).toEqual(update({ message: message(501) }));
    expect(await map(update({ poll: { id: 'p' } }))).toEqual(update({ poll: { id: 'p' } }));
  });
});
