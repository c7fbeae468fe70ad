import type { Reason } from '../../domain/payment.ts';

/**
 * BOSMI has no codes: its errors are sentences. These two are all that its document prints; any other sentence proves
 * nothing, and is kept with the payment for a person to read.
 */
const refusal = 'failed to initiate payment, please retry and use correct mpesa number';
const underWay = 'transaction is being processed or failed';

/** The number is what the sentence blames. */
export const refusalReason: Reason = 'phone_refused';

export const isRefusal = (sentence: unknown): boolean => plain(sentence) === refusal;

/** One sentence for two states. Taken for a failure it would make the shop ask twice for one payment. */
export const isUnderWay = (sentence: unknown): boolean => plain(sentence) === underWay;

function plain(sentence: unknown): string {
  if (typeof sentence !== 'string') return '';
  return sentence.trim().toLowerCase().replace(/\s+/g, ' ').replace(/\.$/, '');
}
