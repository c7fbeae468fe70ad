import type { Reason } from '../../domain/payment.ts';

/**
 * The platform's document names four statuses: 200, 400, 401 and 500. Only these two prove that there is no prompt; a 500
 * is a lost answer, and any other status is nobody's decision yet.
 */
export function refusalReason(status: number): Reason | null {
  if (status === 400) return 'request_refused';
  return status === 401 ? 'credentials_refused' : null;
}
