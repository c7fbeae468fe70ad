/** Tolerant readers of the values that Daraja and the gateways built on it print. null is "not readable"; none throws. */
import { type Msisdn, parseMsisdn } from '../domain/msisdn.ts';
import type { Receipt } from '../domain/payment.ts';

export type Body = Readonly<Record<string, unknown>>;

/** null: no JSON object. PHP prints an empty object as `[]`, so a list is none either. */
export function readBody(value: unknown): Body | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : null;
}

/** The JSON object in the bytes of a callback: UTF-8, with or without a byte order mark. */
export function parseBody(bytes: Buffer): Body | null {
  try {
    return readBody(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return null;
  }
}

/** true, 1, "1" and "true", and their opposites; null is anything else. */
export function readFlag(value: unknown): boolean | null {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (text === true || text === 1 || text === 'true' || text === '1') return true;
  return text === false || text === 0 || text === 'false' || text === '0' ? false : null;
}

/** A short visible text, also where a number is printed for it. */
export function readText(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return null;
  const trimmed = text.trim();
  return /^[\x20-\x7e]{1,128}$/.test(trimmed) ? trimmed : null;
}

/** PHP prints 0 or an empty text for an id that there is not. */
export function readId(value: unknown): string | null {
  const text = readText(value);
  return text === '0' ? null : text;
}

/** A count of messages, calls or seconds: 0 and above, as number or text; null is anything else. */
export function readCount(value: unknown): number | null {
  const text = readText(value);
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : null;
}

/**
 * Shillings (100, 100.5, "100.00", "1,000.00") in whole cents; null is anything else, parts of a cent included. A number
 * is read by its shortest decimal form, never by arithmetic on floating point.
 */
export function readKes(value: unknown): bigint | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return null;
  const parts = /^(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.(\d{1,2})0*)?$/.exec(text.trim());
  if (parts === null) return null;
  const [, shillings = '', cents = ''] = parts;
  return BigInt(`${shillings.replaceAll(',', '')}${cents.padEnd(2, '0')}`);
}

/** null where the number is masked, hashed, foreign or left out. */
export function readPhone(value: unknown): Msisdn | null {
  const reading = parseMsisdn(readText(value) ?? '');
  return reading.kind === 'msisdn' ? reading.msisdn : null;
}

/** M-Pesa's own number of the movement: final as soon as it is there. */
export function readReceipt(value: unknown): Receipt | null {
  const text = readId(value)?.toUpperCase();
  return text !== undefined && /^[A-Z0-9-]{1,40}$/.test(text) ? { number: text, final: true } : null;
}

/** A code for `rawCode`: the gateway's word where it is one. */
export function readCode(value: unknown): string | null {
  const text = readText(value);
  if (text === null) return null;
  return /^[A-Za-z0-9_.-]{1,64}$/.test(text) ? text : 'unreadable_code';
}
