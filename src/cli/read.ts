/** Reads values of options; null is a wrong call. */
import type { Locale } from '../db/tables.ts';
import type { AccountId, BusinessId } from '../domain/ids.ts';
import { type Role, roles } from '../domain/roles.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function readBusinessId(text: string): BusinessId | null {
  return uuid.test(text) ? (text.toLowerCase() as BusinessId) : null;
}

export function readAccountId(text: string): AccountId | null {
  return uuid.test(text) ? (text.toLowerCase() as AccountId) : null;
}

export const idExpected = 'expected an id, such as 0192f0c1-5a3b-7c4d-8e5f-001122334455';

export function readRole(text: string): Role | null {
  return roles.find((role) => role === text) ?? null;
}

export function readLocale(text: string): Locale | null {
  return text === 'en' || text === 'sw' ? text : null;
}
