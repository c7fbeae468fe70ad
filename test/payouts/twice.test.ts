/** Protects a payee's wages from being sent twice: what is alike, what is still open, and what the card says of it. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PayoutId } from '../../src/domain/ids.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { batchFacts, wantsReason } from '../../src/payouts/bulk-facts.ts';
import { openBefore } from '../../src/payouts/queries.ts';
import { askApproval } from '../../src/payouts/request.ts';
import { type BulkDesk, openBulkDesk } from './bulk-desk.ts';
import { code, wideLimits } from './desk.ts';

let desk: BulkDesk;
beforeAll(async () => {
  desk = await openBulkDesk();
  await desk.limit(wideLimits);
});
beforeEach(() => {
  desk.bank.send = async () => ({ kind: 'accepted', payoutId: desk.newName(), feeCents: null });
});
afterAll(() => desk.close());

let receipts = 0;
async function paid(phone: Msisdn, kes: number, charge = 0): Promise<PayoutId> {
  const id = await desk.sent({ phone, kes, charge });
  await desk.tell(id, { receipt: code(`RKT${String(++receipts).padStart(7, '0')}`) });
  expect((await desk.row(id)).state).toBe('paid');
  return id;
}
const asked = async (phone: Msisdn, kes: number, charge = 0) => {
  const id = await desk.draft({ phone, kes, charge });
  const outcome = await desk.inTx((tx) => askApproval(tx, desk.deps, id, desk.asha, null));
  return outcome.kind === 'again' ? outcome.before.id : outcome.kind;
};
/** Of a file with this one row. */
const facts = async (phone: Msisdn, kes: number) => {
  const id = await desk.read(`${phone} ${kes}`);
  const found = await desk.inTx(async (tx) => batchFacts(tx, await desk.batch(id), desk.clock.now()));
  return { lately: found.lately, again: found.again, reason: wantsReason(found) };
};
const both = { lately: 1, again: 1, reason: true };
const none = { lately: 0, again: 0, reason: false };

describe('the same sum to the same phone', () => {
  test.each([
    ['with the withdrawal charge and without: the payee keeps the same', 529, 29, 500, 0, true],
    ['without and with', 500, 0, 529, 29, true],
    ['alike in all that is sent', 529, 29, 529, 0, true],
    ['another sum', 500, 0, 501, 0, false],
  ] as const)('is told: %s', async (_name, first, charge, second, secondCharge, same) => {
    const phone = desk.newPhone();
    const id = await paid(phone, first, charge);
    expect(await asked(phone, second, secondCharge)).toBe(same ? id : 'waiting');
    if (secondCharge === 0 && same) expect(await facts(phone, second)).toEqual(both);
  });

  test('is told for a day where the earlier one is settled', async () => {
    const phone = desk.newPhone();
    await paid(phone, 500);
    desk.clock.advance(24 * 3600 + 60);
    expect(await facts(phone, 500)).toEqual({ lately: 1, again: 0, reason: false });
    expect(await asked(phone, 500)).toBe('waiting');
  });

  test.each(['sending', 'sent_to_gateway', 'unknown', 'review'] as const)(
    'is told for as long as the earlier one is %s',
    async (state) => {
      const phone = desk.newPhone();
      const id = await desk.sent({ phone });
      await desk.db.updateTable('payout').set({ state }).where('id', '=', id).execute();
      desk.clock.advance(30 * 24 * 3600);
      expect(await facts(phone, 500)).toEqual(both);
      expect(await facts(phone, 499)).toEqual(none);
      expect(await asked(phone, 500)).toBe(id);
    },
  );
});

test('what is not known yet stands on the card of the next one to that phone, whatever the sum', async () => {
  const phone = desk.newPhone();
  const open = async () => {
    const draft = await desk.row(await desk.draft({ phone, kes: 900 }));
    return desk.inTx((tx) => openBefore(tx, draft));
  };
  expect(await open()).toBeNull();
  await paid(phone, 300);
  expect(await open()).toBeNull();
  const first = await desk.row(await desk.sent({ phone, kes: 500 }));
  expect(await open()).toEqual({ count: 1, cents: 500_00n, ref: first.ref });
  desk.clock.advance(60);
  const second = await desk.row(await desk.sent({ phone, kes: 700 }));
  expect(await open()).toEqual({ count: 2, cents: 700_00n, ref: second.ref });
  await sql`update payout set state = 'failed' where id = ${second.id}`.execute(desk.db);
  expect(await open()).toMatchObject({ count: 1, ref: first.ref });
});
