/** What a caller sent, read the way the documents ask for it. */
import { isWholeKes } from './fields.ts';
import type { Call } from './server.ts';
import type { JsonBody } from './wire.ts';

/** A JSON object under its content type; null for anything else. */
export function readJson(call: Call): JsonBody | null {
  return hasType(call, 'application/json') ? objectOf(call.text) : null;
}

export function objectOf(text: string): JsonBody | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? { ...value } : null;
  } catch {
    return null;
  }
}

/** A form whose fields stand there once each; null for anything else. */
export function readForm(call: Call): { readonly [field: string]: string } | null {
  if (!hasType(call, 'application/x-www-form-urlencoded')) return null;
  const form = new URLSearchParams(call.text);
  const fields = Object.fromEntries(form);
  return Object.keys(fields).length === form.size ? fields : null;
}

function hasType(call: Call, type: string): boolean {
  return (call.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() === type;
}

/** The credential after the scheme's name; null: no header of that scheme. */
export function credentialOf(call: Call, scheme: 'Bearer' | 'Basic'): string | null {
  const [, name, credential] = /^(\S+) (\S+)$/.exec(call.headers.authorization ?? '') ?? [];
  return name === scheme && credential !== undefined ? credential : null;
}

/** `user:password` of a Basic header. */
export function basicPair(call: Call): string | null {
  const credential = credentialOf(call, 'Basic');
  return credential === null ? null : Buffer.from(credential, 'base64').toString('utf8');
}

/** M-Pesa's own cap on one transaction, whatever a gateway's document says. */
export const mpesaMaxKes = 250_000;

export function mpesaTakes(amountKes: number): boolean {
  return isWholeKes(amountKes, 1, mpesaMaxKes);
}

/** As Safaricom wants it: 2547XXXXXXXX or 2541XXXXXXXX and nothing else. */
export function isMsisdn(text: string): boolean {
  return /^254[17]\d{8}$/.test(text);
}
