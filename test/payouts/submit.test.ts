/** Protects wages from a second call: one for each approval, whatever the gateway answers and whenever. */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PayoutId } from '../../src/domain/ids.ts';
import { releaseClaims } from '../../src/ops/queues.ts';
import { keepPayout } from '../../src/payouts/keep.ts';
import { code, openPayoutDesk, type PayoutDesk, wideLimits } from './desk.ts';

let desk: PayoutDesk;
let send: PayoutDesk['bank']['send'];
beforeAll(async () => {
  desk = await openPayoutDesk();
  await desk.limit(wideLimits);
  send = desk.bank.send;
});
afterEach(() => {
  desk.bank.send = send;
});
afterAll(() => desk.close());

const refused = {
  kind: 'refused',
  reason: 'float_too_low',
  rawCode: 'INSUFFICIENT_B2C_BALANCE',
  detail: 'too low',
} as const;
const unknown = { kind: 'unknown', payoutId: null, rawCode: 'no_answer', detail: 'no answer' } as const;

test('the order is what was approved, and its reference and URL stay the payout’s own', async () => {
  const phone = desk.newPhone();
  const id = await desk.sent({ kes: 700, phone });
  const { ref } = await desk.row(id);
  const order = desk.orders.at(-1);
  expect(order).toMatchObject({ amountCents: 700_00n, msisdn: phone, reference: ref.replace('-', '') });
  expect(order?.reference).toMatch(/^[A-Z0-9]{1,12}$/);
  expect(order?.callbackUrl).toMatch(/^https:\/\/shop\.example\/cb\/[a-f0-9]{32}\/[a-f0-9]{32}$/);
});

describe('what the answer makes of it', () => {
  test.each([
    ['accepted', { kind: 'accepted', payoutId: 'bp-a', feeCents: 25_00n }, 'sent_to_gateway', ['1 reserve']],
    [
      'accepted without an id',
      { kind: 'accepted', payoutId: null, feeCents: null },
      'sent_to_gateway',
      ['1 reserve'],
    ],
    ['refused', refused, 'failed', ['1 reserve', '1 void']],
    ['not sent', { kind: 'not_sent', detail: 'no connection' }, 'failed', ['1 reserve', '1 void']],
    ['unknown', unknown, 'unknown', ['1 reserve']],
    ['unknown with an id', { ...unknown, payoutId: 'bp-u' }, 'unknown', ['1 reserve']],
  ] as const)('%s', async (_name, outcome, state, entries) => {
    desk.bank.send = async () => outcome;
    const id = await desk.sent();
    expect(await desk.row(id)).toMatchObject({ state, flag: null });
    expect(await desk.entries(id)).toEqual(entries);
    expect(await desk.calls(id)).toBe(1);
    expect(await desk.submitter.runOnce()).toBe(false);
  });

  test('a fault of ours in the call is unknown, never another call', async () => {
    desk.bank.send = async () => {
      throw new Error('broke');
    };
    const id = await desk.sent();
    expect((await desk.row(id)).state).toBe('unknown');
    expect(await desk.calls(id)).toBe(1);
  });

  test('an account that does not open sent nothing', async () => {
    desk.gateway.opens = () => false;
    const id = await desk.sent();
    desk.gateway.opens = () => true;
    expect(await desk.row(id)).toMatchObject({ state: 'failed', reason: 'gateway_unreachable' });
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 void']);
  });
});

/** Its call hangs until the test lets it go: as a gateway that answers after a minute, or a program that dies. */
async function hanging(): Promise<{
  id: PayoutId;
  answer: (outcome: Awaited<ReturnType<typeof send>>) => Promise<unknown>;
}> {
  const id = await desk.approved();
  const answered = Promise.withResolvers<Awaited<ReturnType<typeof send>>>();
  const called = Promise.withResolvers<void>();
  desk.bank.send = () => {
    called.resolve();
    return answered.promise;
  };
  const run = desk.submitter.runOnce();
  await called.promise;
  desk.bank.send = send;
  return {
    id,
    answer: (outcome) => {
      answered.resolve(outcome);
      return run;
    },
  };
}

describe('a claim that ran out', () => {
  test('is unknown, and no second call is made; the late answer still counts', async () => {
    const { id, answer } = await hanging();
    await desk.reconcile(91);
    expect((await desk.row(id)).state).toBe('unknown');
    while (await desk.submitter.runOnce());
    expect(await desk.calls(id)).toBe(1);
    await answer({ kind: 'accepted', payoutId: 'bp-late', feeCents: null });
    expect(await desk.row(id)).toMatchObject({ state: 'sent_to_gateway', gateway_payout_id: 'bp-late' });
  });

  test('a late refusal sets the reserve free', async () => {
    const { id, answer } = await hanging();
    await desk.reconcile(91);
    await answer(refused);
    expect((await desk.row(id)).state).toBe('failed');
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 void']);
  });

  test('is freed at the start of the next program as unknown, never as approved', async () => {
    const { id, answer } = await hanging();
    await releaseClaims(desk.db, desk.clock);
    expect((await desk.row(id)).state).toBe('sending');
    await desk.reconcile(0);
    expect((await desk.row(id)).state).toBe('unknown');
    await answer(unknown);
    expect(await desk.calls(id)).toBe(1);
  });

  test('a machine that slept between claim and call does not call any more', async () => {
    const id = await desk.approved();
    const { open } = desk.gateways;
    let opened = 0;
    // The claim reads the account's pace, then the call opens it again.
    desk.gateways.open = async (...args) => {
      if (++opened === 2) desk.clock.advance(80);
      return open(...args);
    };
    await desk.submitter.runOnce();
    desk.gateways.open = open;
    expect(await desk.calls(id)).toBe(0);
    expect((await desk.row(id)).state).toBe('failed');
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 void']);
  });
});

describe('the callback is faster than the answer', () => {
  test.each([
    ['accepted', { kind: 'accepted', payoutId: 'bp-1', feeCents: 25_00n }],
    ['refused', refused],
    ['lost', unknown],
  ] as const)('and the answer is %s', async (_name, outcome) => {
    const { id, answer } = await hanging();
    await desk.tell(id, { receipt: code(`RKL${_name}`.toUpperCase()), amountCents: 500_00n });
    expect((await desk.row(id)).state).toBe('paid');
    await answer(outcome);
    expect(await desk.row(id)).toMatchObject({ state: 'paid', flag: null });
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 post']);
    expect(await desk.ledger(id)).toHaveLength(1);
  });

  test.each([
    ['accepted under that id', 'bp-told', null],
    ['accepted without an id', null, null],
    ['accepted under another id', 'bp-other', 'contradiction'],
  ] as const)('and tells of a failure: the answer is %s', async (name, payoutId, flag) => {
    const { id, answer } = await hanging();
    const { reference } = await desk.row(id);
    const told = payoutId === null ? 'bp-named' : `bp-told-${name.length}`;
    await desk.tell(id, { verdict: 'failed', payoutId: told, reference, reason: 'not_given' });
    expect((await desk.row(id)).state).toBe('failed');
    await answer({ kind: 'accepted', payoutId: payoutId === 'bp-told' ? told : payoutId, feeCents: null });
    expect(await desk.row(id)).toMatchObject({ state: 'failed', flag });
    expect(await desk.entries(id)).toEqual(['1 reserve', '1 void']);
  });

  test('and the failure came before the answer to a round that was asked again since', async () => {
    const { id, answer } = await hanging();
    const { reference } = await desk.row(id);
    await desk.tell(id, { verdict: 'failed', payoutId: 'bp-earlier', reference, reason: 'not_given' });
    await desk.ask(id, desk.asha, 'again');
    await desk.approve(id);
    await answer({ kind: 'accepted', payoutId: 'bp-earlier', feeCents: null });
    expect(await desk.row(id)).toMatchObject({ state: 'approved', flag: null, round: 2 });
    while (await desk.submitter.runOnce());
    expect(await desk.calls(id)).toBe(2);
  });

  test('with another amount: a person looks, and a refusal after it frees nothing', async () => {
    const { id, answer } = await hanging();
    await desk.tell(id, { amountCents: 499_00n });
    await answer(refused);
    expect(await desk.row(id)).toMatchObject({ state: 'review', flag: 'amount_differs' });
    expect(await desk.entries(id)).toEqual(['1 reserve']);
  });

  test('by an id that nobody knew: it waits for the answer that tells it', async () => {
    const { id, answer } = await hanging();
    const told = { hint: null, payoutId: 'bp-77', amountCents: 500_00n };
    expect((await desk.tell(id, told)).effect).toBe('unmatched');
    expect((await desk.row(id)).state).toBe('sending');
    await answer({ kind: 'accepted', payoutId: 'bp-77', feeCents: null });
    expect((await desk.row(id)).state).toBe('paid');
  });
});

describe('many workers', () => {
  test('send each payout once', async () => {
    const ids = [];
    for (let i = 0; i < 6; i++) ids.push(await desk.approved());
    await Promise.all(
      Array.from({ length: 6 }, async () => {
        while (await desk.submitter.runOnce());
      }),
    );
    while (await desk.submitter.runOnce());
    for (const id of ids) expect(await desk.calls(id)).toBe(1);
  });

  test('keep the gateway’s pace together', async () => {
    const payout = desk.gateway.more.payout;
    if (payout === undefined) throw new Error('no payouts');
    desk.gateway.more = { payout: { ...payout, perMinute: 60 } };
    const ids = [await desk.approved(), await desk.approved(), await desk.approved()];
    const sentNow = async () => {
      await Promise.all(Array.from({ length: 4 }, () => desk.submitter.runOnce()));
      return (await Promise.all(ids.map(desk.calls))).reduce((sum, each) => sum + each, 0);
    };
    desk.clock.advance(10);
    expect(await sentNow()).toBe(1);
    expect(await sentNow()).toBe(1);
    desk.clock.advance(1);
    expect(await sentNow()).toBe(2);
    desk.clock.advance(1);
    expect(await sentNow()).toBe(3);
    desk.gateway.more = { payout };
    desk.clock.advance(1);
  });
});

test('one approval cannot have two calls, by a key of the database', async () => {
  const id = await desk.sent();
  await expect(
    sql`insert into payout_call values (${id}, 1, now(), null, null)`.execute(desk.db),
  ).rejects.toThrow('payout_call_pkey');
});

test('an accepted answer after two persons marked it as not paid stops everything and is looked up', async () => {
  const { id, answer } = await hanging();
  await desk.reconcile(91);
  await desk.mark(id, desk.boss, 'failed');
  await desk.mark(id, desk.asha, 'failed');
  expect((await desk.row(id)).state).toBe('failed');
  await answer({ kind: 'accepted', payoutId: 'bp-after', feeCents: null });
  expect(await desk.row(id)).toMatchObject({ state: 'failed', flag: 'contradiction' });
  expect(await desk.ask(id, desk.asha, 'again')).toEqual({ kind: 'not_now' });
  expect(await desk.inTx((tx) => keepPayout(tx, desk.deps, id, desk.boss))).toBe('not_open');
  const { lookup } = desk.bank;
  desk.bank.lookup = async (payoutId) => ({
    kind: 'fact',
    fact: {
      ...{
        verdict: 'paid',
        payoutId,
        reference: null,
        amountCents: 500_00n,
        receipt: code('RKLAFTER'),
        msisdn: null,
      },
      ...{ feeCents: null, reason: null, rawCode: 'SUCCESS' },
    },
  });
  await desk.reconcile(1);
  desk.bank.lookup = lookup;
  expect(await desk.row(id)).toMatchObject({ state: 'paid', flag: null, receipt: 'RKLAFTER' });
  expect(await desk.entries(id)).toEqual(['1 reserve', '1 void', '1 post']);
});

test('an answer to an earlier round teaches its id to that round alone', async () => {
  const { id, answer } = await hanging();
  await desk.reconcile(91);
  await desk.mark(id, desk.boss, 'failed');
  await desk.mark(id, desk.asha, 'failed');
  await desk.ask(id, desk.asha, 'again');
  await desk.approve(id);
  await answer({ kind: 'accepted', payoutId: 'bp-first', feeCents: null });
  // The money of the first round may be on its way: the second is not sent.
  while (await desk.submitter.runOnce());
  expect(await desk.row(id)).toMatchObject({
    state: 'review',
    flag: 'contradiction',
    round: 2,
    gateway_payout_id: null,
  });
  expect(await desk.calls(id)).toBe(1);
});
