/** Protects wages from one person alone: who may say yes, to what exactly, once, and within which limits. */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PayoutId } from '../../src/domain/ids.ts';
import { approvePayout, lockBusiness, rejectPayout } from '../../src/payouts/approve.ts';
import { changePayout } from '../../src/payouts/draft.ts';
import { allowPayouts, freezePayouts } from '../../src/payouts/freeze.ts';
import { withdrawPayout } from '../../src/payouts/request.ts';
import { until } from '../crash/until.ts';
import { openPayoutDesk, type PayoutDesk, wideLimits } from './desk.ts';

let desk: PayoutDesk;
beforeAll(async () => {
  desk = await openPayoutDesk();
  await desk.limit(wideLimits);
});
afterEach(async () => {
  await desk.limit(wideLimits);
  await desk.db.updateTable('business').set({ payout_alone: false, frozen_at: null }).execute();
});
afterAll(() => desk.close());

const asked = { chargeCents: 0n, payeeName: null, note: 'wages' };

describe('an approval is of exactly what was asked', () => {
  test('a change makes it a draft again, and the card of before decides nothing', async () => {
    const id = await desk.waiting({ kes: 500 });
    const { version } = await desk.row(id);
    const msisdn = desk.newPhone();
    await desk.inTx((tx) =>
      changePayout(tx, desk.deps, id, desk.asha, { ...asked, amountCents: 900_00n, msisdn }),
    );
    expect(await desk.approve(id)).toEqual({ kind: 'not_now' });
    await desk.ask(id);
    expect(await desk.approve(id, desk.brian, { version })).toEqual({ kind: 'not_now' });
    expect(await desk.approve(id)).toEqual({ kind: 'approved' });
  });

  test.each([
    ['the amount', sql`update payout set amount_cents = amount_cents + 100`],
    ['the withdrawal charge', sql`update payout set charge_cents = 5`],
    ['the reference', sql`update payout set reference = reference || 'X'`],
    ['the round', sql`update payout set round = 2`],
  ])('%s changed behind our back voids it', async (_what, change) => {
    const id = await desk.waiting();
    await sql`${change} where id = ${id}`.execute(desk.db);
    expect(await desk.approve(id)).toEqual({ kind: 'not_now' });
  });

  test('so does another account, and the phone of another payout', async () => {
    const [id, other] = [await desk.waiting(), await desk.waiting()];
    const { phone_sealed } = await desk.row(other);
    await desk.db.updateTable('payout').set({ phone_sealed }).where('id', '=', id).execute();
    // It was sealed for the other payout: it does not even open here.
    await expect(desk.approve(id)).rejects.toThrow();
    const second = await desk.waiting();
    const account = await sql<{ id: string }>`
      insert into gateway_account select (jsonb_populate_record(g, jsonb_build_object(
        'id', gen_random_uuid(), 'name', 'other', 'callback_hmac', '\\x00'))).* from gateway_account g limit 1
      returning id`.execute(desk.db);
    await sql`update payout set account_id = ${account.rows[0]?.id} where id = ${second}`.execute(desk.db);
    expect(await desk.approve(second)).toEqual({ kind: 'not_now' });
  });

  test('what was changed after the yes is not sent, and a person looks', async () => {
    const id = await desk.approved();
    await sql`update payout set amount_cents = 999900 where id = ${id}`.execute(desk.db);
    while (await desk.submitter.runOnce());
    expect(await desk.calls(id)).toBe(0);
    expect(await desk.row(id)).toMatchObject({ state: 'review', flag: 'contradiction' });
    expect(await desk.entries(id)).toEqual(['1 reserve']);
  });

  test('nothing is sent without a reserve', async () => {
    const id = await desk.approved();
    await sql`alter table payout_entry disable trigger payout_entry_append`.execute(desk.db);
    await sql`delete from payout_entry where payout_id = ${id}`.execute(desk.db);
    await sql`alter table payout_entry enable trigger payout_entry_append`.execute(desk.db);
    while (await desk.submitter.runOnce());
    expect(await desk.calls(id)).toBe(0);
    expect((await desk.row(id)).state).toBe('review');
  });
});

describe('who may say yes', () => {
  test('not the one who asked, not a cashier, not a stranger', async () => {
    const id = await desk.waiting();
    expect(await desk.approve(id, desk.asha)).toEqual({ kind: 'own' });
    expect(await desk.approve(id, desk.cashier)).toEqual({ kind: 'no_right' });
    expect(await desk.approve(id, crypto.randomUUID() as typeof desk.asha)).toEqual({ kind: 'no_right' });
    expect(await desk.entries(id)).toEqual([]);
  });

  test('not who lost the role, or was removed, between the card and the press', async () => {
    const chege = await desk.member('3001', 'manager');
    const id = await desk.waiting();
    const member = desk.db.updateTable('member').where('identity_id', '=', chege);
    await member.set({ role: 'cashier' }).execute();
    expect(await desk.approve(id, chege)).toEqual({ kind: 'no_right' });
    await member.set({ role: 'manager', removed_at: desk.clock.now() }).execute();
    expect(await desk.approve(id, chege)).toEqual({ kind: 'no_right' });
  });

  test('a change of role that commits while the press waits counts', async () => {
    const dina = await desk.member('3002', 'manager');
    const id = await desk.waiting();
    const change = await desk.db.startTransaction().execute();
    await change.updateTable('member').set({ role: 'viewer' }).where('identity_id', '=', dina).execute();
    const press = desk.approve(id, dina);
    await until('the press waits', async () => (await desk.waitingLocks()).rows.length > 0);
    await change.commit().execute();
    expect(await press).toEqual({ kind: 'no_right' });
  });

  test('an owner alone, only where the business chose it, nobody else may, and within its own limit', async () => {
    const id = await desk.waiting({ by: desk.boss, kes: 500 });
    const managers = desk.db
      .updateTable('member')
      .where('role', '!=', 'owner')
      .where('role', '!=', 'cashier');
    await managers.set({ removed_at: desk.clock.now() }).execute();
    expect(await desk.approve(id, desk.boss)).toEqual({ kind: 'own' });
    await desk.db.updateTable('business').set({ payout_alone: true }).execute();
    await managers.set({ removed_at: null }).execute();
    expect(await desk.approve(id, desk.boss)).toEqual({ kind: 'own' });
    await managers.set({ removed_at: desk.clock.now() }).execute();
    await desk.limit({ ...wideLimits, aloneDay: 400_00n });
    expect(await desk.approve(id, desk.boss)).toMatchObject({
      kind: 'over_limit',
      over: { limit: 'aloneDay' },
    });
    await desk.limit(wideLimits);
    expect(await desk.approve(id, desk.boss)).toEqual({ kind: 'approved' });
    await managers.set({ removed_at: null }).execute();
    const own = await desk.waiting({ by: desk.asha });
    expect(await desk.approve(own, desk.asha)).toEqual({ kind: 'own' });
  });

  test('not the same person under a second name: who linked the same phone', async () => {
    const id = await desk.waiting();
    const link = (identity: typeof desk.asha, channel: 'telegram' | 'whatsapp') => ({
      ...{ identity_id: identity, channel, phone_hmac: Buffer.from('one phone') },
      ...{ phone_sealed: Buffer.from(''), linked_at: desk.clock.now() },
    });
    const links = [link(desk.asha, 'telegram'), link(desk.brian, 'whatsapp')];
    await desk.db.insertInto('phone_link').values(links).execute();
    expect(await desk.approve(id, desk.brian)).toEqual({ kind: 'own' });
    await desk.db.deleteFrom('phone_link').execute();
    expect(await desk.approve(id, desk.brian)).toEqual({ kind: 'approved' });
  });

  test('above the limit only with the last four digits of the phone', async () => {
    const phone = desk.newPhone();
    const id = await desk.waiting({ kes: 20_001, phone });
    expect(await desk.approve(id)).toEqual({ kind: 'digits', wrong: false });
    expect(await desk.approve(id, desk.brian, { digits: '0000' })).toEqual({ kind: 'digits', wrong: true });
    expect(await desk.approve(id, desk.brian, { digits: phone.slice(-4) })).toEqual({ kind: 'approved' });
  });
});

describe('a yes is used once', () => {
  test('and not after it expired, was withdrawn or rejected', async () => {
    const [late, back, no] = [await desk.waiting(), await desk.waiting(), await desk.waiting()];
    const { version } = await desk.row(back);
    await desk.inTx((tx) => withdrawPayout(tx, desk.deps, back, desk.asha));
    expect(await desk.approve(back, desk.brian, { version })).toEqual({ kind: 'not_now' });
    const rejection = { payoutId: no, by: desk.brian, version: (await desk.row(no)).version, why: 'not due' };
    expect(await desk.inTx((tx) => rejectPayout(tx, desk.deps, rejection))).toEqual({ kind: 'rejected' });
    expect(await desk.approve(no)).toEqual({ kind: 'not_now' });
    desk.clock.advance(24 * 3600);
    // The clock alone is enough; no worker has to have been there.
    expect(await desk.approve(late)).toEqual({ kind: 'not_now' });
    await desk.reconcile(0);
    expect((await desk.row(late)).state).toBe('expired');
  });

  test('two approvers in the same second, each on a connection of its own', async () => {
    const id = await desk.waiting();
    const outcomes = await Promise.all([
      desk.approve(id, desk.brian),
      desk.approve(id, desk.boss),
      desk.approve(id, desk.brian),
    ]);
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['approved', 'not_now', 'not_now']);
    expect(await desk.entries(id)).toEqual(['1 reserve']);
    await Promise.all(Array.from({ length: 4 }, () => desk.submitter.runOnce()));
    while (await desk.submitter.runOnce());
    expect(await desk.calls(id)).toBe(1);
    expect(await desk.approve(id)).toEqual({ kind: 'not_now' });
  });
});

describe('limits', () => {
  const kinds = async (ids: readonly PayoutId[]) =>
    (await Promise.all(ids.map((id) => desk.approve(id)))).map(({ kind }) => kind).toSorted();

  test('hold against presses at the same moment', async () => {
    desk.clock.advance(24 * 3600);
    await desk.limit({ ...wideLimits, day: 1_000_00n });
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push(await desk.waiting({ kes: 400 }));
    expect(await kinds(ids)).toEqual(['approved', 'approved', 'over_limit', 'over_limit', 'over_limit']);
  });

  test.each([
    ['single', { single: 499_00n }, 'asha'],
    ['memberDay', { memberDay: 900_00n }, 'asha'],
    ['payeeDay', { payeeDay: 900_00n }, 'boss'],
  ] as const)('%s', async (limit, over, secondBy) => {
    desk.clock.advance(24 * 3600);
    const phone = desk.newPhone();
    await desk.approved({ kes: 500, phone });
    await desk.limit({ ...wideLimits, ...over });
    const id = await desk.waiting({ kes: 500, phone, by: desk[secondBy] });
    expect(await desk.approve(id)).toMatchObject({ kind: 'over_limit', over: { limit } });
  });

  test('what provably failed gives its room back, what is unknown does not, on the same day', async () => {
    desk.clock.advance(24 * 3600);
    while (await desk.submitter.runOnce());
    await desk.limit({ ...wideLimits, day: 500_00n });
    const send = desk.bank.send;
    desk.bank.send = async () => ({ kind: 'unknown', payoutId: null, rawCode: '', detail: '' });
    const first = await desk.sent({ kes: 500 });
    const second = await desk.waiting({ kes: 500 });
    expect(await desk.approve(second)).toMatchObject({ kind: 'over_limit', over: { left: 0n } });
    await desk.tell(first, { verdict: 'failed', reason: 'not_given' });
    expect(await desk.approve(second)).toEqual({ kind: 'approved' });
    // It failed, and then it turned out that it had not: it counts again.
    await desk.tell(first, { verdict: 'paid' });
    await desk.limit({ ...wideLimits, day: 1_000_00n });
    expect(await desk.approve(await desk.waiting({ kes: 100 }))).toMatchObject({ kind: 'over_limit' });
    desk.bank.send = send;
  });
});

describe('freeze', () => {
  const freeze = () => desk.inTx((tx) => freezePayouts(tx, desk.deps, desk.businessId, desk.asha));

  test('stops yes and sending; only an owner lets it go on', async () => {
    while (await desk.submitter.runOnce());
    const [id, open] = [await desk.approved(), await desk.waiting()];
    expect(await freeze()).toEqual({ kind: 'done' });
    expect(await desk.approve(open)).toEqual({ kind: 'frozen' });
    expect(await desk.submitter.runOnce()).toBe(false);
    const allow = (by: typeof desk.asha) =>
      desk.inTx((tx) => allowPayouts(tx, desk.deps, desk.businessId, by));
    expect(await allow(desk.asha)).toEqual({ kind: 'no_right' });
    expect(await desk.calls(id)).toBe(0);
    expect(await allow(desk.boss)).toEqual({ kind: 'done' });
    expect(await desk.submitter.runOnce()).toBe(true);
    expect((await desk.row(id)).state).toBe('sent_to_gateway');
  });

  test('one that commits while the claim waits for the business stops it', async () => {
    const id = await desk.approved();
    const holding = await desk.db.startTransaction().execute();
    await freezePayouts(holding, desk.deps, desk.businessId, desk.asha);
    const sending = desk.submitter.runOnce();
    await until('the claim waits', async () => (await desk.waitingLocks()).rows.length > 0);
    await holding.commit().execute();
    await sending;
    expect(await desk.calls(id)).toBe(0);
    expect((await desk.row(id)).state).toBe('approved');
  });

  test('one that commits while the press waits refuses it', async () => {
    const id = await desk.waiting();
    const holding = await desk.db.startTransaction().execute();
    await freezePayouts(holding, desk.deps, desk.businessId, desk.asha);
    const press = desk.approve(id);
    await until('the press waits', async () => (await desk.waitingLocks()).rows.length > 0);
    await holding.commit().execute();
    expect(await press).toEqual({ kind: 'frozen' });
  });

  test('a press and a claim of the same payout never wait for each other for ever', async () => {
    const id = await desk.approved();
    const holding = await desk.db.startTransaction().execute();
    await lockBusiness(holding, desk.businessId);
    const sending = desk.submitter.runOnce();
    await until('the claim waits', async () => (await desk.waitingLocks()).rows.length > 0);
    const { version } = await desk.row(id);
    const late = { payoutId: id, by: desk.brian, version, digits: null };
    expect(await approvePayout(holding, desk.deps, late)).toEqual({ kind: 'not_now' });
    await holding.commit().execute();
    expect(await sending).toBe(true);
  });
});
