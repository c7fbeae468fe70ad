/** Protects from paying twice what ended without money and was contradicted: it counts as gone until two persons settle it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PaymentId, PayoutId } from '../../src/domain/ids.ts';
import { refundable } from '../../src/payouts/refundable.ts';
import { sentBefore } from '../../src/payouts/request.ts';
import { spentToday } from '../../src/payouts/reserve.ts';
import { type Asked, code, openPayoutDesk, type PayoutDesk, wideLimits } from './desk.ts';

let desk: PayoutDesk;
beforeAll(async () => {
  desk = await openPayoutDesk();
  await desk.limit(wideLimits);
});
afterAll(() => desk.close());

const left = (payment: PaymentId) => desk.inTx((tx) => refundable(tx, payment));
const spent = async (id: PayoutId) => {
  const row = await desk.row(id);
  return (await desk.inTx((tx) => spentToday(tx, row, desk.clock.now()))).payeeDay;
};

/** It failed, and then the gateway says that another sum moved. */
async function contradicted(what: Asked = {}): Promise<PayoutId> {
  const id = await desk.sent(what);
  await desk.tell(id, { verdict: 'failed', reason: 'not_given' });
  await desk.tell(id, { amountCents: 499_00n });
  expect(await desk.row(id)).toMatchObject({ state: 'failed', flag: 'amount_differs' });
  return id;
}

test('a failure that was contradicted counts as money that may be gone', async () => {
  const payment = await desk.payment(500);
  const phone = desk.newPhone();
  const id = await contradicted({ refundOf: payment, phone });
  expect(await left(payment)).toBe(0n);
  expect(await spent(id)).toBe(500_00n);
  const twin = await desk.row(await desk.draft({ phone }));
  expect((await desk.inTx((tx) => sentBefore(tx, twin, desk.clock.now())))?.id).toBe(id);
  // Two persons read the statement: nothing went.
  await desk.mark(id, desk.boss, 'failed');
  await desk.mark(id, desk.asha, 'failed');
  expect(await left(payment)).toBe(500_00n);
  expect(await spent(id)).toBe(0n);
  expect(await desk.inTx((tx) => sentBefore(tx, twin, desk.clock.now()))).toBeNull();
});

/** Asked again after a failure; the first round is then told as paid, with another sum. */
async function waitingInDoubt(): Promise<{ id: PayoutId; first: string | null }> {
  const id = await desk.sent();
  const { gateway_payout_id: first } = await desk.row(id);
  await desk.tell(id, { verdict: 'failed', payoutId: first, reason: 'not_given' });
  await desk.ask(id, desk.asha, 'again');
  await desk.tell(id, { payoutId: first, amountCents: 499_00n });
  expect(await desk.row(id)).toMatchObject({ state: 'waiting', round: 2, flag: 'amount_differs' });
  expect(await desk.approve(id)).toEqual({ kind: 'not_now' });
  return { id, first };
}

test('one that waits in doubt does not lapse, and two persons let it wait on', async () => {
  const { id } = await waitingInDoubt();
  await desk.reconcile(25 * 3600);
  expect((await desk.row(id)).state).toBe('waiting');
  expect(await desk.mark(id, desk.boss, 'failed')).toEqual({ kind: 'first' });
  expect(await desk.mark(id, desk.asha, 'failed')).toEqual({ kind: 'marked' });
  expect(await desk.row(id)).toMatchObject({ state: 'waiting', flag: null });
  expect(await desk.entries(id)).toEqual(['1 reserve', '1 void']);
});

test('what was asked about the round before marks nothing in the next', async () => {
  const { id } = await waitingInDoubt();
  expect(await desk.mark(id, desk.boss, 'paid', 'RKLDOUBT00', 1)).toEqual({ kind: 'not_open' });
  expect(await desk.mark(id, desk.boss, 'failed', null, 2)).toEqual({ kind: 'first' });
  expect(await desk.mark(id, desk.asha, 'failed', null, 1)).toEqual({ kind: 'not_open' });
});

test('or two persons find that the first round had paid it', async () => {
  const { id, first } = await waitingInDoubt();
  await desk.mark(id, desk.boss, 'paid', 'RKLDOUBT01');
  expect(await desk.mark(id, desk.asha, 'paid', 'RKLDOUBT01')).toEqual({ kind: 'marked' });
  expect(await desk.row(id)).toMatchObject({ state: 'paid', flag: null, round: 1, gateway_payout_id: first });
  expect(await desk.entries(id)).toEqual(['1 reserve', '1 void', '1 post']);
  expect(await desk.ledger(id)).toMatchObject([{ trust: 'person', receipt: 'RKLDOUBT01' }]);
  expect(await desk.tell(id, { payoutId: first, receipt: code('RKLDOUBT01') })).toMatchObject({
    effect: 'receipt_completed',
  });
});
