/** Protects what the bot sees of a message of WhatsApp, whose number it believes, and which card a press means. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { messageKey, toInboxItems } from '../../../src/channels/whatsapp/receive.ts';
import { createUpdateReader } from '../../../src/channels/whatsapp/update.ts';
import { silentLog } from '../../../src/ops/log.ts';
import { enqueue, type OutgoingMessage } from '../../../src/outbox/enqueue.ts';
import { knowIdentity, laneOfPerson } from '../../../src/payments/identities.ts';
import { createTestClock, createTestRandom } from '../../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { envelope, message, phoneNumberId, profile, scopedId, waId } from './meta.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => sql`truncate outbox`.execute(database.db));

const clock = createTestClock();
const laneOf = (externalId: string) => laneOfPerson(database.vault, { channel: 'whatsapp', externalId });
type Fields = Readonly<Record<string, unknown>>;

/** `contact`: the profile beside the message. */
async function read(over: Fields, contact: Fields = profile()) {
  const body = envelope({ contacts: [contact], messages: [message('wamid.1', over)] });
  const [item] = toInboxItems({ phoneNumberId, laneOf, log: silentLog }, body) ?? [];
  if (item === undefined) throw new Error('no item');
  const row = {
    ...{ id: 7n, accountId: null, attemptId: null, payoutId: null },
    ...{ key: item.key, lane: item.lane, body: item.body, receivedAt: clock.now() },
  };
  return await database.db.transaction().execute((tx) => createUpdateReader({ laneOf })(tx, row));
}

const seen = async (over: Fields, contact?: Fields) => (await read(over, contact))?.update;

/** Nobody's number is in these events. */
const noNumber = { from: undefined, from_user_id: scopedId };
const scopedOnly = { profile: { name: 'Amina' }, user_id: scopedId };

test('a text, with who wrote, when, and what it causes', async () => {
  const found = await read({ text: { body: '500 0712345678' } });
  const first_name = 'Amina Otieno';
  expect(found).toMatchObject({
    key: `whatsapp:${messageKey('wamid.1')}`,
    sender: { channel: 'whatsapp', externalId: waId, scopedId: null, name: first_name, languageCode: null },
  });
  expect(found?.update).toEqual({
    update_id: 7,
    message: {
      message_id: 7,
      date: 1795261860,
      chat: { id: Number(waId), type: 'private', first_name },
      from: { id: Number(waId), is_bot: false, first_name },
      text: '500 0712345678',
    },
  });
});

test('someone without a number is one and the same number to the bot, which is nobody’s phone', async () => {
  const first = await read(noNumber, scopedOnly);
  expect(first?.sender).toMatchObject({ externalId: scopedId, scopedId });
  const id = first?.update.message?.from.id ?? 0;
  expect(id).toBeGreaterThan(0);
  expect(id).toBeLessThan(2 ** 48);
  expect((await seen(noNumber, scopedOnly))?.message?.chat.id).toBe(id);
});

describe('what was sent', () => {
  const file = { id: '901', mime_type: 'text/csv', sha256: 'abc=', filename: 'wages.csv', caption: 'June' };
  const ids = { file_id: '901', file_unique_id: 'abc=' };
  test.each([
    ['a document', { document: file }, { document: { ...ids, file_name: 'wages.csv' }, caption: 'June' }],
    ['a picture', { image: { ...file } }, { photo: [ids], caption: 'June' }],
    ['a voice note', { audio: { id: '901', sha256: 'abc=' } }, { voice: ids }],
    ['a film', { video: file }, { caption: 'June' }],
    ['a sticker', { sticker: file }, {}],
    ['a place', { location: { latitude: 1, longitude: 36 } }, {}],
    ['an order', { order: { text: 'two', product_items: [] } }, { caption: 'two' }],
    ['what WhatsApp does not pass on', { type: 'unsupported', errors: [{ code: 131051 }] }, {}],
    ['what nobody has invented yet', { type: 'hologram', hologram: {} }, {}],
    ['a text without its text', { text: undefined }, { text: '' }],
    ['a contact without a number', { contacts: [{ name: { formatted_name: 'Juma' } }] }, {}],
  ])('%s', async (_what, over, expected) => {
    const type = 'text' in over ? 'text' : Object.keys(over)[0];
    const found = (await seen({ text: undefined, type, ...over }))?.message;
    expect(found).toMatchObject(expected);
    const content = Object.keys(found ?? {}).slice(4);
    expect(content.toSorted()).toEqual(Object.keys(expected).toSorted());
  });

  test('may be kept without a word of it', async () => {
    const found = await read({ text: { body: 'PIN 7391' }, context: { id: 'wamid.0' } });
    expect(JSON.parse(found?.keep() ?? '')).toEqual({
      message: { id: 'wamid.1', type: 'text', from: waId, timestamp: '1795261860' },
      sender: { waId, scopedId: null, name: 'Amina Otieno' },
    });
  });
});

describe('a contact', () => {
  const contact = (phone: Fields, over: Fields = {}) => ({
    type: 'contacts',
    text: undefined,
    contacts: [
      { name: { formatted_name: 'Juma Ali' }, phones: [phone] },
      { name: {}, phones: [] },
    ],
    ...over,
  });
  const shared = async (over: Fields, by?: Fields) => (await seen(over, by))?.message;
  const mine = Number(waId);

  test('of somebody else is somebody else', async () => {
    expect((await shared(contact({ phone: '0722 000 111', wa_id: '254722000111' })))?.contact).toEqual({
      phone_number: '0722 000 111',
      first_name: 'Juma Ali',
      user_id: 254722000111,
    });
    expect((await shared(contact({ phone: '0722 000 111' })))?.contact).not.toHaveProperty('user_id');
  });

  test('whose numbers differ names nobody on WhatsApp', async () => {
    expect((await shared(contact({ phone: '0722 000 111', wa_id: '254733000222' })))?.contact).toEqual({
      phone_number: '0722 000 111',
      first_name: 'Juma Ali',
    });
  });

  test('of the sender is their number: the one that the message came from, whatever the contact says', async () => {
    for (const phone of ['+254 712 345 678', '0722 000 111'])
      expect((await shared(contact({ phone, wa_id: waId })))?.contact).toMatchObject({
        phone_number: `+${waId}`,
        user_id: mine,
      });
    const answered = await shared(contact({ phone: '0722 000 111' }, { origin: 'contact_request' }));
    expect(answered?.contact).toMatchObject({ phone_number: `+${waId}`, user_id: mine });
  });

  test('that answers our request is the number of someone who had none', async () => {
    const card = { phone: '+254799999999', wa_id: '254722000111' };
    const found = await shared(contact(card, { ...noNumber, origin: 'contact_request' }), scopedOnly);
    expect(found?.contact).toMatchObject({ phone_number: '+254722000111', user_id: found?.from.id });
    const inside = contact(card, noNumber);
    const [only] = inside.contacts;
    const nested = await shared(
      { ...inside, contacts: [{ ...only, origin: 'contact_request' }] },
      scopedOnly,
    );
    expect(nested?.contact).toMatchObject({ phone_number: '+254722000111', user_id: nested?.from.id });
    // What only a vCard says, nobody vouches for.
    const written = { phone: '+254722000111' };
    const bare = await shared(contact(written, { ...noNumber, origin: 'contact_request' }), scopedOnly);
    expect(bare?.contact).not.toHaveProperty('user_id');
    const other = await shared(
      contact({ phone: '+254722000111' }, { ...noNumber, origin: 'other' }),
      scopedOnly,
    );
    expect(other?.contact).not.toHaveProperty('user_id');
  });

  test('that was forwarded says so', async () => {
    const own = { phone: '+254712345678', wa_id: waId };
    for (const context of [{ forwarded: true }, { frequently_forwarded: true }])
      expect(await shared(contact(own, { context }))).toHaveProperty('forward_origin');
    expect(await shared(contact(own))).not.toHaveProperty('forward_origin');
  });
});

describe('a press', () => {
  const button = (data: string, wamid = 'wamid.card') => ({
    type: 'interactive',
    text: undefined,
    context: { from: '254700000000', id: wamid },
    interactive: { type: 'button_reply', button_reply: { id: data, title: 'Send' } },
  });
  const row = { type: 'list_reply', list_reply: { id: 'h:2', title: 'Older', description: 'x' } };

  test.each([
    ['a button', button('p:ab:send'), 'p:ab:send'],
    ['a row of a list', { ...button(''), interactive: row }, 'h:2'],
    [
      'a button of a template',
      {
        ...button(''),
        type: 'button',
        interactive: undefined,
        button: { payload: 'o:ab:yes', text: 'Approve' },
      },
      'o:ab:yes',
    ],
  ])('of %s', async (_what, over, data) => {
    const pressed = await seen(over);
    expect(pressed?.message).toBeUndefined();
    expect(pressed?.callback_query).toMatchObject({ id: '7', data, message: { message_id: 7 } });
  });

  test('of a template’s button that has no data is no more than a sign of life', async () => {
    const over = { ...button(''), type: 'button', interactive: undefined };
    expect(await seen({ ...over, button: { payload: 'Details', text: 'Details' } })).toEqual({
      update_id: 7,
    });
  });

  test('of "share my number" is the number that the message came from', async () => {
    expect((await seen(button('~own')))?.message?.contact).toMatchObject({
      phone_number: `+${waId}`,
      user_id: Number(waId),
    });
    expect((await seen({ ...button('~own'), ...noNumber }, scopedOnly))?.message).toMatchObject({
      text: 'Send',
    });
  });

  const sent = (key: string, externalId: string | null, over: Partial<OutgoingMessage> = {}) =>
    database.db.transaction().execute(async (tx) => {
      const says = { method: 'sendMessage', payload: {}, lane: laneOf(waId), ...over };
      const id = await enqueue(tx, { vault: database.vault, clock }, { key, channel: 'whatsapp', ...says });
      const end = externalId === null ? {} : { state: 'sent' as const, external_id: externalId };
      await tx
        .updateTable('outbox')
        .set({ due_at: clock.now(), ...end })
        .where('id', '=', id)
        .execute();
      return id;
    });
  const edit = (key: string, externalId: string | null, targetId: bigint) =>
    sent(key, externalId, { method: 'editMessageText', targetId });
  const pressedOn = async (wamid: string, over: Fields = {}, by?: Fields) =>
    (await seen({ ...button('p:ab:send', wamid), ...over }, by))?.callback_query?.message.message_id;

  test('names the message by its row, in each of its versions', async () => {
    const card = await sent('card', 'wamid.a');
    expect(await pressedOn('wamid.a')).toBe(Number(card));
    const second = await edit('second', 'wamid.b', card);
    expect(await pressedOn('wamid.b')).toBe(Number(card));
    expect(await pressedOn('wamid.a')).toBe(Number(second));
    const third = await edit('third', 'wamid.c', card);
    expect(await pressedOn('wamid.c')).toBe(Number(card));
    expect(await pressedOn('wamid.b')).toBe(Number(third));
    expect(await pressedOn('wamid.a')).toBe(Number(third));
  });

  test('is not of an old version while the new one is on its way', async () => {
    const card = await sent('card', 'wamid.a');
    await edit('second', null, card);
    expect(await pressedOn('wamid.a')).toBe(Number(card));
  });

  test('of a message of another chat names nothing of ours', async () => {
    await sent('card', 'wamid.a', { lane: laneOf('254722000111') });
    expect(await pressedOn('wamid.a')).toBe(7);
    expect(await pressedOn('wamid.unknown')).toBe(7);
  });

  test('finds the card of someone who was known by the number before', async () => {
    const card = await sent('card', 'wamid.a');
    await database.db
      .transaction()
      .execute((tx) =>
        knowIdentity(
          tx,
          { vault: database.vault, clock, random: createTestRandom() },
          { channel: 'whatsapp', externalId: waId, scopedId, name: null },
        ),
      );
    expect(await pressedOn('wamid.a', {}, profile({ user_id: scopedId }))).toBe(Number(card));
    expect(await pressedOn('wamid.a', noNumber, scopedOnly)).toBe(Number(card));
  });
});
