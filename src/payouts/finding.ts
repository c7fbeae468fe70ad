import type { AccountId, IdentityId, PayoutId } from '../domain/ids.ts';
import type { Trust } from '../domain/payment.ts';
import type { PayoutFact } from '../gateways/abilities.ts';

/** What somebody told about money sent, and how it came. */
export interface PayoutFinding {
  readonly accountId: AccountId;
  readonly source: 'callback' | 'lookup' | 'answer' | 'person';
  readonly trust: Trust;
  /** Whose URL it came to, or who was asked about; null: neither is known. */
  readonly hint: PayoutId | null;
  readonly inboxId: bigint | null;
  readonly byIdentity: IdentityId | null;
  readonly fact: PayoutFact;
}
