/** Protects the door that Meta comes through: only what Meta signed, whole batches, and 200 only for what is stored. */
import Fastify, { type FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { messageKey } from '../../../src/channels/whatsapp/receive.ts';
import { whatsappWebhook } from '../../../src/channels/whatsapp/webhook.ts';
import { openDatabase } from '../../../src/db/open.ts';
import { bodyIdentity, createInbox } from '../../../src/inbox/store.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { laneOfPerson } from '../../../src/payments/identities.ts';
import { createTestClock } from '../../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import {
  appSecret,
  asMetaWritesIt,
  envelope,
  message,
  phoneNumberId,
  profile,
  sign,
  status,
  verifyToken,
} from './meta.ts';

let database: TestDatabase;
let app: FastifyInstance;
let url: string;
let woken = 0;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await sql`truncate inbox`.execute(database.db);
  woken = 0;
  await listen(database.db);
});
afterEach(() => app.close());

async function listen(db: TestDatabase['db']): Promise<void> {
  app = Fastify();
  app.register(
    whatsappWebhook({
      appSecret,
      verifyToken,
      phoneNumberId,
      laneOf: (externalId) => laneOfPerson(database.vault, { channel: 'whatsapp', externalId }),
      inbox: createInbox({ db, vault: database.vault, clock: createTestClock() }),
      log: silentLog,
      onStored: () => {
        woken += 1;
      },
    }),
  );
  url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/whatsapp`;
}

async function post(body: string | Buffer, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': sign(body), ...headers },
    body: new Uint8Array(Buffer.from(body)),
  });
  return response.status;
}

async function stored() {
  return await database.db.selectFrom('inbox').selectAll().orderBy('id').execute();
}

const keys = async (): Promise<string[]> => (await stored()).map(({ key }) => key);

const one = JSON.stringify(envelope({ contacts: [profile()], messages: [message('wamid.1')] }));

test('a message is stored, then answered 200; a second delivery too', async () => {
  expect(await post(one)).toBe(200);
  expect(await post(one)).toBe(200);
  expect(await keys()).toEqual([messageKey('wamid.1')]);
  expect(woken).toBe(1);
});

test('a batch is stored whole: its messages in their order, its statuses in no lane', async () => {
  const body = envelope(
    {
      contacts: [profile(), profile({ wa_id: '254722000111' })],
      messages: [
        message('wamid.1'),
        message('wamid.2', { from: '254722000111' }),
        message('wamid.3'),
        message('wamid.1'),
      ],
    },
    { statuses: [status('wamid.9', 'sent'), status('wamid.9', 'delivered'), status('wamid.9', 'read')] },
    { errors: [{ code: 130429, title: 'Rate limit hit' }] },
  );
  expect(await post(JSON.stringify(body))).toBe(200);
  const rows = await stored();
  expect(rows.map(({ key }) => key)).toEqual([
    ...['wamid.1', 'wamid.2', 'wamid.3'].map(messageKey),
    `status:${messageKey('wamid.9')}:delivered`,
    `status:${messageKey('wamid.9')}:read`,
  ]);
  const lanes = rows.map(({ lane }) => lane);
  expect(lanes[0]).toBe(lanes[2]);
  expect(lanes[0]).not.toBe(lanes[1]);
  expect(lanes.slice(3)).toEqual([null, null]);
  expect(woken).toBe(1);
});

test('no number is readable in a row, and the row holds what was written', async () => {
  await post(one);
  const [row] = await stored();
  if (row === undefined) throw new Error('nothing was stored');
  expect(`${row.key} ${row.lane}`).not.toContain('712345678');
  expect(database.vault.open(row.body_sealed, bodyIdentity(row))).toContain('habari');
});

describe('the signature', () => {
  const words = 'Njeri\u2019s \u{1f9c6} 500/= \u00e9';
  const value = envelope({
    contacts: [profile()],
    messages: [message('wamid.1', { text: { body: words } })],
  });

  test.each([
    ['escaped as Meta writes it', asMetaWritesIt(value)],
    ['with spaces and line breaks', JSON.stringify(value, null, 3)],
    ['as UTF-8', JSON.stringify(value)],
  ])('is over the very bytes: %s', async (_what, body) => {
    expect(await post(body)).toBe(200);
    const [row] = await stored();
    if (row === undefined) throw new Error('nothing was stored');
    expect(JSON.parse(database.vault.open(row.body_sealed, bodyIdentity(row)))).toMatchObject({
      message: { text: { body: words } },
    });
  });

  test('of the same words in other bytes is refused', async () => {
    expect(await post(asMetaWritesIt(value), { 'x-hub-signature-256': sign(JSON.stringify(value)) })).toBe(
      401,
    );
    expect(await keys()).toEqual([]);
  });

  test.each([
    ['of another secret', sign(one, 'another')],
    ['that is empty', ''],
    ['without its scheme', sign(one).slice('sha256='.length)],
    ['of another scheme', sign(one).replace('sha256', 'sha1')],
    ['that was cut', sign(one).slice(0, -2)],
    ['that is longer', `${sign(one)}00`],
  ])('%s is answered 401, and nothing is stored', async (_what, signature) => {
    expect(await post(one, { 'x-hub-signature-256': signature })).toBe(401);
    expect(await keys()).toEqual([]);
    expect(woken).toBe(0);
  });

  test('that is missing is answered 401, also without a body', async () => {
    const bare = await fetch(url, { method: 'POST' });
    expect(bare.status).toBe(401);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: one,
    });
    expect(response.status).toBe(401);
    expect(await keys()).toEqual([]);
  });

  test('counts whatever the content type says', async () => {
    expect(await post(one, { 'content-type': 'text/plain' })).toBe(200);
    expect(await keys()).toHaveLength(1);
  });
});

test.each(['', 'not json', 'null', '[]', '{}', '{"object":"page","entry":[]}', '{"object":1}'])(
  'what Meta signed and nobody can read is acknowledged, not kept: %j',
  async (body) => {
    expect(await post(body)).toBe(200);
    expect(await keys()).toEqual([]);
  },
);

test('what cannot be read does not take the rest of its batch with it', async () => {
  const body = envelope({
    contacts: ['?', profile()],
    messages: [null, { type: 'text' }, message('wamid.1', { context: 'odd', text: 7 })],
    statuses: [{}, status('wamid.9', 'read')],
    errors: 'none',
  });
  const entry = [null, { changes: [{}, null] }, ...(body.entry as unknown[])];
  expect(await post(JSON.stringify({ ...body, entry }))).toBe(200);
  expect(await keys()).toEqual([messageKey('wamid.1'), `status:${messageKey('wamid.9')}:read`]);
});

test('what was sent to another phone number id is ignored, and the rest is kept', async () => {
  const metadata = { display_phone_number: '254799999999', phone_number_id: '999999999999999' };
  const body = envelope(
    { metadata, messages: [message('wamid.1')], statuses: [status('wamid.9', 'read')] },
    { messages: [message('wamid.2')] },
  );
  expect(await post(JSON.stringify(body))).toBe(200);
  expect(await keys()).toEqual([messageKey('wamid.2')]);
});

test('events that are no messages are ignored', async () => {
  const change = { field: 'message_template_status_update', value: { event: 'APPROVED' } };
  expect(await post(JSON.stringify({ ...envelope(), entry: [{ id: '1', changes: [change] }] }))).toBe(200);
  expect(await keys()).toEqual([]);
});

test('a batch of nearly three megabytes is stored, a larger one is answered 413', async () => {
  const long = { body: 'x'.repeat(2900) };
  const messages = Array.from({ length: 1000 }, (_, i) => message(`wamid.${i}`, { text: long }));
  expect(await post(JSON.stringify(envelope({ messages })))).toBe(200);
  expect(await keys()).toHaveLength(1000);
  expect(await post(Buffer.alloc(3 * 1024 * 1024 + 1, ' '))).toBe(413);
});

test('while the database is away, nothing is acknowledged', async () => {
  const away = openDatabase({ connection: 'postgresql://nobody@127.0.0.1:1/none', log: silentLog });
  await app.close();
  await listen(away.db);
  expect(await post(one)).toBe(503);
  expect(woken).toBe(0);
  await away.close();
});

describe('the handshake', () => {
  const asked = { 'hub.mode': 'subscribe', 'hub.verify_token': verifyToken, 'hub.challenge': '1158201444' };
  const shake = (query: Record<string, string>) => fetch(`${url}?${new URLSearchParams(query)}`);

  test('is answered with the bare challenge', async () => {
    const response = await shake(asked);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await response.text()).toBe('1158201444');
  });

  test.each([
    ['another token', { ...asked, 'hub.verify_token': `${verifyToken}x` }],
    ['no token', { 'hub.mode': 'subscribe', 'hub.challenge': '1' }],
    ['another mode', { ...asked, 'hub.mode': 'unsubscribe' }],
    ['no challenge', { 'hub.mode': 'subscribe', 'hub.verify_token': verifyToken }],
  ])('with %s is answered 403', async (_what, query) => {
    const response = await shake(query);
    expect(response.status).toBe(403);
    expect(await response.text()).not.toContain('1158201444');
  });

  test('with two tokens is answered 403', async () => {
    const query = `${new URLSearchParams(asked)}&hub.verify_token=${verifyToken}`;
    expect((await fetch(`${url}?${query}`)).status).toBe(403);
  });
});
