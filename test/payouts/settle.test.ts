/** Protects the ledger of wages: what evidence does, and of which of a payout's calls. */
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
const receipt = () => code(`RKL${String(++receipts).padStart(7, '0')}`);

describe('a callback', () => {
  test('posts once, with receipt and fee, however often it comes', async () => {
    const id = await desk.sent();
    const { reference, gateway_payout_id: payoutId } = await desk.row(id);
    const told = { payoutId, reference, amountCents: 500_00n, receipt: code('RKL1XXXXX0'), feeCents: 25_00n };
    expect((await desk.tell(id, told)).effect).toBe('paid');
    expect((await desk.tell(id, told)).effect).toBe('nothing_new');
    expect((await desk.tell(id, { ...told, hint: null })).effect).toBe('nothing_new');
    expect(await desk.row(id)).toMatchObject({ state: 'paid', receipt: 'RKL1XXXXX0', fee_cents: 25_00n });
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 post']);
    expect(await desk.ledger(id)).toMatchObject([
      { amount_cents: 500_00n, receipt: 'RKL1XXXXX0', trust: 'signed', direction: 'out' },
    ]);
  });

  test.each([
    ['another amount', { amountCents: 499_00n }, 'amount_differs'],
    ['another phone', { msisdn: '254799999999' }, 'phone_differs'],
    ['a receipt of another payout', { receipt: code('RKL1XXXXX0') }, 'receipt_used'],
  ] as const)(
    'with %s calls a person and keeps the reserve; its id is not learnt',
    async (_n, over, flag) => {
      desk.bank.send = lost;
      const id = await desk.sent();
      await desk.tell(id, { amountCents: 500_00n, payoutId: null, ...(over as object) });
      expect(await desk.row(id)).toMatchObject({ state: 'review', flag, gateway_payout_id: null });
      expect(await desk.entries(id)).toEqual(['1 reserve']);
      expect(await desk.ledger(id)).toEqual([]);
    },
  );

  test('to another payout’s URL belongs to neither', async () => {
    const [mine, other] = [await desk.sent(), await desk.sent()];
    const { reference } = await desk.row(mine);
    expect((await desk.tell(mine, { reference, hint: other })).effect).toBe('unmatched');
    for (const id of [mine, other]) expect((await desk.row(id)).state).toBe('sent_to_gateway');
  });

  test('that names one payout by id and another by reference belongs to neither', async () => {
    const [mine, other] = [await desk.sent(), await desk.sent()];
    const { reference } = await desk.row(mine);
    const { gateway_payout_id: payoutId } = await desk.row(other);
    expect((await desk.tell(mine, { reference, payoutId, hint: null })).effect).toBe('unmatched');
  });

  test('that is a hint changes nothing, teaches nothing, and hurries the look-up', async () => {
    desk.bank.send = lost;
    const id = await desk.sent();
    const { reference } = await desk.row(id);
    await desk.tell(id, { trust: 'hint', reference, payoutId: 'forged', amountCents: 500_00n });
    expect(await desk.row(id)).toMatchObject({ state: 'unknown', gateway_payout_id: null });
    desk.bank.lookup = says('pending');
    await desk.reconcile(0);
    expect((await desk.row(id)).checks).toBe(1);
  });

  test('unsigned counts only with the id that the gateway gave us, an amount and a receipt', async () => {
    const id = await desk.sent();
    const { reference, gateway_payout_id: payoutId } = await desk.row(id);
    const unsigned = { trust: 'accepted_unsigned', reference, amountCents: 500_00n } as const;
    expect((await desk.tell(id, { ...unsigned, receipt: receipt() })).effect).toBe('unmatched');
    expect((await desk.tell(id, { ...unsigned, payoutId })).effect).toBe('hint');
    expect((await desk.tell(id, { ...unsigned, payoutId, receipt: receipt() })).effect).toBe('paid');
  });

  test('of failure sets the reserve free; success after it is posted, loudly late', async () => {
    const id = await desk.sent();
    expect((await desk.tell(id, { verdict: 'failed', reason: 'not_given' })).effect).toBe('failed');
    expect((await desk.tell(id, { amountCents: 500_00n, receipt: receipt() })).effect).toBe('paid_late');
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 void', '1 post']);
    expect(await desk.ledger(id)).toHaveLength(1);
  });
});

describe('about another payout of the gateway, under our reference', () => {
  test.each(['failed', 'reversed', 'paid'] as const)(
    '%s decides nothing: a person looks',
    async (verdict) => {
      const id = await desk.sent();
      const { reference, gateway_payout_id: known } = await desk.row(id);
      expect((await desk.tell(id, { ...fact(verdict, 'bp-else'), reference })).effect).toBe('contradiction');
      expect(await desk.row(id)).toMatchObject({ state: 'review', flag: 'contradiction' });
      expect(await desk.row(id)).toMatchObject({ gateway_payout_id: known });
      expect(await desk.entries(id)).toEqual(['1 reserve']);
      await desk.tell(id, { ...fact('paid', known), receipt: receipt() });
      expect(await desk.row(id)).toMatchObject({ state: 'paid', flag: null });
    },
  );

  test('nor in a later round', async () => {
    const id = await desk.sent();
    const { reference, gateway_payout_id: first } = await desk.row(id);
    await desk.tell(id, fact('failed', first));
    await desk.ask(id, desk.asha, 'again');
    await desk.approve(id);
    expect((await desk.tell(id, { ...fact('failed', 'bp-else'), reference })).effect).toBe('nothing_new');
    while (await desk.submitter.runOnce());
    expect((await desk.tell(id, { ...fact('failed', 'bp-else'), reference })).effect).toBe('contradiction');
    expect(await desk.row(id)).toMatchObject({ state: 'review', round: 2 });
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 void', '2 reserve']);
  });

  test('it is nothing new while nothing of ours went', async () => {
    const id = await desk.sent();
    const { reference, gateway_payout_id: known } = await desk.row(id);
    await desk.tell(id, fact('failed', known));
    expect((await desk.tell(id, { ...fact('failed', 'bp-else'), reference })).effect).toBe('nothing_new');
    expect(await desk.row(id)).toMatchObject({ state: 'failed', flag: null });
    // Money that moved under our reference is never nothing.
    await desk.tell(id, { ...fact('paid', 'bp-else'), reference });
    expect(await desk.row(id)).toMatchObject({ state: 'failed', flag: 'contradiction' });
  });
});

describe('asked again after a proved failure', () => {
  /** Round 1 had the first id and failed; round 2 is sent with the second. */
  async function twice(): Promise<{
    id: PayoutId;
    first: string | null;
    second: string | null;
    reference: string;
  }> {
    const id = await desk.sent();
    const { gateway_payout_id: first, reference } = await desk.row(id);
    await desk.tell(id, { ...fact('failed', first), reference });
    expect(await desk.ask(id, desk.asha, 'again')).toEqual({ kind: 'waiting' });
    expect(await desk.row(id)).toMatchObject({ round: 2, gateway_payout_id: null, fee_cents: null });
    await desk.approve(id);
    while (await desk.submitter.runOnce());
    const { gateway_payout_id: second } = await desk.row(id);
    expect(second).not.toBe(first);
    return { id, first, second, reference };
  }

  test('it is one call for each approval, with the same reference', async () => {
    const { id } = await twice();
    expect(await desk.calls(id)).toBe(2);
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 void', '2 reserve']);
  });

  test('the first failure told again does not free the second reserve', async () => {
    const { id, first, reference } = await twice();
    expect((await desk.tell(id, { ...fact('failed', first), reference })).effect).toBe('nothing_new');
    expect((await desk.row(id)).state).toBe('sent_to_gateway');
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 void', '2 reserve']);
  });

  test('the look-up asks about the second', async () => {
    const { first, second } = await twice();
    desk.bank.lookup = says('pending');
    // The account rests from look-ups that were not answered before.
    await desk.reconcile(31);
    expect(desk.asked.filter((id) => id === first || id === second).at(-1)).toBe(second);
  });

  test('the first moved money after all, while the second is under way: a person looks', async () => {
    const { id, first, second } = await twice();
    await desk.tell(id, fact('paid', first));
    expect(await desk.row(id)).toMatchObject({ state: 'review', flag: 'contradiction' });
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 void', '2 reserve']);
    await desk.tell(id, fact('failed', second));
    expect(await desk.row(id)).toMatchObject({ state: 'failed' });
  });

  test.each(['waiting', 'approved'] as const)(
    'the first moved money after all, while the second is %s',
    async (state) => {
      const id = await desk.sent();
      const { gateway_payout_id: first } = await desk.row(id);
      await desk.tell(id, fact('failed', first));
      await desk.ask(id, desk.asha, 'again');
      if (state === 'approved') await desk.approve(id);
      const { version } = await desk.row(id);
      expect((await desk.tell(id, { ...fact('paid', first), receipt: receipt() })).effect).toBe('paid_late');
      while (await desk.submitter.runOnce());
      expect(await desk.calls(id)).toBe(1);
      expect(await desk.row(id)).toMatchObject({ state: 'paid', round: 1, gateway_payout_id: first });
      expect(await desk.approve(id, desk.brian, { version })).toEqual({ kind: 'not_now' });
      const second = state === 'approved' ? ['2 reserve', '2 void'] : [];
      expect((await desk.entries(id)).toSorted()).toEqual(
        ['1 post', '1 reserve', '1 void', ...second].toSorted(),
      );
    },
  );

  test('nobody can tell whose failure it is: nothing is set free', async () => {
    desk.bank.send = lost;
    const id = await desk.sent();
    const { reference } = await desk.row(id);
    await desk.mark(id, desk.boss, 'failed');
    await desk.mark(id, desk.asha, 'failed');
    await desk.ask(id, desk.asha, 'again');
    await desk.approve(id);
    while (await desk.submitter.runOnce());
    await desk.tell(id, { ...fact('failed', null), reference });
    expect(await desk.row(id)).toMatchObject({ state: 'review', flag: 'contradiction' });
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 void', '2 reserve']);
  });
});

test('what was written about money cannot be edited or removed', async () => {
  const id = await desk.sent();
  for (const [table, column] of [
    ['payout_entry', 'payout_id'],
    ['approval', 'payout_id'],
  ] as const) {
    await expect(
      sql`delete from ${sql.table(table)} where ${sql.ref(column)} = ${id}`.execute(desk.db),
    ).rejects.toThrow('append-only');
    await expect(
      sql`update ${sql.table(table)} set round = 9 where ${sql.ref(column)} = ${id}`.execute(desk.db),
    ).rejects.toThrow('append-only');
  }
  await expect(sql`update audit_entry set action = 'x'`.execute(desk.db)).rejects.toThrow('append-only');
  await expect(sql`delete from audit_entry`.execute(desk.db)).rejects.toThrow('append-only');
});
