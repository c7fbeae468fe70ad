/** What M-Pesa's result codes of an STK prompt mean. Every gateway that passes Daraja's codes on reads them here. */
import type { Reason } from '../domain/payment.ts';
import type { GatewayEvidence } from './gateway.ts';

/** null: paid. `unmapped`: a code that nobody has decided about; it goes to a person, never to failed. */
export type StkMeaning = Reason | 'unmapped' | 'pending' | null;

/**
 * The table of the Daraja portal, its sandbox answers and the gateways' documents. 2001 is "wrong PIN" for a prompt by
 * Daraja's own page; the gateways print "initiator information is invalid", which is the same event seen by M-Pesa (the
 * initiator of a prompt is the customer).
 */
const meanings: ReadonlyMap<string, StkMeaning> = new Map<string, StkMeaning>([
  ['0', null],
  ['1', 'insufficient_funds'],
  ['2', 'over_limit'],
  ['3', 'over_limit'],
  ['4', 'over_limit'],
  ['8', 'over_limit'],
  ['17', 'duplicate'],
  ['26', 'busy'],
  ['1001', 'busy'],
  ['1019', 'expired'],
  ['1025', 'provider_down'],
  ['9999', 'provider_down'],
  ['1032', 'cancelled'],
  ['1036', 'unreachable'],
  ['1037', 'unreachable'],
  ['2001', 'wrong_pin'],
  ['2028', 'misconfigured'],
  ['8006', 'misconfigured'],
  ['SFC_IC0003', 'misconfigured'],
  ['4999', 'pending'],
]);

/** `code` as text: a gateway's number is read by `readCode` first. */
export function stkReason(code: string): StkMeaning {
  const meaning = meanings.get(code.trim().toUpperCase());
  return meaning === undefined ? 'unmapped' : meaning;
}

/** The same as evidence says it. An unmapped code is `failed` with the reason `unmapped`, which fails nothing. */
export function stkVerdict(code: string): Pick<GatewayEvidence, 'verdict' | 'reason'> {
  const meaning = stkReason(code);
  if (meaning === null) return { verdict: 'paid', reason: null };
  return meaning === 'pending'
    ? { verdict: 'pending', reason: null }
    : { verdict: 'failed', reason: meaning };
}
