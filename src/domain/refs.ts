/**
 * Our own numbers: `P-7KQ4M` names a payment, `W-3F9TD` a payout, `B-2M8HN` a file of payouts. Five characters of Crockford's base 32, whose alphabet
 * has no I, L, O and U, so that a number read aloud or copied by hand comes back as it was.
 */
import type { Random } from './random.ts';

export type RefKind = 'P' | 'W' | 'B';
export type Ref = `${RefKind}-${string}`;

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const refLength = 5;

/** About 33 million numbers of each kind: the caller keeps them unique by the row's key and draws again. */
export function newRef(kind: RefKind, random: Random): Ref {
  let code = '';
  // 32 divides 256, so that the low five bits of a byte are as even as the byte.
  for (const byte of random.bytes(refLength)) code += alphabet.charAt(byte & 31);
  return `${kind}-${code}`;
}

/** What a person typed for a number of ours: any case, dash or none, O for 0, I or L for 1. Null: not one. */
export function parseRef(text: string): Ref | null {
  if (text.length > 40) return null;
  const bare = text.toUpperCase().replace(/[\s\p{Cf}\p{Pd}_.#]+/gu, '');
  const match = /^([PWB])([0-9A-Z]{5})$/.exec(bare);
  if (match === null) return null;
  const code = (match[2] ?? '').replaceAll('O', '0').replace(/[IL]/g, '1');
  if (code.includes('U')) return null;
  return `${match[1] as RefKind}-${code}`;
}

/**
 * What the gateway gets as reference of the n-th attempt: `P7KQ4M1`. At most ten letters and digits, where twelve fit
 * every gateway; the number's part has a fixed length, so that no two attempts of any payments share one.
 */
export function attemptReference(ref: string, attempt: number): string {
  const canonical = parseRef(ref);
  if (canonical === null) throw new RangeError(`not a number of ours: ${ref}`);
  if (!Number.isInteger(attempt) || attempt < 1 || attempt > 9999)
    throw new RangeError(`attempt ${attempt} is outside 1..9999`);
  return `${canonical.replace('-', '')}${attempt}`;
}
