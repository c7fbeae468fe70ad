/** Protects refunds from deadlocks: whatever touches one takes its payment's row before the business's and its own. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PaymentId, PayoutId } from '../../src/domain/ids.ts';
import { approvePayout } from '../../src/payouts/approve.ts';
import { until } from '../crash/until.ts';
import { openPayoutDesk, type PayoutDesk, wideLimits } from './desk.ts';

let desk: PayoutDesk;
let payment: PaymentId;
beforeAll(async () => {
  desk = await openPayoutDesk();
  await desk.limit(wideLimits);
  payment = await desk.payment(50_000);
});
afterAll(() => desk.close());

/** While somebody holds the payment, `run` waits, and holds neither the business nor the payout. */
async function waitsForPayment(id: PayoutId, run: () => Promise<unknown>): Promise<void> {
  const holding = await desk.db.startTransaction().execute();
  await sql`select 1 from payment where id = ${payment} for no key update`.execute(holding);
  const running = run();
  await until('it waits', async () => (await desk.waitingLocks()).rows.length > 0);
  await sql`select 1 from business for no key update nowait`.execute(holding);
  await sql`select 1 from payout where id = ${id} for no key update nowait`.execute(holding);
  await holding.commit().execute();
  await running;
}

test('settling, an answer, a look-up, a lost call, a lapse and a claim', async () => {
  const approved = await desk.approved({ refundOf: payment });
  await waitsForPayment(approved, () => desk.submitter.runOnce());
  expect(await desk.calls(approved)).toBe(1);
  desk.bank.lookup = async () => ({ kind: 'not_found', detail: '' });
  desk.clock.advance(11);
  await waitsForPayment(approved, () => desk.reconciler.runOnce());
  await waitsForPayment(approved, () => desk.tell(approved, { amountCents: 500_00n }));
  expect((await desk.row(approved)).state).toBe('paid');

  const answered = await desk.approved({ refundOf: payment });
  const called = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const { send } = desk.bank;
  desk.bank.send = async () => {
    called.resolve();
    await answer.promise;
    return { kind: 'refused', reason: 'float_too_low', rawCode: 'X', detail: '' };
  };
  const sending = desk.submitter.runOnce();
  await called.promise;
  await waitsForPayment(answered, async () => {
    answer.resolve();
    await sending;
  });
  expect((await desk.row(answered)).state).toBe('failed');
  desk.bank.send = send;

  const [lost, late] = [await desk.sent({ refundOf: payment }), await desk.waiting({ refundOf: payment })];
  await desk.db
    .updateTable('payout')
    .set({ state: 'sending', lease_until: desk.clock.now(), next_check_at: null })
    .where('id', '=', lost)
    .execute();
  await waitsForPayment(lost, () => desk.reconciler.runOnce());
  expect((await desk.row(lost)).state).toBe('unknown');
  await desk.db.updateTable('payout').set({ next_check_at: null }).execute();
  desk.clock.advance(25 * 3600);
  await waitsForPayment(late, () => desk.reconciler.runOnce());
  expect((await desk.row(late)).state).toBe('expired');
});

test('an approval is bound to what is refunded, and to its file', async () => {
  const id = await desk.waiting();
  const { version } = await desk.row(id);
  await desk.db.updateTable('payout').set({ refund_of: payment }).where('id', '=', id).execute();
  const approval = { payoutId: id, by: desk.brian, version, digits: null };
  expect(await desk.inTx((tx) => approvePayout(tx, desk.deps, approval))).toEqual({ kind: 'not_now' });
});
