import { plusSeconds } from './clock.ts';

/**
 * When an open prompt is looked up, in seconds after it was sent: close together while the answer is likely, then
 * widening. After the last one a person decides; look-ups go on slowly, since late evidence still counts.
 */
const afterSendSeconds = [20, 45, 90, 180, 360, 720, 1500, 3600] as const;
const inReviewSeconds = [6 * 3600, 24 * 3600, 72 * 3600] as const;
const allSeconds = [...afterSendSeconds, ...inReviewSeconds];

/** A lost answer is looked up at once: until then nobody knows whether a prompt is on the phone. */
export const lostAnswerCheckSeconds = 3;
/** A receipt number that the gateway still owes, in seconds after the payment. */
const receiptSeconds = [10, 30, 60, 120, 300, 600, 1800, 3600, 6 * 3600, 24 * 3600, 72 * 3600] as const;

export interface NextCheck {
  /** null: no look-up is planned any more. */
  readonly at: Date | null;
  /** true from the last planned look-up on: a person compares with the gateway's statement. */
  readonly toReview: boolean;
}

/** The look-up that follows `now` for a prompt sent at `sentAt`. A missed one (we were down) is not made up for. */
export function nextCheck(sentAt: Date, now: Date): NextCheck {
  const at = next(allSeconds, sentAt, now);
  const toReview = now >= plusSeconds(sentAt, afterSendSeconds[afterSendSeconds.length - 1] as number);
  return { at, toReview };
}

export function nextReceiptCheck(paidAt: Date, now: Date): Date | null {
  return next(receiptSeconds, paidAt, now);
}

function next(steps: readonly number[], from: Date, now: Date): Date | null {
  for (const seconds of steps) {
    const at = plusSeconds(from, seconds);
    if (at > now) return at;
  }
  return null;
}

/** After this long without a final receipt number the receipt says where the customer finds it. */
export const receiptFollowsSeconds = 600;
