/**
 * The words of a payment, and the one pure rule by which evidence changes it.
 *
 * payment   money asked of a customer; it holds one or more attempts
 * attempt   one STK push: a PIN prompt on one phone, with its own frozen amount, phone and reference
 * evidence  a fact about money that a callback, a look-up or a person brought; kept for ever, never edited
 * receipt   M-Pesa's own number of a money movement (TFH774CBH1); not final while the gateway prints a stand-in
 * flag      why a person must look at a payment; a paid payment stays paid under any flag
 *
 * Amounts are whole Kenyan cents in bigint.
 */
import type { AttemptId } from './ids.ts';

export const paymentStates = [
  'created',
  'sending',
  'prompted',
  'paid',
  'cancelled',
  'failed',
  'expired',
  'unknown',
  'review',
] as const;
export type PaymentState = (typeof paymentStates)[number];

/**
 * queued: committed, not yet taken. sending: taken, the call may be under way. prompted: the gateway accepted it.
 * unknown: the request may have reached the gateway, or the prompt's life ended without proof.
 * refused and not_sent: provably no prompt was made.
 */
export const attemptStates = [
  'queued',
  'sending',
  'prompted',
  'unknown',
  'paid',
  'failed',
  'refused',
  'not_sent',
] as const;
export type AttemptState = (typeof attemptStates)[number];

/**
 * Why an attempt ended without money, or was not sent. `not_given`: the gateway named none. `amount_refused`: another
 * amount came, and a person did not take it as this payment. `too_late`: it waited here until it might not be wanted.
 * `gateway_busy`: over one of the gateway's own limits. `account_blocked`: the gateway stopped the account (fraud rules).
 * `float_too_low` and `payee_refused`: of payouts only; the money to pay out is not there, M-Pesa does not take the payee.
 * `plan_used_up`: the account's subscription or quota at the gateway is at its end.
 */
export const reasons = [
  'cancelled',
  'wrong_pin',
  'insufficient_funds',
  'over_limit',
  'unreachable',
  'expired',
  'duplicate',
  'busy',
  'provider_down',
  'misconfigured',
  'not_given',
  'no_service_tokens',
  'reference_refused',
  'phone_refused',
  'channel_inactive',
  'credentials_refused',
  'request_refused',
  'gateway_unreachable',
  'marked_not_paid',
  'amount_refused',
  'too_late',
  'gateway_busy',
  'account_blocked',
  'plan_used_up',
  'float_too_low',
  'payee_refused',
] as const;
export type Reason = (typeof reasons)[number];

export type Flag =
  | 'amount_differs'
  | 'phone_differs'
  | 'receipt_used'
  | 'unproved'
  | 'unmapped'
  | 'twice'
  | 'contradiction'
  /** The customer said that something is wrong. */
  | 'customer_says';

/** How far a piece of evidence can be believed. `hint`: unsigned, to be confirmed by the gateway's own look-up. */
export type Trust = 'signed' | 'lookup' | 'accepted_unsigned' | 'hint' | 'person';

export interface Receipt {
  readonly number: string;
  /** false: a stand-in of the gateway (BluePay's RCHK-…); paid, but no number to print yet. */
  readonly final: boolean;
}

export interface Evidence {
  readonly verdict: 'paid' | 'failed' | 'pending' | 'reversed';
  readonly trust: Trust;
  /** null: this kind of answer never names the amount. */
  readonly amountCents: bigint | null;
  readonly receipt: Receipt | null;
  /** true or false where the evidence names a whole phone; null where it is absent or masked. */
  readonly phoneMatches: boolean | null;
  /** With `failed` only. `unmapped`: a code that nobody has decided about. */
  readonly reason: Reason | 'unmapped' | null;
  readonly at: Date;
}

export interface AttemptView {
  readonly id: AttemptId;
  readonly state: AttemptState;
  readonly reason: Reason | null;
  /** What was asked; once paid, what came. */
  readonly amountCents: bigint;
  /** A number that only a person typed is not final here: the gateway's own replaces it. */
  readonly receipt: Receipt | null;
  /** Until then a prompt may stand open on the phone; null before it was sent. */
  readonly liveUntil: Date | null;
}

/** What the evidence did. Every one is recorded on the evidence row. */
export type Effect =
  | 'paid'
  | 'paid_late'
  | 'receipt_completed'
  | 'failed'
  | 'still_pending'
  | 'hint'
  | 'nothing_new'
  | 'amount_differs'
  | 'phone_differs'
  | 'receipt_used'
  | 'unmapped'
  | 'contradiction';

export interface Change {
  readonly effect: Effect;
  /** What becomes of the attempt; null leaves it as it is. */
  readonly attempt: { state: AttemptState; reason: Reason | null; receipt: Receipt | null } | null;
  readonly flag: Flag | null;
  /** true exactly when a ledger row is to be written. */
  readonly credits: boolean;
}

const unchanged = (effect: Effect, flag: Flag | null = null): Change => ({
  effect,
  attempt: null,
  flag,
  credits: false,
});

/**
 * Decides what one piece of evidence does to one attempt. `receiptUsed`: the ledger already holds this receipt of this
 * account for another attempt. Paid is never undone here, and nothing but evidence of failure makes an attempt fail.
 */
export function applyEvidence(attempt: AttemptView, evidence: Evidence, receiptUsed: boolean): Change {
  if (evidence.trust === 'hint') return unchanged('hint');
  switch (evidence.verdict) {
    case 'paid':
      return attempt.state === 'paid'
        ? paidAgain(attempt, evidence, receiptUsed)
        : paidFirst(attempt, evidence, receiptUsed);
    case 'failed':
      return failedEvidence(attempt, evidence);
    case 'pending':
      return pendingEvidence(attempt, evidence);
    case 'reversed':
      return unchanged('contradiction', 'contradiction');
  }
}

function paidFirst(attempt: AttemptView, evidence: Evidence, receiptUsed: boolean): Change {
  if (evidence.amountCents !== null && evidence.amountCents !== attempt.amountCents)
    return unchanged('amount_differs', 'amount_differs');
  if (evidence.phoneMatches === false) return unchanged('phone_differs', 'phone_differs');
  if (receiptUsed) return unchanged('receipt_used', 'receipt_used');
  const toldOver = attempt.state === 'failed' || attempt.state === 'refused' || attempt.state === 'not_sent';
  return {
    effect: toldOver ? 'paid_late' : 'paid',
    attempt: { state: 'paid', reason: null, receipt: evidence.receipt },
    flag: null,
    credits: true,
  };
}

function paidAgain(attempt: AttemptView, evidence: Evidence, receiptUsed: boolean): Change {
  const known = attempt.receipt;
  const told = evidence.receipt;
  if (evidence.amountCents !== null && evidence.amountCents !== attempt.amountCents)
    return unchanged('contradiction', 'contradiction');
  if (told === null || !told.final) return unchanged('nothing_new');
  if (known?.final) {
    return known.number === told.number
      ? unchanged('nothing_new')
      : unchanged('contradiction', 'contradiction');
  }
  if (receiptUsed) return unchanged('receipt_used', 'receipt_used');
  return {
    effect: 'receipt_completed',
    attempt: { state: 'paid', reason: null, receipt: told },
    flag: null,
    credits: false,
  };
}

function failedEvidence(attempt: AttemptView, evidence: Evidence): Change {
  if (attempt.state === 'paid') return unchanged('contradiction', 'contradiction');
  if (evidence.reason === 'unmapped') return unchanged('unmapped', 'unmapped');
  const reason = evidence.reason ?? 'not_given';
  const tells = attempt.reason === 'not_given' || reason === 'amount_refused';
  const adds = attempt.state !== 'failed' || (tells && attempt.reason !== reason);
  if (!adds) return unchanged('nothing_new');
  return {
    effect: 'failed',
    attempt: { state: 'failed', reason, receipt: null },
    flag: null,
    credits: false,
  };
}

/** The gateway knows the prompt: after a lost answer this turns "we do not know" into "waiting", while it may be open. */
function pendingEvidence(attempt: AttemptView, evidence: Evidence): Change {
  const open = attempt.liveUntil !== null && evidence.at < attempt.liveUntil;
  if (attempt.state !== 'unknown' || !open) return unchanged('still_pending');
  return {
    effect: 'still_pending',
    attempt: { state: 'prompted', reason: null, receipt: null },
    flag: null,
    credits: false,
  };
}

/** Flags that keep an unpaid payment in a person's hands. `twice` and `contradiction` stand on a paid one. */
const holdsForReview = {
  amount_differs: true,
  phone_differs: true,
  receipt_used: true,
  unproved: true,
  unmapped: true,
  twice: false,
  contradiction: true,
  customer_says: false,
} as const satisfies Record<Flag, boolean>;

const stateOfOpen = {
  queued: 'sending',
  sending: 'sending',
  prompted: 'prompted',
  unknown: 'unknown',
} as const;

/** The state of a payment is a function of its attempts, oldest first, and its flag; it is stored only to be queried. */
export function paymentState(
  attempts: readonly Pick<AttemptView, 'state' | 'reason'>[],
  flag: Flag | null,
  stopped: boolean,
): PaymentState {
  if (attempts.some((attempt) => attempt.state === 'paid')) return 'paid';
  if (flag !== null && holdsForReview[flag]) return 'review';
  if (stopped) return 'cancelled';
  const last = attempts.at(-1);
  if (last === undefined) return 'created';
  switch (last.state) {
    case 'queued':
    case 'sending':
    case 'prompted':
    case 'unknown':
      return stateOfOpen[last.state];
    case 'paid':
      return 'paid';
    case 'failed':
    case 'refused':
    case 'not_sent':
      if (last.reason === 'cancelled') return 'cancelled';
      return last.reason === 'expired' ? 'expired' : 'failed';
  }
}

/** Provably over without money: only then may a new prompt be sent. */
export function isOver(state: AttemptState): boolean {
  return state === 'failed' || state === 'refused' || state === 'not_sent';
}

/** M-Pesa closes a prompt after about 60 s (MPESA facts); until then a second one for the phone is held back. */
export const promptLifeSeconds = 60;
/** M-Pesa refuses the same phone and amount within two minutes (result code 17). */
export const sameAmountSeconds = 120;
/** A prompt that waited here for longer would come as a surprise; a person sends it again if it is still due. */
export const queueLifeSeconds = 120;
