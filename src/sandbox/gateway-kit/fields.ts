/** Reads a request's fields as the document lists them, and nothing else: unknown, mistyped or doubled is refused. */
import type { JsonBody } from './wire.ts';

export interface FieldRule {
  readonly kind: 'text' | 'number';
  readonly aliases?: readonly string[];
  readonly required?: true;
}

export type FieldTable = { readonly [name: string]: FieldRule };

type ValueOf<R extends FieldRule> = R['kind'] extends 'number' ? number : string;

export type FieldValues<T extends FieldTable> = {
  readonly [K in keyof T]: T[K] extends { required: true } ? ValueOf<T[K]> : ValueOf<T[K]> | undefined;
};

export type FieldsRead<T extends FieldTable> =
  | { readonly kind: 'read'; readonly values: FieldValues<T> }
  | { readonly kind: 'missing'; readonly words: string }
  | { readonly kind: 'refused'; readonly words: string };

export function readFields<T extends FieldTable>(body: JsonBody, table: T): FieldsRead<T> {
  const values: { [name: string]: string | number | undefined } = {};
  const left = new Set(Object.keys(body));
  let missing: string | undefined;
  for (const [name, rule] of Object.entries(table)) {
    const given = [name, ...(rule.aliases ?? [])].filter((alias) => left.delete(alias));
    if (given.length > 1) return { kind: 'refused', words: `Give one of ${given.join(', ')}` };
    const value = given[0] === undefined ? undefined : body[given[0]];
    if (given[0] !== undefined && !fits(value, rule))
      return {
        kind: 'refused',
        words: `${given[0]} must be ${rule.kind === 'text' ? 'a string' : 'a number'}`,
      };
    if (fits(value, rule) && !(rule.required && value === '')) values[name] = value;
    else if (rule.required) missing ??= name;
  }
  const [unknown] = left;
  if (unknown !== undefined) return { kind: 'refused', words: `Unknown field ${unknown}` };
  if (missing !== undefined) return { kind: 'missing', words: `${missing} is required` };
  // Every required field is there and every value has its rule's type: checked above, beyond what the compiler sees.
  return { kind: 'read', values: values as FieldValues<T> };
}

function fits(value: unknown, rule: FieldRule): value is string | number {
  return rule.kind === 'text' ? typeof value === 'string' : typeof value === 'number';
}

/** `2547…` or `2541…` from any way in which a Kenyan writes a mobile number; null when it is none. */
export function normalPhone(text: string): string | null {
  const digits = text.replace(/[\s-]/g, '');
  const match = /^(?:\+?254|0)?([17]\d{8})$/.exec(digits);
  return match === null ? null : `254${match[1]}`;
}

export function isWholeKes(amount: number, min: number, max: number): boolean {
  return Number.isInteger(amount) && amount >= min && amount <= max;
}

/** HTTPS, or plain http to this machine. */
export function isCallbackUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return false;
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && local);
}
