/** Protects the door that Telegram comes through: only Telegram, only updates, and 200 only for what is stored. */
import Fastify, { type FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTelegramApi } from '../../../src/channels/telegram/api.ts';
import { registerWebhook, telegramWebhook } from '../../../src/channels/telegram/webhook.ts';
import { openDatabase } from '../../../src/db/open.ts';
import { createInbox } from '../../../src/inbox/store.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { createTestClock } from '../../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startBotServer } from './bot-server.ts';

const secret = 'Vv3_secret-token';
let database: TestDatabase;
let app: FastifyInstance;
let woken = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await sql`truncate inbox`.execute(database.db);
  woken = 0;
  app = createApp(database.db);
});
afterEach(() => app.close());

function createApp(db: TestDatabase['db']): FastifyInstance {
  const inbox = createInbox({ db, vault: database.vault, clock: createTestClock() });
  const onStored = (): void => {
    woken += 1;
  };
  const created = Fastify();
  created.register(telegramWebhook({ secret, inbox, log: silentLog, onStored }));
  return created;
}

async function post(
  body: string,
  headers: Record<string, string> = { 'x-telegram-bot-api-secret-token': secret },
) {
  const response = await app.inject({
    method: 'POST',
    url: '/telegram',
    headers: { 'content-type': 'application/json', ...headers },
    payload: body,
  });
  return response.statusCode;
}

async function keys(): Promise<string[]> {
  const rows = await database.db.selectFrom('inbox').select('key').orderBy('id').execute();
  return rows.map((row) => row.key);
}

const update = JSON.stringify({
  update_id: 7,
  message: { message_id: 1, date: 1, chat: { id: 5, type: 'private' } },
});

test('an update is stored, then answered 200; a second delivery too', async () => {
  expect(await post(update)).toBe(200);
  expect(await post(update)).toBe(200);
  expect(await keys()).toEqual(['7']);
  expect(woken).toBe(1);
});

test.each([
  ['no secret', {}],
  ['another secret', { 'x-telegram-bot-api-secret-token': 'Vv3_secret-tokem' }],
  ['a longer secret', { 'x-telegram-bot-api-secret-token': `${secret}x` }],
  ['an empty secret', { 'x-telegram-bot-api-secret-token': '' }],
])('%s is answered 401, whatever the body', async (_what, headers) => {
  expect(await post(update, headers)).toBe(401);
  expect(await post('not json', headers)).toBe(401);
  expect(await keys()).toEqual([]);
});

test.each(['', 'not json', 'null', '[]', '{}', '{"update_id":"7"}', '{"update_id":1.5}'])(
  '%j is answered 400',
  async (body) => {
    expect(await post(body)).toBe(400);
    expect(await keys()).toEqual([]);
  },
);

test('an update of more than a mebibyte is answered 413', async () => {
  expect(await post(JSON.stringify({ update_id: 7, text: 'x'.repeat(1024 * 1024) }))).toBe(413);
});

test('a large update is stored', async () => {
  expect(await post(JSON.stringify({ update_id: 7, text: 'x'.repeat(200 * 1024) }))).toBe(200);
});

test('while the database is away, nothing is acknowledged', async () => {
  const away = openDatabase({ connection: 'postgresql://nobody@127.0.0.1:1/none', log: silentLog });
  await app.close();
  app = createApp(away.db);
  expect(await post(update)).toBe(503);
  expect(woken).toBe(0);
  await away.close();
});

describe('registerWebhook', () => {
  test.each(['https://shop.example', 'https://shop.example/'])(
    'gives Telegram our address and the secret (%s)',
    async (publicUrl) => {
      const server = await startBotServer();
      const api = createTelegramApi({ token: '1:a', apiRoot: server.apiRoot, fetch, log: silentLog });
      expect(await registerWebhook(api, { publicUrl, secret })).toEqual({ kind: 'ok', result: true });
      expect(server.calls).toMatchObject([
        { method: 'setWebhook', payload: { url: 'https://shop.example/telegram', secret_token: secret } },
      ]);
      await server.close();
    },
  );
});
