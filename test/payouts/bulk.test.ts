import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BatchId, IdentityId } from '../../src/domain/ids.ts';
import { rejectBatch } from '../../src/payouts/bulk-approve.ts';
import { batchFacts, batchProgress } from '../../src/payouts/bulk-facts.ts';
import { withdrawBatch } from '../../src/payouts/bulk-request.ts';
import { pauseBatch, resumeBatch, stopBatch } from '../../src/payouts/bulk-run.ts';
import { nextSender, takeApproved } from '../../src/payouts/claim.ts';
import { allowPayouts, freezePayouts } from '../../src/payouts/freeze.ts';
import { type BulkDesk, openBulkDesk } from './bulk-desk.ts';
import { wideLimits } from './desk.ts';

let desk: BulkDesk;
beforeAll(async () => {
  desk = await openBulkDesk();
});
afterAll(() => desk.close());
beforeEach(async () => {
  desk.bank.send = async () => ({ kind: 'accepted', payoutId: desk.newName(), feeCents: 25_00n });
  await desk.limit(wideLimits);
  // What other tests left behind.
  await sendAll();
  desk.said.length = 0;
  desk.orders.length = 0;
});

/** Lines of phones that nobody was paid on before. */
function lines(...shillings: number[]): string {
  return shillings.map((kes) => `${desk.newPhone()} ${kes}`).join('\n');
}

async function sendAll(most = 1000): Promise<void> {
  for (let i = 0; i < most && (await desk.submitter.runOnce()); i++) desk.clock.advance(0.001);
}

async function paid(id: BatchId): Promise<void> {
  for (const row of await desk.rows(id))
    if (row.state === 'sent_to_gateway')
      await desk.tell(row.id, { payoutId: row.gateway_payout_id, reference: row.reference });
}

const look = async (seconds = 5): Promise<void> => {
  desk.clock.advance(seconds);
  while (await desk.progress.runOnce());
};

describe('a file', () => {
  it('becomes one batch: rows that can be paid, and those that cannot with their reason', async () => {
    const phone = desk.newPhone();
    const id = await desk.read(`${phone} 500 Otieno\n${desk.newPhone()} 9\nhello 5\n${phone} 700`);
    expect(await desk.batch(id)).toMatchObject({ rows: 2, total_cents: 1200_00n, state: 'draft' });
    const facts = await desk.inTx(async (tx) => batchFacts(tx, await desk.batch(id), desk.clock.now()));
    expect(facts).toEqual({ bad: 2, twice: 2, same: 0, lately: 0, again: 0, fresh: 2, before: null });
    expect((await desk.rows(id)).map((row) => [row.batch_row, row.payee_name, row.state])).toEqual([
      [2, 'Otieno', 'draft'],
      [5, null, 'draft'],
    ]);
  });

  it('is fetched before it is read, tried again while the platform is away, and given up with a word', async () => {
    const answers: string[] = [];
    desk.platform.fetch = async (name) => {
      answers.push(name);
      if (answers.length === 1) return { kind: 'later', detail: 'away', afterSeconds: null };
      return { kind: 'file', bytes: Buffer.from(`phone,amount\n${desk.newPhone()},500`) };
    };
    const before = desk.drafted.length;
    await desk.keep('', desk.asha, { platformId: 'F1' });
    while (await desk.intake.runOnce());
    expect(desk.drafted.length).toBe(before);
    desk.clock.advance(5);
    while (await desk.intake.runOnce());
    expect(desk.drafted.length).toBe(before + 1);
    expect(answers).toEqual(['F1', 'F1']);

    desk.platform.fetch = async () => ({ kind: 'later', detail: 'away', afterSeconds: null });
    await desk.keep('', desk.asha, { platformId: 'F2' });
    for (let i = 0; i < 8; i++) {
      while (await desk.intake.runOnce());
      desk.clock.advance(300);
    }
    expect(desk.said).toEqual(['wages.csv gone']);
  });

  it('is refused in words where it cannot be read, and where its sender may not pay out', async () => {
    await desk.keep('hello there\nyou');
    await desk.keep(lines(500, 600), desk.cashier);
    while (await desk.intake.runOnce());
    expect(desk.said).toEqual(['wages.csv no_right']);
    const id = desk.drafted.at(-1) as BatchId;
    expect(await desk.batch(id)).toMatchObject({ rows: 0 });
    expect(await desk.ask(id)).toEqual({ kind: 'not_now' });
  });
});

it('leaves a file alone on which the program ended twice', async () => {
  const ended = async (times: number): Promise<void> => {
    await desk.keep(lines(500));
    // What a claim leaves behind after which nothing was done.
    await desk.db.updateTable('stored_file').set({ tries: times }).where('state', '=', 'here').execute();
    while (await desk.intake.runOnce());
  };
  const before = desk.drafted.length;
  await ended(1);
  expect(desk.drafted.length).toBe(before + 1);
  await ended(2);
  expect(desk.drafted.length).toBe(before + 1);
  expect(desk.said).toEqual(['wages.csv too_heavy']);
});

describe('the approval of a file', () => {
  it('sets all its money aside at once, and lets it run', async () => {
    const id = await desk.running(lines(500, 600, 700));
    expect(await desk.batch(id)).toMatchObject({ state: 'running' });
    expect(await desk.states(id)).toBe('3 approved');
    expect(await desk.entries(id)).toBe('3 reserve');
    await sendAll();
    expect(desk.orders.map(({ amountCents }) => amountCents)).toEqual([500_00n, 600_00n, 700_00n]);
    await paid(id);
    expect(await desk.states(id)).toBe('3 paid');
  });

  it('is not given by whoever asked, by a cashier, twice, or on an old card', async () => {
    const id = await desk.read(lines(500));
    await desk.read(lines(500));
    expect(await desk.approve(id)).toEqual({ kind: 'not_now' });
    expect(await desk.ask(id, null, desk.brian)).toEqual({ kind: 'not_now' });
    expect(await desk.ask(id)).toEqual({ kind: 'waiting' });
    expect(await desk.ask(id)).toEqual({ kind: 'not_now' });
    expect(await desk.approve(id, { by: desk.asha })).toEqual({ kind: 'own' });
    expect(await desk.approve(id, { by: desk.cashier })).toEqual({ kind: 'no_right' });
    expect(await desk.approve(id, { version: 1 })).toEqual({ kind: 'not_now' });
    const both = await Promise.all([desk.approve(id), desk.approve(id, { by: desk.boss })]);
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(['approved', 'not_now']);
    expect(await desk.entries(id)).toBe('1 reserve');
  });

  it('wants the total typed where it is large', async () => {
    const id = await desk.read(lines(15_000, 6_000));
    await desk.ask(id);
    expect(await desk.approve(id, { totalCents: null })).toEqual({ kind: 'total', wrong: false });
    expect(await desk.approve(id, { totalCents: 20_000_00n })).toEqual({ kind: 'total', wrong: true });
    expect((await desk.approve(id)).kind).toBe('approved');
    const small = await desk.read(lines(500));
    await desk.ask(small);
    expect((await desk.approve(small, { totalCents: null })).kind).toBe('approved');
  });

  it.each([
    ['single', { single: 600_00n }],
    ['day', { day: 1_000_00n }],
    ['memberDay', { memberDay: 1_000_00n }],
    ['payeeDay', { payeeDay: 1_100_00n }],
  ] as const)('keeps the limit %s, over all rows together', async (limit, over) => {
    // A member of his own, so that what others asked for does not count.
    const by = await desk.member(`limit-${limit}`, 'manager');
    const phone = desk.newPhone();
    const id = await desk.read(`${phone} 500\n${phone} 700`, by);
    await desk.ask(id, null, by);
    const all = { ...wideLimits, ...over };
    if (limit === 'day') {
      const { rows } = await sql<{ day: bigint }>`
        select coalesce(sum(amount_cents), 0)::bigint as day from payout_entry where kind = 'reserve'`.execute(
        desk.db,
      );
      all.day = BigInt(rows[0]?.day ?? 0) + 1_000_00n;
    }
    await desk.limit(all);
    expect(await desk.approve(id)).toMatchObject({ kind: 'over_limit', over: { limit } });
    expect(await desk.states(id)).toBe('2 waiting');
    expect(await desk.entries(id)).toBe('');
  });

  it.each([
    ['a sum', sql`update payout set amount_cents = amount_cents + 100 where batch_row = 2`],
    ['a row taken out', sql`update payout set batch_id = null, batch_row = null where batch_row = 2`],
    ['rows in another order', sql`update payout set batch_row = 99 where batch_row = 2`],
    ['the total', sql`update payout_batch set total_cents = total_cents + 1`],
  ])('is not given where somebody changed %s behind our back', async (_what, change) => {
    const id = await desk.read(lines(500, 600));
    await desk.ask(id);
    const isRow = change.compile(desk.db).sql.includes('update payout set');
    await sql`${change} ${isRow ? sql`and batch_id = ${id}` : sql`where id = ${id}`}`.execute(desk.db);
    expect(await desk.approve(id)).toEqual({ kind: 'not_now' });
    expect(await desk.entries(id)).toBe('');
  });

  it('can be refused, taken back, and lapses', async () => {
    const rejected = await desk.read(lines(500));
    await desk.ask(rejected);
    const { version } = await desk.batch(rejected);
    const no = { batchId: rejected, by: desk.brian, version, why: 'not due' };
    expect(await desk.inTx((tx) => rejectBatch(tx, desk.deps, no))).toBe('rejected');
    expect(await desk.inTx((tx) => rejectBatch(tx, desk.deps, no))).toBe('not_now');
    expect(await desk.states(rejected)).toBe('1 rejected');

    const withdrawn = await desk.read(lines(500));
    await desk.ask(withdrawn);
    const back = (by = desk.asha) => desk.inTx((tx) => withdrawBatch(tx, desk.deps, withdrawn, by));
    expect(await back(desk.brian)).toBe(false);
    expect(await back()).toBe(true);
    expect(await desk.states(withdrawn)).toBe('1 void');

    const late = await desk.read(lines(500));
    await desk.ask(late);
    await look(24 * 3600);
    expect(await desk.approve(late)).toEqual({ kind: 'not_now' });
    expect(await desk.states(late)).toBe('1 expired');
    for (const id of [rejected, withdrawn, late]) expect(await desk.entries(id)).toBe('');
  });

  it('wants a reason for what may have been sent already', async () => {
    const text = lines(500, 600);
    await desk.running(text);
    const same = await desk.read(text);
    expect(await desk.ask(same)).toMatchObject({
      kind: 'again',
      facts: { again: 2, before: { ref: expect.any(String) } },
    });
    expect(await desk.ask(same, 'second half of the month')).toEqual({ kind: 'waiting' });
    expect((await desk.batch(same)).resend_reason).toBe('second half of the month');
    const phone = desk.newPhone();
    const twice = await desk.read(`${phone} 500\n${phone} 500`);
    expect(await desk.ask(twice)).toMatchObject({
      kind: 'again',
      facts: { same: 2, again: 0, before: null },
    });
  });

  it('waits while payouts are stopped', async () => {
    const id = await desk.read(lines(500, 600));
    await desk.ask(id);
    await desk.inTx((tx) => freezePayouts(tx, desk.deps, desk.businessId, desk.brian));
    expect(await desk.approve(id)).toEqual({ kind: 'frozen' });
    await desk.inTx((tx) => allowPayouts(tx, desk.deps, desk.businessId, desk.boss));
    expect((await desk.approve(id)).kind).toBe('approved');
  });
});

describe('a batch that runs', () => {
  it('stops where it is held, goes on where it is let, and what is held can be stopped for good', async () => {
    const id = await desk.running(lines(500, 501, 502, 503));
    const by = desk.brian;
    await sendAll(1);
    expect(await desk.inTx((tx) => pauseBatch(tx, desk.deps, id, desk.cashier))).toBe('no_right');
    expect(await desk.inTx((tx) => pauseBatch(tx, desk.deps, id, by))).toBe('done');
    await sendAll();
    expect(await desk.states(id)).toBe('3 approved, 1 sent_to_gateway');
    expect(await desk.inTx((tx) => resumeBatch(tx, desk.deps, id, by))).toBe('done');
    await sendAll(1);
    await desk.inTx((tx) => pauseBatch(tx, desk.deps, id, by));
    expect(await desk.inTx((tx) => stopBatch(tx, desk.deps, id, by))).toBe('done');
    await sendAll();
    expect(await desk.states(id)).toBe('2 sent_to_gateway, 2 void');
    expect(await desk.entries(id)).toBe('4 reserve, 2 void');
    await paid(id);
    await look();
    expect(await desk.batch(id)).toMatchObject({ state: 'done', next_look_at: null });
    expect(desk.results(id)).toEqual(['result 1']);
    expect(desk.orders.length).toBe(2);
  });

  it('is let on by whoever held it or by another than the requester, and not by the requester alone', async () => {
    const id = await desk.running(lines(500, 501));
    const { asha: requester, brian: manager, boss: theOwner } = desk;
    const pause = (by: IdentityId) => desk.inTx((tx) => pauseBatch(tx, desk.deps, id, by));
    const resume = (by: IdentityId) => desk.inTx((tx) => resumeBatch(tx, desk.deps, id, by));
    for (const other of [theOwner, manager]) {
      expect(await pause(other)).toBe('done');
      expect(await resume(requester)).toBe('not_yours');
      expect(await desk.batch(id)).toMatchObject({ state: 'paused' });
      expect(await resume(other)).toBe('done');
    }
    for (const by of [requester, manager, theOwner]) {
      expect(await pause(requester)).toBe('done');
      expect(await resume(by)).toBe('done');
    }
    await pause(theOwner);
    expect(await resume(manager)).toBe('done');
    const alone = await desk.read(lines(500), theOwner);
    await desk.ask(alone, null, theOwner);
    await desk.approve(alone);
    await desk.inTx((tx) => pauseBatch(tx, desk.deps, alone, manager));
    expect(await desk.inTx((tx) => resumeBatch(tx, desk.deps, alone, theOwner))).toBe('done');
  });

  it('goes on around a row of which nobody knows, and is done when a person has it', async () => {
    const id = await desk.running(lines(500, 501, 502));
    desk.bank.send = async ({ amountCents }) =>
      amountCents === 501_00n
        ? { kind: 'unknown', payoutId: null, rawCode: 'lost', detail: '' }
        : amountCents === 502_00n
          ? { kind: 'refused', reason: 'no_funds' as never, rawCode: '1', detail: '' }
          : { kind: 'accepted', payoutId: desk.newName(), feeCents: null };
    await sendAll();
    await paid(id);
    await look();
    expect(await desk.states(id)).toBe('1 failed, 1 paid, 1 unknown');
    expect((await desk.batch(id)).state).toBe('running');
    for (let i = 0; i < 8; i++) await desk.reconcile(600);
    await look();
    expect(await desk.states(id)).toBe('1 failed, 1 paid, 1 review');
    expect((await desk.batch(id)).state).toBe('done');
    expect(desk.results(id)).toEqual(['result 1']);
    const lost = (await desk.rows(id))[1];
    if (lost === undefined) throw new Error('no row');
    await desk.tell(lost.id, { reference: lost.reference });
    await look(61);
    expect(desk.results(id)).toEqual(['result 1', 'result 2']);
    expect(await desk.inTx((tx) => batchProgress(tx, id))).toEqual({
      sent: 2,
      not: 1,
      open: 0,
      left: 0,
      review: 0,
    });
    await look(3600);
    expect(desk.results(id)).toEqual(['result 1', 'result 2']);
  });
});

/** To find and take the next one. */
async function rowsLookedAt(): Promise<number> {
  return desk.inTx(async (tx) => {
    const counted = async (): Promise<number> => {
      const { rows } = await sql<{ n: bigint }>`
        select pg_stat_get_xact_tuples_returned('payout'::regclass)
          + sum(pg_stat_get_xact_tuples_returned(indexrelid)) as n
        from pg_index where indrelid = 'payout'::regclass`.execute(tx);
      return Number(rows[0]?.n);
    };
    const before = await counted();
    const now = desk.clock.now();
    const sender = await nextSender(tx, now);
    if (sender === null || (await takeApproved(tx, sender, now)) === null) throw new Error('none is next');
    return (await counted()) - before;
  });
}

it('takes as many rows as a shop has, in a few statements, and finds the next one without looking at all', async () => {
  // More than are read at a time.
  const count = 1200;
  const rows = Array.from({ length: count }, () => `${desk.newPhone()},500`);
  const bytes = Buffer.from(`phone,amount\n${rows.join('\n')}`);
  desk.platform.fetch = async () => ({ kind: 'file', bytes });
  await desk.keep('', desk.asha, { platformId: 'large' });
  while (await desk.intake.runOnce());
  const id = desk.drafted.at(-1) as BatchId;
  expect(await desk.ask(id)).toEqual({ kind: 'waiting' });
  expect((await desk.approve(id)).kind).toBe('approved');
  expect(await desk.entries(id)).toBe(`${count} reserve`);
  expect(await rowsLookedAt()).toBeLessThan(20);
  await sendAll(3);
  expect(desk.orders.map(({ msisdn }) => `${msisdn},500`)).toEqual(rows.slice(0, 3));
});
