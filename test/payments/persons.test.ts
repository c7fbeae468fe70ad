/** Protects the second yes from one person with two chats, and a person's authority from whoever else is given a code. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Tx } from '../../src/db/tables.ts';
import type { IdentityId, PayoutId } from '../../src/domain/ids.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { Role } from '../../src/domain/roles.ts';
import { addMember } from '../../src/payments/businesses.ts';
import { findOrAddIdentity, knowIdentity, laneOfPerson } from '../../src/payments/identities.ts';
import { businessesOf } from '../../src/payments/joining.ts';
import {
  joinChats,
  lastUsedChat,
  makeChatCode,
  partChats,
  readChatCode,
} from '../../src/payments/persons.ts';
import { linkedTo, linkPhone, ownLink } from '../../src/payments/phone-links.ts';
import { staffOf } from '../../src/payouts/staff.ts';
import { openPayoutDesk, type PayoutDesk, wideLimits } from '../payouts/desk.ts';

let desk: PayoutDesk;
beforeAll(async () => {
  desk = await openPayoutDesk();
  await desk.limit(wideLimits);
});
afterAll(() => desk.close());

let chats = 0;
let amina: Awaited<ReturnType<typeof newChat>>;
/** Somebody on WhatsApp whom nobody knows. */
async function newChat(channel: 'telegram' | 'whatsapp' = 'whatsapp') {
  const number = `2547990${String(10_000 + ++chats)}`;
  const who = { channel, externalId: number };
  const writes = () => desk.inTx((tx) => knowIdentity(tx, desk.deps, { ...who, name: `Chat ${chats}` }));
  const { id } = await writes();
  return { id, who, writes };
}
beforeEach(async () => {
  amina = await newChat();
  // Each test has its own pair: the managers are parted from what they had.
  for (const person of [desk.asha, desk.brian]) await desk.inTx((tx) => partChats(tx, desk.deps, person));
  await sql`truncate chat_pair, phone_link`.execute(desk.db);
});

const codeOf = async (id: IdentityId) => (await desk.inTx((tx) => makeChatCode(tx, desk.deps, id))).code;
const types = (chat: IdentityId, code: string) => desk.inTx((tx) => joinChats(tx, desk.deps, chat, code));
const join = async (person: IdentityId, chat: IdentityId) => types(chat, await codeOf(person));
const part = (person: IdentityId) => desk.inTx((tx) => partChats(tx, desk.deps, person));
const becomes = (who: Awaited<ReturnType<typeof newChat>>['who'], role: Role) =>
  desk.inTx((tx) => addMember(tx, desk.deps, desk.businessId, who, role));
const works = (id: IdentityId) => desk.inTx((tx) => businessesOf(tx, id));
const personOf = async (id: IdentityId) =>
  (await desk.db.selectFrom('identity').select('person_id').where('id', '=', id).executeTakeFirstOrThrow())
    .person_id;

describe('who is the person', () => {
  test('the chat that made the code, wherever the other one is named', async () => {
    expect(await join(desk.asha, amina.id)).toMatchObject({ kind: 'joined', person: desk.asha });
    expect(await amina.writes()).toMatchObject({ id: desk.asha, chatId: amina.id });
    expect(await desk.inTx((tx) => findOrAddIdentity(tx, desk.deps, amina.who))).toBe(desk.asha);
    await becomes(amina.who, 'manager');
    const staff = await desk.inTx((tx) => staffOf(tx, desk.businessId));
    expect(staff.filter(({ identityId }) => identityId === desk.asha)).toHaveLength(1);
    expect(staff.filter(({ identityId }) => identityId === amina.id)).toEqual([]);
  });

  test('a member’s authority is not talked out of them by a code that somebody gave them', async () => {
    expect(await join(amina.id, desk.asha)).toEqual({ kind: 'make_here' });
    expect(await personOf(amina.id)).toBeNull();
    expect(await personOf(desk.asha)).toBeNull();
  });

  test('two members stay two', async () => {
    await becomes(amina.who, 'cashier');
    expect(await join(desk.asha, amina.id)).toEqual({ kind: 'both_members' });
  });
});

describe('a code', () => {
  test('is for one use', async () => {
    const code = await codeOf(desk.asha);
    expect((await types(amina.id, code)).kind).toBe('joined');
    expect(await types((await newChat()).id, code)).toEqual({ kind: 'no_code' });
  });

  test('ends after ten minutes, with a newer one, and where it was used in vain', async () => {
    const old = await codeOf(desk.asha);
    const late = await codeOf(desk.asha);
    expect(await types(amina.id, old)).toEqual({ kind: 'no_code' });
    desk.clock.advance(600);
    expect(await types(amina.id, late)).toEqual({ kind: 'no_code' });
    const vain = await codeOf(desk.asha);
    expect(await types(desk.brian, vain)).toEqual({ kind: 'same_channel' });
    expect(await types(amina.id, vain)).toEqual({ kind: 'no_code' });
  });

  test('of a chat that is joined already joins nobody else', async () => {
    await join(desk.asha, amina.id);
    expect(await join(desk.asha, (await newChat()).id)).toEqual({ kind: 'joined_before' });
    expect(await join((await newChat('telegram')).id, amina.id)).toEqual({ kind: 'joined_before' });
  });

  test('is kept as a keyed hash, and read as people type it', async () => {
    const code = await codeOf(desk.asha);
    const { rows } = await sql<{ row: string }>`select c::text as row from chat_code c`.execute(desk.db);
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(code).toString('hex'));
    expect(JSON.stringify(rows)).not.toContain(code);
    expect(readChatCode(' ab1o-il9z ')).toBe('AB10119Z');
    expect(readChatCode('ABCD-EFGU')).toBeNull();
  });
});

describe('four eyes', () => {
  const waiting = (by: IdentityId) => desk.waiting({ by });
  const approves = async (id: PayoutId, by: IdentityId) => (await desk.approve(id, by)).kind;

  test('what a person asked for in one chat they do not approve in the other', async () => {
    const before = await waiting(desk.asha);
    await join(desk.asha, amina.id);
    const after = await waiting((await amina.writes()).id);
    for (const id of [before, after]) {
      expect(await approves(id, (await amina.writes()).id)).toBe('own');
      expect(await approves(id, amina.id)).toBe('no_right');
      expect(await approves(id, desk.brian)).toBe('approved');
    }
  });

  test('nor once the chats are parted, and both are members', async () => {
    await join(desk.asha, amina.id);
    await part(desk.asha);
    await becomes(amina.who, 'manager');
    expect(await works(amina.id)).toEqual([desk.businessId]);
    expect(await approves(await waiting(desk.asha), amina.id)).toBe('own');
    const hers = await waiting(amina.id);
    expect(await approves(hers, desk.asha)).toBe('own');
    expect(await approves(hers, desk.brian)).toBe('approved');
  });

  test('nor through another member’s chat, as long as that one is the same', async () => {
    await join(desk.asha, amina.id);
    await part(desk.asha);
    await join(desk.brian, amina.id);
    expect(await approves(await waiting(desk.asha), desk.brian)).toBe('own');
    expect(await approves(await waiting(desk.brian), desk.asha)).toBe('own');
    await part(desk.brian);
    expect(await approves(await waiting(desk.asha), desk.brian)).toBe('own');
    expect(await approves(await waiting(desk.brian), desk.asha)).toBe('own');
  });

  test('nor through a chat of WhatsApp on the phone that they linked, which was never joined', async () => {
    await becomes(amina.who, 'manager');
    const phone = amina.who.externalId as Msisdn;
    await desk.inTx((tx) => linkPhone(tx, desk.deps, { id: desk.asha, channel: 'telegram' }, phone));
    expect(await approves(await waiting(desk.asha), amina.id)).toBe('own');
    const hers = await waiting(amina.id);
    expect(await approves(hers, desk.asha)).toBe('own');
    expect(await approves(hers, desk.brian)).toBe('approved');
  });

  test('nor do they agree with themselves about what nobody could prove', async () => {
    await join(desk.asha, amina.id);
    await part(desk.asha);
    await becomes(amina.who, 'owner');
    const id = await desk.sent();
    await sql`update payout set state = 'review' where id = ${id}`.execute(desk.db);
    expect(await desk.mark(id, desk.asha, 'failed')).toEqual({ kind: 'first' });
    expect(await desk.mark(id, amina.id, 'failed')).toEqual({ kind: 'own' });
    expect((await desk.mark(id, desk.boss, 'failed')).kind).toBe('marked');
  });

  test('a removed member’s chat brings nothing of theirs to another member', async () => {
    await becomes(amina.who, 'manager');
    const id = await waiting(amina.id);
    await sql`update member set removed_at = now() where identity_id = ${amina.id}`.execute(desk.db);
    await join(desk.asha, amina.id);
    expect(await approves(id, desk.asha)).not.toBe('approved');
    expect(await approves(id, desk.brian)).not.toBe('approved');
  });
});

describe('at once', () => {
  /** Two transactions, of which the second waits for the first; the first commits, then both answers are there. */
  async function during<A, B>(first: (tx: Tx) => Promise<A>, second: () => Promise<B>): Promise<[A, B]> {
    const done = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const one = desk.inTx(async (tx) => {
      const answer = await first(tx);
      done.resolve();
      await goOn.promise;
      return answer;
    });
    await done.promise;
    const two = second();
    await expect.poll(async () => (await desk.waitingLocks()).rows.length).toBeGreaterThan(0);
    goOn.resolve();
    return [await one, await two];
  }

  test('who joins while they are made a member is not both', async () => {
    const code = await codeOf(desk.asha);
    const [joined] = await during(
      (tx) => joinChats(tx, desk.deps, amina.id, code),
      () => becomes(amina.who, 'manager'),
    );
    expect(joined.kind).toBe('joined');
    expect(await works(amina.id)).toEqual([]);
  });

  test('who is made a member while they join is a member, and joins nobody', async () => {
    const code = await codeOf(desk.asha);
    const [, joined] = await during(
      (tx) => addMember(tx, desk.deps, desk.businessId, amina.who, 'manager'),
      () => types(amina.id, code),
    );
    expect(joined).toEqual({ kind: 'both_members' });
  });

  test('of two chats that type two codes of one person one joins', async () => {
    const [one, other] = [amina, await newChat()];
    const code = await codeOf(desk.asha);
    const [joined, late] = await during(
      (tx) => joinChats(tx, desk.deps, one.id, code),
      () => types(other.id, code),
    );
    expect([joined.kind, late.kind]).toEqual(['joined', 'no_code']);
  });

  test('two strangers who type each other’s codes are one person, once', async () => {
    const other = await newChat('telegram');
    const [mine, theirs] = [await codeOf(amina.id), await codeOf(other.id)];
    const [joined, late] = await during(
      (tx) => joinChats(tx, desk.deps, other.id, mine),
      () => types(amina.id, theirs),
    );
    expect([joined.kind, late.kind]).toEqual(['joined', 'joined_before']);
    expect([await personOf(amina.id), await personOf(other.id)]).toEqual([null, amina.id]);
  });
});

describe('what comes along', () => {
  const link = (who: { id: IdentityId; channel: 'telegram' | 'whatsapp' }) => {
    const phone = desk.newPhone();
    return desk.inTx((tx) => linkPhone(tx, desk.deps, who, phone)).then(() => phone);
  };
  const linked = async (id: IdentityId) => (await desk.inTx((tx) => ownLink(tx, desk.deps, id)))?.msisdn;

  test('the phone, which the shop’s log names', async () => {
    const phone = await link({ id: amina.id, channel: 'whatsapp' });
    expect(await join(desk.asha, amina.id)).toMatchObject({ letGo: null });
    expect(await linked(desk.asha)).toBe(phone);
    const { rows } = await sql<{ action: string }>`
      select action from audit_entry where actor = ${desk.asha} order by id desc limit 2`.execute(desk.db);
    expect(rows.map(({ action }) => action).sort()).toEqual(['chat_joined', 'phone_linked']);
  });

  test('not the phone of one who has another, and that is told', async () => {
    const own = await link({ id: desk.asha, channel: 'telegram' });
    const second = await link({ id: amina.id, channel: 'whatsapp' });
    expect(await join(desk.asha, amina.id)).toMatchObject({ letGo: second });
    expect(await linked(desk.asha)).toBe(own);
    const hmac = desk.vault.hmac('phone', second);
    expect(await desk.inTx((tx) => linkedTo(tx, hmac))).toEqual([]);
  });

  test('invitations for the chat, and the language that was chosen there', async () => {
    await sql`update identity set locale = 'sw' where id = ${amina.id}`.execute(desk.db);
    const person = await newChat('telegram');
    await sql`
      insert into invite (id, business_id, role, token_hmac, for_identity, created_by, created_at, expires_at)
      values (gen_random_uuid(), ${desk.businessId}, 'cashier', 'x', ${amina.id}, ${desk.boss}, now(), now())`.execute(
      desk.db,
    );
    await join(person.id, amina.id);
    const { rows } = await sql<{ for_identity: string }>`select for_identity from invite`.execute(desk.db);
    expect(rows).toEqual([{ for_identity: person.id }]);
    expect(await desk.inTx((tx) => lastUsedChat(tx, person.id))).toMatchObject({ locale: 'sw' });
  });
});

test('the chat used last is known to the message, also within seconds', async () => {
  const person = await newChat('telegram');
  await join(person.id, amina.id);
  for (const [one, channel] of [
    [amina, 'whatsapp'],
    [person, 'telegram'],
    [amina, 'whatsapp'],
    [person, 'telegram'],
  ] as const) {
    await one.writes();
    expect(await desk.inTx((tx) => lastUsedChat(tx, person.id))).toMatchObject({ channel });
  }
});

test('parted, each is a person of their own, and what was done stays with the first', async () => {
  await join(desk.asha, amina.id);
  expect(await part(desk.asha)).toBe(true);
  expect(await part(desk.asha)).toBe(false);
  expect(await amina.writes()).toMatchObject({ id: amina.id, chatId: amina.id });
  expect(await works(amina.id)).toEqual([]);
  expect(await desk.inTx((tx) => lastUsedChat(tx, desk.asha))).toMatchObject({ channel: 'telegram' });
  expect(laneOfPerson(desk.vault, amina.who)).toMatch(/^whatsapp:n/);
});
