/** Protects a gateway, and the account's place there, from a mass of payouts that nobody knows the end of. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PayoutId } from '../../src/domain/ids.ts';
import { openPayoutDesk, type PayoutDesk, wideLimits } from './desk.ts';

let desk: PayoutDesk;
const perMinute = 6;
beforeAll(async () => {
  desk = await openPayoutDesk();
  await desk.limit(wideLimits);
  const { open } = desk.gateways;
  desk.gateways.open = async (...args) => {
    const gateway = await open(...args);
    const { lookup } = gateway;
    return lookup === undefined ? gateway : { ...gateway, lookup: { ...lookup, budgetPerMinute: perMinute } };
  };
});
afterAll(() => desk.close());

async function unknown(count: number, named = true): Promise<PayoutId[]> {
  const ids: PayoutId[] = [];
  desk.bank.send = async () => ({
    ...{ kind: 'unknown', payoutId: named ? desk.newName() : null, rawCode: '', detail: '' },
  });
  for (let i = 0; i < count; i++) ids.push(await desk.sent());
  return ids;
}

const askedIn = async (seconds: number): Promise<number> => {
  desk.asked.length = 0;
  await desk.reconcile(seconds);
  return desk.asked.length;
};

test('look-ups keep the account’s budget, whoever is due; each that waits has its turn', async () => {
  const ids = await unknown(6);
  const named = await Promise.all(ids.map(async (id) => (await desk.row(id)).gateway_payout_id));
  const order: (string | null)[] = [];
  const counts: number[] = [];
  for (let i = 0; i < 6; i++) {
    counts.push(await askedIn(10));
    order.push(...desk.asked);
  }
  // One every ten seconds, and one ahead.
  expect(counts).toEqual([2, 1, 1, 1, 1, 1]);
  expect(order.slice(0, 6).toSorted()).toEqual(named.toSorted());
  for (const id of ids) expect(await desk.entries(id)).toEqual(['1 reserve']);
});

test('what the gateway cannot be asked about takes nothing of it, and does not wait', async () => {
  const [id] = await unknown(1, false);
  desk.asked.length = 0;
  await desk.reconcile(1801);
  expect(desk.asked).toContain(null);
  expect((await desk.row(id as PayoutId)).state).toBe('review');
});

test('payments and payouts of an account share one budget', async () => {
  await desk.reconcile(4 * 24 * 3600);
  await unknown(3);
  const now = desk.clock.now();
  await desk.db
    .updateTable('gateway_account')
    .set({ next_lookup_slot: new Date(now.getTime() + 60_000) })
    .execute();
  expect(await askedIn(10)).toBe(0);
  expect(await askedIn(40)).toBe(1);
});

test('a gateway that asks for a rest has it for all of them', async () => {
  await desk.reconcile(4 * 24 * 3600);
  await unknown(3);
  desk.bank.lookup = async () => ({ kind: 'no_answer', detail: '', stop: false, waitSeconds: 300 });
  expect(await askedIn(10)).toBe(1);
  expect(await askedIn(200)).toBe(0);
});
