/** Protects who is told: one card of a payment for each person, none for who has left, and nothing older than the truth. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postCard } from '../../src/bot/cards/post.ts';
import { code, type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

type Id = Parameters<typeof postCard>[2];
const post = (id: Id) => desk.inTx((tx) => postCard(tx, desk.deps, id, desk.cashier, 'request'));
const cardRow = (id: Id) =>
  desk.db
    .selectFrom('card')
    .selectAll()
    .where('payment_id', '=', id)
    .where('identity_id', '=', desk.cashier)
    .executeTakeFirstOrThrow();
const edits = (target: bigint) =>
  desk.db.selectFrom('outbox').select('method').where('target_id', '=', target).execute();

test('a card waits for what is being settled, so that it cannot stay behind it', async () => {
  const { id, attempt } = await desk.prompted();
  await desk.told(attempt, { receipt: { number: 'RCHK-1', final: false } });
  const settling = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const settlement = desk.inTx(async (tx) => {
    await tx.selectFrom('payment').select('id').where('id', '=', id).forNoKeyUpdate().execute();
    locked.resolve();
    await settling.promise;
    await tx.updateTable('payment').set({ note: 'changed' }).where('id', '=', id).execute();
  });
  await locked.promise;
  let posted = false;
  const posting = post(id).then(() => {
    posted = true;
  });
  await expect
    .poll(async () => {
      const { rows } = await desk.waiting();
      return rows.length;
    })
    .toBe(1);
  expect(posted).toBe(false);
  settling.resolve();
  await Promise.all([settlement, posting]);
});

test('the same person has one card of a payment, however many ask for it at once', async () => {
  const { id } = await desk.prompted();
  await Promise.all([post(id), post(id), post(id)]);
  const cards = await desk.db.selectFrom('card').select('version').where('payment_id', '=', id).execute();
  expect(cards).toEqual([{ version: 3 }]);
});

test('who has left sees no more news, and has no buttons; who is back does', async () => {
  const { id, attempt } = await desk.prompted();
  await post(id);
  const before = await cardRow(id);
  const member = desk.db.updateTable('member').where('identity_id', '=', desk.cashier);
  await member.set({ removed_at: desk.clock.now() }).execute();
  await desk.failed(attempt);
  await desk.told(attempt, { receipt: code('TFH774CB50') });
  expect(await edits(before.message_id)).toEqual([{ method: 'editMessageReplyMarkup' }]);
  expect((await cardRow(id)).nonce).not.toBe(before.nonce);
  await member.set({ removed_at: null }).execute();
  await desk.failed(attempt);
  expect((await edits(before.message_id)).map(({ method }) => method)).toContain('editMessageText');
});
