/** Protects a person in two chats: both are them, everybody concerned hears of it, and cards go where they are. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { withBatches } from '../../src/bot/cards/bulk-tell.ts';
import { freshPresses } from '../../src/bot/cards/customer-receipt.ts';
import { createPayoutTell } from '../../src/bot/cards/payout-tell.ts';
import { postCard } from '../../src/bot/cards/post.ts';
import { createUpdateHandler } from '../../src/bot/updates.ts';
import { createWords } from '../../src/bot/words.ts';
import type { ChatIdentity } from '../../src/domain/chat-identity.ts';
import { payloadIdentity } from '../../src/outbox/enqueue.ts';
import { findOrAddIdentity, laneOfPerson } from '../../src/payments/identities.ts';
import { partChats } from '../../src/payments/persons.ts';
import { approvePayout } from '../../src/payouts/approve.ts';
import { openDesk } from '../payments/desk.ts';
import { type BulkDesk, openBulkDesk } from '../payouts/bulk-desk.ts';

let desk: BulkDesk;
let deps: Parameters<typeof createUpdateHandler>[0];
const words = createWords();
const publicUrl = 'https://shop.example';
const number = '254799000111';
const whatsapp = { channel: 'whatsapp', externalId: number } as const;
const asha = { channel: 'telegram', externalId: '2001' } as const;
type Chat = ChatIdentity;

beforeAll(async () => {
  desk = await openBulkDesk();
  const cards = { ...desk.deps, words, publicUrl };
  const tellPayout = withBatches(createPayoutTell(cards), cards);
  Object.assign(desk.deps.tellPayout, tellPayout);
  deps = {
    ...cards,
    tell: (desk.deps as never as { tell: never }).tell,
    log: (desk.deps as never as { log: never }).log,
    gateways: desk.gateways as never,
    doors: { telegramName: () => null, whatsappNumber: () => null },
    botInfo: { id: 1, is_bot: true, first_name: 'Malipo', username: 'malipo_bot' } as never,
    channel: 'telegram',
    read: async () => null,
  };
});
afterAll(() => desk.close());
beforeEach(async () => {
  await desk.inTx((tx) => partChats(tx, desk.deps, desk.asha));
  await sql`truncate outbox`.execute(desk.db);
});

let updates = 0;
const laneOf = (who: Chat) => laneOfPerson(desk.vault, who);

/** A message or a press of a chat, in a turn of its own. */
async function turn(who: Chat, what: { text: string } | { data: string }, name = 'Asha'): Promise<void> {
  const update_id = ++updates;
  const from = { id: 2001, is_bot: false, first_name: name } as const;
  const message = { message_id: update_id, date: 1, chat: { id: 2001, type: 'private' }, from } as const;
  const update =
    'text' in what
      ? { update_id, message: { ...message, text: what.text } }
      : { update_id, callback_query: { id: '1', from, chat_instance: '', data: what.data, message } };
  const handler = createUpdateHandler({
    ...deps,
    channel: who.channel,
    read: async () => ({
      update: update as never,
      sender: { ...who, scopedId: null, name, languageCode: 'en' },
      key: `${who.channel}:${update_id}`,
      keep: () => '',
    }),
  });
  const row = { id: BigInt(update_id), key: String(update_id), lane: laneOf(who), body: '-' };
  await desk.inTx((tx) =>
    handler.handle(tx, {
      ...row,
      ...{ accountId: null, attemptId: null, payoutId: null, receivedAt: desk.clock.now() },
    }),
  );
}
const say = (who: Chat, text: string, name?: string) => turn(who, { text }, name);

async function said() {
  const rows = await desk.db.selectFrom('outbox').selectAll().orderBy('id').execute();
  return rows.map((row) => {
    const payload = JSON.parse(desk.vault.open(row.payload_sealed, payloadIdentity(row.key)));
    return { ...row, payload, text: String(payload.text ?? '') };
  });
}
const saidTo = async (who: Chat) =>
  (await said()).filter(({ lane, state }) => lane === laneOf(who) && state !== 'dropped');

async function connect(maker: Chat, typer: Chat): Promise<void> {
  await say(maker, 'connect');
  const code = /connect ([0-9A-Z]{4}-[0-9A-Z]{4})/.exec((await saidTo(maker)).at(-1)?.text ?? '')?.[1];
  await say(typer, `connect ${code}`);
}

test('the chat of the code and the owners hear of a second chat; its person is told in the new one', async () => {
  await connect(asha, whatsapp);
  const app = 'WhatsApp';
  const [, there, ...rest] = await saidTo(asha);
  expect(there?.text).toBe(words.say('en', 'chat-joined-there', { app }));
  expect(there?.payload.chat_id).toBe(2001);
  expect(rest).toEqual([]);
  expect((await saidTo(whatsapp)).map(({ text }) => text)).toEqual([words.say('en', 'chat-joined')]);
  const owner = await saidTo({ channel: 'telegram', externalId: '1002' });
  const values = { name: 'Asha', shop: 'Mama Njeri', app };
  expect(owner.map(({ text }) => text)).toEqual([words.say('en', 'chat-told-owner', values)]);
});

test('a code that was made for a member is not theirs to type', async () => {
  await connect(whatsapp, asha);
  expect((await saidTo(asha)).map(({ text }) => text)).toEqual([words.say('en', 'chat-make-here')]);
});

test('who is joined gets no second code, and parts in either chat', async () => {
  await connect(asha, whatsapp);
  await say(whatsapp, 'connect');
  expect((await saidTo(whatsapp)).at(-1)?.text).toBe(words.say('en', 'chat-joined-before'));
  await say(whatsapp, 'disconnect');
  expect((await saidTo(whatsapp)).at(-1)?.text).toBe(words.say('en', 'chat-parted'));
  await say(whatsapp, 'disconnect');
  expect((await saidTo(whatsapp)).at(-1)?.text).toBe(words.say('en', 'chat-alone'));
});

test('a receipt that came before is still the person’s, and after they parted nobody else’s', async () => {
  const patron = { channel: 'telegram', externalId: '3001' } as const;
  const chat = { channel: 'whatsapp', externalId: '254799000222' } as const;
  await say(patron, 'help');
  await say(chat, 'help');
  const id = await desk.inTx((tx) => findOrAddIdentity(tx, desk.deps, chat));
  const payment = await desk.payment(500);
  const [, wrong = ''] = freshPresses(desk.vault, payment, id);
  await connect(patron, chat);
  await turn(chat, { data: wrong });
  expect((await saidTo(chat)).at(-1)?.text).toContain(words.say('en', 'ask-wrong', { shop: 'Mama Njeri' }));
  await turn(asha, { data: wrong });
  expect((await saidTo(asha)).at(-1)?.text).toBe(words.say('en', 'not-yours'));
});

const approvalText = /500/;

test('an approval goes along with who may give it, and the chat that is left learns nothing new', async () => {
  await say(asha, 'help');
  const id = await desk.waiting({ by: desk.brian });
  const first = (await saidTo(asha)).at(-1);
  expect(first?.text).toMatch(approvalText);
  await connect(asha, whatsapp);
  await sql`truncate outbox`.execute(desk.db);
  const row = await desk.row(id);
  await desk.inTx((tx) => desk.deps.tellPayout.payout(tx, id));
  expect((await saidTo(whatsapp)).map(({ method }) => method)).toEqual([]);
  expect(row.state).toBe('waiting');
  const yes = { payoutId: id, by: desk.boss, version: row.version, digits: null };
  await desk.inTx((tx) => approvePayout(tx, desk.deps, yes));
  const [left] = await saidTo(asha);
  expect(left).toMatchObject({ method: 'editMessageReplyMarkup', payload: { chat_id: 2001 } });
  expect(left?.payload).not.toHaveProperty('text');
  expect((await saidTo(whatsapp)).map(({ method }) => method)).toEqual(['sendMessage']);
});

test('so does the card of a file, which rings where the window is closed', async () => {
  await say(asha, 'help');
  const id = await desk.read('phone,amount\n0712000001,100\n0712000002,200\n', desk.brian);
  await desk.ask(id, null, desk.brian);
  await connect(asha, whatsapp);
  await sql`truncate outbox`.execute(desk.db);
  const { version } = await desk.batch(id);
  await sql`update payout_batch set version = ${version + 1} where id = ${id}`.execute(desk.db);
  await desk.inTx((tx) => desk.deps.tellPayout.batch(tx, id));
  expect(await saidTo(asha)).toMatchObject([
    { method: 'editMessageReplyMarkup', channel: 'telegram', payload: { chat_id: 2001 } },
  ]);
  const [card] = await saidTo(whatsapp);
  expect(card).toMatchObject({ method: 'sendMessage', payload: { template: { name: 'approval_wanted' } } });
  const cards = await desk.db
    .selectFrom('payout_card')
    .select('lane')
    .where('batch_id', '=', id)
    .where('identity_id', '=', desk.asha)
    .execute();
  expect(cards).toEqual([{ lane: laneOf(whatsapp) }]);
});

test('a payment’s card too; parted, it comes back, and the lost chat is told nothing', async () => {
  const other = await openDesk();
  try {
    const { inTx, db } = other;
    const { id } = await other.prompted();
    const second = await inTx((tx) => findOrAddIdentity(tx, other.deps, whatsapp));
    const lane = laneOfPerson(other.vault, whatsapp);
    await sql`
      update identity set person_id = ${other.cashier}, wrote_at = ${other.clock.now()} where id = ${second}`.execute(
      db,
    );
    await inTx((tx) => postCard(tx, other.deps, id, other.cashier, 'request'));
    await inTx((tx) => partChats(tx, other.deps, other.cashier));
    await inTx((tx) => postCard(tx, other.deps, id, other.cashier, 'request'));
    const rows = await db
      .selectFrom('outbox')
      .select(['lane', 'method', 'state'])
      .where('key', 'like', '%:card:%')
      .where((eb) => eb.or([eb('lane', '=', lane), eb('lane', '=', 'telegram:1001')]))
      .orderBy('id')
      .execute();
    expect(rows.slice(-3)).toEqual([
      { lane, method: 'sendMessage', state: 'pending' },
      { lane, method: 'editMessageReplyMarkup', state: 'dropped' },
      { lane: 'telegram:1001', method: 'sendMessage', state: 'pending' },
    ]);
  } finally {
    await other.close();
  }
});
