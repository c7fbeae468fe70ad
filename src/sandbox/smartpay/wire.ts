/** SmartPay's refusals: `success`, `error_code` and HTTP status as in its table. `message` is ours; none is printed. */

import type { FieldTable, FieldValues } from '../gateway-kit/fields.ts';
import { readFields } from '../gateway-kit/fields.ts';
import { readJson } from '../gateway-kit/requests.ts';
import type { Call } from '../gateway-kit/server.ts';
import type { Answer, Read } from '../gateway-kit/wire.ts';
import { entered, json, refused } from '../gateway-kit/wire.ts';
import { eatTime } from '../mpesa/texts.ts';

const errors = {
  MISSING_AUTH: [401, 'Authorization header missing'],
  INVALID_API_KEY: [401, 'Key not found, wrong format, or inactive'],
  KEY_SUSPENDED: [403, 'Suspended due to fraud activity'],
  KEY_INACTIVE: [403, 'Subscription not active on this key'],
  LIMIT_REACHED: [403, 'Monthly API call limit exhausted'],
  MISSING_FIELDS: [400, 'Required fields missing from body'],
  INVALID_PHONE: [400, 'Phone number format invalid'],
  INVALID_AMOUNT: [400, 'Amount out of range (1–300,000)'],
  DUPLICATE_NAME: [409, 'Account with that name already exists'],
  CANNOT_DELETE_DEFAULT: [400, 'Set another key as default first'],
  IP_RATE_LIMIT: [429, 'Too many requests from this IP'],
  RATE_LIMIT_MINUTE: [429, 'Per-key per-minute limit hit'],
  RATE_LIMIT_DAY: [429, 'Per-key daily limit hit'],
  PHONE_RATE_LIMIT: [429, '3 pushes already sent to this number in 5 min'],
  FRAUD_BLOCK_FAILURE_RATE: [403, 'Abnormally high failure rate detected'],
  FRAUD_BLOCK_PHONE_DIVERSITY: [403, 'Suspicious random-phone pattern detected'],
  FRAUD_BLOCK_BURST: [429, 'High-volume burst + high failure rate'],
  FRAUD_BLOCK_CANCEL_RATE: [403, 'High customer rejection/cancel rate'],
  PAYMENT_FAILURE: [500, 'Daraja rejected the STK Push'],
  NOT_FOUND: [404, 'Resource or endpoint does not exist'],
} as const satisfies { readonly [code: string]: readonly [number, string] };
export type ErrorCode = keyof typeof errors;

export const errorCodes = Object.keys(errors);

export function error(code: ErrorCode, message: string = errors[code][1]): Answer {
  return json({ success: false, error_code: code, message }, errors[code][0]);
}

/** What else may be wrong with a body has no code in the table; MISSING_FIELDS is the nearest, and says what it is. */
export function readBody<T extends FieldTable>(call: Call, table: T): Read<FieldValues<T>> {
  const body = readJson(call);
  if (body === null) return refused(error('MISSING_FIELDS', 'The body must be a JSON object'));
  const fields = readFields(body, table);
  if (fields.kind === 'read') return entered(fields.values);
  const [, field] = /^(phone|amount) must be /.exec(fields.words) ?? [];
  if (field === 'phone') return refused(error('INVALID_PHONE'));
  return refused(field === 'amount' ? error('INVALID_AMOUNT') : error('MISSING_FIELDS', fields.words));
}

export const timeText = (at: number): string => eatTime(new Date(at));
