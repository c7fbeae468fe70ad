import type { CallbackAbility, CallbackReading, ReceivedCallback } from '../gateway.ts';
import { readStkCallback, stkCallbackAnswer } from '../stk-callback.ts';
import { type Body, parseBody, readKes, readPhone, readReceipt, readText } from '../stk-values.ts';

/**
 * Nothing here is signed, and nothing can be asked: an account opens only where an operator accepted that by name. The
 * platform takes no URL for a single payment, so that results come to the account's own.
 */
export function createCallback(shortCode: string): CallbackAbility {
  return {
    trust: 'capability',
    accountUrlOnly: true,
    authenticate: () => 'genuine',
    idempotencyKey: () => null,
    read: (callback) => read(callback, shortCode),
    answer: stkCallbackAnswer,
  };
}

const unreadable = (detail: string): CallbackReading => ({ kind: 'unreadable', detail });

function read(callback: ReceivedCallback, shortCode: string): CallbackReading {
  const body = parseBody(callback.body);
  if (body === null) return unreadable('The body is no JSON object.');
  return body.TransID === undefined ? readStkCallback(callback) : readConfirmation(body, shortCode);
}

/** A C2B confirmation: money that a customer sent from the M-Pesa menu. */
function readConfirmation(body: Body, shortCode: string): CallbackReading {
  const receipt = readReceipt(body.TransID);
  const amountCents = readKes(body.TransAmount);
  if (receipt === null) return unreadable('A confirmation whose TransID cannot be read.');
  if (amountCents === null || amountCents === 0n)
    return unreadable('A confirmation whose TransAmount cannot be read.');
  const told = readText(body.BusinessShortCode);
  if (told !== null && told !== shortCode) return unreadable('A confirmation for another short code.');
  return {
    kind: 'unasked',
    money: {
      receipt,
      amountCents,
      billReference: readName(body.BillRefNumber) ?? '',
      // Newer confirmations mask or hash the number, which names nobody.
      msisdn: readPhone(body.MSISDN),
      payerName: payerName(body),
    },
  };
}

function payerName(body: Body): string | null {
  const parts = [body.FirstName, body.MiddleName, body.LastName]
    .map(readName)
    .filter((each) => each !== null);
  return parts.length === 0 ? null : parts.join(' ').slice(0, 60);
}

/** People's own words: any letters, one line, bounded. */
function readName(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return null;
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return line === '' ? null : line.slice(0, 40);
}
