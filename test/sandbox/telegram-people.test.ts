// Protects the people's side of the emulated Telegram: what they do arrives in the documented shape, what their apps do
// not let them do is refused, and the ordered faults are the real ones. The bot here is the real grammY client.
import { Api, GrammyError, HttpError, InlineKeyboard, InputFile, Keyboard } from 'grammy';
import type { Update } from 'grammy/types';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createManualScheduler } from '../../src/sandbox/scheduler.ts';
import { documentedLimits } from '../../src/sandbox/telegram/faults.ts';
import { createTelegramServer } from '../../src/sandbox/telegram/server.ts';
import { createTestRandom } from '../support/clock.ts';
import { amina, brian, type Kit, startKit, stranger, token } from './telegram-kit.ts';

let kit: Kit;
let api: Api;
let offset = 0;
beforeEach(async () => {
  kit = await startKit();
  api = new Api(token, { apiRoot: kit.server.url });
  offset = 0;
});
afterEach(() => kit.server.close());

async function updates(): Promise<Update[]> {
  const taken = await api.getUpdates({ offset });
  offset = (taken.at(-1)?.update_id ?? offset - 1) + 1;
  return taken;
}

async function onlyUpdate(): Promise<Update> {
  const [update, ...more] = await updates();
  if (update === undefined || more.length > 0) throw new Error(`${more.length + 1} updates`);
  return update;
}

const yesNo = new InlineKeyboard().text('Yes', 'y').text('No', 'n');

describe('what people write', () => {
  test('a command', async () => {
    const id = kit.control.sendText(amina, '/request 500 0712345678');
    expect((await onlyUpdate()).message).toEqual({
      message_id: id,
      from: { id: amina, is_bot: false, first_name: 'Amina', language_code: 'sw' },
      chat: { id: amina, type: 'private', first_name: 'Amina' },
      date: 1795260660,
      text: '/request 500 0712345678',
      entities: [{ type: 'bot_command', offset: 0, length: 8 }],
    });
  });

  test('a forwarded card, a reply, an edit, and more than one message holds', async () => {
    const card = await api.sendMessage(amina, 'P-7KQ4M');
    kit.control.sendText(amina, 'P-7KQ4M', { forwardFrom: kit.control.botId });
    kit.control.sendText(amina, 'x', { forwardFrom: 'Hidden' });
    const reply = kit.control.sendText(amina, 'paid?', { replyTo: card.message_id });
    kit.control.editText(amina, reply, 'paid');
    kit.control.sendText(amina, 'y'.repeat(5000));
    expect(await updates()).toMatchObject([
      { message: { forward_origin: { type: 'user', sender_user: { id: kit.control.botId, is_bot: true } } } },
      { message: { forward_origin: { type: 'hidden_user', sender_user_name: 'Hidden' } } },
      { message: { reply_to_message: { message_id: card.message_id, text: 'P-7KQ4M' } } },
      { edited_message: { message_id: reply, text: 'paid', edit_date: expect.any(Number) } },
      { message: { text: 'y'.repeat(4096) } },
      { message: { text: 'y'.repeat(904) } },
    ]);
    expect(() => kit.control.sendText(amina, '  ')).toThrow('An empty message cannot be sent.');
    expect(() => kit.control.editText(brian, reply, 'x')).toThrow('own message');
  });

  test('contacts, stickers, voices, places, photos and documents', async () => {
    kit.control.shareContact(amina, { phone: '254700000001', firstName: 'Otieno', contactUserId: brian });
    kit.control.sendSticker(amina);
    kit.control.sendVoice(amina, 4);
    kit.control.sendLocation(amina);
    kit.control.sendPhoto(amina, Buffer.from('jpeg'), 'my receipt');
    const upload = { name: 'people.csv', mimeType: 'text/csv', bytes: Buffer.from('phone\n') };
    kit.control.sendDocument(amina, upload);
    const arrived = await updates();
    expect(arrived.map((update) => update.message)).toMatchObject([
      { contact: { phone_number: '254700000001', first_name: 'Otieno', user_id: brian } },
      { sticker: { emoji: '👍', type: 'regular' } },
      { voice: { duration: 4, mime_type: 'audio/ogg' } },
      { location: { latitude: expect.any(Number) } },
      { photo: [{ file_size: 4 }], caption: 'my receipt' },
      { document: { file_name: 'people.csv', mime_type: 'text/csv', file_size: 6 } },
    ]);
    const file = await api.getFile(arrived[5]?.message?.document?.file_id ?? '');
    const bytes = await fetch(`${kit.server.url}/file/bot${token}/${file.file_path}`);
    expect(await bytes.text()).toBe('phone\n');
  });

  test('blocking and unblocking', async () => {
    kit.control.block(amina);
    kit.control.block(amina);
    expect(() => kit.control.sendText(amina, 'x')).toThrow('must unblock');
    kit.control.unblock(amina);
    expect(await updates()).toMatchObject([
      { my_chat_member: { old_chat_member: { status: 'member' }, new_chat_member: { status: 'kicked' } } },
      { my_chat_member: { old_chat_member: { status: 'kicked' }, new_chat_member: { status: 'member' } } },
    ]);
  });

  test('in a group the bot sees commands, replies to it and mentions', async () => {
    kit.control.addGroup({ id: -5, title: 'Shop', members: [amina, brian] });
    expect((await onlyUpdate()).my_chat_member?.chat).toEqual({ id: -5, type: 'group', title: 'Shop' });
    const card = await api.sendMessage(-5, 'card', { reply_markup: yesNo });
    for (const text of ['/help', '/help@other_bot', 'idle talk', 'hey @malipo_sandbox_bot'])
      kit.control.sendText(amina, text, { chatId: -5 });
    kit.control.sendText(brian, 'reply', { chatId: -5, replyTo: card.message_id });
    const heard = (await updates()).map((update) => update.message?.text);
    expect(heard).toEqual(['/help', 'hey @malipo_sandbox_bot', 'reply']);
    expect(() => kit.control.sendText(stranger, '/help', { chatId: -5 })).toThrow('is not in the chat');
    kit.control.pressButton(brian, card.message_id, 'No');
    expect((await onlyUpdate()).callback_query).toMatchObject({
      from: { id: brian },
      message: { chat: { id: -5 } },
    });
  });
});

describe('what people press', () => {
  test('a button, by its text or data, as long as it is there', async () => {
    const card = await api.sendMessage(amina, '<b>Sure?</b>', { parse_mode: 'HTML', reply_markup: yesNo });
    const id = kit.control.pressButton(amina, card.message_id, 'Yes');
    const query = (await onlyUpdate()).callback_query;
    expect(query).toMatchObject({
      id,
      from: { id: amina },
      data: 'y',
      chat_instance: expect.any(String),
      message: { message_id: card.message_id, reply_markup: { inline_keyboard: [[{}, {}]] } },
    });
    expect(await api.answerCallbackQuery(id, { text: 'Noted' })).toBe(true);
    expect(kit.control.toasts(amina)).toMatchObject([{ text: 'Noted', alert: false }]);
    await api.editMessageText(amina, card.message_id, 'Done');
    expect(() => kit.control.pressButton(amina, card.message_id, 'n')).toThrow('no button "n"');
    expect(() => kit.control.pressButton(brian, card.message_id, 'Yes')).toThrow('sees no message');
  });

  test('an old app presses what is no longer there', async () => {
    const card = await api.sendMessage(amina, 'Sure?', { reply_markup: yesNo });
    await api.editMessageText(amina, card.message_id, 'Done');
    kit.control.pressRaw(amina, card.message_id, 'y');
    await api.deleteMessage(amina, card.message_id);
    kit.control.pressRaw(amina, card.message_id, 'forged');
    expect(await updates()).toMatchObject([
      { callback_query: { data: 'y', message: { text: 'Done' } } },
      { callback_query: { data: 'forged', message: { message_id: card.message_id, date: 0 } } },
    ]);
  });

  test('the keyboard: a plain key, the key that shares the own phone, and once only', async () => {
    const keys = new Keyboard().text('A business').row().requestContact('Share my number').oneTime();
    await api.sendMessage(amina, 'Who are you?', { reply_markup: keys });
    expect(() => kit.control.pressReplyKeyboard(amina, 'A customer')).toThrow('no key');
    kit.control.pressReplyKeyboard(amina, 'Share my number');
    expect((await onlyUpdate()).message?.contact).toEqual({
      phone_number: '254712345678',
      first_name: 'Amina',
      user_id: amina,
    });
    expect(kit.control.keyboard(amina)).toBeNull();
    await api.sendMessage(amina, 'Again', { reply_markup: keys });
    await api.sendMessage(amina, 'Gone', { reply_markup: { remove_keyboard: true } });
    expect(() => kit.control.pressReplyKeyboard(amina, 'A business')).toThrow('no key');
    await api.sendMessage(brian, 'Who are you?', { reply_markup: keys });
    expect(() => kit.control.pressReplyKeyboard(brian, 'Share my number')).toThrow('no phone number');
  });
});

describe('grammY and the faults', () => {
  test('grammY reads the refusals', async () => {
    const card = await api.sendMessage(amina, 'x', { reply_markup: yesNo });
    const same = await api
      .editMessageText(amina, card.message_id, 'x', { reply_markup: yesNo })
      .catch((e) => e);
    expect(same).toBeInstanceOf(GrammyError);
    expect(same).toMatchObject({ error_code: 400, description: expect.stringContaining('is not modified') });
    await api.setMyCommands([{ command: 'help', description: 'Help' }]);
    expect(kit.control.commands()).toMatchObject([{ scope: 'default', languageCode: '' }]);
    const sent = await api.sendDocument(amina, new InputFile(Buffer.from('a,b\n'), 'x.csv'));
    expect(kit.control.file(sent.document.file_id)).toMatchObject({
      name: 'x.csv',
      bytes: Buffer.from('a,b\n'),
    });
  });

  test('an ordered failure comes the ordered number of times, with retry_after', async () => {
    const fault = { errorCode: 429, description: 'Too Many Requests: retry after 7', retryAfter: 7 };
    kit.control.failNext({ method: 'sendMessage', times: 1, ...fault });
    kit.control.failNext({ times: 1, errorCode: 502, description: 'Bad Gateway' });
    await api.getUpdates();
    await expect(api.getMe()).rejects.toMatchObject({ error_code: 502 });
    await expect(api.sendMessage(amina, 'x')).rejects.toMatchObject({ parameters: { retry_after: 7 } });
    await api.sendMessage(amina, 'x');
    expect(kit.control.messages(amina)).toHaveLength(1);
  });

  test('a connection ends before or after the call took effect', async () => {
    kit.control.dropNext({ method: 'sendMessage', times: 1, afterAccepting: false });
    await expect(api.sendMessage(amina, 'lost')).rejects.toBeInstanceOf(HttpError);
    kit.control.dropNext({ method: 'sendMessage', times: 1, afterAccepting: true });
    await expect(api.sendMessage(amina, 'sent')).rejects.toBeInstanceOf(HttpError);
    expect(kit.control.messages(amina).map((message) => message.text)).toEqual(['sent']);
    expect(kit.control.calls('sendMessage')).toMatchObject([
      { answer: null, answered: false, params: { text: 'lost' } },
      { answer: { ok: true }, answered: false, params: { text: 'sent' } },
    ]);
    expect(JSON.stringify(kit.control.calls())).not.toContain(token);
  });

  test('while down nothing is heard, polls end, and afterwards all goes on', async () => {
    const poll = api.getUpdates({ timeout: 30 }).catch((error) => error);
    await kit.scheduler.planned();
    kit.control.setDown(true);
    expect(await poll).toBeInstanceOf(HttpError);
    await expect(api.sendMessage(amina, 'x')).rejects.toBeInstanceOf(HttpError);
    kit.control.sendText(amina, 'meanwhile');
    kit.control.setDown(false);
    expect((await onlyUpdate()).message?.text).toBe('meanwhile');
  });

  test('a slow server answers when the time has come', async () => {
    kit.control.slow(5000);
    const slow = api.sendMessage(amina, 'x');
    await kit.scheduler.planned();
    expect(kit.control.messages(amina)).toEqual([]);
    kit.scheduler.advance(5000);
    await slow;
    expect(kit.control.messages(amina)).toHaveLength(1);
  });

  test('the documented limits, where they are on', async () => {
    kit.control.limit(documentedLimits);
    for (let count = 0; count < 3; count++) await api.sendMessage(amina, String(count));
    await expect(api.sendMessage(amina, 'x')).rejects.toMatchObject({
      error_code: 429,
      description: 'Too Many Requests: retry after 1',
      parameters: { retry_after: 1 },
    });
    await api.sendMessage(brian, 'other chats are not held back');
    kit.scheduler.advance(1000);
    await api.sendMessage(amina, 'x');
  });

  test('changes are told, and a snapshot goes on elsewhere', async () => {
    const told = kit.control.until(() => kit.control.lastMessage(amina, { fromBot: true }));
    const card = await api.sendMessage(amina, 'Sure?', { reply_markup: yesNo });
    expect((await told).id).toBe(card.message_id);
    const kinds: string[] = [];
    const stop = kit.control.onChange((change) => kinds.push(change.kind));
    kit.control.sendText(amina, 'waiting');
    stop();
    kit.control.sendText(brian, 'waiting');
    expect(kinds).toEqual(['message']);

    const saved: unknown = JSON.parse(JSON.stringify(kit.control.snapshot()));
    const scheduler = createManualScheduler();
    const next = createTelegramServer({ scheduler, random: createTestRandom('next'), token });
    next.control.restore(saved);
    await next.listen();
    try {
      const again = new Api(token, { apiRoot: next.url });
      expect(await again.getUpdates()).toEqual(await api.getUpdates());
      expect(next.control.messages(amina)).toEqual(kit.control.messages(amina));
      next.control.pressButton(amina, card.message_id, 'Yes');
      const later = await again.sendMessage(amina, 'goes on');
      expect(later.message_id).toBeGreaterThan(card.message_id);
      expect(() => next.control.restore({ version: 0 })).toThrow('another version');
    } finally {
      await next.close();
    }
  });
});
