/** Protects a person's decision: it is about the attempt in doubt, the amount that came, and a code nobody else has. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addBusiness } from '../../src/payments/businesses.ts';
import { acceptAmount, keepAsIs, markNotPaid, markPaid } from '../../src/payments/review.ts';
import { code, type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

type Id = Parameters<typeof markPaid>[2];
const paid = (id: Id, receipt: string) => desk.inTx((tx) => markPaid(tx, desk.deps, id, desk.boss, receipt));
const notPaid = (id: Id) => desk.inTx((tx) => markNotPaid(tx, desk.deps, id, desk.boss));
const accept = (id: Id, cents: bigint) =>
  desk.inTx((tx) => acceptAmount(tx, desk.deps, id, desk.boss, cents));
const keep = (id: Id) => desk.inTx((tx) => keepAsIs(tx, desk.deps, id));

test('the mark is about the attempt that nobody proved, not about one that was decided before', async () => {
  const { id, attempt: first } = await desk.prompted();
  await desk.told(first, { verdict: 'failed', reason: 'unmapped', rawCode: '9999' });
  expect(await notPaid(id)).toEqual({ kind: 'marked' });
  const second = await desk.again(id);
  await desk.unproved();
  expect(await desk.payment(id)).toMatchObject({ state: 'review', flag: 'unproved' });
  expect(await paid(id, 'TFH774CB01')).toEqual({ kind: 'marked' });
  expect(await desk.ledger(id)).toMatchObject([{ attempt_id: second, receipt: 'TFH774CB01' }]);
});

test('a code is used wherever it was booked, in another account too', async () => {
  const other = await desk.addAccount('Till 2');
  const one = await desk.prompted(500, other);
  await desk.told(one.attempt, { receipt: code('TFH774CB02') });
  const { id } = await desk.prompted();
  await desk.unproved();
  expect(await paid(id, 'TFH774CB02')).toMatchObject({ kind: 'receipt_used' });
  expect(await desk.payment(id)).toMatchObject({ state: 'review', flag: 'unproved' });
  await notPaid(id);
  // One account again: no card offers to go through another one.
  await desk.db.updateTable('gateway_account').set({ state: 'stopped' }).where('id', '=', other).execute();
});

describe('a code of another business', () => {
  /** A payment of a business that has nothing to do with the desk's. */
  const ofAnother = async () => {
    const { businessId } = await desk.inTx((tx) =>
      addBusiness(tx, desk.deps, {
        name: 'Duka la Pili',
        owner: { channel: 'telegram', externalId: '1009' },
        locale: 'en',
      }),
    );
    const account = await desk.addAccount('Elsewhere');
    await desk.db
      .updateTable('gateway_account')
      .set({ business_id: businessId })
      .where('id', '=', account)
      .execute();
    const payment = await desk.prompted(500, account);
    await desk.db
      .updateTable('payment')
      .set({ business_id: businessId })
      .where('id', '=', payment.id)
      .execute();
    return payment;
  };

  test('is refused where its gateway named it, and nothing of that payment is told', async () => {
    const theirs = await ofAnother();
    await desk.told(theirs.attempt, { receipt: code('TFH774CD01') });
    const { id } = await desk.prompted();
    await desk.unproved();
    expect(await paid(id, 'TFH774CD01')).toEqual({ kind: 'receipt_used', ref: null });
    await notPaid(id);
  });

  test('that only a person typed there keeps nobody from their own', async () => {
    const theirs = await ofAnother();
    await desk.unproved();
    expect(await paid(theirs.id, 'TFH774CD02')).toEqual({ kind: 'marked' });
    const { id } = await desk.prompted();
    await desk.unproved();
    expect(await paid(id, 'TFH774CD02')).toEqual({ kind: 'marked' });
    expect(await desk.ledger(id)).toMatchObject([{ receipt: 'TFH774CD02', trust: 'person' }]);
    const third = await desk.prompted();
    await desk.unproved();
    const { ref } = await desk.db
      .selectFrom('payment')
      .select('ref')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(await paid(third.id, 'TFH774CD02')).toEqual({ kind: 'receipt_used', ref });
    await notPaid(third.id);
  });
});

describe('another amount than was asked', () => {
  test('is never booked as the amount asked', async () => {
    const { id, attempt } = await desk.prompted();
    await desk.told(attempt, { amountCents: 40_000n, receipt: code('TFH774CB03') });
    expect(await paid(id, 'TFH774CB03')).toEqual({ kind: 'not_open' });
    expect(await desk.ledger(id)).toEqual([]);
  });

  test('is taken only as it was shown', async () => {
    const { id, attempt } = await desk.prompted();
    await desk.told(attempt, { amountCents: 40_000n, receipt: code('TFH774CB04') });
    await desk.told(attempt, { amountCents: 30_000n, receipt: code('TFH774CB05') });
    expect(await accept(id, 40_000n)).toEqual({ kind: 'not_open' });
    expect(await accept(id, 30_000n)).toEqual({ kind: 'marked' });
    expect(await desk.ledger(id)).toMatchObject([{ amount_cents: 30_000n, receipt: 'TFH774CB05' }]);
  });

  test('not taken: the card does not say that no money moved, and the same word raises nothing again', async () => {
    const { id, attempt } = await desk.prompted();
    const said = { amountCents: 40_000n, receipt: code('TFH774CB06') };
    await desk.told(attempt, said);
    expect(await notPaid(id)).toEqual({ kind: 'marked' });
    const { text, buttons } = await desk.card(id);
    expect(text).toMatch(
      /^⚠️ .*\nM-Pesa shows KES 400, not taken as this payment\. Give it back or agree with the customer\.$/,
    );
    expect(buttons.map(({ action }) => action)).toEqual(['again']);
    await desk.told(attempt, said);
    await desk.told(attempt, { ...said, trust: 'lookup' });
    expect(await desk.payment(id)).toEqual({ state: 'failed', reason: 'amount_refused', flag: null });
  });

  test('after a failure that was told before it', async () => {
    const { id, attempt } = await desk.prompted();
    await desk.failed(attempt);
    await desk.told(attempt, { amountCents: 40_000n, receipt: code('TFH774CB07') });
    await notPaid(id);
    expect((await desk.card(id)).text).not.toContain('No money moved');
  });
});

describe('a paid payment', () => {
  test('keeps the money of another attempt in sight until a person books it', async () => {
    const { id, attempt: first } = await desk.prompted();
    await desk.failed(first);
    const second = await desk.again(id);
    await desk.told(second, { receipt: code('TFH774CB08') });
    await desk.told(first, { amountCents: 40_000n, receipt: code('TFH774CB09') });
    expect(await desk.payment(id)).toMatchObject({ state: 'paid', flag: 'amount_differs' });
    expect((await desk.card(id)).text).toMatch(
      /\nPaid to Mama Njeri .*TFH774CB08\nlunch\nM-Pesa also shows KES 400\. Compare with the M-Pesa statement\.$/,
    );
    expect(await keep(id)).toEqual({ kind: 'not_open' });
    expect(await accept(id, 40_000n)).toEqual({ kind: 'marked' });
    expect(await desk.ledger(id)).toHaveLength(2);
    expect(await desk.payment(id)).toMatchObject({ state: 'paid', flag: 'twice' });
    expect(await keep(id)).toEqual({ kind: 'marked' });
    expect(await desk.payment(id)).toMatchObject({ state: 'paid', flag: null });
  });

  test('shows twice above every other doubt, and the other one after it', async () => {
    const { id, attempt: first } = await desk.prompted();
    await desk.failed(first);
    const second = await desk.again(id);
    await desk.told(second, { receipt: code('TFH774CB10') });
    await desk.failed(second);
    expect((await desk.payment(id)).flag).toBe('contradiction');
    await desk.told(first, { receipt: code('TFH774CB11') });
    expect((await desk.payment(id)).flag).toBe('twice');
    await desk.told(first, { verdict: 'failed', reason: 'expired' });
    expect((await desk.payment(id)).flag).toBe('twice');
    await keep(id);
    expect((await desk.payment(id)).flag).toBe('contradiction');
  });

  test('kept as it is, it is not flagged by the same word again, but by another one', async () => {
    const { id, attempt } = await desk.prompted();
    await desk.told(attempt, { receipt: code('TFH774CB12') });
    await desk.failed(attempt);
    expect(await keep(id)).toEqual({ kind: 'marked' });
    await desk.failed(attempt);
    await desk.told(attempt, { verdict: 'failed', reason: 'cancelled', trust: 'lookup' });
    expect((await desk.payment(id)).flag).toBeNull();
    await desk.told(attempt, { receipt: code('TFH774CB13') });
    expect((await desk.payment(id)).flag).toBe('contradiction');
  });

  test('says what it does not know about another prompt, and that it is paid', async () => {
    const { id, attempt: first } = await desk.prompted();
    await desk.failed(first);
    const second = await desk.again(id);
    await desk.unproved();
    await desk.told(first, { receipt: code('TFH774CB14') });
    expect(await desk.payment(id)).toMatchObject({ state: 'paid', flag: 'unproved' });
    expect((await desk.card(id)).text).toMatch(
      /\nPaid late.*\n.*\nAnother prompt is not proved\. Compare with the M-Pesa statement\.$/,
    );
    await desk.told(second, { verdict: 'failed', reason: 'expired' });
    expect(await desk.payment(id)).toMatchObject({ state: 'paid', flag: null });
  });

  test('is not handed to a person for a prompt that stays unproved', async () => {
    const { id, attempt: first } = await desk.prompted();
    await desk.failed(first);
    await desk.again(id);
    await desk.told(first, { receipt: code('TFH774CB15') });
    await desk.unproved();
    expect(await desk.payment(id)).toMatchObject({ state: 'paid', flag: null });
  });
});
