/**
 * The words of a payout, and the one pure rule by which evidence changes it.
 *
 * payout    money sent to a phone by B2C, after another member's yes; it cannot be taken back
 * round     one approval and one call of a payout: a person may ask again, with the same reference, once it provably failed
 * reserve   what an approval sets aside from the limits; posted when money moved, voided when it provably did not
 *
 * A payout is sent to a gateway once in a round, never again by the program. Amounts are whole Kenyan cents in bigint.
 */
import type { Reason, Receipt, Trust } from './payment.ts';

export const payoutStates = [
  'draft',
  'waiting',
  'approved',
  'sending',
  'sent_to_gateway',
  'unknown',
  'review',
  'paid',
  'failed',
  'reversed',
  'rejected',
  'expired',
  'void',
] as const;
export type PayoutState = (typeof payoutStates)[number];

/** Why a person must look at a payout. */
export type PayoutFlag =
  | 'amount_differs'
  | 'phone_differs'
  | 'receipt_used'
  | 'unproved'
  | 'unmapped'
  | 'contradiction'
  | 'reversed';

/** M-Pesa's own limits of one B2C (GATEWAYS.md, rule 10). */
export const payoutMinCents = 10_00n;
export const payoutMaxCents = 250_000_00n;

/** Was the money, as far as anybody knows, possibly sent? From here on only evidence or two persons decide. */
export function mayHaveMoved(state: PayoutState): boolean {
  return state === 'sending' || state === 'sent_to_gateway' || state === 'unknown' || state === 'review';
}

/** The money of the round is set aside: approved and not proved either way. No passing of time changes that. */
export function holdsReserve(state: PayoutState): boolean {
  return state === 'approved' || mayHaveMoved(state);
}

export interface PayoutEvidence {
  readonly verdict: 'paid' | 'failed' | 'pending' | 'reversed';
  readonly trust: Trust;
  readonly amountCents: bigint | null;
  readonly receipt: Receipt | null;
  readonly phoneMatches: boolean | null;
  readonly reason: Reason | 'unmapped' | null;
}

export interface PayoutView {
  readonly state: PayoutState;
  readonly amountCents: bigint;
  readonly receipt: Receipt | null;
}

export type PayoutEffect =
  | 'paid'
  | 'paid_late'
  | 'receipt_completed'
  | 'failed'
  | 'reversed'
  | 'still_pending'
  | 'hint'
  | 'nothing_new'
  | 'amount_differs'
  | 'phone_differs'
  | 'receipt_used'
  | 'unmapped'
  | 'contradiction';

/** post: money left. void: it provably did not. reverse: it came back. */
export type PayoutEntry = 'post' | 'void' | 'reverse';

export interface PayoutChange {
  readonly effect: PayoutEffect;
  /** null leaves it as it is. */
  readonly to: {
    readonly state: PayoutState;
    readonly reason: Reason | null;
    readonly receipt: Receipt | null;
  } | null;
  readonly flag: PayoutFlag | null;
  readonly entry: PayoutEntry | null;
}

const unchanged = (effect: PayoutEffect, flag: PayoutFlag | null = null): PayoutChange => ({
  effect,
  to: null,
  flag,
  entry: null,
});

/**
 * What is in doubt goes to a person, and what was approved meanwhile is not sent; the reserve stands, since the money may
 * have moved.
 */
export function doubted(view: PayoutView, effect: PayoutEffect & PayoutFlag): PayoutChange {
  const to = holdsReserve(view.state)
    ? { state: 'review' as const, reason: null, receipt: view.receipt }
    : null;
  return { effect, to, flag: effect, entry: null };
}

/**
 * Decides what one piece of evidence does to one payout. Paid is undone only by the gateway's own `reversed`; nothing but
 * evidence of failure lets a reserve go. `receiptUsed`: the ledger already holds this receipt for another movement.
 */
export function applyPayoutEvidence(
  view: PayoutView,
  evidence: PayoutEvidence,
  receiptUsed: boolean,
): PayoutChange {
  if (evidence.trust === 'hint') return unchanged('hint');
  switch (evidence.verdict) {
    case 'paid':
      return paid(view, evidence, receiptUsed);
    case 'failed':
      return failed(view, evidence);
    case 'reversed':
      return reversed(view, evidence);
    case 'pending':
      return pending(view);
  }
}

function paid(view: PayoutView, evidence: PayoutEvidence, receiptUsed: boolean): PayoutChange {
  if (view.state === 'paid' || view.state === 'reversed') return paidAgain(view, evidence, receiptUsed);
  // Not sent by us: whoever moved it, it is not this approval.
  if (!mayHaveMoved(view.state) && view.state !== 'failed') return doubted(view, 'contradiction');
  if (evidence.amountCents !== null && evidence.amountCents !== view.amountCents)
    return doubted(view, 'amount_differs');
  if (evidence.phoneMatches === false) return doubted(view, 'phone_differs');
  if (receiptUsed) return doubted(view, 'receipt_used');
  return {
    effect: view.state === 'failed' ? 'paid_late' : 'paid',
    to: { state: 'paid', reason: null, receipt: evidence.receipt },
    flag: null,
    entry: 'post',
  };
}

function paidAgain(view: PayoutView, evidence: PayoutEvidence, receiptUsed: boolean): PayoutChange {
  const { receipt } = evidence;
  if (evidence.amountCents !== null && evidence.amountCents !== view.amountCents)
    return unchanged('contradiction', 'contradiction');
  if (receipt === null || !receipt.final || view.state === 'reversed') return unchanged('nothing_new');
  if (view.receipt?.final)
    return view.receipt.number === receipt.number
      ? unchanged('nothing_new')
      : unchanged('contradiction', 'contradiction');
  if (receiptUsed) return unchanged('receipt_used', 'receipt_used');
  return {
    effect: 'receipt_completed',
    to: { state: 'paid', reason: null, receipt },
    flag: null,
    entry: null,
  };
}

function failed(view: PayoutView, evidence: PayoutEvidence): PayoutChange {
  if (view.state === 'paid') return unchanged('contradiction', 'contradiction');
  if (!mayHaveMoved(view.state)) return unchanged('nothing_new');
  if (evidence.reason === 'unmapped') return doubted(view, 'unmapped');
  return {
    effect: 'failed',
    to: { state: 'failed', reason: evidence.reason ?? 'not_given', receipt: null },
    flag: null,
    entry: 'void',
  };
}

/** A reversal names the money that had gone: it stands also where nobody had told that it went. */
function reversed(view: PayoutView, evidence: PayoutEvidence): PayoutChange {
  if (evidence.amountCents !== null && evidence.amountCents !== view.amountCents)
    return doubted(view, 'amount_differs');
  if (evidence.phoneMatches === false) return doubted(view, 'phone_differs');
  if (view.state === 'paid')
    return {
      effect: 'reversed',
      to: { state: 'reversed', reason: null, receipt: view.receipt },
      flag: 'reversed',
      entry: 'reverse',
    };
  if (!mayHaveMoved(view.state)) return unchanged('nothing_new');
  return {
    effect: 'reversed',
    to: { state: 'reversed', reason: null, receipt: evidence.receipt },
    flag: 'reversed',
    entry: 'void',
  };
}

function pending(view: PayoutView): PayoutChange {
  if (view.state !== 'unknown') return unchanged('still_pending');
  return {
    effect: 'still_pending',
    to: { state: 'sent_to_gateway', reason: null, receipt: null },
    flag: null,
    entry: null,
  };
}
