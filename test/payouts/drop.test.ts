/** Protects an owner's second thoughts: what was approved and not sent can be dropped, and a yes ends with its giver's right. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { IdentityId, PayoutId } from '../../src/domain/ids.ts';
import { setAlone } from '../../src/payouts/alone.ts';
import { approvePayout } from '../../src/payouts/approve.ts';
import { allowPayouts, freezePayouts } from '../../src/payouts/freeze.ts';
import { payoutsOnHold } from '../../src/payouts/queries.ts';
import { approvalLifeSeconds, withdrawPayout } from '../../src/payouts/request.ts';
import { setRole } from '../../src/payouts/staff.ts';
import { type BulkDesk, openBulkDesk } from './bulk-desk.ts';
import { wideLimits } from './desk.ts';

let desk: BulkDesk;
beforeAll(async () => {
  desk = await openBulkDesk();
  await desk.limit(wideLimits);
});
afterEach(() => desk.db.updateTable('member').set({ removed_at: null }).execute());
afterAll(() => desk.close());

const drop = (id: PayoutId, by: IdentityId) => desk.inTx((tx) => withdrawPayout(tx, desk.deps, id, by));
const sendAll = async () => {
  while (await desk.submitter.runOnce());
};
const leaves = (who: IdentityId) =>
  desk.db
    .updateTable('member')
    .set({ removed_at: desk.clock.now() })
    .where('identity_id', '=', who)
    .execute();
const audited = async (id: string) => {
  const rows = await desk.db.selectFrom('audit_entry').select(['action', 'facts']).orderBy('id').execute();
  return rows.filter(({ facts }) => Object.values(facts).includes(id)).map(({ action }) => action);
};

describe('what is approved and not sent', () => {
  const whole = async (kes = 500): Promise<PayoutId> => {
    const id = await desk.waiting({ kes });
    const { version } = await desk.row(id);
    const approval = { payoutId: id, by: desk.brian, version, digits: null };
    expect(await desk.inTx((tx) => approvePayout(tx, desk.deps, approval))).toEqual({ kind: 'approved' });
    return id;
  };

  test('is dropped by whoever asked, or may approve, also while payouts are stopped', async () => {
    await sendAll();
    const [own, other, kept] = [await whole(), await whole(), await whole(700)];
    await desk.inTx((tx) => freezePayouts(tx, desk.deps, desk.businessId, desk.asha));
    const held = () => desk.inTx((tx) => payoutsOnHold(tx, desk.businessId));
    expect(await held()).toEqual({ count: 3, cents: 1_700_00n });
    expect(await drop(own, desk.cashier)).toBe(false);
    expect(await drop(own, desk.asha)).toBe(true);
    expect(await drop(own, desk.asha)).toBe(false);
    expect(await drop(other, desk.boss)).toBe(true);
    expect(await held()).toEqual({ count: 1, cents: 700_00n });
    await desk.inTx((tx) => allowPayouts(tx, desk.deps, desk.businessId, desk.boss));
    await sendAll();
    for (const id of [own, other]) {
      expect(await desk.calls(id)).toBe(0);
      expect((await desk.row(id)).state).toBe('void');
      const entries = await desk.db
        .selectFrom('payout_entry')
        .select('kind')
        .where('payout_id', '=', id)
        .orderBy('id')
        .execute();
      expect(entries.map(({ kind }) => kind)).toEqual(['reserve', 'void']);
      expect((await audited(id)).at(-1)).toBe('payout_withdrawn');
    }
    expect(await desk.calls(kept)).toBe(1);
    // It is on its way: nobody can call it back.
    expect(await drop(kept, desk.boss)).toBe(false);
  });

  test('and whose approver left is not sent, and told', async () => {
    await sendAll();
    const id = await whole();
    await leaves(desk.brian);
    desk.told.length = 0;
    await sendAll();
    expect(await desk.calls(id)).toBe(0);
    expect((await desk.row(id)).state).toBe('void');
    expect(desk.told).toEqual([id]);
    expect((await audited(id)).at(-1)).toBe('payout_withdrawn');
  });

  test('by a yes of more than a day ago is not sent, and told; one of a day is', async () => {
    await sendAll();
    const old = await whole(701);
    desk.clock.advance(1);
    const day = await whole(702);
    await desk.inTx((tx) => freezePayouts(tx, desk.deps, desk.businessId, desk.asha));
    desk.clock.advance(approvalLifeSeconds);
    desk.told.length = 0;
    await desk.inTx((tx) => allowPayouts(tx, desk.deps, desk.businessId, desk.boss));
    await sendAll();
    expect(await desk.calls(day)).toBe(1);
    expect(await desk.calls(old)).toBe(0);
    expect(await desk.row(old)).toMatchObject({ state: 'void', hash: null });
    expect(desk.told.filter((id) => id === old)).toEqual([old]);
    const last = await desk.db
      .selectFrom('audit_entry')
      .select(['action', 'facts'])
      .where('action', '=', 'payout_withdrawn')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    expect(last.facts).toEqual({ payout: old, was: 'approved', round: 1, approvalLapsed: desk.brian });
    const entries = await desk.db
      .selectFrom('payout_entry')
      .select('kind')
      .where('payout_id', '=', old)
      .orderBy('id')
      .execute();
    expect(entries.map(({ kind }) => kind)).toEqual(['reserve', 'void']);
  });

  test('of a file is held when its approver left, until a person stops it', async () => {
    await sendAll();
    const id = await desk.running('phone,amount\n0712300001,500\n0712300002,600\n');
    await leaves(desk.brian);
    const calls = desk.orders.length;
    await sendAll();
    expect(desk.orders.length).toBe(calls);
    expect((await desk.batch(id)).state).toBe('paused');
    expect(await desk.states(id)).toBe('2 approved');
    expect((await audited(id)).at(-1)).toBe('batch_paused');
  });
});

test('alone mode ends when somebody else may approve', async () => {
  for (const who of [desk.asha, desk.brian]) await leaves(who);
  expect(await desk.inTx((tx) => setAlone(tx, desk.deps, desk.businessId, desk.boss, true))).toEqual({
    kind: 'done',
  });
  const { id: memberId } = await desk.db
    .selectFrom('member')
    .select('id')
    .where('identity_id', '=', desk.cashier)
    .executeTakeFirstOrThrow();
  const staff = { ...desk.deps, tellStaff: { member: async () => undefined } };
  const act = { businessId: desk.businessId, by: desk.boss, memberId, role: 'manager' } as const;
  expect(await desk.inTx((tx) => setRole(tx, staff, act))).toEqual({ kind: 'done' });
  const business = await desk.db.selectFrom('business').select('payout_alone').executeTakeFirstOrThrow();
  expect(business.payout_alone).toBe(false);
  const told = await desk.db
    .selectFrom('audit_entry')
    .select('facts')
    .where('action', '=', 'alone_changed')
    .orderBy('id')
    .execute();
  expect(told.map(({ facts }) => facts)).toEqual([{ on: true }, { on: false }]);
});
