/**
 * Protects wages over any order of events: people ask, change, approve and mark by the gateway's statement, somebody changes
 * rows behind the program's back, programs send at once, die and look up, callbacks come late, twice or never. Money moves once
 * at most, it is what was approved, and the ledger says what moved.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PayoutId } from '../../src/domain/ids.ts';
import type { PayoutFact, PayoutOrder, PayoutOutcome } from '../../src/gateways/abilities.ts';
import { changePayout } from '../../src/payouts/draft.ts';
import { openPayoutDesk, type PayoutDesk, wideLimits } from './desk.ts';

let desk: PayoutDesk;
beforeAll(async () => {
  desk = await openPayoutDesk();
  await desk.limit(wideLimits);
});
afterAll(() => desk.close());

/** What the gateway has on its books; unlike BluePay it takes the same reference again and again. */
interface Booked {
  readonly payoutId: string;
  readonly reference: string;
  readonly amountCents: bigint;
  state: 'pending' | 'paid' | 'failed';
}

type Answer =
  | 'accepted'
  | 'accepted_without_id'
  | 'refused'
  | 'not_sent'
  | 'lost_before'
  | 'lost_after'
  | 'paid_first';
type Step =
  | { readonly do: 'ask' | 'change' | 'approve' | 'approve_old' | 'forge' | 'mark' | 'look' | 'wait' }
  | { readonly do: 'send'; readonly answer: Answer; readonly how: 'once' | 'dies' | 'twice' }
  | { readonly do: 'end'; readonly paid: boolean }
  | { readonly do: 'callback'; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      { do: 'ask' },
      { do: 'change' },
      { do: 'approve' },
      { do: 'approve_old' },
      { do: 'forge' },
      { do: 'mark' },
      { do: 'look' },
      { do: 'wait' },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('send'),
      answer: fc.constantFrom(
        'accepted',
        'accepted_without_id',
        'refused',
        'not_sent',
        'lost_before',
        'lost_after',
        'paid_first',
      ),
      how: fc.constantFrom('once', 'dies', 'twice'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end'), paid: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('callback'), which: fc.nat({ max: 3 }) }) },
) as fc.Arbitrary<Step>;

/** The database, whose transactions break after the first: the claim is committed, and the answer never. */
function dying(db: PayoutDesk['db']): PayoutDesk['db'] {
  let begun = 0;
  return new Proxy(db, {
    get(target, name) {
      if (name === 'transaction' && ++begun > 1) throw new Error('killed');
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function openRun() {
  const books: Booked[] = [];
  let calls = 0;
  /** What was on the card of whoever said yes last, and on every card before that was shown. */
  let approved: bigint | null = null;
  const shown: number[] = [];
  const wrong: PayoutOrder[] = [];
  const id = await desk.waiting({ kes: 500 });
  const { reference } = await desk.row(id);
  const factOf = (booked: Booked): PayoutFact => ({
    ...{ verdict: booked.state, payoutId: booked.payoutId, reference, amountCents: booked.amountCents },
    ...{ receipt: booked.state === 'paid' ? { number: `R${booked.payoutId}`, final: true } : null },
    ...{
      msisdn: null,
      feeCents: null,
      reason: booked.state === 'failed' ? 'not_given' : null,
      rawCode: booked.state,
    },
  });
  const callback = async (booked: Booked | undefined): Promise<void> => {
    if (booked !== undefined && booked.state !== 'pending') await desk.tell(id, factOf(booked));
  };
  const answerBy =
    (answer: Answer) =>
    async (order: PayoutOrder): Promise<PayoutOutcome> => {
      calls += 1;
      if (order.amountCents !== approved) wrong.push(order);
      const lost = { kind: 'unknown', payoutId: null, rawCode: 'no_answer', detail: '' } as const;
      if (answer === 'refused') return { kind: 'refused', reason: 'float_too_low', rawCode: 'X', detail: '' };
      if (answer === 'not_sent') return { kind: 'not_sent', detail: '' };
      if (answer === 'lost_before') return lost;
      const booked: Booked = {
        ...{ payoutId: desk.newName(), reference: order.reference, amountCents: order.amountCents },
        state: answer === 'paid_first' ? 'paid' : 'pending',
      };
      books.push(booked);
      await callback(booked);
      if (answer === 'lost_after') return lost;
      const payoutId = answer === 'accepted_without_id' ? null : booked.payoutId;
      return { kind: 'accepted', payoutId, feeCents: null };
    };
  desk.bank.lookup = async (payoutId) => {
    const booked = books.find((one) => one.payoutId === payoutId);
    return booked === undefined ? { kind: 'not_found', detail: '' } : { kind: 'fact', fact: factOf(booked) };
  };

  /** What two honest persons read: paid, or certainly not; while something is pending there they wait. */
  async function mark(): Promise<void> {
    if (books.some(({ state }) => state === 'pending')) return;
    const verdict = books.some(({ state }) => state === 'paid') ? 'paid' : 'failed';
    await desk.mark(id, desk.boss, verdict);
    await desk.mark(id, desk.asha, verdict);
  }
  async function approve(version?: number): Promise<void> {
    const { amount_cents, version: now } = await desk.row(id);
    const { kind } = await desk.approve(id, desk.brian, { version: version ?? now });
    if (kind !== 'approved') return;
    expect(version ?? now).toBe(now);
    approved = amount_cents;
  }
  async function change(): Promise<void> {
    shown.push((await desk.row(id)).version);
    const other = { chargeCents: 0n, payeeName: null, note: '', msisdn: desk.newPhone() };
    const amountCents = 500_00n + BigInt(shown.length) * 100n;
    await desk.inTx((tx) => changePayout(tx, desk.deps, id, desk.asha, { ...other, amountCents }));
  }
  /** With the keys of the database, after the yes and before anything was sent. */
  async function forge(): Promise<void> {
    if (books.length > 0) return;
    await desk.db
      .updateTable('payout')
      .set({ amount_cents: 9_999_00n })
      .where('id', '=', id)
      .where('state', '=', 'approved')
      .execute();
  }
  async function send(answer: Answer, how: 'once' | 'dies' | 'twice'): Promise<void> {
    desk.bank.send = answerBy(answer);
    if (how === 'once') return void (await desk.submitter.runOnce());
    if (how === 'twice')
      return void (await Promise.all([desk.submitter.runOnce(), desk.submitter.runOnce()]));
    await desk
      .submitterOf(dying(desk.db))
      .runOnce()
      .catch(() => undefined);
    await desk.reconcile(91);
  }
  async function take(one: Step): Promise<void> {
    switch (one.do) {
      case 'ask':
        return void (await desk.ask(id, desk.asha, 'again'));
      case 'approve':
        return approve();
      case 'approve_old':
        return approve(shown.at(-1));
      case 'change':
        return change();
      case 'forge':
        return forge();
      case 'mark':
        return mark();
      case 'look':
        return desk.reconcile(60);
      case 'wait':
        return desk.reconcile(1801);
      case 'send':
        return send(one.answer, one.how);
      case 'end': {
        const pending = books.find(({ state }) => state === 'pending');
        if (pending !== undefined) pending.state = one.paid ? 'paid' : 'failed';
        return;
      }
      case 'callback':
        return callback(books[one.which]);
    }
  }
  return { id, books, wrong, take, calls: () => calls, mark, callback };
}

async function expectTrue(id: PayoutId, books: readonly Booked[], calls: number): Promise<void> {
  const moved = books.filter(({ state }) => state === 'paid').length;
  expect(moved).toBeLessThanOrEqual(1);
  const approvals = await desk.db
    .selectFrom('approval')
    .select('round')
    .where('payout_id', '=', id)
    .where('kind', '=', 'approved')
    .execute();
  expect(calls).toBeLessThanOrEqual(approvals.length);
  const entries = await desk.entries(id);
  const posted = entries.filter((entry) => entry.endsWith('post')).length;
  expect(posted).toBe((await desk.ledger(id)).length);
  expect(posted).toBeLessThanOrEqual(moved);
  // Whatever may still move at the gateway is set aside here.
  const under = books.some(({ state }) => state !== 'failed');
  const held = entries.filter((entry) => entry.endsWith('reserve')).length;
  const freed = entries.filter((entry) => entry.endsWith('void')).length;
  if (under && posted === 0) expect(held - freed).toBe(1);
}

const asks: readonly Step[] = [{ do: 'ask' }, { do: 'approve' }];
const sends = (answer: Answer): Step => ({ do: 'send', answer, how: 'once' });
const ends = (paid: boolean): readonly Step[] => [
  { do: 'end', paid },
  { do: 'callback', which: 0 },
];

/** Each run begins somewhere else, so that what comes of it is seen from everywhere. */
const first = fc.constantFrom<readonly Step[]>(
  [{ do: 'approve' }],
  [{ do: 'approve' }, { do: 'forge' }, sends('accepted')],
  [{ do: 'change' }, { do: 'approve_old' }, { do: 'ask' }, { do: 'approve_old' }, { do: 'approve' }],
  [{ do: 'approve' }, sends('lost_after'), ...asks],
  [{ do: 'approve' }, sends('accepted'), ...ends(false), ...asks, sends('accepted')],
  [{ do: 'approve' }, sends('accepted'), ...ends(true)],
);

test('money moves once at most, and in the end the ledger says what moved', async () => {
  await fc.assert(
    fc.asyncProperty(first, fc.array(step, { minLength: 4, maxLength: 10 }), async (begun, steps) => {
      const run = await openRun();
      for (const one of [...begun, ...steps]) {
        await run.take(one);
        await expectTrue(run.id, run.books, run.calls());
        expect(run.wrong).toEqual([]);
      }
      // The day ends: the gateway is done, its webhooks came, and people have looked.
      for (const booked of run.books) if (booked.state === 'pending') booked.state = 'failed';
      for (const booked of run.books) await run.callback(booked);
      await desk.reconcile(91);
      await desk.reconcile(1801);
      await run.mark();
      await expectTrue(run.id, run.books, run.calls());
      const { state } = await desk.row(run.id);
      const moved = run.books.filter((booked) => booked.state === 'paid').length;
      expect((await desk.ledger(run.id)).length).toBe(moved);
      expect(state === 'paid').toBe(moved === 1);
      // What is approved and was never sent must not be sent in the next run.
      await desk.db.updateTable('payout').set({ flag: 'contradiction' }).where('id', '=', run.id).execute();
    }),
    { numRuns: 36, seed: 20261121, endOnFailure: true },
  );
}, 60_000);
