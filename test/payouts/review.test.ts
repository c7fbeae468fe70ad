/** Protects wages that nobody knows the end of: they are looked up, less and less often, and then two persons decide. */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PayoutId } from '../../src/domain/ids.ts';
import { code, openPayoutDesk, type PayoutDesk, wideLimits } from './desk.ts';
import { fact, lost, says } from './facts.ts';

let desk: PayoutDesk;
let bank: PayoutDesk['bank'];
beforeAll(async () => {
  desk = await openPayoutDesk();
  await desk.limit(wideLimits);
  bank = { ...desk.bank };
});
afterEach(() => void Object.assign(desk.bank, bank));
afterAll(() => desk.close());

let receipts = 0;
const receipt = () => code(`RKR${String(++receipts).padStart(7, '0')}`);

describe('look-ups', () => {
  test('widen, then two persons decide; no time sets a reserve free', async () => {
    desk.bank.send = lost;
    const id = await desk.sent();
    for (const seconds of [11, 20, 30, 60, 180, 300]) await desk.reconcile(seconds);
    expect(await desk.row(id)).toMatchObject({ state: 'unknown', checks: 6 });
    await desk.reconcile(1300);
    expect(await desk.row(id)).toMatchObject({ state: 'review', flag: 'unproved' });
    for (let week = 0; week < 8; week++) await desk.reconcile(7 * 24 * 3600);
    expect(await desk.row(id)).toMatchObject({ state: 'review', next_check_at: null });
    expect(await desk.entries(id)).toEqual(['1 reserve']);
  });

  test('go on after the payout was paid, and tell of a reversal, loudly', async () => {
    const id = await desk.sent();
    await desk.tell(id, { amountCents: 500_00n, receipt: receipt() });
    desk.told.length = 0;
    desk.bank.lookup = says('paid');
    await desk.reconcile(3601);
    expect(desk.told).not.toContain(id);
    desk.bank.lookup = says('reversed');
    await desk.reconcile(24 * 3600);
    expect(await desk.row(id)).toMatchObject({ state: 'reversed', flag: 'reversed' });
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 post', '1 reverse']);
    expect(desk.told).toContain(id);
  });

  test('without an answer are no step: they are made again, less often, until one comes', async () => {
    const id = await desk.sent();
    await desk.tell(id, { amountCents: 500_00n, receipt: receipt() });
    desk.bank.lookup = says('paid');
    await desk.reconcile(3600);
    await desk.reconcile(23 * 3600);
    desk.bank.lookup = async () => ({ kind: 'no_answer', detail: 'away', stop: false });
    await desk.reconcile(48 * 3600);
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const next = (await desk.row(id)).next_check_at?.getTime() ?? 0;
      waits.push(Math.round((next - desk.clock.now().getTime()) / 1000));
      await desk.reconcile(waits.at(-1) ?? 0);
    }
    expect(waits.slice(0, 4)).toEqual([300, 300, 600, 1200]);
    expect(waits.at(-1)).toBe(6 * 3600);
    desk.bank.lookup = says('reversed');
    await desk.reconcile(6 * 3600);
    expect(await desk.row(id)).toMatchObject({ state: 'reversed', flag: 'reversed' });
  });

  test('an answer for the round before does not decide the next', async () => {
    const id = await desk.sent();
    const { gateway_payout_id: first } = await desk.row(id);
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Awaited<ReturnType<typeof bank.lookup>>>();
    desk.bank.lookup = () => {
      asked.resolve();
      return answer.promise;
    };
    desk.clock.advance(11);
    const run = desk.reconciler.runOnce();
    await asked.promise;
    await desk.tell(id, fact('failed', first));
    await desk.ask(id, desk.asha, 'again');
    await desk.approve(id);
    while (await desk.submitter.runOnce());
    answer.resolve({ kind: 'fact', fact: fact('failed', null) });
    await run;
    expect((await desk.row(id)).state).toBe('sent_to_gateway');
  });

  test('a busy gateway is asked when it said', async () => {
    const id = await desk.sent();
    desk.bank.lookup = async () => ({ kind: 'no_answer', detail: '429', stop: false, waitSeconds: 200 });
    await desk.reconcile(11);
    const { next_check_at } = await desk.row(id);
    expect(next_check_at?.getTime()).toBeGreaterThan(desk.clock.now().getTime() + 200_000);
  });
});

describe('a mark', () => {
  async function doubtful(): Promise<PayoutId> {
    desk.bank.send = lost;
    return desk.sent();
  }

  test('is void with the right of whoever made it, and the log says so', async () => {
    const id = await doubtful();
    expect(await desk.mark(id, desk.asha, 'paid', 'RKLMARK003')).toEqual({ kind: 'first' });
    const member = desk.db.updateTable('member').where('identity_id', '=', desk.asha);
    await member.set({ removed_at: desk.clock.now() }).execute();
    expect(await desk.mark(id, desk.brian, 'failed')).toEqual({ kind: 'first' });
    await member.set({ removed_at: null }).execute();
    const lines = await desk.db
      .selectFrom('audit_entry')
      .select(['actor', 'facts'])
      .where('action', '=', 'payout_marked')
      .where(sql<boolean>`facts ->> 'payout' = ${id}`)
      .orderBy('id')
      .execute();
    expect(lines).toEqual([
      { actor: desk.asha, facts: { payout: id, verdict: 'paid', step: 'first' } },
      { actor: null, facts: { payout: id, verdict: 'paid', step: 'void', of: desk.asha } },
      { actor: desk.brian, facts: { payout: id, verdict: 'failed', step: 'first' } },
    ]);
  });

  test('is of two persons, one of them an owner, who say the same', async () => {
    const id = await doubtful();
    expect(await desk.mark(id, desk.cashier, 'failed')).toEqual({ kind: 'no_right' });
    expect(await desk.mark(id, desk.asha, 'paid', 'RKLMARK001')).toEqual({ kind: 'first' });
    expect(await desk.mark(id, desk.asha, 'paid', 'RKLMARK001')).toEqual({ kind: 'own' });
    expect(await desk.mark(id, desk.brian, 'paid', 'RKLMARK001')).toEqual({ kind: 'no_right' });
    expect(await desk.mark(id, desk.boss, 'paid', 'RKLMARK002')).toEqual({ kind: 'differs' });
    expect(await desk.entries(id)).toEqual(['1 reserve']);
    await desk.mark(id, desk.boss, 'paid', 'RKLMARK001');
    expect(await desk.mark(id, desk.asha, 'paid', 'RKLMARK001')).toEqual({ kind: 'marked' });
    expect(await desk.row(id)).toMatchObject({
      state: 'paid',
      receipt: 'RKLMARK001',
      receipt_trust: 'person',
    });
    expect(await desk.ledger(id)).toMatchObject([{ trust: 'person' }]);
    expect(await desk.mark(id, desk.boss, 'failed')).toEqual({ kind: 'not_open' });
  });

  test('of a member who was removed does not count as the first', async () => {
    const id = await doubtful();
    const gone = await desk.member('4001', 'owner');
    await desk.mark(id, gone, 'failed');
    await desk.db
      .updateTable('member')
      .set({ removed_at: desk.clock.now() })
      .where('identity_id', '=', gone)
      .execute();
    expect(await desk.mark(id, desk.asha, 'failed')).toEqual({ kind: 'first' });
    expect(await desk.mark(id, desk.boss, 'failed')).toEqual({ kind: 'marked' });
    expect(await desk.row(id)).toMatchObject({ state: 'failed', reason: 'marked_not_paid' });
  });

  test('as not paid is undone by the gateway’s own word that it was', async () => {
    const id = await doubtful();
    const { reference } = await desk.row(id);
    await desk.mark(id, desk.boss, 'failed');
    await desk.mark(id, desk.asha, 'failed');
    await desk.tell(id, { reference, amountCents: 500_00n, receipt: receipt() });
    expect((await desk.row(id)).state).toBe('paid');
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 void', '1 post']);
  });

  test('settles a failure that the gateway contradicted, by two persons', async () => {
    const id = await desk.sent();
    await desk.tell(id, { verdict: 'failed', reason: 'not_given' });
    await desk.tell(id, { amountCents: 499_00n });
    expect(await desk.row(id)).toMatchObject({ state: 'failed', flag: 'amount_differs' });
    expect(await desk.ask(id, desk.asha, 'again')).toEqual({ kind: 'not_now' });
    await desk.mark(id, desk.boss, 'failed');
    expect(await desk.mark(id, desk.asha, 'failed')).toEqual({ kind: 'marked' });
    expect(await desk.row(id)).toMatchObject({ state: 'failed', flag: null });
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 void']);
  });

  test('is not taken while the call may still be under way, or after the gateway spoke', async () => {
    const id = await desk.approved();
    expect(await desk.mark(id, desk.boss, 'paid')).toEqual({ kind: 'not_open' });
    while (await desk.submitter.runOnce());
    await desk.tell(id, { amountCents: 500_00n });
    expect(await desk.mark(id, desk.boss, 'failed')).toEqual({ kind: 'not_open' });
  });
});
