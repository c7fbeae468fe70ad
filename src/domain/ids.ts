import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** Row identities. Each is a UUID v7 in text; the brand keeps one kind from being passed for another. */
type Id<Kind extends string> = string & { readonly idOf: Kind };

export type BusinessId = Id<'business'>;
export type IdentityId = Id<'identity'>;
export type MemberId = Id<'member'>;
export type AccountId = Id<'gateway account'>;
export type PaymentId = Id<'payment'>;
export type AttemptId = Id<'attempt'>;
export type PayoutId = Id<'payout'>;
export type BatchId = Id<'payout batch'>;
export type FileId = Id<'stored file'>;
export type CardId = Id<'card'>;
export type LinkId = Id<'pay link'>;
export type SmsId = Id<'sms'>;

/** A new UUID v7 (RFC 9562): 48 bits of milliseconds, then randomness, so that new rows are neighbours in the index. */
export function newId<T extends Id<string>>(clock: Clock, random: Random): T {
  const bytes = random.bytes(16);
  bytes.writeUIntBE(clock.now().getTime(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as T;
}
