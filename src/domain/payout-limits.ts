/**
 * How much may leave, and when the approver must name the phone. A new business starts with these; an owner changes them.
 * Cents. A day is a day in East Africa Time.
 */
export interface PayoutLimits {
  readonly single: bigint;
  readonly day: bigint;
  readonly memberDay: bigint;
  readonly payeeDay: bigint;
  /** Above it the approver types the last four digits of the phone. */
  readonly digitsAbove: bigint;
  /** Instead of `day`, where one person asks and approves. */
  readonly aloneDay: bigint;
}

export const limitNames = ['single', 'day', 'memberDay', 'payeeDay', 'digitsAbove', 'aloneDay'] as const;
export type LimitName = (typeof limitNames)[number];

export const defaultLimits: PayoutLimits = {
  single: 70_000_00n,
  day: 300_000_00n,
  memberDay: 150_000_00n,
  payeeDay: 140_000_00n,
  digitsAbove: 20_000_00n,
  aloneDay: 20_000_00n,
};

/** What has been approved today already and not provably failed, this payout not counted. */
export interface Spent {
  readonly day: bigint;
  readonly memberDay: bigint;
  readonly payeeDay: bigint;
}

export interface OverLimit {
  readonly limit: Exclude<LimitName, 'digitsAbove'>;
  readonly most: bigint;
  /** What may still be approved under it today; never below zero. */
  readonly left: bigint;
}

/** The first limit that this amount would break; null: it stays within all. `alone`: nobody else approves. */
export function overLimit(
  amountCents: bigint,
  limits: PayoutLimits,
  spent: Spent,
  alone: boolean,
): OverLimit | null {
  if (amountCents > limits.single) return { limit: 'single', most: limits.single, left: limits.single };
  const daily: (readonly [OverLimit['limit'], bigint, bigint])[] = [
    ...(alone ? [['aloneDay', limits.aloneDay, spent.day] as const] : []),
    ['day', limits.day, spent.day],
    ['memberDay', limits.memberDay, spent.memberDay],
    ['payeeDay', limits.payeeDay, spent.payeeDay],
  ];
  for (const [limit, most, used] of daily) {
    const left = most > used ? most - used : 0n;
    if (amountCents > left) return { limit, most, left };
  }
  return null;
}
