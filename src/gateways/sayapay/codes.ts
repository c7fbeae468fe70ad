import type { Reason } from '../../domain/payment.ts';

/**
 * SayaPay's document has a chapter on errors in its menu only. What HTTP itself says about a request that was not carried
 * out is taken at its word, beside a JSON body; any other status is nobody's decision yet.
 */
const reasons: ReadonlyMap<number, Reason> = new Map<number, Reason>([
  [400, 'request_refused'],
  [401, 'credentials_refused'],
  [403, 'credentials_refused'],
  [404, 'request_refused'],
  [405, 'request_refused'],
  [422, 'request_refused'],
  [429, 'gateway_busy'],
]);

export function refusalReason(status: number): Reason | null {
  return reasons.get(status) ?? null;
}
