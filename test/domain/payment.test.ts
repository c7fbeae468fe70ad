/** Protects the one rule by which evidence changes money: paid is never undone, unknown never fails or pays by itself. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttemptId } from '../../src/domain/ids.ts';
import {
  type AttemptView,
  applyEvidence,
  attemptStates,
  type Evidence,
  type Flag,
  isOver,
  paymentState,
  reasons,
} from '../../src/domain/payment.ts';

const now = new Date('2026-11-21T11:31:00Z');
const receiptOf = fc.record({
  number: fc.constantFrom('TFH774CBH1', 'TFH774CBH2', 'RCHK-1'),
  final: fc.boolean(),
});
const cents = fc.constantFrom(50_000n, 40_000n);

const anyAttempt: fc.Arbitrary<AttemptView> = fc
  .record({
    state: fc.constantFrom(...attemptStates),
    amountCents: cents,
    reason: fc.option(fc.constantFrom(...reasons)),
    receipt: fc.option(receiptOf),
    liveUntil: fc.option(fc.constantFrom(new Date(now.getTime() - 1000), new Date(now.getTime() + 1000))),
  })
  .map((attempt) => ({ id: 'a' as AttemptId, ...attempt }));

const anyEvidence: fc.Arbitrary<Evidence> = fc.record({
  verdict: fc.constantFrom('paid', 'failed', 'pending', 'reversed'),
  trust: fc.constantFrom('signed', 'lookup', 'accepted_unsigned', 'hint', 'person'),
  amountCents: fc.option(cents),
  receipt: fc.option(receiptOf),
  phoneMatches: fc.option(fc.boolean()),
  reason: fc.option(fc.constantFrom(...reasons, 'unmapped' as const)),
  at: fc.constant(now),
});

const paid = (change: Partial<Evidence> = {}): Evidence => ({
  verdict: 'paid',
  trust: 'signed',
  amountCents: 50_000n,
  receipt: { number: 'TFH774CBH1', final: true },
  phoneMatches: true,
  reason: null,
  at: now,
  ...change,
});

const attempt = (change: Partial<AttemptView> = {}): AttemptView => ({
  id: 'a' as AttemptId,
  state: 'prompted',
  reason: null,
  amountCents: 50_000n,
  receipt: null,
  liveUntil: new Date(now.getTime() + 30_000),
  ...change,
});

test('an amount that a person did not take outranks how the attempt failed before; a later failure does not', () => {
  const refused = {
    ...paid({ verdict: 'failed', reason: 'amount_refused', trust: 'person' }),
    receipt: null,
  };
  const before = attempt({ state: 'failed', reason: 'cancelled' });
  expect(applyEvidence(before, refused, false).attempt).toMatchObject({ reason: 'amount_refused' });
  const after = attempt({ state: 'failed', reason: 'amount_refused' });
  expect(applyEvidence(after, { ...refused, reason: 'expired' }, false).attempt).toBeNull();
  expect(applyEvidence(after, refused, false).attempt).toBeNull();
});

describe('whatever the evidence', () => {
  test('paid is never undone', () => {
    fc.assert(
      fc.property(anyAttempt, anyEvidence, fc.boolean(), (before, evidence, used) => {
        fc.pre(before.state === 'paid');
        const change = applyEvidence(before, evidence, used);
        expect(change.attempt?.state ?? 'paid').toBe('paid');
        expect(change.credits).toBe(false);
      }),
    );
  });

  test('money is credited exactly when an attempt becomes paid, by evidence that says so and agrees', () => {
    fc.assert(
      fc.property(anyAttempt, anyEvidence, fc.boolean(), (before, evidence, used) => {
        const change = applyEvidence(before, evidence, used);
        const became = before.state !== 'paid' && change.attempt?.state === 'paid';
        expect(change.credits).toBe(became);
        if (!became) return;
        expect(evidence.verdict).toBe('paid');
        expect(evidence.trust).not.toBe('hint');
        expect(evidence.amountCents ?? before.amountCents).toBe(before.amountCents);
        expect(evidence.phoneMatches).not.toBe(false);
        expect(used).toBe(false);
      }),
    );
  });

  test('an attempt fails only by evidence of failure with a reason somebody decided about', () => {
    fc.assert(
      fc.property(anyAttempt, anyEvidence, fc.boolean(), (before, evidence, used) => {
        const change = applyEvidence(before, evidence, used);
        if (change.attempt?.state !== 'failed' || before.state === 'failed') return;
        expect(evidence.verdict).toBe('failed');
        expect(evidence.reason).not.toBe('unmapped');
        expect(evidence.trust).not.toBe('hint');
      }),
    );
  });

  test('the same evidence a second time changes nothing more', () => {
    fc.assert(
      fc.property(anyAttempt, anyEvidence, fc.boolean(), (before, evidence, used) => {
        const first = applyEvidence(before, evidence, used);
        if (first.attempt === null) return;
        const second = applyEvidence({ ...before, ...first.attempt }, evidence, used);
        expect(second.attempt).toBeNull();
        expect(second.credits).toBe(false);
      }),
    );
  });

  test('a prompt may be sent again only where every attempt is over', () => {
    fc.assert(
      fc.property(fc.array(anyAttempt, { minLength: 1, maxLength: 4 }), (attempts) => {
        const state = paymentState(attempts, null, false);
        const sendable = attempts.every((one) => isOver(one.state));
        if (sendable) expect(['failed', 'cancelled', 'expired']).toContain(state);
      }),
    );
  });
});

describe('one by one', () => {
  test.each([
    ['amount_differs', paid({ amountCents: 40_000n }), false],
    ['phone_differs', paid({ phoneMatches: false }), false],
    ['receipt_used', paid(), true],
  ] as const)('%s goes to a person and credits nothing', (flag, evidence, used) => {
    const change = applyEvidence(attempt(), evidence, used);
    expect(change).toMatchObject({ effect: flag, flag, attempt: null, credits: false });
  });

  test('a hint is only a hint', () => {
    expect(applyEvidence(attempt(), paid({ trust: 'hint' }), false)).toMatchObject({
      effect: 'hint',
      credits: false,
    });
  });

  test('paid after we said it was over is late', () => {
    const over = attempt({ state: 'failed', reason: 'not_given' });
    expect(applyEvidence(over, paid(), false)).toMatchObject({ effect: 'paid_late', credits: true });
  });

  test('a stand-in receipt is completed once, and another number is a contradiction', () => {
    const waiting = attempt({ state: 'paid', receipt: { number: 'RCHK-1', final: false } });
    const completed = applyEvidence(waiting, paid(), false);
    expect(completed).toMatchObject({ effect: 'receipt_completed', credits: false });
    const done = attempt({ state: 'paid', receipt: { number: 'TFH774CBH1', final: true } });
    const other = paid({ receipt: { number: 'TFH774CBH2', final: true } });
    expect(applyEvidence(done, other, false)).toMatchObject({
      effect: 'contradiction',
      flag: 'contradiction',
    });
  });

  test('failed after paid is a contradiction for a person', () => {
    const done = attempt({ state: 'paid', receipt: { number: 'TFH774CBH1', final: true } });
    const failed = paid({ verdict: 'failed', reason: 'not_given', receipt: null });
    expect(applyEvidence(done, failed, false)).toMatchObject({ effect: 'contradiction', attempt: null });
  });

  test('a lost answer that the gateway knows as pending is a waiting prompt again, while it may be open', () => {
    const pending = paid({ verdict: 'pending', receipt: null });
    expect(applyEvidence(attempt({ state: 'unknown' }), pending, false).attempt?.state).toBe('prompted');
    const closed = attempt({ state: 'unknown', liveUntil: new Date(now.getTime() - 1) });
    expect(applyEvidence(closed, pending, false).attempt).toBeNull();
  });

  test.each([
    [null, 'paid'],
    ['twice', 'paid'],
    ['contradiction', 'paid'],
  ] as const)('a paid attempt makes a paid payment under the flag %s', (flag: Flag | null, state) => {
    expect(paymentState([attempt({ state: 'failed' }), attempt({ state: 'paid' })], flag, false)).toBe(state);
  });

  test.each([
    ['unproved', 'review'],
    ['amount_differs', 'review'],
    ['unmapped', 'review'],
  ] as const)('%s holds an unpaid payment for review', (flag, state) => {
    expect(paymentState([attempt({ state: 'unknown' })], flag, false)).toBe(state);
  });
});
