/** Protects the token, and the difference between refused, unanswered and provably not sent. */
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTelegramApi, readMe } from '../../../src/channels/telegram/api.ts';
import { registerCommands } from '../../../src/channels/telegram/commands.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { ok, refusal, startBotServer } from './bot-server.ts';

const token = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw';
let server: Awaited<ReturnType<typeof startBotServer>>;

beforeEach(async () => {
  server = await startBotServer();
});
afterEach(() => server.close());

const api = (apiRoot = server.apiRoot, log = silentLog) => createTelegramApi({ token, apiRoot, fetch, log });
const soon = { timeoutMs: 5000 };

describe('call', () => {
  test('posts JSON to the method under the token', async () => {
    server.behave(() => ok({ message_id: 7 }));
    const answer = await api().call('sendMessage', { chat_id: 1, text: 'Habari' }, soon);
    expect(answer).toEqual({ kind: 'ok', result: { message_id: 7 } });
    expect(server.calls).toEqual([
      { path: `/bot${token}/sendMessage`, method: 'sendMessage', payload: { chat_id: 1, text: 'Habari' } },
    ]);
  });

  test('gives a refusal with its sentence and its waiting time', async () => {
    server.behave(() => refusal(429, 'Too Many Requests: retry after 37', 37));
    expect(await api().call('sendMessage', {}, soon)).toEqual({
      kind: 'refused',
      errorCode: 429,
      description: 'Too Many Requests: retry after 37',
      retryAfter: 37,
    });
  });

  test('reads a proxy page as the refusal that its status is', async () => {
    server.behave(() => ({ status: 502, text: '<html>Bad Gateway</html>' }));
    expect(await api().call('getMe', {}, soon)).toMatchObject({ kind: 'refused', errorCode: 502 });
  });

  test('takes a 200 that is not of the Bot API for no answer', async () => {
    server.behave(() => ({ text: '<html>captive portal</html>' }));
    expect(await api().call('getMe', {}, soon)).toMatchObject({ kind: 'no_answer', maybeSent: true });
  });

  test('after a broken connection does not know', async () => {
    server.behave(() => 'hang_up');
    expect(await api().call('sendMessage', {}, soon)).toMatchObject({ kind: 'no_answer', maybeSent: true });
  });

  test('after its time-out does not know', async () => {
    server.behave(() => 'hold');
    expect(await api().call('sendMessage', {}, { timeoutMs: 20 })).toEqual({
      kind: 'no_answer',
      detail: 'TimeoutError',
      maybeSent: true,
    });
  });

  test('knows that a refused connection sent nothing', async () => {
    const { apiRoot } = server;
    await server.close();
    expect(await api(apiRoot).call('sendMessage', {}, soon)).toEqual({
      kind: 'no_answer',
      detail: 'ECONNREFUSED',
      maybeSent: false,
    });
    server = await startBotServer();
  });

  test('does not follow a redirect, which would carry the token away', async () => {
    const other = await startBotServer();
    server.behave(() => ({
      status: 307,
      text: '',
      headers: { location: `${other.apiRoot}/bot${token}/getMe` },
    }));
    expect(await api().call('getMe', {}, soon)).toMatchObject({ kind: 'no_answer' });
    expect(other.calls).toEqual([]);
    await other.close();
  });
});

test('no answer and no log line holds the token', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  const answers = [];
  server.behave(() => refusal(404, `Not Found: /bot${token}/getMe`));
  answers.push(await api(server.apiRoot, log).call('getMe', {}, soon));
  server.behave(() => 'hang_up');
  answers.push(await api(server.apiRoot, log).call('getMe', {}, soon));
  answers.push(await api('not a url', log).call('getMe', {}, soon));
  answers.push(await api('http://127.0.0.1:1', log).call('getMe', {}, soon));
  expect(lines).toHaveLength(4);
  expect(JSON.stringify(answers) + lines.join()).not.toContain('AAHdqTcvCH1');
});

test('readMe tells who we are, or why not', async () => {
  server.behave(() => ok({ id: 1, is_bot: true, first_name: 'Malipo', username: 'malipo_bot' }));
  expect(await readMe(api())).toMatchObject({ kind: 'ok', me: { username: 'malipo_bot' } });
  server.behave(() => refusal(401, 'Unauthorized'));
  expect(await readMe(api())).toMatchObject({ kind: 'refused', errorCode: 401 });
});

describe('registerCommands', () => {
  const commands = {
    en: [{ command: 'help', description: 'Help' }],
    sw: [{ command: 'help', description: 'Msaada' }],
  };

  test('registers English for everyone, and each language for itself', async () => {
    expect(await registerCommands(api(), commands)).toEqual({ kind: 'ok', result: true });
    expect(server.calls.map((call) => call.payload)).toEqual([
      { commands: commands.en },
      { commands: commands.en, language_code: 'en' },
      { commands: commands.sw, language_code: 'sw' },
    ]);
  });

  test('answers the first refusal', async () => {
    server.behave(() => refusal(400, 'Bad Request: BOT_COMMAND_INVALID'));
    expect(await registerCommands(api(), commands)).toMatchObject({ kind: 'refused', errorCode: 400 });
    expect(server.calls).toHaveLength(1);
  });
});
