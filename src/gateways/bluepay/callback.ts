import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CallbackAbility, CallbackReading, ReceivedCallback } from '../gateway.ts';
import { readPayoutEvent } from './payout.ts';
import { type Body, readBody, readCode, readId, readKes, readPhone, readReceipt, readText } from './wire.ts';

/** BluePay's webhooks are signed and sent once; it asks for "2xx quickly" and names no body. */
export function createCallback(apiSecret: string): CallbackAbility {
  return {
    trust: 'signed',
    authenticate: (callback) => authenticate(callback, apiSecret),
    idempotencyKey,
    read,
    answer: { ok: true },
  };
}

/** The API secret signs, also for accounts that call with Basic credentials. */
function authenticate(callback: ReceivedCallback, apiSecret: string): 'genuine' | 'malformed' | 'forged' {
  const given = /^v1=([a-f0-9]{64})$/.exec(callback.headers['x-bluepay-signature'] ?? '')?.[1];
  if (given === undefined) return 'malformed';
  const expected = createHmac('sha256', apiSecret).update(callback.body).digest();
  return timingSafeEqual(expected, Buffer.from(given, 'hex')) ? 'genuine' : 'forged';
}

/**
 * The header is outside the signature and names a delivery, not a fact. So it never decides alone: event and payment
 * stand beside it, so that a replayed old body cannot take the key of the next one; where the header is missing, they
 * and the receipt are the key (the receipt, since RCHK-… is followed by the real number). null: the content's hash.
 */
function idempotencyKey(callback: ReceivedCallback): string | null {
  const delivery = parse(callback);
  if (delivery === null) return null;
  const { event, data } = delivery;
  const payment = readText(data.payment_id) ?? readText(data.checkout_request_id) ?? readText(data.id);
  if (payment === null) return null;
  const header = callback.headers['idempotency-key'] ?? '';
  if (/^[\x21-\x7e]{1,128}$/.test(header)) return `${header} ${event} ${payment}`;
  return `${event} ${payment} ${readText(data.mpesa_receipt_number) ?? '-'}`;
}

function parse(callback: ReceivedCallback): { event: string; data: Body } | null {
  const body = readBody(parseJson(callback.body));
  const event = readText(body?.event) ?? '';
  return body === null || !/^[\w.-]{1,64}$/.test(event) ? null : { event, data: readBody(body.data) ?? {} };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return null;
  }
}

const unreadable = (detail: string): CallbackReading => ({ kind: 'unreadable', detail });

function read(callback: ReceivedCallback): CallbackReading {
  const delivery = parse(callback);
  if (delivery === null) return unreadable('The body is no JSON object with an event.');
  const { event, data } = delivery;
  const named = callback.headers['x-bluepay-event'];
  if (named !== undefined && named.trim() !== event)
    return unreadable(`X-BluePay-Event contradicts the body's event ${event}.`);
  switch (event) {
    case 'mpesa.payment.received':
      return readReceived(data);
    case 'mpesa.payment.failed':
      return readFailed(data);
    case 'mpesa.b2c.success':
      return readPayoutEvent('paid', data);
    case 'mpesa.b2c.failed':
      return readPayoutEvent('failed', data);
    case 'mpesa.wallet_topup.received':
      return readTopUp(data, 'service');
    case 'mpesa.b2c_wallet_topup.received':
      return readTopUp(data, 'float');
    default:
      return { kind: 'other', event };
  }
}

/** The document prints "success"; its status page says "completed". Casing differs between its pages. */
const saysPaid = (status: string) => status === 'success' || status === 'completed';

const statusOf = (data: Body) => readCode(data.status)?.toLowerCase() ?? null;

function readReceived(data: Body): CallbackReading {
  const status = statusOf(data);
  if (status !== null && !saysPaid(status)) return unreadable(`payment.received with the status ${status}`);
  if (readKes(data.amount) === null) return unreadable('payment.received without a readable amount');
  return collectOf(data, 'paid', status ?? 'received');
}

function readFailed(data: Body): CallbackReading {
  const status = statusOf(data);
  if (status !== null && (saysPaid(status) || status === 'pending'))
    return unreadable(`payment.failed with the status ${status}`);
  return collectOf(data, 'failed', status ?? 'failed');
}

/** Neither event is printed; the fields are those of the page's example, and of the payouts' one. */
function readTopUp(data: Body, of: 'service' | 'float'): CallbackReading {
  const status = statusOf(data);
  if (status !== null && !saysPaid(status)) return unreadable(`a top-up with the status ${status}`);
  const amountCents = readKes(data.amount);
  if (amountCents === null || amountCents === 0n) return unreadable('a top-up without a readable amount');
  const receipt = readText(data.mpesa_receipt_number) ?? readText(data.mpesa_receipt);
  const named = readText(data.payment_id) ?? receipt ?? readId(data.checkout_request_id) ?? readText(data.id);
  return { kind: 'topup', topup: { of, amountCents, named } };
}

function collectOf(data: Body, verdict: 'paid' | 'failed', rawCode: string): CallbackReading {
  const correlationId = readId(data.checkout_request_id);
  const reference = readText(data.account_reference) ?? readText(data.external_reference);
  if (correlationId === null && reference === null) return unreadable('It names no payment of ours.');
  const receipt = readReceipt(data.mpesa_receipt_number, data.pending_confirmation);
  return {
    kind: 'collect',
    evidence: {
      verdict,
      ids: { correlationId, requestId: readId(data.stk_request_id) },
      reference,
      amountCents: readKes(data.amount),
      receipt: verdict === 'paid' ? receipt : null,
      msisdn: readPhone(data.phone ?? data.phone_number),
      reason: verdict === 'failed' ? 'not_given' : null,
      rawCode,
    },
  };
}
