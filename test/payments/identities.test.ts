/** Protects who somebody on WhatsApp is: a shop, its money and its receipts go with the person, and not with a number. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Tx } from '../../src/db/tables.ts';
import type { IdentityId } from '../../src/domain/ids.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { enqueue } from '../../src/outbox/enqueue.ts';
import { addressOfLane } from '../../src/payments/addresses.ts';
import { addBusiness, addMember } from '../../src/payments/businesses.ts';
import { findOrAddIdentity, knowIdentity, laneOfPerson } from '../../src/payments/identities.ts';
import { joinChats, lastUsedChat, makeChatCode } from '../../src/payments/persons.ts';
import { linkedTo, linkPhone } from '../../src/payments/phone-links.ts';
import { sameHands } from '../../src/payouts/people.ts';
import { createTestClock, createTestRandom } from '../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
const clock = createTestClock();
const random = createTestRandom();
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => sql`truncate identity, business, outbox, conversation cascade`.execute(database.db));

const number = '254712345678';
const otherNumber = '254722000111';
const amina = 'KE.111';
const brian = 'KE.222';

const deps = () => ({ vault: database.vault, clock, random });
const inTx = <T>(run: (tx: Tx) => Promise<T>): Promise<T> => database.db.transaction().execute(run);
const onWhatsapp = (externalId: string) => ({ channel: 'whatsapp', externalId }) as const;
const laneOf = (externalId: string) => laneOfPerson(database.vault, onWhatsapp(externalId));
/** A message came, with the number, the id, or both. */
const writes = (who: { number?: string; id?: string }) =>
  inTx((tx) =>
    knowIdentity(tx, deps(), {
      ...onWhatsapp(who.number ?? who.id ?? ''),
      scopedId: who.id ?? null,
      name: null,
    }),
  );
const shop = (owner: string) =>
  inTx((tx) => addBusiness(tx, deps(), { name: 'Duka', owner: onWhatsapp(owner), locale: 'en' }));
const worksFor = async (id: IdentityId) =>
  (await database.db.selectFrom('member').select('business_id').where('identity_id', '=', id).execute())
    .length;
const logged = () =>
  database.db.selectFrom('audit_entry').select(['action', 'actor', 'facts']).orderBy('id').execute();
const address = async (lane: string) => {
  const found = await addressOfLane(database.db as never, database.vault, lane);
  return found === null ? null : `${found.kind} ${found.value}`;
};
const waits = (lane: string, state: 'pending' | 'held' | 'sent') =>
  inTx(async (tx) => {
    const message = { key: `${lane}:${state}`, channel: 'whatsapp', lane, method: 'sendMessage' } as const;
    const id = await enqueue(tx, deps(), { ...message, payload: {} });
    await tx.updateTable('outbox').set({ state }).where('id', '=', id).execute();
  });
const lanes = async () => {
  const rows = await database.db.selectFrom('outbox').select(['lane', 'state']).orderBy('id').execute();
  return Object.fromEntries(rows.map(({ lane, state }) => [state, lane]));
};

describe('a number that an operator was told', () => {
  test('is claimed by whoever first writes with it, whose it stays under another number', async () => {
    const { identityId } = await shop(number);
    expect(await writes({ number, id: amina })).toMatchObject({ id: identityId });
    expect(await writes({ number: otherNumber, id: amina })).toMatchObject({ id: identityId });
    expect(await writes({ id: amina })).toMatchObject({ id: identityId });
    expect(await logged()).toEqual([
      { action: 'chat_claimed', actor: identityId, facts: { chat: identityId } },
    ]);
    expect(await writes({ number, id: brian })).not.toMatchObject({ id: identityId });
  });

  test.each([
    ['before the number was told', true],
    ['after it was told', false],
  ])('is claimed by one who wrote without it %s', async (_when, before) => {
    const early = before ? await writes({ id: amina }) : null;
    const { identityId } = await shop(number);
    const late = early ?? (await writes({ id: amina }));
    expect(late.id).not.toBe(identityId);
    await waits(laneOf(amina), 'held');
    expect(await writes({ number, id: amina })).toMatchObject({ id: identityId });
    expect(await writes({ id: amina })).toMatchObject({ id: identityId, chatId: identityId });
    expect(await address(laneOf(number))).toBe(`phone ${number}`);
    expect(await lanes()).toEqual({ held: laneOf(number) });
    expect(await inTx((tx) => lastUsedChat(tx, late.id))).toMatchObject({
      external_id: laneOf(number).slice(9),
    });
  });

  test('leaves the shop of one who wrote without it where it is, and brings the receipts of the number', async () => {
    const { identityId } = await shop(amina);
    const numbered = await writes({ number });
    const phone = number as Msisdn;
    await inTx((tx) => linkPhone(tx, deps(), { id: numbered.id, channel: 'whatsapp' }, phone));
    expect(await writes({ number, id: amina })).toMatchObject({ id: identityId, chatId: identityId });
    const hmac = database.vault.hmac('phone', phone);
    expect(await inTx((tx) => linkedTo(tx, hmac))).toEqual([identityId]);
    expect(await address(laneOf(amina))).toBe(`scoped ${amina}`);
  });

  test('of a second member stays a second member, who approves nothing of the first', async () => {
    const { businessId, identityId } = await shop(amina);
    await inTx((tx) => addMember(tx, deps(), businessId, onWhatsapp(number), 'manager'));
    for (const _ of [1, 2]) expect(await writes({ number, id: amina })).toMatchObject({ id: identityId });
    const numbered = await inTx((tx) => findOrAddIdentity(tx, deps(), onWhatsapp(number)));
    expect(numbered).not.toBe(identityId);
    expect(await inTx((tx) => sameHands(tx, numbered))).toEqual(new Set([identityId]));
    expect(await inTx((tx) => sameHands(tx, identityId))).toEqual(new Set([numbered]));
    expect(await logged()).toEqual([
      { action: 'chat_paired', actor: identityId, facts: { person: identityId, chat: numbered } },
    ]);
  });
});

describe('whose hands a number shows', () => {
  const hands = async (id: IdentityId) => [...(await inTx((tx) => sameHands(tx, id)))];
  /** Somebody on Telegram who linked the number. */
  const onTelegram = async (phone = number) => {
    const who = { channel: 'telegram', externalId: '77' } as const;
    const id = await inTx((tx) => findOrAddIdentity(tx, deps(), who));
    await inTx((tx) => linkPhone(tx, deps(), { id, channel: 'telegram' }, phone as Msisdn));
    return id;
  };

  test.each([
    ['and id', [{ number, id: amina }]],
    ['after the id alone', [{ id: amina }, { number, id: amina }]],
    [
      'after another one',
      [
        { number: otherNumber, id: amina },
        { number, id: amina },
      ],
    ],
  ])('those of whoever writes with it %s', async (_how, messages) => {
    const owner = await onTelegram();
    let chat: IdentityId | null = null;
    for (const message of messages) chat = (await writes(message)).id;
    expect(await hands(owner)).toEqual([chat]);
    expect(await hands(chat as IdentityId)).toEqual([owner]);
  });

  test('those of the one of two rows that stays, and of nobody who let it go', async () => {
    const owner = await onTelegram();
    const { identityId } = await shop(amina);
    await writes({ number });
    await writes({ number, id: amina });
    expect(await hands(owner)).toContain(identityId);
    const { id: next } = await writes({ number, id: brian });
    expect(await hands(owner)).toEqual([next]);
    await writes({ number: otherNumber, id: brian });
    expect(await hands(owner)).toEqual([]);
  });

  test('nobody’s where it is no Kenyan mobile number', async () => {
    const foreign = '447712345678';
    const { id } = await writes({ number: foreign, id: amina });
    const row = database.db.selectFrom('identity').select('phone_hmac').where('id', '=', id);
    expect(await row.executeTakeFirst()).toEqual({ phone_hmac: null });
  });
});

test('an operator who names somebody by their id finds them under their number', async () => {
  const { id } = await writes({ number, id: amina });
  expect(await inTx((tx) => findOrAddIdentity(tx, deps(), onWhatsapp(amina)))).toBe(id);
});

describe('a number that has another owner', () => {
  test('takes nothing along: no shop, no message that waits, no open talk', async () => {
    const { identityId } = await shop(number);
    await writes({ number, id: amina });
    for (const state of ['pending', 'held', 'sent'] as const) await waits(laneOf(number), state);
    const key = `${laneOf(number)}:${laneOf(number).slice(9)}`;
    const state_sealed = database.vault.seal('{}', `conversation:${key}`);
    await database.db
      .insertInto('conversation')
      .values({ key, state_sealed, updated_at: clock.now() })
      .execute();
    const next = await writes({ number, id: brian });
    expect(next.id).not.toBe(identityId);
    expect(await worksFor(next.id)).toBe(0);
    expect(await lanes()).toEqual({
      pending: laneOf(amina),
      held: laneOf(amina),
      sent: laneOf(number),
    });
    expect(await database.db.selectFrom('conversation').selectAll().execute()).toEqual([]);
    expect(await address(laneOf(number))).toBe(`phone ${number}`);
    expect(await address(laneOf(amina))).toBe(`scoped ${amina}`);
    expect(await writes({ id: amina })).toMatchObject({ id: identityId });
  });

  test('is not written to any more once its owner writes with another one', async () => {
    const first = await writes({ number, id: amina });
    await writes({ number: otherNumber, id: amina });
    expect(await address(laneOf(number))).toBeNull();
    expect(await inTx((tx) => lastUsedChat(tx, first.id))).toMatchObject({ external_id: amina });
  });

  test('under two ids in one batch they are two people, each of them always the same', async () => {
    const seen = [];
    for (const id of [amina, brian, amina, brian]) seen.push((await writes({ number, id })).id);
    expect(seen[2]).toBe(seen[0]);
    expect(seen[3]).toBe(seen[1]);
    expect(seen[1]).not.toBe(seen[0]);
  });
});

test('two first messages at once make one person, and nobody gets the row of another id', async () => {
  const same = await Promise.all([writes({ number }), writes({ number })]);
  expect(same[0].id).toBe(same[1].id);
  const key = otherNumber;
  const taken = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const first = inTx(async (tx) => {
    const who = { ...onWhatsapp(key), scopedId: amina, name: null };
    const known = await knowIdentity(tx, deps(), who);
    taken.resolve();
    await goOn.promise;
    return known.id;
  });
  await taken.promise;
  const second = writes({ number: key, id: brian });
  await blocked();
  goOn.resolve();
  expect((await second).id).not.toBe(await first);
});

test('a chat that is joined while its number becomes known stays joined', async () => {
  const { id: chat } = await writes({ id: amina });
  await writes({ number });
  const person = await inTx((tx) => findOrAddIdentity(tx, deps(), { channel: 'telegram', externalId: '77' }));
  const { code } = await inTx((tx) => makeChatCode(tx, deps(), person));
  const joined = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const joining = inTx(async (tx) => {
    await joinChats(tx, deps(), chat, code);
    joined.resolve();
    await goOn.promise;
  });
  await joined.promise;
  const met = writes({ number, id: amina });
  await blocked();
  goOn.resolve();
  await joining;
  expect(await met).toMatchObject({ id: person });
});

async function blocked(): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      database.db,
    );
    if (rows.length > 0) return;
  }
}
