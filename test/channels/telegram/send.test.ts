/** Protects messages from Telegram's many refusals: each is waited out, sent anew, let go or shown to a person. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTelegramApi } from '../../../src/channels/telegram/api.ts';
import { createTelegramSender } from '../../../src/channels/telegram/send.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { type BotAnswer, ok, refusal, startBotServer } from './bot-server.ts';

let server: Awaited<ReturnType<typeof startBotServer>>;
beforeAll(async () => {
  server = await startBotServer();
});
afterAll(() => server.close());

function sender(timeoutMs = 5000) {
  const api = createTelegramApi({ token: '1:a', apiRoot: server.apiRoot, fetch, log: silentLog });
  return createTelegramSender({ api, timeoutMs });
}

async function send(answer: BotAnswer | 'hold' | 'hang_up', method = 'sendMessage') {
  server.behave(() => answer);
  return await sender(answer === 'hold' ? 20 : 5000).send({
    lane: 'telegram:1',
    method,
    payload: { chat_id: 1 },
    targetExternalId: null,
  });
}

describe('sent', () => {
  test('with the id of the message', async () => {
    expect(await send(ok({ message_id: 42, chat: { id: 1 } }))).toEqual({ kind: 'sent', externalId: '42' });
  });

  test('without an id where Telegram answers true', async () => {
    expect(await send(ok(true), 'answerCallbackQuery')).toEqual({ kind: 'sent', externalId: null });
  });

  test('an edit carries the real id of its message', async () => {
    server.behave(() => ok({ message_id: 42 }));
    server.calls.length = 0;
    await sender().send({
      lane: 'telegram:1',
      method: 'editMessageText',
      payload: { chat_id: 1, text: 'x' },
      targetExternalId: '42',
    });
    expect(server.calls[0]?.payload).toEqual({ chat_id: 1, text: 'x', message_id: 42 });
  });
});

test.each([
  ['Bad Request: message is not modified: specified new message content and …', 'drop'],
  ['Bad Request: query is too old and response timeout expired or query ID is invalid', 'drop'],
  ['Bad Request: message to delete not found', 'drop'],
  ["Bad Request: message can't be deleted for everyone", 'drop'],
  ['Bad Request: chat not found', 'drop'],
  ['Bad Request: group chat was upgraded to a supergroup chat', 'drop'],
  ['Bad Request: message to edit not found', 'target_gone'],
  ["Bad Request: message can't be edited", 'target_gone'],
  ['Bad Request: MESSAGE_ID_INVALID', 'target_gone'],
  ['Bad Request: not enough rights to send text messages to the chat', 'blocked'],
  ["Bad Request: can't parse entities: Unsupported start tag", 'dead'],
  ['Bad Request: message text is empty', 'dead'],
  ['Bad Request: message is too long', 'dead'],
])('400 %s: %s', async (description, kind) => {
  expect(await send(refusal(400, description))).toEqual({ kind, detail: `400 ${description}` });
});

test.each([
  'Forbidden: bot was blocked by the user',
  'Forbidden: user is deactivated',
  "Forbidden: bot can't initiate conversation with a user",
])('403 %s: blocked', async (description) => {
  expect(await send(refusal(403, description))).toMatchObject({ kind: 'blocked' });
});

describe('later', () => {
  test('429 obeys the time that Telegram gives', async () => {
    expect(await send(refusal(429, 'Too Many Requests: retry after 37', 37))).toEqual({
      kind: 'retry',
      afterSeconds: 37,
      scope: 'lane',
      detail: '429 Too Many Requests: retry after 37',
    });
  });

  test('429 of a proxy, without a time, waits a little', async () => {
    expect(await send({ status: 429, text: 'slow down' })).toMatchObject({ kind: 'retry', afterSeconds: 5 });
  });

  test.each([
    [refusal(500, 'Internal Server Error')],
    [{ status: 502, text: '<html>' }],
    ['hang_up' as const],
    ['hold' as const],
  ])('%o is an outage: our own back-off', async (answer) => {
    expect(await send(answer)).toMatchObject({ kind: 'retry', afterSeconds: null, scope: 'lane' });
  });

  test.each([
    [401, 'Unauthorized'],
    [404, 'Not Found'],
  ])('%i, a refused token, keeps every message until it is replaced', async (errorCode, description) => {
    expect(await send(refusal(errorCode, description))).toMatchObject({
      kind: 'retry',
      afterSeconds: 60,
      scope: 'channel',
    });
  });
});
