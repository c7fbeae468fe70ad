/** Protects wages: no evidence lets money be sent or set free that may have moved, and what moved is never forgotten. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyPayoutEvidence,
  holdsReserve,
  mayHaveMoved,
  type PayoutEvidence,
  type PayoutState,
  type PayoutView,
  payoutStates,
} from '../../src/domain/payout.ts';

const code = (number: string, final = true) => ({ number, final });
const view = (state: PayoutState, over: Partial<PayoutView> = {}): PayoutView => ({
  state,
  amountCents: 500_00n,
  receipt: null,
  ...over,
});
const told = (verdict: PayoutEvidence['verdict'], over: Partial<PayoutEvidence> = {}): PayoutEvidence => ({
  verdict,
  trust: 'signed',
  amountCents: 500_00n,
  receipt: null,
  phoneMatches: true,
  reason: null,
  ...over,
});
const apply = (state: PayoutState, evidence: PayoutEvidence, used = false) =>
  applyPayoutEvidence(view(state), evidence, used);

const sent = payoutStates.filter(mayHaveMoved);
const neverSent = ['draft', 'waiting', 'rejected', 'expired', 'void'] as const;

describe('paid', () => {
  test.each(sent)('posts what is %s', (state) => {
    expect(apply(state, told('paid', { receipt: code('RKL1XXXXX0') }))).toMatchObject({
      effect: 'paid',
      to: { state: 'paid' },
      entry: 'post',
    });
  });

  test('after failed is still paid, and posted', () => {
    expect(apply('failed', told('paid'))).toMatchObject({ effect: 'paid_late', entry: 'post' });
  });

  test.each(neverSent)('of what we never sent (%s) moves nothing here and calls a person', (state) => {
    expect(apply(state, told('paid'))).toMatchObject({ flag: 'contradiction', entry: null, to: null });
  });

  test('of what is approved and not yet sent stops the sending', () => {
    expect(apply('approved', told('paid'))).toMatchObject({
      flag: 'contradiction',
      entry: null,
      to: { state: 'review' },
    });
  });

  test.each([
    ['amount_differs', told('paid', { amountCents: 499_00n }), false],
    ['phone_differs', told('paid', { phoneMatches: false }), false],
    ['receipt_used', told('paid', { receipt: code('RKL1XXXXX0') }), true],
  ] as const)('in doubt (%s) goes to a person and keeps the reserve', (flag, evidence, used) => {
    expect(apply('sent_to_gateway', evidence, used)).toMatchObject({
      flag,
      to: { state: 'review' },
      entry: null,
    });
  });

  test('told again completes the receipt once and posts nothing', () => {
    const open = view('paid', { receipt: code('X', false) });
    const done = applyPayoutEvidence(open, told('paid', { receipt: code('RKL1XXXXX0') }), false);
    expect(done).toMatchObject({ effect: 'receipt_completed', entry: null });
    const again = view('paid', { receipt: code('RKL1XXXXX0') });
    expect(applyPayoutEvidence(again, told('paid', { receipt: code('RKL1XXXXX0') }), false).effect).toBe(
      'nothing_new',
    );
    expect(applyPayoutEvidence(again, told('paid', { receipt: code('RKL2XXXXX0') }), false).flag).toBe(
      'contradiction',
    );
  });
});

describe('failed', () => {
  test.each(sent)('voids what is %s', (state) => {
    expect(apply(state, told('failed', { reason: 'not_given' }))).toMatchObject({
      to: { state: 'failed' },
      entry: 'void',
    });
  });

  test('with a code that nobody knows frees nothing', () => {
    expect(apply('unknown', told('failed', { reason: 'unmapped' }))).toMatchObject({
      flag: 'unmapped',
      entry: null,
    });
  });

  test('never undoes paid', () => {
    expect(apply('paid', told('failed'))).toMatchObject({ flag: 'contradiction', to: null, entry: null });
  });
});

test('reversed undoes paid, loudly; before anybody knew of paid it sets the reserve free', () => {
  expect(apply('paid', told('reversed'))).toMatchObject({
    to: { state: 'reversed' },
    flag: 'reversed',
    entry: 'reverse',
  });
  expect(apply('unknown', told('reversed'))).toMatchObject({ to: { state: 'reversed' }, entry: 'void' });
  expect(apply('paid', told('reversed', { amountCents: 1_00n }))).toMatchObject({ to: null, entry: null });
});

test('a hint changes nothing', () => {
  for (const state of payoutStates)
    expect(apply(state, told('paid', { trust: 'hint' }))).toEqual({
      effect: 'hint',
      to: null,
      flag: null,
      entry: null,
    });
});

test('over any run of evidence: one post at most, no void after a post, and a reserve stands until one of them', () => {
  const evidence = fc.record({
    verdict: fc.constantFrom('paid', 'failed', 'pending', 'reversed'),
    trust: fc.constantFrom('signed', 'lookup', 'hint', 'person'),
    amountCents: fc.constantFrom(500_00n, 499_00n, null),
    receipt: fc.constantFrom(null, code('RKL1XXXXX0'), code('RKL2XXXXX0'), code('X', false)),
    phoneMatches: fc.constantFrom(true, false, null),
    reason: fc.constantFrom(null, 'not_given', 'unmapped'),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(evidence, fc.boolean()), { maxLength: 12 }), (run) => {
      let now = view('sending');
      const entries: string[] = [];
      for (const [each, used] of run) {
        const change = applyPayoutEvidence(now, each as PayoutEvidence, used);
        if (change.entry !== null) entries.push(change.entry);
        if (change.to !== null) now = { ...now, ...change.to };
        const free = entries.includes('post') || entries.includes('void');
        expect(holdsReserve(now.state)).toBe(!free);
      }
      expect(entries.filter((entry) => entry === 'post').length).toBeLessThanOrEqual(1);
      const posted = entries.indexOf('post');
      if (posted >= 0) expect(entries.slice(posted)).not.toContain('void');
      expect(entries.filter((entry) => entry === 'reverse').length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 500, seed: 20261121 },
  );
});
