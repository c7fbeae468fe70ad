/**
 * Protects a turn of WhatsApp from the signed body to the outbox: one person is one chat under every name that they have, what
 * waited for them goes out, and a PIN is not kept.
 */
import Fastify, { type FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTell } from '../../src/bot/cards/tell.ts';
import { createUpdateHandler, type UpdateHandler } from '../../src/bot/updates.ts';
import { createWords } from '../../src/bot/words.ts';
import { createUpdateReader } from '../../src/channels/whatsapp/update.ts';
import { whatsappWebhook } from '../../src/channels/whatsapp/webhook.ts';
import { createInboxWorker, type InboxHandler } from '../../src/inbox/claim.ts';
import { bodyIdentity, createInbox } from '../../src/inbox/store.ts';
import { silentLog } from '../../src/ops/log.ts';
import { enqueue, payloadIdentity } from '../../src/outbox/enqueue.ts';
import { knowIdentity, laneOfPerson } from '../../src/payments/identities.ts';
import {
  appSecret,
  envelope,
  message,
  phoneNumberId,
  profile,
  scopedId,
  sign,
  verifyToken,
  waId,
} from '../channels/whatsapp/meta.ts';
import { createTestClock, createTestRandom } from '../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let app: FastifyInstance;
let url: string;
let handler: UpdateHandler;
const clock = createTestClock();
const random = createTestRandom();
const words = createWords();
const laneOf = (externalId: string) => laneOfPerson(database.vault, { channel: 'whatsapp', externalId });

beforeAll(async () => {
  database = await openTestDatabase();
  const { db, vault } = database;
  const publicUrl = 'https://shop.example';
  const unused = async () => undefined;
  const gateways = {
    open: async () => {
      throw new Error('no gateway here');
    },
  };
  handler = createUpdateHandler({
    ...{ vault, clock, random, words, publicUrl, log: silentLog },
    tell: createTell({ vault, clock, random, words, publicUrl }),
    tellPayout: { payout: unused, batch: unused, freeze: unused },
    gateways: gateways as never,
    doors: { telegramName: () => null, whatsappNumber: () => null },
    botInfo: { id: 1, is_bot: true, first_name: 'Malipo', username: 'malipo_bot' } as never,
    channel: 'whatsapp',
    read: createUpdateReader({ laneOf }),
  });
  app = Fastify();
  const onStored = (): void => undefined;
  const inbox = createInbox({ db, vault, clock });
  app.register(
    whatsappWebhook({ appSecret, verifyToken, phoneNumberId, laneOf, inbox, log: silentLog, onStored }),
  );
  url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/whatsapp`;
});
afterAll(async () => {
  await app.close();
  await database.close();
});
beforeEach(() => sql`truncate inbox, outbox, identity, conversation cascade`.execute(database.db));

function worker(over: Partial<InboxHandler> = {}, maxTries = 5) {
  const { db, vault } = database;
  return createInboxWorker({
    ...{ db, vault, clock, source: 'whatsapp', log: silentLog, maxTries },
    handle: handler.handle,
    buried: handler.buried,
    ...over,
  });
}

type Fields = Readonly<Record<string, unknown>>;
let messages = 0;

async function arrives(over: Fields, contact: Fields = profile()): Promise<void> {
  const one = message(`wamid.in${++messages}`, over);
  const body = JSON.stringify(envelope({ contacts: [contact], messages: [one] }));
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': sign(body) };
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200);
}

async function drain(run = worker()): Promise<void> {
  while (await run.runOnce());
}

const says = (body: string) => ({ text: { body } });
const both = profile({ user_id: scopedId });
const noNumber = { from: undefined, from_user_id: scopedId };

async function said() {
  const rows = await database.db.selectFrom('outbox').selectAll().orderBy('id').execute();
  return rows.map((row) => {
    const payload = JSON.parse(database.vault.open(row.payload_sealed, payloadIdentity(row.key)));
    return { lane: row.lane, method: row.method, state: row.state, text: payload.text as string };
  });
}

async function kept(): Promise<string[]> {
  const rows = await database.db.selectFrom('inbox').selectAll().orderBy('id').execute();
  return rows.map((row) => database.vault.open(row.body_sealed, bodyIdentity({ ...row })));
}

test('a message is answered in the chat of who wrote it, whose number is in no key', async () => {
  await arrives(says('habari'));
  await drain();
  const [answer, ...rest] = await said();
  expect(answer).toMatchObject({ lane: laneOf(waId), method: 'sendMessage', state: 'pending' });
  expect(rest).toEqual([]);
  const { rows } = await sql<{ row: string }>`
    select t::text as row from outbox t union all select t::text from inbox t union all select t::text from identity t`.execute(
    database.db,
  );
  expect(rows.map(({ row }) => row.replace(/\\+x[0-9a-f]+/g, '')).join('\n')).not.toContain('712345678');
});

describe('one person', () => {
  test('stays in the chat that they began by their number', async () => {
    await arrives(says('habari'));
    await arrives(says('habari'), both);
    await arrives({ ...says('habari'), ...noNumber }, { user_id: scopedId });
    await drain();
    expect(new Set((await said()).map(({ lane }) => lane))).toEqual(new Set([laneOf(waId)]));
    expect(await database.db.selectFrom('identity').select('scoped_id').execute()).toEqual([
      { scoped_id: scopedId },
    ]);
  });

  test('has one turn at a time, in whichever lane their messages came', async () => {
    await database.db
      .transaction()
      .execute((tx) =>
        knowIdentity(
          tx,
          { vault: database.vault, clock, random },
          { channel: 'whatsapp', externalId: waId, scopedId, name: null },
        ),
      );
    await arrives(says('first'));
    await arrives({ ...says('second'), ...noNumber }, { user_id: scopedId });
    const inFirst = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const first = worker({
      handle: async (tx, row) => {
        await handler.handle(tx, row);
        inFirst.resolve();
        await goOn.promise;
      },
    }).runOnce();
    await inFirst.promise;
    let done = false;
    const second = worker()
      .runOnce()
      .then(() => {
        done = true;
      });
    await waiting();
    expect(done).toBe(false);
    goOn.resolve();
    await Promise.all([first, second]);
    expect(await said()).toHaveLength(2);
  });
});

/** Until a transaction of this database waits for a lane. */
async function waiting(): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select 1 from pg_locks l join pg_database d on d.oid = l.database
      where d.datname = current_database() and l.locktype = 'advisory' and not l.granted`.execute(
      database.db,
    );
    if (rows.length > 0) return;
  }
}

describe('what was held back', () => {
  const hold = (key: string, lane: string) =>
    database.db.transaction().execute(async (tx) => {
      const payload = { text: key };
      const held = { key, channel: 'whatsapp', lane, method: 'sendMessage', payload } as const;
      const id = await enqueue(tx, { vault: database.vault, clock }, held);
      await tx.updateTable('outbox').set({ state: 'held' }).where('id', '=', id).execute();
    });
  const states = async () => (await said()).map(({ text, state }) => `${text} ${state}`);
  const template = (payload: string) => ({
    ...{ type: 'button', text: undefined, context: { id: 'wamid.bell' } },
    button: { payload, text: 'Details' },
  });

  test('goes out with the answer to its person, and to nobody else', async () => {
    await hold('mine', laneOf(waId));
    await hold('theirs', laneOf('254722000111'));
    await arrives(says('habari'));
    await drain();
    expect((await states()).slice(0, 2)).toEqual(['mine pending', 'theirs held']);
    expect(await said()).toHaveLength(3);
  });

  test('goes out where the bell of a template was pressed, which says nothing by itself', async () => {
    await hold('mine', laneOf(waId));
    await arrives(template('Details'));
    await drain();
    expect(await states()).toEqual(['mine pending']);
  });

  test('waits on where the person only reacted', async () => {
    await hold('mine', laneOf(waId));
    await arrives({ type: 'reaction', text: undefined, reaction: { message_id: 'wamid.0', emoji: '+' } });
    await drain();
    expect(await states()).toEqual(['mine held']);
  });
});

describe('what looks like a PIN', () => {
  test.each([
    ['a text', says('PIN yangu ni 7391')],
    ['four digits', says('7391')],
    [
      'a caption',
      { type: 'image', text: undefined, image: { id: '901', mime_type: 'image/jpeg', caption: 'pin 7391' } },
    ],
  ])('is answered and not kept: %s', async (_what, over) => {
    await arrives(over);
    expect((await kept()).join()).toContain('7391');
    await drain();
    expect((await said()).map(({ method, text }) => [method, text])).toEqual([
      ['sendMessage', words.say('en', 'pin-typed')],
    ]);
    const [row = ''] = await kept();
    expect(row).not.toContain('7391');
    expect(JSON.parse(row)).toMatchObject({ message: { id: expect.stringMatching(/^wamid\.in/) } });
  });

  test('is not kept of a message whose turn failed for good, and its person hears of it', async () => {
    await arrives(says('7391'), both);
    const failing = async () => {
      throw new Error('broken');
    };
    await drain(worker({ handle: failing }, 1));
    expect(await said()).toEqual([
      {
        lane: laneOf(waId),
        method: 'sendMessage',
        state: 'pending',
        text: words.say('en', 'broke'),
      },
    ]);
    expect((await kept()).join()).not.toContain('7391');
  });

  test('stays where it is a number that nothing calls a PIN', async () => {
    await arrives(says('73915'));
    await drain();
    expect((await kept()).join()).toContain('73915');
  });
});

test('what is not text is answered kindly, and a voice note too', async () => {
  await arrives({
    type: 'audio',
    text: undefined,
    audio: { id: '901', mime_type: 'audio/ogg', voice: true },
  });
  await arrives({ type: 'unsupported', text: undefined, errors: [{ code: 131051, title: 'Unsupported' }] });
  await drain();
  const [voice, other] = await said();
  expect(voice?.text).toBe(other?.text);
  expect(voice?.text).toContain(words.say('en', 'help-customer').slice(0, 20));
});
