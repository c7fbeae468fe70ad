/** Protects cards: an edit reaches the message it means, also when that message was sent late, lost or sent anew. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ChannelMessage, SendOutcome } from '../../src/channels/channel.ts';
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

const edit = (targetId: bigint, text: string) => ({
  method: 'editMessageText',
  targetId,
  payload: { chat_id: 1, text, reply_markup: { inline_keyboard: [] } },
});

function brief(call: ChannelMessage): string {
  return `${call.method} ${call.payload.text ?? ''} on ${call.targetExternalId}`;
}

describe('an edit', () => {
  test('follows the real id of its message', async () => {
    const card = await scene.say('card');
    await scene.say('edit', edit(card, 'paid'));
    await scene.drain();
    expect(scene.calls.map(brief)).toEqual(['sendMessage card on null', 'editMessageText paid on 501']);
    expect(await scene.row('card')).toMatchObject({ external_id: '501' });
  });

  test('waits for its message through an outage', async () => {
    const card = await scene.say('card');
    await scene.say('edit', edit(card, 'paid'));
    scene.answer(() => ({ kind: 'retry', afterSeconds: null, scope: 'lane', detail: '502' }));
    await scene.drain();
    expect(scene.calls.map(brief)).toEqual(['sendMessage card on null']);
  });

  test('waits also for a message in another lane', async () => {
    const card = await scene.say('card', { lane: 'telegram:2', dueAt: new Date('2026-11-22T00:00:00Z') });
    await scene.say('edit', edit(card, 'paid'));
    await scene.drain();
    expect(scene.calls).toEqual([]);
    expect(await scene.row('edit')).toMatchObject({ state: 'pending' });
  });

  test('with a newer text behind it is not sent', async () => {
    const card = await scene.say('card');
    const other = await scene.say('other');
    await scene.say('first', edit(card, 'sending'));
    await scene.say('elsewhere', edit(other, 'elsewhere'));
    await scene.say('second', edit(card, 'prompted'));
    await scene.say('third', edit(card, 'paid'));
    await scene.drain();
    expect(scene.texts()).toEqual(['card', 'other', 'elsewhere', 'paid']);
    expect(await scene.row('first')).toMatchObject({ state: 'dropped', error: 'superseded' });
    expect(await scene.row('second')).toMatchObject({ state: 'dropped', error: 'superseded' });
  });

  test('of a message that is not ours goes out as it was written', async () => {
    await scene.say('delete', { method: 'deleteMessage', payload: { chat_id: 1, message_id: 77 } });
    await scene.drain();
    expect(scene.calls).toEqual([
      {
        rowId: expect.any(String),
        lane: 'telegram:1',
        method: 'deleteMessage',
        payload: { chat_id: 1, message_id: 77 },
        targetExternalId: null,
      },
    ]);
  });
});

describe('where the message is gone from the chat', () => {
  const goneIfEdited = (message: ChannelMessage, call: number): SendOutcome =>
    message.targetExternalId === '501'
      ? { kind: 'target_gone', detail: 'message to edit not found' }
      : { kind: 'sent', externalId: message.targetExternalId ?? String(500 + call) };

  test('the text is sent anew, and later edits follow the new message', async () => {
    const card = await scene.say('card');
    await scene.drain();
    await scene.say('edit', edit(card, 'prompted'));
    scene.answer(goneIfEdited);
    await scene.drain();
    await scene.say('later', edit(card, 'paid'));
    await scene.drain();
    expect(scene.calls.map(brief)).toEqual([
      'sendMessage card on null',
      'editMessageText prompted on 501',
      'sendMessage prompted on null',
      'editMessageText paid on 503',
    ]);
    expect(scene.calls[2]?.payload).toEqual(edit(card, 'prompted').payload);
    expect(await scene.row('card')).toMatchObject({ external_id: '503', state: 'sent' });
  });

  test.each(['editMessageReplyMarkup', 'deleteMessage'])('%s is dropped', async (method) => {
    const card = await scene.say('card');
    await scene.drain();
    await scene.say('edit', { method, targetId: card, payload: { chat_id: 1 } });
    scene.answer(goneIfEdited);
    await scene.drain();
    expect(await scene.row('edit')).toMatchObject({ state: 'dropped', error: 'message to edit not found' });
    expect(scene.calls).toHaveLength(2);
  });

  test('a channel without edits, that answers with a new id, is followed too', async () => {
    const card = await scene.say('card');
    await scene.drain();
    await scene.say('edit', edit(card, 'prompted'));
    scene.answer(() => ({ kind: 'sent', externalId: 'wamid.2' }));
    await scene.drain();
    expect(await scene.row('card')).toMatchObject({ external_id: 'wamid.2' });
  });
});

describe('where the message was never sent', () => {
  test.each(['dead', 'drop'] as const)(
    'because it was %s, its next text is sent in its place',
    async (kind) => {
      const card = await scene.say('card');
      scene.answer((_message, call) =>
        call === 1 ? { kind, detail: 'refused' } : { kind: 'sent', externalId: String(500 + call) },
      );
      await scene.drain();
      await scene.say('markup', {
        method: 'editMessageReplyMarkup',
        targetId: card,
        payload: { chat_id: 1 },
      });
      await scene.say('edit', edit(card, 'paid'));
      await scene.drain();
      expect(scene.calls.map(brief)).toEqual(['sendMessage card on null', 'sendMessage paid on null']);
      expect(await scene.states()).toEqual({ card: 'sent', markup: 'dropped', edit: 'sent' });
      expect(await scene.row('card')).toMatchObject({ external_id: '502' });
    },
  );

  test('because its row is not kept any more, the text is sent as a message', async () => {
    await scene.say('edit', edit(12n, 'paid'));
    await scene.drain();
    expect(scene.calls.map(brief)).toEqual(['sendMessage paid on null']);
  });
});
