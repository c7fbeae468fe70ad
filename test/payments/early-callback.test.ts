/** Protects the proof of a callback that overtakes the gateway's own answer: it must find the attempt, whoever is first. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { settle } from '../../src/payments/settle.ts';
import { code, type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

test('told to the account before the answer is stored, and committed after it: paid all the same', async () => {
  const ids = { correlationId: 'ws_CO_2111', requestId: 'm-1' };
  desk.gateway.collect = async () => ({ kind: 'accepted', ids });
  const payment = await desk.draft();
  await desk.queue(payment);
  const written = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const callback = desk.inTx(async (tx) => {
    const { effect } = await settle(tx, desk.deps, {
      ...{ accountId: desk.accountId, source: 'callback', trust: 'accepted_unsigned' },
      ...{ attemptHint: null, inboxId: null, byIdentity: null },
      evidence: {
        ...{ verdict: 'paid', ids, reference: null, amountCents: 50_000n, msisdn: null, reason: null },
        ...{ receipt: code('TFH774CBE1'), rawCode: '0' },
      },
    });
    written.resolve();
    await answered.promise;
    return effect;
  });
  await written.promise;
  let submitted = false;
  const submit = desk.submitter.runOnce().then(() => {
    submitted = true;
  });
  // The answer is stored, or waits for the callback.
  while (!submitted && (await desk.waiting()).rows.length === 0);
  answered.resolve();
  expect(await callback).toBe('unmatched');
  await submit;
  expect(await desk.payment(payment)).toMatchObject({ state: 'paid' });
  expect(await desk.ledger(payment)).toMatchObject([{ receipt: 'TFH774CBE1' }]);
});
