/** Protects payments from words that nobody signed and from words about another prompt, whoever reads them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { code, type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const trust = 'accepted_unsigned';
const ids = (correlationId: string | null) => ({ correlationId, requestId: null });
async function named(correlationId: string) {
  const sale = await desk.prompted();
  await desk.told(sale.attempt, { verdict: 'pending', ids: ids(correlationId), trust: 'lookup' });
  return sale;
}

test('an unsigned "paid" names id, amount and M-Pesa’s own number, or is a hint', async () => {
  const { id, attempt } = await named('ws_CO_1');
  const whole = { trust, ids: ids('ws_CO_1'), amountCents: 500_00n, receipt: code('TFH774CD01') } as const;
  const standIn = { number: 'RCHK-1', final: false };
  for (const part of [{ amountCents: null }, { receipt: null }, { receipt: standIn }])
    expect(await desk.told(attempt, { ...whole, ...part })).toMatchObject({ effect: 'hint' });
  const { reference } = await desk.attemptOf(attempt);
  for (const part of [{ ids: ids(null) }, { ids: ids(null), reference }])
    expect(await desk.told(attempt, { ...whole, ...part })).toMatchObject({ effect: 'unmatched' });
  expect(await desk.ledger(id)).toEqual([]);
  expect(await desk.told(attempt, whole)).toMatchObject({ effect: 'paid' });
  expect(await desk.ledger(id)).toMatchObject([{ trust }]);
});

test('kept evidence that names another prompt beside this one is not applied to it', async () => {
  const sale = await desk.prompted();
  const { reference } = await desk.attemptOf(sale.attempt);
  const other = await named('ws_CO_2');
  // Two names of two prompts: nobody's.
  const both = { reference, ids: ids('ws_CO_2'), receipt: code('TFH774CD02'), hint: null };
  expect(await desk.told(sale.attempt, both)).toMatchObject({ effect: 'unmatched' });
  await desk.told(sale.attempt, { verdict: 'pending', ids: ids('ws_CO_3') });
  expect(await desk.ledger(sale.id)).toEqual([]);
  expect(await desk.ledger(other.id)).toEqual([]);
});
