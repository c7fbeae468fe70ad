// Protects the strictness of the emulated Telegram: a call that the real server refuses must not pass here.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { amina, brian, inline, type Kit, startKit, stranger, token } from './telegram-kit.ts';

let kit: Kit;
beforeEach(async () => {
  kit = await startKit();
});
afterEach(() => kit.server.close());

const send = (params: Record<string, unknown>) => kit.refusal('sendMessage', { chat_id: amina, ...params });

describe('the door', () => {
  test('a wrong token, an unknown method, an unknown path', async () => {
    const get = async (path: string) => (await fetch(`${kit.server.url}${path}`)).json();
    expect(await get('/bot7000000001:wrong_wrong/getMe')).toEqual({
      ok: false,
      error_code: 401,
      description: 'Unauthorized',
    });
    expect(await get(`/bot${token}/sendMoney`)).toMatchObject({ error_code: 404, description: 'Not Found' });
    expect(await get('/')).toMatchObject({ error_code: 404 });
    expect(await kit.done('getMe')).toMatchObject({
      id: 7000000001,
      is_bot: true,
      username: 'malipo_sandbox_bot',
    });
  });

  test('parameters come in the query, a form, JSON and multipart', async () => {
    const url = `${kit.server.url}/bot${token}/sendMessage`;
    const multipart = new FormData();
    multipart.set('chat_id', String(amina));
    multipart.set('text', 'four');
    await fetch(`${url}?chat_id=${amina}&text=one`);
    await fetch(url, { method: 'POST', body: new URLSearchParams({ chat_id: String(amina), text: 'two' }) });
    await kit.done('SENDMESSAGE', { chat_id: amina, text: 'three' });
    await fetch(url, { method: 'POST', body: multipart });
    expect(kit.control.messages(amina).map((message) => message.text)).toEqual([
      'one',
      'two',
      'three',
      'four',
    ]);
    const broken = { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } };
    expect((await fetch(url, broken)).status).toBe(400);
  });

  test('a form carries objects as JSON text', async () => {
    const markup = JSON.stringify(inline([{ text: 'Yes', callback_data: 'y' }]));
    await kit.done('sendMessage', { chat_id: String(amina), text: 'x', reply_markup: markup });
    expect(kit.control.lastMessage(amina)?.buttons).toEqual([[{ text: 'Yes', data: 'y', url: null }]]);
    expect(await send({ text: 'x', reply_markup: '{' })).toBe(
      "400 Bad Request: can't parse reply markup JSON object",
    );
  });
});

describe('chats', () => {
  test('only people who started the bot and have not blocked it hear it', async () => {
    expect(await send({ chat_id: 999, text: 'x' })).toBe('400 Bad Request: chat not found');
    expect(await send({ chat_id: 'amina', text: 'x' })).toBe('400 Bad Request: chat not found');
    expect(await kit.refusal('sendMessage', { text: 'x' })).toBe('400 Bad Request: chat_id is empty');
    expect(await send({ chat_id: stranger, text: 'x' })).toBe(
      "403 Forbidden: bot can't initiate conversation with a user",
    );
    kit.control.sendText(stranger, '/start');
    await kit.done('sendMessage', { chat_id: stranger, text: 'x' });
    kit.control.block(stranger);
    expect(await send({ chat_id: stranger, text: 'x' })).toBe('403 Forbidden: bot was blocked by the user');
    kit.control.unblock(stranger);
    await kit.done('sendMessage', { chat_id: stranger, text: 'y' });
  });
});

describe('texts', () => {
  test('empty, too long, and counted after the formatting', async () => {
    expect(await send({})).toBe('400 Bad Request: message text is empty');
    expect(await send({ text: ' \n ' })).toBe('400 Bad Request: message text is empty');
    expect(await send({ text: '<b></b>', parse_mode: 'HTML' })).toBe(
      '400 Bad Request: message text is empty',
    );
    expect(await send({ text: 'x'.repeat(4097) })).toBe('400 Bad Request: message is too long');
    await kit.done('sendMessage', { chat_id: amina, text: '😀'.repeat(4096) });
    await kit.done('sendMessage', { chat_id: amina, text: `<b>${'x'.repeat(4096)}</b>`, parse_mode: 'HTML' });
  });

  test.each([
    ['<p>x</p>', 'Unsupported start tag "p" at byte offset 0'],
    ['é 5 < 6', 'Unsupported start tag "" at byte offset 5'],
    ['<b>x', 'Can\'t find end tag corresponding to start tag "b"'],
    ['<b>x</i>', 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
    ['x</b>', 'Unexpected end tag at byte offset 1'],
    ['x <b', 'Unclosed start tag at byte offset 2'],
    ['<span class="x">x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
  ])('HTML %s is refused', async (text, why) => {
    expect(await send({ text, parse_mode: 'HTML' })).toBe(`400 Bad Request: can't parse entities: ${why}`);
  });

  test('HTML becomes text and entities, trimmed, with commands and links found', async () => {
    const text =
      '\n <b>KES <i>500</i></b> &lt;A&amp;B&#33; <a href="https://x.ke/?a=1&amp;b=2">pay</a> /status ';
    const message = await kit.done('sendMessage', { chat_id: amina, text, parse_mode: 'html' });
    expect(message).toMatchObject({
      text: 'KES 500 <A&B! pay /status',
      entities: [
        { type: 'bold', offset: 0, length: 7 },
        { type: 'italic', offset: 4, length: 3 },
        { type: 'text_link', offset: 14, length: 3, url: 'https://x.ke/?a=1&b=2' },
        { type: 'bot_command', offset: 18, length: 7 },
      ],
    });
    expect(kit.control.lastMessage(amina)?.html).toBe(
      '<b>KES <i>500</i></b> &lt;A&amp;B! <a href="https://x.ke/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">pay</a> <span class="bot_command">/status</span>',
    );
  });

  test('other modes are refused, as are entities outside the text', async () => {
    expect(await send({ text: 'x', parse_mode: 'MarkdownV2' })).toContain('no Markdown');
    expect(await send({ text: 'x', parse_mode: 'RTF' })).toBe('400 Bad Request: unsupported parse_mode');
    expect(await send({ text: 'x', entities: [{ type: 'bold', offset: 0, length: 2 }] })).toContain(
      'outside',
    );
  });

  test('overlapping entities are shown as well-formed HTML', async () => {
    const entities = [
      { type: 'bold', offset: 0, length: 4 },
      { type: 'italic', offset: 2, length: 4 },
    ];
    await kit.done('sendMessage', { chat_id: amina, text: 'abcdef', entities });
    expect(kit.control.lastMessage(amina)?.html).toBe('<b>ab<i>cd</i></b><i>ef</i>');
  });
});

describe('keyboards', () => {
  test.each([
    [{ text: 'x', callback_data: '' }, 'BUTTON_DATA_INVALID'],
    [{ text: 'x', callback_data: 'é'.repeat(33) }, 'BUTTON_DATA_INVALID'],
    [{ text: 'x', callback_data: 7 }, 'BUTTON_DATA_INVALID'],
    [{ text: 'x' }, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"],
    [
      { text: 'x', callback_data: 'a', url: 'https://x.ke' },
      "can't parse inline keyboard button: exactly one of the optional fields must be used",
    ],
    [{ callback_data: 'a' }, 'can\'t parse inline keyboard button: can\'t find field "text"'],
    [
      { text: 'x', url: 'http://localhost/pay' },
      "inline keyboard button URL 'http://localhost/pay' is invalid: Wrong HTTP URL",
    ],
    [
      { text: 'x', url: 'javascript:1' },
      "inline keyboard button URL 'javascript:1' is invalid: Wrong HTTP URL",
    ],
  ])('the inline button %j is refused', async (button, why) => {
    expect(await send({ text: 'x', reply_markup: inline([button]) })).toBe(`400 Bad Request: ${why}`);
  });

  test('64 bytes of data pass, and an address of numbers', async () => {
    const row = [
      { text: 'x', callback_data: 'é'.repeat(32) },
      { text: 'y', url: 'http://127.0.0.1:3000/pay/x' },
    ];
    await kit.done('sendMessage', { chat_id: amina, text: 'x', reply_markup: inline(row) });
    expect(kit.control.lastMessage(amina)?.buttons[0]).toHaveLength(2);
  });

  test.each([
    ['text', "can't parse reply markup JSON object"],
    [[], 'object expected as reply markup'],
    [{ inline_keyboard: {} }, 'field "inline_keyboard" of the reply markup must be of type Array'],
    [{ inline_keyboard: [{}] }, 'field "inline_keyboard" must be an Array of Arrays'],
    [{ keyboard: [[{ text: '' }]] }, 'keyboard button text must be non-empty'],
    [{ keyboard: [] }, 'reply keyboard must have at least one button'],
    [{ buttons: [] }, "can't parse reply keyboard markup JSON object"],
  ])('the markup %j is refused', async (markup, why) => {
    expect(await send({ text: 'x', reply_markup: markup })).toBe(`400 Bad Request: ${why}`);
  });

  test('more than a hundred buttons are refused', async () => {
    const rows = Array.from({ length: 101 }, (_, index) => [{ text: 'x', callback_data: String(index) }]);
    expect(await send({ text: 'x', reply_markup: inline(...rows) })).toBe(
      '400 Bad Request: reply markup is too long',
    );
  });

  test('a phone is asked for in private chats only', async () => {
    kit.control.addGroup({ id: -5, title: 'Shop', members: [amina] });
    const keyboard = { keyboard: [[{ text: 'Share my number', request_contact: true }]] };
    expect(await send({ chat_id: -5, text: 'x', reply_markup: keyboard })).toBe(
      '400 Bad Request: phone number can be requested in private chats only',
    );
    await kit.done('sendMessage', { chat_id: amina, text: 'x', reply_markup: keyboard });
  });
});

describe('edits and deletions', () => {
  const card = inline([{ text: 'Yes', callback_data: 'y' }]);
  const sent = async (params: Record<string, unknown> = {}) =>
    (await kit.done('sendMessage', { chat_id: amina, text: 'card', ...params })).message_id;
  const editText = (params: Record<string, unknown>) =>
    kit.refusal('editMessageText', { chat_id: amina, ...params });

  test('an edit replaces text and buttons, and one that changes nothing is refused', async () => {
    const id = await sent({ reply_markup: card });
    const same = {
      chat_id: amina,
      message_id: id,
      text: '<i></i>card',
      parse_mode: 'HTML',
      reply_markup: card,
    };
    expect(await kit.refusal('editMessageText', same)).toBe(
      '400 Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
    expect(await kit.done('editMessageText', { ...same, reply_markup: undefined })).toMatchObject({
      message_id: id,
      text: 'card',
      edit_date: expect.any(Number),
    });
    expect(kit.control.lastMessage(amina)).toMatchObject({ buttons: [], edits: 1 });
    await kit.done('editMessageReplyMarkup', { chat_id: amina, message_id: id, reply_markup: card });
    expect(
      await kit.refusal('editMessageReplyMarkup', { chat_id: amina, message_id: id, reply_markup: card }),
    ).toContain('message is not modified');
  });

  test('what cannot be edited', async () => {
    const id = await sent();
    const own = kit.control.sendText(amina, 'mine');
    const withKeys = await sent({ reply_markup: { keyboard: [['A']] } });
    expect(await editText({ text: 'x' })).toBe('400 Bad Request: message identifier is not specified');
    expect(await editText({ message_id: 99999, text: 'x' })).toBe(
      '400 Bad Request: message to edit not found',
    );
    expect(await editText({ chat_id: brian, message_id: id, text: 'x' })).toContain(
      'message to edit not found',
    );
    expect(await editText({ message_id: own, text: 'x' })).toBe("400 Bad Request: message can't be edited");
    expect(await editText({ message_id: withKeys, text: 'x' })).toBe(
      "400 Bad Request: message can't be edited",
    );
    expect(await editText({ message_id: id, text: '' })).toContain('message text is empty');
    expect(await editText({ message_id: id, text: 'x', reply_markup: { keyboard: [['A']] } })).toContain(
      'inline keyboard expected',
    );
    expect(await editText({ message_id: 2 ** 40, text: 'x' })).toContain('"message_id" must be an integer');
    await kit.done('deleteMessage', { chat_id: amina, message_id: id });
    expect(await editText({ message_id: id, text: 'x' })).toContain('message to edit not found');
  });

  test('deletion: own and the person’s, once, within 48 hours; in a group only own ones', async () => {
    const [first, second] = [await sent(), await sent()];
    const typed = kit.control.sendText(amina, '4321');
    const remove = (message_id: number, chat_id = amina) =>
      kit.refusal('deleteMessage', { chat_id, message_id });
    await kit.done('deleteMessage', { chat_id: amina, message_id: first });
    await kit.done('deleteMessage', { chat_id: amina, message_id: typed });
    expect(kit.control.messages(amina).map((message) => message.id)).toEqual([second]);
    expect(kit.control.messages(amina, { withDeleted: true })).toHaveLength(3);
    expect(await remove(first)).toBe('400 Bad Request: message to delete not found');
    kit.control.addGroup({ id: -5, title: 'Shop', members: [amina] });
    const inGroup = kit.control.sendText(amina, '/help', { chatId: -5 });
    expect(await remove(inGroup, -5)).toBe("400 Bad Request: message can't be deleted");
    kit.scheduler.advance(48 * 60 * 60 * 1000);
    expect(await remove(second)).toBe("400 Bad Request: message can't be deleted for everyone");
  });

  test('a reply names a message of the same chat', async () => {
    const id = await sent();
    const reply = { chat_id: amina, text: 'x', reply_parameters: { message_id: id } };
    expect(await kit.done('sendMessage', reply)).toMatchObject({ reply_to_message: { message_id: id } });
    expect(await kit.refusal('sendMessage', { ...reply, chat_id: brian })).toBe(
      '400 Bad Request: message to be replied not found',
    );
    const lenient = { message_id: 99999, allow_sending_without_reply: true };
    await kit.done('sendMessage', { ...reply, reply_parameters: lenient });
  });
});

describe('answers, actions, commands, files', () => {
  const stale = '400 Bad Request: query is too old and response timeout expired or query ID is invalid';
  const pressed = async () => {
    const card = { chat_id: amina, text: 'x', reply_markup: inline([{ text: 'Yes', callback_data: 'y' }]) };
    return kit.control.pressButton(amina, (await kit.done('sendMessage', card)).message_id, 'Yes');
  };

  test('a press is answered once, soon, and shortly', async () => {
    const [id, late] = [await pressed(), await pressed()];
    const answer = (callback_query_id: string, text = '') => ({ callback_query_id, text, show_alert: true });
    expect(await kit.refusal('answerCallbackQuery', answer(id, 'x'.repeat(201)))).toContain(
      'MESSAGE_TOO_LONG',
    );
    expect(kit.control.unanswered(amina)).toEqual([id, late]);
    await kit.done('answerCallbackQuery', answer(id, 'Too late'));
    expect(kit.control.toasts(amina)).toMatchObject([{ text: 'Too late', alert: true }]);
    expect(await kit.refusal('answerCallbackQuery', answer(id))).toBe(stale);
    expect(await kit.refusal('answerCallbackQuery', answer('123'))).toBe(stale);
    kit.scheduler.advance(31_000);
    expect(await kit.refusal('answerCallbackQuery', answer(late))).toBe(stale);
    expect(kit.control.unanswered(amina)).toEqual([]);
  });

  test('chat actions are those of the documentation', async () => {
    await kit.done('sendChatAction', { chat_id: amina, action: 'typing' });
    expect(await kit.refusal('sendChatAction', { chat_id: amina, action: 'paying' })).toBe(
      '400 Bad Request: wrong parameter action in request',
    );
  });

  test('commands are kept by scope and language, and their names and descriptions checked', async () => {
    const commands = [{ command: 'request', description: 'Ask for money' }];
    const set = (extra: Record<string, unknown>) => kit.refusal('setMyCommands', { commands, ...extra });
    await kit.done('setMyCommands', { commands });
    await kit.done('setMyCommands', { commands: [], language_code: 'sw' });
    expect(await kit.done('getMyCommands')).toEqual(commands);
    expect(await kit.done('getMyCommands', { language_code: 'sw' })).toEqual([]);
    for (const command of ['Request', 'a-b', '', 'x'.repeat(33)])
      expect(await set({ commands: [{ command, description: 'x' }] })).toContain('BOT_COMMAND_INVALID');
    for (const description of ['', 'x'.repeat(257)])
      expect(await set({ commands: [{ command: 'a', description }] })).toContain(
        'BOT_COMMAND_DESCRIPTION_INVALID',
      );
    expect(await set({ language_code: 'swahili' })).toContain('invalid language code');
    expect(await set({ scope: { type: 'everywhere' } })).toContain('BotCommandScope');
    expect(await set({ scope: { type: 'chat' } })).toContain('chat_id is empty');
  });

  test('a document goes out and comes back byte for byte', async () => {
    const form = new FormData();
    form.set('chat_id', String(amina));
    form.set('caption', 'Export');
    form.set('document', 'attach://f0');
    form.set('f0', new Blob(['ref,amount\n']), 'november.csv');
    const url = `${kit.server.url}/bot${token}/sendDocument`;
    const answer = await (await fetch(url, { method: 'POST', body: form })).json();
    const fileId = answer.result.document.file_id;
    expect(answer.result).toMatchObject({
      caption: 'Export',
      document: { file_name: 'november.csv', file_size: 11 },
    });
    const { file_path } = await kit.done<{ file_path: string }>('getFile', { file_id: fileId });
    const bytes = await fetch(`${kit.server.url}/file/bot${token}/${file_path}`);
    expect(await bytes.text()).toBe('ref,amount\n');
    expect((await fetch(`${kit.server.url}/file/bot${token}/none`)).status).toBe(404);
    await kit.done('sendDocument', { chat_id: brian, document: fileId });
    expect(await kit.refusal('sendDocument', { chat_id: brian, document: 'BQ' })).toContain(
      'wrong file identifier',
    );
    expect(await kit.refusal('getFile', { file_id: 'x' })).toContain('wrong file_id');
    expect(await kit.refusal('sendPhoto', { chat_id: brian })).toContain('there is no photo in the request');
    expect(
      await kit.refusal('sendPhoto', { chat_id: brian, photo: fileId, caption: 'x'.repeat(1025) }),
    ).toContain('caption is too long');
  });

  test('numbers out of range are refused', async () => {
    for (const params of [{ limit: 0 }, { limit: 101 }, { timeout: -1 }, { offset: 'x' }])
      expect(await kit.refusal('getUpdates', params)).toContain('must be an integer');
  });
});
