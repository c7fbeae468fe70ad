/** Protects the receipt numbers of the ledger, and whose a piece of evidence is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postCard } from '../../src/bot/cards/post.ts';
import { markPaid } from '../../src/payments/review.ts';
import { code, type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const standIn = { number: 'RCHK-1', final: false };

describe('receipt numbers', () => {
  test('a code that a person typed gives way to the one that the gateway names', async () => {
    const { id, attempt } = await desk.prompted();
    await desk.unproved();
    await desk.inTx((tx) => markPaid(tx, desk.deps, id, desk.boss, 'TFH774CB20'));
    await desk.told(attempt, { receipt: code('TFH774CB21') });
    expect(await desk.ledger(id)).toMatchObject([{ receipt: 'TFH774CB21', trust: 'signed' }]);
    expect(await desk.payment(id)).toMatchObject({ state: 'paid', flag: null });
    await desk.told(attempt, { receipt: code('TFH774CB22') });
    expect(await desk.payment(id)).toMatchObject({ state: 'paid', flag: 'contradiction' });
    expect(await desk.ledger(id)).toMatchObject([{ receipt: 'TFH774CB21' }]);
  });

  test('one stand-in may stand for two payments, and is no number of the ledger', async () => {
    const [one, two] = [await desk.prompted(), await desk.prompted()];
    await desk.told(one.attempt, { receipt: standIn });
    await desk.told(two.attempt, { receipt: standIn });
    expect(await desk.ledger(two.id)).toMatchObject([{ receipt: null }]);
    await desk.told(one.attempt, { receipt: code('TFH774CB23') });
    expect(await desk.ledger(one.id)).toMatchObject([{ receipt: 'TFH774CB23' }]);
    await desk.told(two.attempt, { receipt: code('TFH774CB23') });
    expect(await desk.payment(two.id)).toMatchObject({ state: 'paid', flag: 'receipt_used' });
    expect(await desk.ledger(two.id)).toMatchObject([{ receipt: null }]);
  });

  test('two payments that are given one number at once: one has it, the other is flagged', async () => {
    const [one, two] = [await desk.prompted(), await desk.prompted()];
    for (const { attempt } of [one, two]) await desk.told(attempt, { receipt: standIn });
    await Promise.all([one, two].map(({ attempt }) => desk.told(attempt, { receipt: code('TFH774CB24') })));
    const flags = [await desk.payment(one.id), await desk.payment(two.id)].map(({ flag }) => flag);
    expect(flags.toSorted()).toEqual(['receipt_used', null].toSorted());
  });

  test('paid without any number is looked up until there is one', async () => {
    const { id, attempt } = await desk.prompted();
    await desk.told(attempt);
    expect((await desk.attemptOf(attempt)).next_check_at).not.toBeNull();
    desk.clock.advance(11);
    await desk.reconciler.runOnce();
    expect((await desk.attemptOf(attempt)).next_check_at).not.toBeNull();
    expect((await desk.card(id)).text).toContain('number follows');
    await desk.inTx((tx) => postCard(tx, desk.deps, id, desk.cashier, 'request'));
    for (let i = 0; i < 60; i++) {
      desk.clock.advance(10);
      while (await desk.reconciler.runOnce());
    }
    expect((await desk.card(id)).text).toContain('see your M-Pesa SMS');
    const posted = await desk.db
      .selectFrom('card')
      .select(['created_at', 'updated_at'])
      .where('payment_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(posted.updated_at.getTime() - posted.created_at.getTime()).toBeGreaterThan(500_000);
  });
});

describe('the address of an attempt', () => {
  const ids = (correlationId: string) => ({ correlationId, requestId: null });

  test('serves where the names in the callback are not known yet', async () => {
    const { id, attempt } = await desk.prompted();
    expect(await desk.told(attempt, { ids: ids('ws_CO_1'), receipt: code('TFH774CB30') })).toMatchObject({
      effect: 'paid',
    });
    expect((await desk.payment(id)).state).toBe('paid');
  });

  test('does not serve where this attempt has another name, or another reference is named', async () => {
    const { attempt } = await desk.prompted();
    expect(await desk.told(attempt, { reference: 'INV9' })).toMatchObject({ effect: 'unmatched' });
    await desk.told(attempt, { verdict: 'pending', ids: ids('ws_CO_2') });
    expect(await desk.told(attempt, { ids: ids('ws_CO_3') })).toMatchObject({ effect: 'unmatched' });
  });

  test('what waited for a name that is learnt now is settled', async () => {
    const { id, attempt } = await desk.prompted();
    const early = { ids: ids('ws_CO_4'), receipt: code('TFH774CB31'), hint: null };
    expect(await desk.told(attempt, early)).toMatchObject({ effect: 'unmatched' });
    await desk.told(attempt, { verdict: 'pending', ids: ids('ws_CO_4') });
    expect((await desk.payment(id)).state).toBe('paid');
    expect(await desk.ledger(id)).toMatchObject([{ receipt: 'TFH774CB31' }]);
  });
});
