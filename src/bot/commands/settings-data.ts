/** The data of a button of /settings: what it sets, to what, and for which business. A button holds 64 bytes. */
import type { BusinessId } from '../../domain/ids.ts';

export function buttonData(what: string, value: string, business: BusinessId): string {
  return `s:${what}:${value}:${shortId(business)}`;
}

/** A UUID in 22 letters. */
export function shortId(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

/** null: it is no such id. */
export function longId<Id extends string>(short: string): Id | null {
  if (!/^[\w-]{22}$/.test(short)) return null;
  const hex = Buffer.from(short, 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as Id;
}
