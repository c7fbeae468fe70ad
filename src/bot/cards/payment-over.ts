/** The sentence for each way an attempt ends without money. */
import type { Reason } from '../../domain/payment.ts';
import type { MarkedCard } from '../marks.ts';

/** `refused` ones carry their own reason and action. */
export const overKeys = {
  cancelled: 'cancelled',
  wrong_pin: 'wrong-pin',
  insufficient_funds: 'no-funds',
  over_limit: 'limit',
  unreachable: 'off',
  expired: 'expired',
  not_given: 'not-paid',
  marked_not_paid: 'not-paid',
  amount_refused: 'amount-refused',
  provider_down: 'down',
  duplicate: 'refused',
  busy: 'refused',
  misconfigured: 'refused',
  no_service_tokens: 'refused',
  reference_refused: 'refused',
  phone_refused: 'refused',
  channel_inactive: 'refused',
  credentials_refused: 'refused',
  request_refused: 'refused',
  gateway_unreachable: 'refused',
  too_late: 'refused',
  gateway_busy: 'refused',
  account_blocked: 'refused',
  plan_used_up: 'refused',
  float_too_low: 'refused',
  payee_refused: 'refused',
} as const satisfies Record<Reason, MarkedCard>;

/** In "Earlier we said", a refusal is named by its reason alone. */
export function overKey(reason: Reason): string {
  return overKeys[reason] === 'refused' ? whyKey(reason) : overKeys[reason];
}

export function whyKey(reason: Reason): string {
  return `why-${reason.replaceAll('_', '-')}`;
}
