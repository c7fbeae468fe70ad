import type { Reason } from '../../domain/payment.ts';

/**
 * What BluePay's refusals of an STK push mean. Only what its document names is here; a code that is not known never
 * becomes a failure (the answer is then unknown, and look-ups decide).
 *
 * MERCHANT_INACTIVE is printed for payouts only, in "the same envelope as STK"; CHANNEL_NOT_AVAILABLE covers "merchant
 * inactive" for STK, so both mean the same to a shop.
 */
const errorCodes = [
  'INSUFFICIENT_PREPAID',
  'REFERENCE_PREFIX_MISMATCH',
  'INVALID_PHONE',
  'CHANNEL_NOT_AVAILABLE',
  'MERCHANT_INACTIVE',
  'ACCOUNT_REFERENCE_INVALID',
  'STK_VALIDATION_FAILED',
] as const;
type ErrorCode = (typeof errorCodes)[number];

const reasonOfCode = {
  INSUFFICIENT_PREPAID: 'no_service_tokens',
  REFERENCE_PREFIX_MISMATCH: 'reference_refused',
  INVALID_PHONE: 'phone_refused',
  CHANNEL_NOT_AVAILABLE: 'channel_inactive',
  MERCHANT_INACTIVE: 'channel_inactive',
  ACCOUNT_REFERENCE_INVALID: 'reference_refused',
  STK_VALIDATION_FAILED: 'request_refused',
} as const satisfies Record<ErrorCode, Reason>;

const refusingStatuses = [400, 401, 402, 403, 405, 422] as const;
type RefusingStatus = (typeof refusingStatuses)[number];

const reasonOfStatus = {
  400: 'request_refused',
  401: 'credentials_refused',
  402: 'no_service_tokens',
  403: 'credentials_refused',
  405: 'request_refused',
  422: 'request_refused',
} as const satisfies Record<RefusingStatus, Reason>;

/** null: nobody has decided what this means. The status speaks only where there is no `error_code`. */
export function refusalReason(status: number, errorCode: string | null): Reason | null {
  if (errorCode !== null) {
    const known = errorCodes.find((code) => code === errorCode);
    return known === undefined ? null : reasonOfCode[known];
  }
  const known = refusingStatuses.find((each) => each === status);
  return known === undefined ? null : reasonOfStatus[known];
}
