/** Protects a file on its way: an answer that is about the account holds it, and a yes that lost its giver is given anew. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BatchId, IdentityId } from '../../src/domain/ids.ts';
import type { Reason } from '../../src/domain/payment.ts';
import { restOf } from '../../src/payouts/bulk-hash.ts';
import { pauseBatch, resumeBatch, stopBatch } from '../../src/payouts/bulk-run.ts';
import { spentToday } from '../../src/payouts/reserve.ts';
import { setRole } from '../../src/payouts/staff.ts';
import { type BulkDesk, openBulkDesk } from './bulk-desk.ts';
import { wideLimits } from './desk.ts';

let desk: BulkDesk;
beforeAll(async () => {
  desk = await openBulkDesk();
});
afterAll(() => desk.close());
beforeEach(async () => {
  desk.bank.send = async () => ({ kind: 'accepted', payoutId: desk.newName(), feeCents: null });
  await desk.db.updateTable('member').set({ removed_at: null }).execute();
  await desk.db.updateTable('gateway_account').set({ state: 'active', stopped_reason: null }).execute();
  await desk.limit(wideLimits);
  await sendAll();
  desk.orders.length = 0;
});

const lines = (...shillings: number[]): string =>
  shillings.map((kes) => `${desk.newPhone()} ${kes}`).join('\n');

async function sendAll(most = 100): Promise<void> {
  for (let i = 0; i < most && (await desk.submitter.runOnce()); i++) desk.clock.advance(0.001);
}

const refuse = (reason: Reason) => {
  desk.bank.send = async () => ({ kind: 'refused', reason, rawCode: 'x', detail: '' });
};
const take = () => {
  desk.bank.send = async () => ({ kind: 'accepted', payoutId: desk.newName(), feeCents: null });
};
const resume = (id: BatchId, by: IdentityId) => desk.inTx((tx) => resumeBatch(tx, desk.deps, id, by));
const leaves = (who: IdentityId) =>
  desk.db
    .updateTable('member')
    .set({ removed_at: desk.clock.now() })
    .where('identity_id', '=', who)
    .execute();
const audited = async (id: string) => {
  const rows = await desk.db.selectFrom('audit_entry').select(['action', 'facts']).orderBy('id').execute();
  return rows.filter(({ facts }) => Object.values(facts).includes(id)).map(({ action }) => action);
};

describe('an answer that every further row would meet', () => {
  it.each(['float_too_low', 'no_service_tokens', 'channel_inactive', 'provider_down'] as const)(
    'holds the file at the first row: %s',
    async (reason) => {
      const id = await desk.running(lines(500, 501, 502, 503));
      await sendAll(1);
      refuse(reason);
      await sendAll();
      expect(desk.orders.length).toBe(2);
      expect(await desk.states(id)).toBe('2 approved, 1 failed, 1 sent_to_gateway');
      expect(await desk.entries(id)).toBe('4 reserve, 1 void');
      expect(await desk.batch(id)).toMatchObject({ state: 'paused', pause_reason: reason, paused_by: null });
      expect((await audited(id)).at(-1)).toBe('batch_paused');
      take();
      await sendAll();
      expect(desk.orders.length).toBe(2);
      // Nobody doubted the file: whoever asked lets it on.
      expect(await resume(id, desk.asha)).toBe('done');
      await sendAll();
      expect(await desk.states(id)).toBe('1 failed, 3 sent_to_gateway');
      expect(await desk.batch(id)).toMatchObject({ state: 'running', pause_reason: null });
    },
  );

  it('of the keys stops the account as well; the file goes on when it was looked at', async () => {
    const id = await desk.running(lines(500, 501));
    desk.clock.advance(1);
    const single = await desk.approved({ kes: 700 });
    refuse('credentials_refused');
    await sendAll();
    expect(desk.orders.length).toBe(1);
    const account = () =>
      desk.db.selectFrom('gateway_account').select(['state', 'stopped_reason']).executeTakeFirstOrThrow();
    expect(await account()).toEqual({ state: 'stopped', stopped_reason: 'credentials_refused' });
    expect(await desk.batch(id)).toMatchObject({ state: 'paused', pause_reason: 'credentials_refused' });
    take();
    expect(await resume(id, desk.boss)).toBe('account_stopped');
    await desk.db.updateTable('gateway_account').set({ state: 'active' }).execute();
    expect(await resume(id, desk.boss)).toBe('done');
    await sendAll();
    expect(await desk.states(id)).toBe('1 failed, 1 sent_to_gateway');
    expect((await desk.row(single)).state).toBe('sent_to_gateway');
  });

  it('also of one payout: nothing more is sent through that account', async () => {
    const [first, second] = [await desk.approved({ kes: 710 }), await desk.approved({ kes: 711 })];
    const said = () => desk.db.selectFrom('outbox').select('key').where('key', 'like', 'stopped:%').execute();
    const before = (await said()).length;
    refuse('credentials_refused');
    await sendAll();
    expect((await desk.row(first)).state).toBe('failed');
    expect((await desk.row(second)).state).toBe('approved');
    expect(desk.orders.length).toBe(1);
    expect((await said()).length).toBeGreaterThan(before);
    // What is refused of this payout alone stops nothing.
    await desk.db.updateTable('gateway_account').set({ state: 'active' }).execute();
    refuse('float_too_low');
    await sendAll();
    expect((await desk.row(second)).state).toBe('failed');
    expect(await desk.db.selectFrom('gateway_account').select('state').execute()).toEqual([
      { state: 'active' },
    ]);
  });

  it('is told from answers about single rows: those hold it only when four of them follow each other', async () => {
    const id = await desk.running(lines(500, 501, 502, 503, 504, 505, 506, 507, 508));
    refuse('payee_refused');
    await sendAll(3);
    take();
    await sendAll(1);
    expect(await desk.batch(id)).toMatchObject({ state: 'running' });
    desk.bank.send = async () => ({ kind: 'not_sent', detail: 'no route' });
    await sendAll();
    expect(await desk.states(id)).toBe('1 approved, 7 failed, 1 sent_to_gateway');
    expect(await desk.batch(id)).toMatchObject({ state: 'paused', pause_reason: 'gateway_unreachable' });
    // What was before counts no more when a person lets it on.
    await resume(id, desk.brian);
    await sendAll(1);
    expect(await desk.batch(id)).toMatchObject({ state: 'running' });
  });

  it('is none of rows of which nobody knows: each stays as it is, and the rest goes on', async () => {
    const id = await desk.running(lines(500, 501, 502, 503, 504, 505, 506, 507, 508, 509));
    const lose = () => {
      desk.bank.send = async () => ({ kind: 'unknown', payoutId: null, rawCode: 'lost', detail: '' });
    };
    lose();
    await sendAll(5);
    expect(await desk.batch(id)).toMatchObject({ state: 'running', pause_reason: null });
    // They are neither refusals nor the end of a row of refusals.
    refuse('payee_refused');
    await sendAll(2);
    lose();
    await sendAll(1);
    refuse('payee_refused');
    await sendAll(1);
    expect(await desk.batch(id)).toMatchObject({ state: 'running' });
    await sendAll(1);
    expect(await desk.states(id)).toBe('4 failed, 6 unknown');
    expect(await desk.batch(id)).toMatchObject({ state: 'paused', pause_reason: 'payee_refused' });
  });

  it('leaves a file alone that a person holds', async () => {
    const id = await desk.running(lines(500, 501));
    desk.bank.send = async () => {
      await desk.db
        .updateTable('payout_batch')
        .set({ state: 'paused', paused_by: desk.boss })
        .where('id', '=', id)
        .execute();
      return { kind: 'refused', reason: 'float_too_low', rawCode: 'x', detail: '' };
    };
    await sendAll();
    expect(await desk.batch(id)).toMatchObject({ paused_by: desk.boss, pause_reason: null });
    expect(await resume(id, desk.asha)).toBe('not_yours');
  });
});

describe('a file whose approver may approve no more', () => {
  /** One of its rows is sent, then whoever approved leaves. */
  const orphaned = async (...shillings: number[]): Promise<BatchId> => {
    const id = await desk.running(lines(...shillings));
    await sendAll(1);
    await leaves(desk.brian);
    await sendAll();
    return id;
  };
  const anew = (id: BatchId, by: IdentityId, totalCents: bigint | null = null) =>
    desk.approve(id, { by, totalCents });

  it('is held, and goes on by another yes to what is left: each row once, nothing set aside twice', async () => {
    const id = await orphaned(500, 501, 502);
    expect(desk.orders.length).toBe(1);
    expect(await desk.batch(id)).toMatchObject({ state: 'paused', pause_reason: 'approver_left' });
    // Nobody lets it on without a yes, also where the old approver is back.
    expect(await resume(id, desk.boss)).toBe('not_now');
    await desk.db.updateTable('member').set({ removed_at: null }).execute();
    expect(await resume(id, desk.brian)).toBe('not_now');
    expect(await anew(id, desk.asha)).toEqual({ kind: 'own' });
    expect(await anew(id, desk.cashier)).toEqual({ kind: 'no_right' });
    const { version } = await desk.batch(id);
    expect(await desk.approve(id, { by: desk.boss, version: version - 1 })).toEqual({ kind: 'not_now' });
    expect(await anew(id, desk.boss)).toEqual({ kind: 'approved' });
    expect(await anew(id, desk.boss)).toEqual({ kind: 'not_now' });
    await sendAll();
    expect(desk.orders.map(({ amountCents }) => amountCents)).toEqual([500_00n, 501_00n, 502_00n]);
    expect(await desk.entries(id)).toBe('3 reserve');
    const rounds = await desk.db
      .selectFrom('approval')
      .select(['round', 'by_identity'])
      .where('batch_id', '=', id)
      .orderBy('round')
      .execute();
    expect(rounds).toEqual([
      { round: 1, by_identity: desk.brian },
      { round: 2, by_identity: desk.boss },
    ]);
  });

  it('may lose its second approver too', async () => {
    const id = await orphaned(500, 501, 502);
    expect(await anew(id, desk.boss)).toEqual({ kind: 'approved' });
    await sendAll(1);
    await leaves(desk.boss);
    await sendAll();
    expect(await desk.batch(id)).toMatchObject({ state: 'paused', pause_reason: 'approver_left' });
    await desk.db.updateTable('member').set({ removed_at: null }).execute();
    expect(await anew(id, desk.brian)).toEqual({ kind: 'approved' });
    await sendAll();
    expect(await desk.states(id)).toBe('3 sent_to_gateway');
  });

  it.each([
    ['a sum of what is left', sql`update payout set amount_cents = amount_cents + 100 where batch_row = 3`],
    ['a row of it taken out', sql`update payout set state = 'draft' where batch_row = 3`],
  ])('is not approved where somebody changed %s', async (_what, change) => {
    const id = await orphaned(500, 501, 502);
    await sql`${change} and batch_id = ${id}`.execute(desk.db);
    expect(await anew(id, desk.boss)).toEqual({ kind: 'not_now' });
    expect((await desk.batch(id)).state).toBe('paused');
  });

  it('is not sent by the approval that there was, whatever is written to its state', async () => {
    const id = await orphaned(500, 501);
    await desk.db.updateTable('member').set({ removed_at: null }).execute();
    await desk.db.updateTable('payout_batch').set({ state: 'running' }).where('id', '=', id).execute();
    await sendAll();
    expect(desk.orders.length).toBe(1);
    expect(await desk.states(id)).toBe('1 review, 1 sent_to_gateway');
  });

  it('wants the total of what is left typed, where it is large', async () => {
    const id = await orphaned(500, 15_000, 6_000);
    expect(await anew(id, desk.boss)).toEqual({ kind: 'total', wrong: false });
    expect(await anew(id, desk.boss, 21_500_00n)).toEqual({ kind: 'total', wrong: true });
    expect(await anew(id, desk.boss, 21_000_00n)).toEqual({ kind: 'approved' });
  });

  it('counts against the limits of the day of the new yes, and once', async () => {
    const by = await desk.member('rest-limits', 'manager');
    const id = await desk.read(lines(500, 501, 502), by);
    await desk.ask(id, null, by);
    await desk.approve(id);
    await sendAll(1);
    await leaves(desk.brian);
    await sendAll();
    await desk.limit({ ...wideLimits, memberDay: 1_502_00n });
    expect(await anew(id, desk.boss)).toMatchObject({ over: { limit: 'memberDay', left: 1_002_00n } });
    await desk.limit({ ...wideLimits, memberDay: 1_503_00n });
    await desk.inTx(async (tx) => {
      const { version } = await desk.batch(id);
      expect((await restOf(tx, desk.deps, await desk.batch(id), version))?.totalCents).toBe(1_003_00n);
    });
    // On the next day what was sent yesterday counts no more, and what is left does.
    desk.clock.advance(24 * 3600 - 1);
    await desk.limit({ ...wideLimits, memberDay: 1_002_00n });
    expect(await anew(id, desk.boss)).toMatchObject({ over: { limit: 'memberDay', left: 1_002_00n } });
    await desk.limit({ ...wideLimits, memberDay: 1_003_00n });
    expect(await anew(id, desk.boss)).toEqual({ kind: 'approved' });
  });

  it('lapses after a day without that yes: what is left is never sent, and is not set aside', async () => {
    const id = await orphaned(500, 501, 502);
    const { expires_at, version } = await desk.batch(id);
    const life = (expires_at?.getTime() ?? 0) - desk.clock.now().getTime();
    expect(Math.round(life / 1000)).toBe(24 * 3600);
    const looked = async () => {
      while (await desk.progress.runOnce());
    };
    desk.clock.advance(24 * 3600 - 1);
    await looked();
    expect(await desk.batch(id)).toMatchObject({ state: 'paused', version });
    desk.clock.advance(1);
    // Also where nobody looked yet.
    expect(await anew(id, desk.boss)).toEqual({ kind: 'not_now' });
    desk.clock.advance(60);
    await looked();
    expect(await desk.states(id)).toBe('2 expired, 1 sent_to_gateway');
    expect(await desk.entries(id)).toBe('3 reserve, 2 void');
    expect(await desk.batch(id)).toMatchObject({ state: 'running', version: version + 1, hash: null });
    expect((await audited(id)).at(-1)).toBe('batch_expired');
    expect(await anew(id, desk.boss)).toEqual({ kind: 'not_now' });
    await sendAll();
    expect(desk.orders.length).toBe(1);
    // The file is over with its last row.
    await desk.db
      .updateTable('payout')
      .set({ state: 'paid' })
      .where('state', '=', 'sent_to_gateway')
      .execute();
    desk.clock.advance(60);
    await looked();
    expect(await desk.batch(id)).toMatchObject({ state: 'done', expires_at });
    expect(desk.results(id)).toEqual(['result 1']);
  });

  it('can be stopped for good instead', async () => {
    const id = await orphaned(500, 501);
    expect(await desk.inTx((tx) => stopBatch(tx, desk.deps, id, desk.asha))).toBe('done');
    expect(await anew(id, desk.boss)).toEqual({ kind: 'not_now' });
    expect(await desk.states(id)).toBe('1 sent_to_gateway, 1 void');
    expect((await desk.batch(id)).expires_at).toBeNull();
  });

  it('goes no further where whoever asked left as well', async () => {
    const id = await orphaned(500, 501);
    await leaves(desk.asha);
    expect(await anew(id, desk.boss)).toEqual({ kind: 'asker_left' });
    expect((await desk.batch(id)).state).toBe('paused');
  });
});

it('goes on after a day by a new yes to the rest alone, also of whoever said the first', async () => {
  const id = await desk.running(lines(500, 501, 502));
  await sendAll(1);
  await desk.inTx((tx) => pauseBatch(tx, desk.deps, id, desk.asha));
  desk.clock.advance(24 * 3600 + 1);
  expect(await resume(id, desk.asha)).toBe('done');
  await sendAll();
  expect(desk.orders.length).toBe(1);
  expect(await desk.batch(id)).toMatchObject({ state: 'paused', pause_reason: 'approval_lapsed' });
  expect((await audited(id)).at(-1)).toBe('batch_paused');
  expect(await resume(id, desk.boss)).toBe('not_now');
  expect(await desk.approve(id, { by: desk.asha, totalCents: null })).toEqual({ kind: 'own' });
  expect(await desk.approve(id, { totalCents: null })).toEqual({ kind: 'approved' });
  await sendAll();
  expect(await desk.states(id)).toBe('3 sent_to_gateway');
  expect(await desk.entries(id)).toBe('3 reserve');
});

it('approved anew on another day counts against that day, without the rows that went before', async () => {
  const by = await desk.member('rest-anew', 'manager');
  const id = await desk.read(lines(500, 501, 502), by);
  await desk.ask(id, null, by);
  await desk.approve(id);
  await sendAll(1);
  await desk.inTx((tx) => pauseBatch(tx, desk.deps, id, by));
  desk.clock.advance(25 * 3600);
  await resume(id, by);
  await sendAll();
  const spent = () =>
    desk.inTx((tx) => {
      const about = { business_id: desk.businessId, requested_by: by, phone_hmac: Buffer.alloc(0) };
      return spentToday(tx, about, desk.clock.now());
    });
  expect((await spent()).memberDay).toBe(0n);
  expect(await desk.approve(id, { totalCents: null })).toEqual({ kind: 'approved' });
  expect((await spent()).memberDay).toBe(1_003_00n);
  await sendAll(1);
  await leaves(desk.brian);
  await sendAll();
  expect((await spent()).memberDay).toBe(1_003_00n);
  await desk.limit({ ...wideLimits, memberDay: 1_003_00n });
  // What is left is counted once.
  expect(await desk.approve(id, { by: desk.boss, totalCents: null })).toEqual({ kind: 'approved' });
  expect((await spent()).memberDay).toBe(1_003_00n);
});

it('is over as soon as whoever asked for it loses the role that asks', async () => {
  const by = await desk.member('asks-no-more', 'manager');
  const id = await desk.read(lines(500, 501), by);
  await desk.ask(id, null, by);
  const { id: memberId } = await desk.db
    .selectFrom('member')
    .select('id')
    .where('identity_id', '=', by)
    .executeTakeFirstOrThrow();
  const staff = { ...desk.deps, tellStaff: { member: async () => undefined } };
  const act = { businessId: desk.businessId, by: desk.boss, memberId, role: 'cashier' } as const;
  expect(await desk.inTx((tx) => setRole(tx, staff, act))).toEqual({ kind: 'done' });
  expect(await desk.batch(id)).toMatchObject({ state: 'void', pause_reason: 'asker_left' });
  expect(await desk.states(id)).toBe('2 void');
});

it('is over where whoever asked for it may ask no more', async () => {
  const id = await desk.read(lines(500, 501));
  await desk.ask(id);
  await leaves(desk.asha);
  expect(await desk.approve(id)).toEqual({ kind: 'asker_left' });
  expect(await desk.batch(id)).toMatchObject({ state: 'void', pause_reason: 'asker_left', hash: null });
  expect(await desk.states(id)).toBe('2 void');
  expect(await desk.entries(id)).toBe('');
  expect((await audited(id)).at(-1)).toBe('batch_withdrawn');
});

it('sends no row that was moved into another file, though both were approved', async () => {
  const from = await desk.running(lines(500, 501));
  desk.clock.advance(1);
  const to = await desk.running(lines(502));
  const moved = (await desk.rows(from))[1];
  await desk.db
    .updateTable('payout')
    .set({ batch_id: to, batch_row: 99 })
    .where('id', '=', moved?.id ?? null)
    .execute();
  await sendAll();
  expect(desk.orders.map(({ amountCents }) => amountCents)).toEqual([500_00n, 502_00n]);
  expect(await desk.states(to)).toBe('1 review, 1 sent_to_gateway');
});
