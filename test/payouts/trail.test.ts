/** Protects the log of what happened to money: what the program does by itself, and in doubt, stands in it too. */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { PayoutId } from '../../src/domain/ids.ts';
import { openPayoutDesk, type PayoutDesk, wideLimits } from './desk.ts';

let desk: PayoutDesk;
let bank: PayoutDesk['bank'];
beforeAll(async () => {
  desk = await openPayoutDesk();
  await desk.limit(wideLimits);
  bank = { ...desk.bank };
});
afterEach(() => void Object.assign(desk.bank, bank));
afterAll(() => desk.close());

/** The log of one payout since it was approved. */
async function trail(id: PayoutId) {
  const rows = await desk.db
    .selectFrom('audit_entry')
    .select(['action', 'facts'])
    .where(sql<boolean>`facts ->> 'payout' = ${id}`)
    .orderBy('id')
    .execute();
  return rows
    .slice(rows.findIndex(({ action }) => action === 'payout_approved') + 1)
    .map(({ action, facts }) => ({ action, ...facts }));
}

test('what is not what was approved', async () => {
  const id = await desk.approved();
  await sql`update payout set amount_cents = 999900 where id = ${id}`.execute(desk.db);
  while (await desk.submitter.runOnce());
  expect(await trail(id)).toMatchObject([{ action: 'payout_to_review', why: 'not_what_was_approved' }]);
});

test('a call whose answer was lost, and that nothing proved', async () => {
  const id = await desk.approved();
  desk.bank.send = async () => ({ kind: 'unknown', payoutId: null, rawCode: '', detail: '' });
  while (await desk.submitter.runOnce());
  await desk.db
    .updateTable('payout')
    .set({ state: 'sending', lease_until: desk.clock.now() })
    .where('id', '=', id)
    .execute();
  await desk.reconcile(0);
  await desk.reconcile(1801);
  expect(await trail(id)).toMatchObject([
    { action: 'payout_sending' },
    { action: 'payout_outcome', outcome: 'unknown' },
    { action: 'payout_outcome', outcome: 'lost' },
    { action: 'payout_to_review', why: 'unproved' },
  ]);
});

test('the round that is not sent, since the one before had paid', async () => {
  const id = await desk.sent();
  const { gateway_payout_id: first } = await desk.row(id);
  await desk.tell(id, { verdict: 'failed', payoutId: first, reason: 'not_given' });
  await desk.ask(id, desk.asha, 'again');
  await desk.approve(id);
  await desk.tell(id, { payoutId: first });
  expect((await trail(id)).slice(-2)).toMatchObject([
    { action: 'payout_evidence', round: 2, effect: 'earlier_round_paid', entry: 'void' },
    { action: 'payout_evidence', round: 1, effect: 'paid_late', entry: 'post' },
  ]);
});

test('which payment a refund is of', async () => {
  const payment = await desk.payment(500);
  const id = await desk.waiting({ refundOf: payment });
  const asked = await desk.db
    .selectFrom('audit_entry')
    .select('facts')
    .where('action', '=', 'payout_asked')
    .where(sql<boolean>`facts ->> 'payout' = ${id}`)
    .execute();
  expect(asked).toMatchObject([{ facts: { refundOf: payment } }]);
});
