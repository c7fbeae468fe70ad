import type { BusinessId, PayoutId } from '../../domain/ids.ts';
import type { Msisdn } from '../../domain/msisdn.ts';

/** What is known of a payout when the conversation begins; plain JSON, since it is kept in the replay log. */
export interface PayoutStart {
  /** In whose name the money is sent, whatever /switch says before the end. */
  readonly businessId: BusinessId | null;
  /** Cents as text; one is an amount, more are what the entry could mean. */
  readonly amounts: readonly string[];
  /** false: the one sum is what the entry probably means, and is confirmed. */
  readonly sure: boolean;
  /** Say that the amount was understood but cannot be sent. */
  readonly outOfRange: boolean;
  readonly phones: readonly Msisdn[];
  readonly payeeName: string | null;
  /** '': it is asked for. A payout says what it is for. */
  readonly note: string;
  /** The payout that is being changed, and what it says now: a tap keeps it. */
  readonly changes: PayoutId | null;
  readonly keeps: {
    readonly cents: string;
    readonly msisdn: Msisdn;
    readonly name: string | null;
    readonly note: string;
  } | null;
}

export const nothingKnown: PayoutStart = {
  businessId: null,
  amounts: [],
  sure: false,
  outOfRange: false,
  phones: [],
  payeeName: null,
  note: '',
  changes: null,
  keeps: null,
};
