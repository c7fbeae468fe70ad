/** Daraja's `Body.stkCallback`, which several gateways pass on as it is: what it proves about one prompt, and no more. */
import type { CallbackAbility, CallbackReading, CallbackTrust, ReceivedCallback } from './gateway.ts';
import { stkVerdict } from './stk-results.ts';
import {
  type Body,
  parseBody,
  readBody,
  readCode,
  readId,
  readKes,
  readPhone,
  readReceipt,
} from './stk-values.ts';

/** Daraja answers its own calls so; what is answered with 200 is not sent again. */
export const stkCallbackAnswer = { ResultCode: 0, ResultDesc: 'Accepted' } as const;

export type StkCallbackReading = Extract<CallbackReading, { kind: 'collect' | 'unreadable' }>;

/**
 * The whole ability of a gateway that passes Daraja's callback on unsigned. Nobody can be told from a forger, so that
 * only a body that is no JSON object is turned away (400); what an object lacks is kept and named as unreadable.
 * There is no key of a delivery: the content's hash serves.
 */
export function unsignedStkCallback(trust: Exclude<CallbackTrust, 'signed'>): CallbackAbility {
  return {
    trust,
    authenticate: (callback) => (parseBody(callback.body) === null ? 'malformed' : 'genuine'),
    idempotencyKey: () => null,
    read: readStkCallback,
    answer: stkCallbackAnswer,
  };
}

/**
 * Never throws. `correlationId` is CheckoutRequestID, `requestId` MerchantRequestID; there is no reference of ours in it.
 * Paid is read only with an amount and a receipt, both of which M-Pesa always gives: an unsigned "paid" that names less
 * must not be believed on its id alone. The phone may be missing, masked or hashed (null). Unknown fields are ignored.
 */
export function readStkCallback(callback: ReceivedCallback): StkCallbackReading {
  const body = parseBody(callback.body);
  if (body === null) return unreadable('The body is no JSON object.');
  const told = readBody(readBody(body.Body)?.stkCallback);
  if (told === null) return unreadable('The body has no Body.stkCallback.');
  const correlationId = readId(told.CheckoutRequestID);
  if (correlationId === null) return unreadable('It names no prompt: CheckoutRequestID is missing.');
  const rawCode = readCode(told.ResultCode);
  if (rawCode === null) return unreadable('It has no ResultCode.');
  const { verdict, reason } = stkVerdict(rawCode);
  const item = itemsOf(told);
  const amountCents = readKes(item('Amount'));
  const receipt = readReceipt(item('MpesaReceiptNumber'));
  if (verdict === 'paid' && amountCents === null) return unreadable('Paid, but the amount cannot be read.');
  if (verdict === 'paid' && receipt === null) return unreadable('Paid, but the receipt cannot be read.');
  return {
    kind: 'collect',
    evidence: {
      verdict,
      ids: { correlationId, requestId: readId(told.MerchantRequestID) },
      reference: null,
      amountCents,
      receipt: verdict === 'paid' ? receipt : null,
      msisdn: readPhone(item('PhoneNumber')),
      reason,
      rawCode,
    },
  };
}

const unreadable = (detail: string): StkCallbackReading => ({ kind: 'unreadable', detail });

/** The metadata by name. A name that comes with two different values says nothing; `Balance` comes with none. */
function itemsOf(told: Body): (name: string) => unknown {
  const listed = readBody(told.CallbackMetadata)?.Item;
  const items = (Array.isArray(listed) ? listed : [listed]).map(readBody).filter((each) => each !== null);
  return (name) => {
    const values = items
      .filter((each) => each.Name === name)
      .map((each) => each.Value)
      .filter((value) => typeof value === 'string' || typeof value === 'number');
    return new Set(values.map(String)).size === 1 ? values[0] : undefined;
  };
}
