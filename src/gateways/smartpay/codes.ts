import type { Reason } from '../../domain/payment.ts';

/**
 * "API errors" of SmartPay's document, as refusals of a prompt. The last three are answers of other endpoints; a prompt
 * that met them was refused all the same. A code that is not here never becomes a failure.
 */
const reasons: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ['MISSING_AUTH', 'credentials_refused'],
  ['INVALID_API_KEY', 'credentials_refused'],
  ['KEY_SUSPENDED', 'account_blocked'],
  ['KEY_INACTIVE', 'plan_used_up'],
  ['LIMIT_REACHED', 'plan_used_up'],
  ['MISSING_FIELDS', 'request_refused'],
  ['INVALID_PHONE', 'phone_refused'],
  ['INVALID_AMOUNT', 'request_refused'],
  ['IP_RATE_LIMIT', 'gateway_busy'],
  ['RATE_LIMIT_MINUTE', 'gateway_busy'],
  ['RATE_LIMIT_DAY', 'gateway_busy'],
  ['PHONE_RATE_LIMIT', 'gateway_busy'],
  ['FRAUD_BLOCK_FAILURE_RATE', 'account_blocked'],
  ['FRAUD_BLOCK_PHONE_DIVERSITY', 'account_blocked'],
  ['FRAUD_BLOCK_BURST', 'account_blocked'],
  ['FRAUD_BLOCK_CANCEL_RATE', 'account_blocked'],
  ['PAYMENT_FAILURE', 'provider_down'],
  ['DUPLICATE_NAME', 'request_refused'],
  ['CANNOT_DELETE_DEFAULT', 'request_refused'],
  ['NOT_FOUND', 'request_refused'],
]);

const reasonsOfStatus: ReadonlyMap<number, Reason> = new Map<number, Reason>([
  [400, 'request_refused'],
  [401, 'credentials_refused'],
  [403, 'credentials_refused'],
  [404, 'request_refused'],
  [429, 'gateway_busy'],
]);

/** null: nobody has decided what this means. The status speaks only where there is no `error_code`. */
export function refusalReason(status: number, errorCode: string | null): Reason | null {
  // The only 5xx that proves anything: Daraja rejected the prompt.
  if (status >= 500 && !(status === 500 && errorCode === 'PAYMENT_FAILURE')) return null;
  return (errorCode === null ? reasonsOfStatus.get(status) : reasons.get(errorCode)) ?? null;
}
