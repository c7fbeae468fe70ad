/** Protects the sums of the day: what the ledger proves, of this business and this EAT day, and nothing twice. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PaymentId } from '../../src/domain/ids.ts';
import type { PaymentDeps } from '../../src/payments/context.ts';
import { draftPayment } from '../../src/payments/request.ts';
import { sumsOfDay } from '../../src/payouts/day.ts';
import { code, openPayoutDesk, type PayoutDesk } from './desk.ts';

let desk: PayoutDesk;
beforeAll(async () => {
  desk = await openPayoutDesk();
});
afterAll(() => desk.close());

const sums = (at = desk.clock.now()) => desk.inTx((tx) => sumsOfDay(tx, desk.businessId, at));

const kes = (shillings: number): bigint => BigInt(shillings) * 100n;

async function came(shillings: number, at: Date, paymentId: PaymentId | null = null): Promise<void> {
  await desk.db
    .insertInto('ledger')
    .values({
      business_id: desk.businessId,
      account_id: desk.accountId,
      payment_id: paymentId,
      attempt_id: null,
      direction: 'in',
      amount_cents: kes(shillings),
      receipt: null,
      trust: 'signed',
      evidence_id: null,
      payout_id: null,
      payout_evidence_id: null,
      posted_at: at,
    })
    .execute();
}

const payment = () =>
  desk.inTx((tx) =>
    draftPayment(tx, desk.deps as typeof desk.deps & PaymentDeps, {
      businessId: desk.businessId,
      accountId: desk.accountId,
      requestedBy: desk.cashier,
      amountCents: kes(900),
      msisdn: desk.newPhone(),
      note: 'shoes',
      payerName: null,
    }),
  );

const paidOut = async (shillings: number, receipt: string) => {
  const id = await desk.sent({ kes: shillings });
  await desk.tell(id, { verdict: 'paid', receipt: code(receipt) });
  return id;
};

test('what came counts on the EAT day on which it was proved', async () => {
  // Midnight in Nairobi is 21:00 UTC.
  await came(100, new Date('2026-03-01T20:59:59.999Z'));
  await came(200, new Date('2026-03-01T21:00:00.000Z'));
  await came(400, new Date('2026-03-02T20:59:59.999Z'));
  await came(800, new Date('2026-03-02T21:00:00.000Z'));
  expect(await sums(new Date('2026-03-02T00:00:00Z'))).toMatchObject({ inCents: kes(600), inCount: 2 });
  expect(await sums(new Date('2026-03-01T10:00:00Z'))).toMatchObject({ inCents: kes(100), inCount: 1 });
});

test('what was sent, what went back to a customer, what was taken back and what nobody knows are told apart', async () => {
  expect(await sums()).toEqual({
    ...{ inCents: 0n, inCount: 0, outCents: 0n, refundCents: 0n },
    ...{ unknown: 0, review: 0 },
  });
  await paidOut(500, 'TKL1111111');
  expect(await sums()).toMatchObject({ outCents: kes(500), refundCents: 0n });

  // Set aside is not sent.
  await desk.approved({ kes: 70 });
  expect(await sums()).toMatchObject({ outCents: kes(500) });

  const paymentId = await payment();
  await came(900, desk.clock.now(), paymentId);
  const refund = await desk.draft({ kes: 300 });
  await desk.db.updateTable('payout').set({ refund_of: paymentId }).where('id', '=', refund).execute();
  await desk.ask(refund);
  expect(await desk.approve(refund)).toEqual({ kind: 'approved' });
  while (await desk.submitter.runOnce());
  await desk.tell(refund, { verdict: 'paid', receipt: code('TKL2222222') });
  expect(await sums()).toMatchObject({
    ...{ inCents: kes(900), inCount: 1 },
    ...{ outCents: kes(500), refundCents: kes(300) },
  });

  const back = await paidOut(40, 'TKL3333333');
  expect(await sums()).toMatchObject({ outCents: kes(540) });
  await desk.tell(back, { verdict: 'reversed' });
  expect(await sums()).toMatchObject({ outCents: kes(500), review: 1 });

  desk.bank.send = async () => ({ kind: 'unknown', payoutId: null, rawCode: '', detail: 'no answer' });
  const lost = await desk.sent({ kes: 60 });
  expect(await desk.row(lost)).toMatchObject({ state: 'unknown' });
  expect(await sums()).toMatchObject({ outCents: kes(500), unknown: 1 });

  // Nothing of it is another day's.
  expect(await sums(new Date('2025-01-01T00:00:00Z'))).toMatchObject({ inCents: 0n, outCents: 0n });
});

test('the audit log of payouts holds ids and hashes, never a phone, a name or what somebody wrote', async () => {
  const rows = await desk.db.selectFrom('audit_entry').select(['action', 'facts']).execute();
  expect(new Set(rows.map(({ action }) => action))).toContain('payout_approved');
  const text = JSON.stringify(rows.map(({ facts }) => facts));
  expect(text).not.toMatch(/(?:254|0)7\d{8}|wages|shoes|asked for again|TKL\d{7}/);
});
