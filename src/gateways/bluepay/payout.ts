import type { Reason } from '../../domain/payment.ts';
import type { PayoutAbility, PayoutFact, PayoutLookup, PayoutOrder, PayoutOutcome } from '../abilities.ts';
import type { CallbackReading } from '../gateway.ts';
import type { GatewayAnswer } from '../http.ts';
import {
  type BluepayWire,
  type Body,
  readBody,
  readCode,
  readFlag,
  readId,
  readKes,
  readPhone,
  readReceipt,
  readText,
} from './wire.ts';

/** BluePay's least; the most is M-Pesa's, which BluePay itself does not check. */
const leastCents = 10_00n;
const mostCents = 250_000_00n;
/** The document names no limit: two calls a second are little for a PHP host. */
const perMinute = 120;
const referenceShape = /^[A-Za-z0-9._-]{1,64}$/;

export function createPayout(wire: BluepayWire): PayoutAbility {
  return {
    leastCents,
    mostCents,
    perMinute,
    send: (order) => send(wire, order),
    lookup: (keys) => lookup(wire, keys.payoutId),
  };
}

async function send(wire: BluepayWire, order: PayoutOrder): Promise<PayoutOutcome> {
  const { amountCents, reference } = order;
  if (amountCents < leastCents || amountCents > mostCents || amountCents % 100n !== 0n)
    return { kind: 'not_sent', detail: 'BluePay sends whole shillings from 10, M-Pesa up to 250000.' };
  if (!referenceShape.test(reference))
    return { kind: 'not_sent', detail: 'BluePay takes A-Z, a-z, 0-9, ._- as reference, at most 64.' };
  const outcome = await wire.post('/api/v1/b2c/payouts', {
    amount: Number(amountCents / 100n),
    phone: order.msisdn,
    reference,
    description: order.description,
    // Spelled so here; the STK push spells it callback_url.
    callbackUrl: order.callbackUrl,
  });
  switch (outcome.kind) {
    case 'not_sent':
      return { kind: 'not_sent', detail: outcome.detail };
    case 'unknown':
      return unknown(null, 'no_answer', outcome.detail);
    case 'answer':
      return readAnswer(wire, outcome, reference);
  }
}

const unknown = (payoutId: string | null, rawCode: string, detail: string): PayoutOutcome => ({
  kind: 'unknown',
  payoutId,
  rawCode,
  detail,
});

function readAnswer(wire: BluepayWire, answer: GatewayAnswer, reference: string): PayoutOutcome {
  const httpCode = `http_${answer.status}`;
  const body = readBody(answer.json);
  // A firewall or a proxy in front of BluePay answers as well: what is no JSON object is no word of BluePay.
  if (body === null) return unknown(null, httpCode, 'The answer is no JSON object.');
  const payout = payoutIn(body);
  const payoutId = idOf(body, payout);
  const ok = readFlag(body.ok);
  if (answer.status < 300 && ok === true) return readAccepted(body, payout, payoutId, reference, httpCode);
  const errorCode = readCode(body.error_code);
  const rawCode = errorCode ?? httpCode;
  const detail = `${wire.sentence(body)}${missing(body)}`;
  // An error that names a payout is no proof that there is none.
  const reason = ok === false && payoutId === null ? refusalReason(answer.status, errorCode) : null;
  return reason === null ? unknown(payoutId, rawCode, detail) : { kind: 'refused', reason, rawCode, detail };
}

function readAccepted(
  body: Body,
  payout: Body,
  payoutId: string | null,
  reference: string,
  httpCode: string,
): PayoutOutcome {
  if (readFlag(body.success) === false)
    return unknown(payoutId, httpCode, 'ok and success contradict each other');
  const told = referenceIn(payout);
  if (told !== null && told !== reference)
    return unknown(null, httpCode, 'the answer names another reference');
  // Whatever it says about the outcome already is asked for again by its id: this answer is not printed anywhere.
  return { kind: 'accepted', payoutId, feeCents: feeIn(payout) ?? feeIn(body) };
}

/** The create answer's shape is not shown: the status answer's (`data.payout`), `data` itself, or the body. */
function payoutIn(body: Body): Body {
  const data = readBody(body.data);
  return readBody(data?.payout) ?? readBody(body.payout) ?? data ?? body;
}

function idOf(body: Body, payout: Body): string | null {
  return readId(payout.payout_id) ?? readId(payout.id) ?? readId(body.payout_id);
}

const referenceIn = (payout: Body) => readText(payout.external_reference) ?? readText(payout.reference);
const feeIn = (payout: Body) => readKes(payout.transaction_fee) ?? readKes(payout.transaction_fee_kes);

/**
 * What the document calls a refusal; anything else is nobody's decision yet. REFERENCE_IN_USE is none: a payout with our
 * reference exists there, and is to be found out about. B2C_GATEWAY_ERROR comes "after accept".
 */
const refusals: Readonly<Record<string, { readonly status: number; readonly reason: Reason }>> = {
  INSUFFICIENT_PREPAID: { status: 402, reason: 'no_service_tokens' },
  MERCHANT_INACTIVE: { status: 403, reason: 'channel_inactive' },
  B2C_DISABLED: { status: 403, reason: 'channel_inactive' },
  INSUFFICIENT_B2C_BALANCE: { status: 409, reason: 'float_too_low' },
  INVALID_PHONE: { status: 422, reason: 'phone_refused' },
  B2C_VALIDATION_FAILED: { status: 422, reason: 'request_refused' },
  B2C_UNAVAILABLE: { status: 503, reason: 'provider_down' },
};

/** Where there is no `error_code`: what the envelope says of every call. A 409 or a 5xx without its code tells nothing. */
const reasonOfStatus: Readonly<Record<number, Reason>> = {
  400: 'request_refused',
  401: 'credentials_refused',
  402: 'no_service_tokens',
  403: 'credentials_refused',
  405: 'request_refused',
  422: 'request_refused',
};

/** A code under another status than the printed one is not what the document describes. */
function refusalReason(status: number, errorCode: string | null): Reason | null {
  if (errorCode === null) return reasonOfStatus[status] ?? null;
  const printed = Object.hasOwn(refusals, errorCode) ? refusals[errorCode] : undefined;
  return printed?.status === status ? printed.reason : null;
}

function missing(body: Body): string {
  const required = readKes(body.required_kes);
  const balance = readKes(body.balance_kes);
  return required === null || balance === null
    ? ''
    : ` (needs KES ${Number(required) / 100}, has KES ${Number(balance) / 100})`;
}

const noAnswer = (detail: string, stop = false): PayoutLookup => ({ kind: 'no_answer', detail, stop });

/** By its id only: after a lost answer there is nothing to ask by. */
async function lookup(wire: BluepayWire, payoutId: string | null): Promise<PayoutLookup> {
  if (payoutId === null) return { kind: 'not_found', detail: 'BluePay is asked by its own id only.' };
  const outcome = await wire.ask('/api/v1/b2c/payout_status', { payout_id: payoutId });
  if (outcome.kind !== 'answer') return noAnswer(outcome.detail);
  const body = readBody(outcome.json);
  const said = body === null ? 'The answer is no JSON object.' : wire.sentence(body);
  const refused = (outcome.status === 401 || outcome.status === 403) && readFlag(body?.ok) === false;
  // What an unknown id answers is not printed. It is BluePay's own id, so "not found" proves nothing about the money.
  if (outcome.status === 404 && body !== null) return { kind: 'not_found', detail: said };
  if (outcome.status !== 200 || body === null) return noAnswer(`http_${outcome.status}: ${said}`, refused);
  if (readFlag(body.ok) === false || readFlag(body.success) === false) return noAnswer(`not ok: ${said}`);
  const payout = payoutIn(body);
  const told = idOf(body, payout);
  if (told !== null && told !== payoutId) return noAnswer('the answer names another payout');
  const fact = readPayoutFact(payout);
  return fact === null
    ? noAnswer('the status cannot be read')
    : { kind: 'fact', fact: { ...fact, payoutId } };
}

/** Also of a webhook, whose `data` is the same object. null: it states nothing that can be relied on. */
export function readPayoutFact(payout: Body): PayoutFact | null {
  const rawCode = readCode(payout.status);
  const verdict = verdictOf(rawCode);
  const amountCents = readKes(payout.amount);
  if (verdict === null || ((verdict === 'paid' || verdict === 'reversed') && amountCents === null))
    return null;
  const moved = verdict === 'paid' || verdict === 'reversed';
  // Here `mpesa_receipt` and `phone_number`; for payments `mpesa_receipt_number` and `phone`.
  const receipt = readReceipt(
    payout.mpesa_receipt ?? payout.mpesa_receipt_number,
    payout.pending_confirmation,
  );
  return {
    verdict,
    payoutId: readId(payout.payout_id) ?? readId(payout.id),
    reference: referenceIn(payout),
    amountCents,
    receipt: moved ? receipt : null,
    msisdn: readPhone(payout.phone_number ?? payout.phone),
    feeCents: feeIn(payout),
    reason: verdict === 'failed' ? 'not_given' : null,
    rawCode: rawCode ?? verdict,
  };
}

/** Printed in capitals here and in small letters for payments. */
function verdictOf(status: string | null): PayoutFact['verdict'] | null {
  switch (status?.toUpperCase()) {
    case 'PENDING':
      return 'pending';
    case 'SUCCESS':
      return 'paid';
    case 'FAILED':
      return 'failed';
    case 'REVERSED':
      return 'reversed';
    default:
      return null;
  }
}

/** `mpesa.b2c.success` and `mpesa.b2c.failed`; the status inside must not contradict the event. */
export function readPayoutEvent(verdict: 'paid' | 'failed', data: Body): CallbackReading {
  const status = data.status ?? (verdict === 'paid' ? 'SUCCESS' : 'FAILED');
  const fact = readPayoutFact({ ...data, status });
  if (fact === null) return { kind: 'unreadable', detail: 'a payout without a readable status or amount' };
  return fact.verdict === verdict
    ? { kind: 'payout', fact }
    : { kind: 'unreadable', detail: `a payout event that contradicts its status ${fact.rawCode}` };
}
