/** When a payout is looked up next. A look-up without an answer is no step of the plan: it is made again soon. */
import { plusSeconds } from '../domain/clock.ts';

const reviewSeconds = [2 * 3600, 6 * 3600, 24 * 3600, 72 * 3600] as const;

/** After the call, in seconds: while the answer is likely, then widening; from `toReviewSeconds` on, a person decides. */
export const openSeconds = [10, 30, 60, 120, 300, 600, 1800, ...reviewSeconds] as const;
export const toReviewSeconds = 1800;

/** Success is looked up again: no event tells of a reversal (GATEWAYS.md, BluePay). */
export const afterPaidSeconds = [3600, 24 * 3600, 72 * 3600] as const;

const leastRetrySeconds = 300;
const mostRetrySeconds = 6 * 3600;
/** An account that never answers again is asked for so long. */
const retryEndSeconds = 30 * 24 * 3600;

export interface Missed {
  /** The gateway named when to come again. */
  readonly waitSeconds?: number;
}

/**
 * The next of the steps, which count from `from`. `missed`: the look-up of now had no answer; then as long again as its step is
 * overdue, where that is sooner. null: no more.
 */
export function nextLook(
  from: Date,
  steps: readonly number[],
  now: Date,
  missed: Missed | null,
): Date | null {
  const rested = plusSeconds(now, missed?.waitSeconds ?? 0);
  const times = [0, ...steps].map((seconds) => plusSeconds(from, seconds));
  const step = times.find((at) => at > rested) ?? null;
  if (missed === null || now > plusSeconds(from, retryEndSeconds)) return step;
  const due = times.findLast((at) => at <= now) ?? now;
  const overdue = (now.getTime() - due.getTime()) / 1000;
  const retry = plusSeconds(now, Math.min(Math.max(overdue, leastRetrySeconds), mostRetrySeconds));
  const again = retry > rested ? retry : rested;
  return step !== null && step < again ? step : again;
}
