/** Protects what an operator reads of a payout when somebody says that the wages did not come: complete, and masked. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ref } from '../../src/domain/refs.ts';
import { showPayout } from '../../src/payouts/show.ts';
import { createQuickOperator, environmentOf, type Operator } from '../cli/operator.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { code, openPayoutDesk, type PayoutDesk } from './desk.ts';

let desk: PayoutDesk;
let database: TestDatabase;
let operator: Operator;
beforeAll(async () => {
  desk = await openPayoutDesk();
  database = await openTestDatabase({ max: 2 });
  operator = await createQuickOperator(environmentOf(database));
});
afterAll(async () => {
  await operator.close();
  await database.close();
  await desk.close();
});

test('rounds, approvals, entries, evidence and time line, without a whole phone', async () => {
  const phone = desk.newPhone();
  const id = await desk.sent({ kes: 500, phone });
  const { ref, gateway_payout_id: first } = await desk.row(id);
  await desk.tell(id, { verdict: 'failed', payoutId: first, reason: 'not_given', msisdn: phone });
  await desk.ask(id, desk.asha, 'again');
  await desk.approve(id);
  while (await desk.submitter.runOnce());
  await desk.tell(id, { amountCents: 500_00n, payoutId: 'bp-2', receipt: code('RKL1XXXXX0'), msisdn: phone });
  const shown = await showPayout(desk.db, ref as Ref);
  expect(shown).toMatchObject({
    ...{ ref, state: 'paid', amountCents: 50_000, receipt: 'RKL1XXXXX0', feeCents: 2_500 },
    attempts: [
      { round: 1, outcome: 'accepted', gatewayPayoutId: first },
      { round: 2, outcome: 'accepted', gatewayPayoutId: 'bp-2' },
    ],
    approvals: [
      { round: 1, kind: 'approved', by: desk.brian },
      { round: 2, kind: 'approved', by: desk.brian },
    ],
    entries: [{ kind: 'reserve' }, { kind: 'void' }, { kind: 'reserve' }, { kind: 'post' }],
    evidence: [
      { verdict: 'failed', effect: 'failed' },
      { verdict: 'paid', effect: 'paid', trust: 'signed' },
    ],
  });
  const kinds = shown?.timeline.map(({ kind }) => kind);
  const round = ['waiting', 'approved', 'sending', 'accepted', 'evidence'];
  expect(kinds).toEqual(['asked', ...round, ...round]);
  expect(JSON.stringify(shown)).not.toContain(phone.slice(3));
});

test('the command knows no payout that there is not', async () => {
  const ran = await operator.run(['payout', 'show', 'W-3F9TD']);
  expect(ran).toMatchObject({ status: 1, stderr: 'There is no payout W-3F9TD.\n' });
});
