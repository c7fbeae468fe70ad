/** Protects approvers from a request whose maker is gone: it is over, by itself, and everybody who saw it hears why. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IdentityId, MemberId, PayoutId } from '../../src/domain/ids.ts';
import type { Role } from '../../src/domain/roles.ts';
import { removeStaff, setRole } from '../../src/payouts/staff.ts';
import { openPayoutDesk, type PayoutDesk, wideLimits } from './desk.ts';

let desk: PayoutDesk;
beforeAll(async () => {
  desk = await openPayoutDesk();
  await desk.limit(wideLimits);
});
afterAll(() => desk.close());

const member = async (who: IdentityId): Promise<MemberId> => {
  const row = await desk.db
    .selectFrom('member')
    .select('id')
    .where('identity_id', '=', who)
    .executeTakeFirstOrThrow();
  return row.id;
};
const staff = () => ({ ...desk.deps, tellStaff: { member: async () => undefined } });
const act = async (who: IdentityId) => ({
  ...{ businessId: desk.businessId, by: desk.boss, memberId: await member(who) },
});
const leaves = async (who: IdentityId) => {
  const removal = await act(who);
  return desk.inTx((tx) => removeStaff(tx, staff(), removal));
};
const becomes = async (who: IdentityId, role: Role) => {
  const change = { ...(await act(who)), role };
  return desk.inTx((tx) => setRole(tx, staff(), change));
};
const state = async (id: PayoutId) => (await desk.row(id)).state;

async function lastLine(id: PayoutId) {
  const rows = await desk.db
    .selectFrom('audit_entry')
    .select(['action', 'actor', 'facts'])
    .orderBy('id')
    .execute();
  return rows.filter(({ facts }) => facts.payout === id).at(-1);
}

test('what somebody who was removed left waiting is over at once, and told; what others asked stays', async () => {
  const chege = await desk.member('4001', 'manager');
  const [theirs, others] = [await desk.waiting({ by: chege }), await desk.waiting()];
  desk.told.length = 0;
  expect(await leaves(chege)).toEqual({ kind: 'done' });
  expect(desk.told).toEqual([theirs]);
  expect([await state(theirs), await state(others)]).toEqual(['void', 'waiting']);
  expect(await desk.approve(theirs)).toEqual({ kind: 'not_now' });
  expect(await desk.entries(theirs)).toEqual([]);
  expect(await lastLine(theirs)).toMatchObject({
    ...{ action: 'payout_withdrawn', actor: null },
    facts: { was: 'waiting', askerLeft: chege },
  });
});

test('so is what somebody asked who may not ask any more, and not what an owner asked who is a manager now', async () => {
  const dina = await desk.member('4002', 'owner');
  const id = await desk.waiting({ by: dina });
  expect(await becomes(dina, 'manager')).toEqual({ kind: 'done' });
  expect(await state(id)).toBe('waiting');
  expect(await becomes(dina, 'cashier')).toEqual({ kind: 'done' });
  expect(await state(id)).toBe('void');
});

test('whatever ended the membership, the press finds it: nothing is approved, and nothing set aside', async () => {
  const emma = await desk.member('4003', 'manager');
  const id = await desk.waiting({ by: emma });
  await desk.db.updateTable('member').set({ role: 'viewer' }).where('identity_id', '=', emma).execute();
  desk.told.length = 0;
  expect(await desk.approve(id)).toEqual({ kind: 'asker_left' });
  expect(await state(id)).toBe('void');
  expect(desk.told).toEqual([id]);
  expect(await desk.entries(id)).toEqual([]);
  expect(await desk.approve(id)).toEqual({ kind: 'not_now' });
});

test('what is in doubt about an earlier round stays with those who look; it is over once somebody approves it', async () => {
  const faraji = await desk.member('4004', 'manager');
  const id = await desk.waiting({ by: faraji });
  await desk.db.updateTable('payout').set({ flag: 'contradiction' }).where('id', '=', id).execute();
  await leaves(faraji);
  expect(await desk.row(id)).toMatchObject({ state: 'waiting', flag: 'contradiction' });
  await desk.db.updateTable('payout').set({ flag: null }).where('id', '=', id).execute();
  expect(await desk.approve(id)).toEqual({ kind: 'asker_left' });
});

test('what was approved while they belonged here is sent: another person has said yes', async () => {
  const grace = await desk.member('4005', 'manager');
  const id = await desk.waiting({ by: grace });
  expect(await desk.approve(id)).toEqual({ kind: 'approved' });
  await leaves(grace);
  while (await desk.submitter.runOnce());
  expect(await desk.calls(id)).toBe(1);
});
