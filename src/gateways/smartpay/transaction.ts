import type { GatewayEvidence } from '../gateway.ts';
import { stkVerdict } from '../stk-results.ts';
import { type Body, readCode, readId, readKes, readPhone, readReceipt } from '../stk-values.ts';
import { fieldOf, textOf } from './wire.ts';

/**
 * One transaction as SmartPay answers or lists it. Its shape is not documented, so every spelling that the document uses
 * elsewhere is read; what it proves is decided by the three words of the list's filter and by M-Pesa's result codes.
 */
export const correlationOf = (record: Body) =>
  readId(fieldOf(record, 'checkout_request_id', 'CheckoutRequestID', 'checkoutRequestId'));
export const requestIdOf = (record: Body) =>
  readId(fieldOf(record, 'merchant_request_id', 'MerchantRequestID', 'merchantRequestId'));
export const referenceOf = (record: Body) =>
  textOf(record, 'account_reference', 'AccountReference', 'accountReference', 'reference');

const amountField = (record: Body) => fieldOf(record, 'amount', 'Amount');

export type Reading =
  | { readonly kind: 'evidence'; readonly evidence: GatewayEvidence }
  | { readonly kind: 'unclear'; readonly detail: string };

const unclear = (detail: string): Reading => ({ kind: 'unclear', detail });

/** `surely`: the record was found by a name of ours in it. Otherwise it must show that it is a transaction at all. */
export function readTransaction(record: Body, surely: boolean): Reading {
  const status = readCode(fieldOf(record, 'status', 'Status'))?.toLowerCase() ?? null;
  const code = readCode(fieldOf(record, 'ResultCode', 'result_code', 'resultCode'));
  const amountCents = readKes(amountField(record));
  const isTransaction = surely || amountCents !== null;
  if (status === null && code === null) return unclear('It tells neither a status nor a result code.');
  const verdict = verdictOf(status, code);
  if (verdict === null)
    return unclear(`The status ${status} and the result code ${code} contradict each other.`);
  if (!isTransaction) return unclear('It names neither the prompt nor an amount.');
  if (verdict.verdict === 'paid' && amountCents === null && amountField(record) !== undefined)
    return unclear('Paid, but the amount cannot be read.');
  const receipt = readReceipt(
    fieldOf(
      record,
      'mpesa_receipt_number',
      'mpesa_receipt',
      'MpesaReceiptNumber',
      'receipt_number',
      'receipt',
    ),
  );
  return {
    kind: 'evidence',
    evidence: {
      ...verdict,
      ids: { correlationId: correlationOf(record), requestId: requestIdOf(record) },
      reference: referenceOf(record),
      amountCents,
      receipt: verdict.verdict === 'paid' ? receipt : null,
      msisdn: readPhone(fieldOf(record, 'phone', 'phone_number', 'PhoneNumber', 'msisdn')),
      rawCode: code ?? status ?? 'none',
    },
  };
}

type Verdict = Pick<GatewayEvidence, 'verdict' | 'reason'>;

const byStatus: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  ['completed', { verdict: 'paid', reason: null }],
  ['pending', { verdict: 'pending', reason: null }],
  ['failed', { verdict: 'failed', reason: 'not_given' }],
]);

/** What an envelope says of its call, not of a payment. */
const ofTheCall: readonly string[] = ['success', 'ok', '200'];

/** null: the two contradict each other. A status that is none of the three words proves nothing beside any code. */
function verdictOf(status: string | null, code: string | null): Verdict | null {
  const told = status === null ? undefined : byStatus.get(status);
  const coded = code === null ? null : stkVerdict(code);
  if (told !== undefined) return coded === null ? told : told.verdict === coded.verdict ? coded : null;
  const unknownWord = status !== null && !ofTheCall.includes(status);
  return coded === null || unknownWord ? { verdict: 'pending', reason: null } : coded;
}
