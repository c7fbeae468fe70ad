/** Protects the log of money that comes in: what ends a prompt and what changes the ledger has its line, and a hint has none. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PaymentId } from '../../src/domain/ids.ts';
import { markPaid } from '../../src/payments/review.ts';
import { code, type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

type Line = Readonly<Record<string, unknown>>;

/** The lines of one payment, after the one that it was asked for. */
async function trail(id: PaymentId) {
  const rows = await desk.db.selectFrom('audit_entry').selectAll().orderBy('id').execute();
  const [asked, ...since] = rows.filter(({ facts }) => facts.payment === id);
  expect(asked).toMatchObject({ action: 'payment_asked', actor: desk.cashier, business_id: desk.businessId });
  return since.map(({ action, actor, facts }): Line => ({ action, actor, ...facts }));
}

test('a prompt that the gateway took has no line of its own', async () => {
  const { id } = await desk.prompted();
  expect(await trail(id)).toEqual([]);
});

test.each([
  ['refused', { kind: 'refused', reason: 'phone_refused', rawCode: '1', detail: '' }, 'phone_refused'],
  ['not_sent', { kind: 'not_sent', detail: '' }, 'gateway_unreachable'],
  [
    'unknown',
    { kind: 'unknown', ids: { correlationId: null, requestId: null }, rawCode: '', detail: '' },
    null,
  ],
] as const)('a call that ended as %s', async (outcome, answer, reason) => {
  const { collect } = desk.gateway;
  desk.gateway.collect = async () => answer;
  const { id, attempt } = await desk.prompted();
  desk.gateway.collect = collect;
  expect(await trail(id)).toEqual([
    { action: 'payment_outcome', actor: null, payment: id, attempt, outcome, reason },
  ]);
});

test('a prompt that waited too long, and a call that no process finished', async () => {
  const id = await desk.draft();
  const attempt = await desk.queue(id);
  desk.clock.advance(3600);
  await desk.submitter.runOnce();
  expect(await trail(id)).toMatchObject([{ attempt, outcome: 'not_sent', reason: 'too_late' }]);
  const lost = await desk.prompted();
  await desk.db
    .updateTable('attempt')
    .set({ state: 'sending', lease_until: desk.clock.now() })
    .where('id', '=', lost.attempt)
    .execute();
  while (await desk.reconciler.runOnce());
  expect(await trail(lost.id)).toMatchObject([
    { action: 'payment_outcome', actor: null, attempt: lost.attempt, outcome: 'lost' },
  ]);
});

test('evidence: a hint and what is no news have no line, the number that follows has one', async () => {
  const { id, attempt } = await desk.prompted(600);
  await desk.told(attempt, { trust: 'hint' });
  expect(await trail(id)).toEqual([]);
  for (const _ of [1, 2]) await desk.told(attempt, { receipt: { number: 'RCHK-7', final: false } });
  await desk.told(attempt, { trust: 'lookup', receipt: code('TFH774CD01') });
  const lines = await trail(id);
  const receipt = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(lines).toMatchObject([
    { effect: 'paid', source: 'callback', trust: 'signed', creditedCents: 600_00, receipt: null },
    { effect: 'receipt_completed', source: 'lookup', trust: 'lookup', creditedCents: 0, receipt },
  ]);
  const kept = desk.db.selectFrom('evidence').select('id').where('attempt_id', '=', attempt);
  const evidence = (await kept.where('effect', '!=', 'hint').orderBy('id').execute()).map((row) => row.id);
  expect(lines.map(({ evidence: id }) => BigInt(Number(id)))).toEqual(
    evidence.filter((_, at) => at === 0 || at === evidence.length - 1),
  );
});

test('what nothing proved goes to a person, whose word has their name', async () => {
  const { id } = await desk.prompted();
  await desk.unproved();
  await desk.inTx((tx) => markPaid(tx, desk.deps, id, desk.boss, 'TFH774CD02'));
  expect(await trail(id)).toMatchObject([
    { action: 'payment_to_review', actor: null, why: 'unproved' },
    { action: 'payment_evidence', actor: desk.boss, effect: 'paid', trust: 'person', creditedCents: 500_00 },
  ]);
});
