/** The tables of payouts as Kysely sees them; the truth is in `migrations/`. */
import type { Generated } from 'kysely';
import type {
  AccountId,
  BatchId,
  BusinessId,
  CardId,
  IdentityId,
  PaymentId,
  PayoutId,
} from '../domain/ids.ts';
import type { Reason, Trust } from '../domain/payment.ts';
import type { PayoutEffect, PayoutFlag, PayoutState } from '../domain/payout.ts';
import type { Role } from '../domain/roles.ts';
import type { BulkDB } from './tables-bulk.ts';

export interface InviteTable {
  id: string;
  business_id: BusinessId;
  role: Role;
  token_hmac: Buffer;
  /** Only this person may use it; null: whoever holds the link. */
  for_identity: IdentityId | null;
  created_by: IdentityId;
  created_at: Date;
  expires_at: Date;
  used_by: IdentityId | null;
  used_at: Date | null;
  revoked_at: Date | null;
}

export interface PayoutTable {
  id: PayoutId;
  ref: string;
  business_id: BusinessId;
  account_id: AccountId;
  requested_by: IdentityId;
  batch_id: BatchId | null;
  batch_row: number | null;
  refund_of: PaymentId | null;
  /** What the phone gets, the withdrawal charge included. */
  amount_cents: bigint;
  /** How much of it is the withdrawal charge. */
  charge_cents: bigint;
  phone_sealed: Buffer;
  phone_hmac: Buffer;
  phone_masked: string;
  payee_name: string | null;
  note: string;
  /** What the gateway gets, one and the same for the payout's whole life. */
  reference: string;
  state: PayoutState;
  reason: Reason | null;
  flag: PayoutFlag | null;
  /** Counts approvals that led to a call; a person may ask again after a proved failure. */
  round: number;
  /** Counts changes of what is asked: a card of an older version decides nothing. */
  version: number;
  /** Of payee + amount + reference + account + round: what an approval is bound to. */
  hash: Buffer | null;
  /** Why the same payee and amount is sent again within a day. */
  resend_reason: string | null;
  /** Of the approval. */
  expires_at: Date | null;
  callback_hmac: Buffer;
  callback_sealed: Buffer;
  gateway_payout_id: string | null;
  raw_code: string | null;
  detail: string | null;
  receipt: string | null;
  receipt_final: boolean | null;
  receipt_trust: Trust | null;
  /** What the gateway took for it, as it told. */
  fee_cents: bigint | null;
  sent_at: Date | null;
  paid_at: Date | null;
  ended_at: Date | null;
  lease_token: string | null;
  lease_until: Date | null;
  checks: number;
  next_check_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

export interface ApprovalTable {
  id: string;
  business_id: BusinessId;
  payout_id: PayoutId | null;
  batch_id: BatchId | null;
  round: number;
  hash: Buffer;
  kind: 'approved' | 'rejected' | 'alone';
  by_identity: IdentityId;
  why: string | null;
  at: Date;
}

/** The first person's mark of a payout that no look-up could prove; the second one's makes it evidence. */
export interface PayoutMarkTable {
  payout_id: PayoutId;
  round: number;
  verdict: 'paid' | 'failed';
  receipt: string | null;
  by_identity: IdentityId;
  at: Date;
}

/** The one call of a round. `outcome` null: it is under way, or its answer was lost. */
export interface PayoutCallTable {
  payout_id: PayoutId;
  round: number;
  sent_at: Date;
  outcome: 'accepted' | 'refused' | 'not_sent' | 'unknown' | null;
  gateway_payout_id: string | null;
}

export interface PayoutEntryTable {
  id: Generated<bigint>;
  business_id: BusinessId;
  payout_id: PayoutId;
  round: number;
  kind: 'reserve' | 'post' | 'void' | 'reverse';
  amount_cents: bigint;
  phone_hmac: Buffer;
  requested_by: IdentityId;
  evidence_id: bigint | null;
  at: Date;
}

export interface PayoutEvidenceTable {
  id: Generated<bigint>;
  account_id: AccountId;
  payout_id: PayoutId | null;
  source: 'callback' | 'lookup' | 'answer' | 'person';
  trust: Trust;
  verdict: 'paid' | 'failed' | 'pending' | 'reversed';
  reference: string | null;
  gateway_payout_id: string | null;
  amount_cents: bigint | null;
  receipt: string | null;
  receipt_final: boolean | null;
  phone_hmac: Buffer | null;
  reason: string | null;
  raw_code: string;
  effect: PayoutEffect | 'unmatched';
  inbox_id: bigint | null;
  by_identity: IdentityId | null;
  digest: Buffer;
  seen_at: Date;
}

export interface PayoutEventTable {
  id: Generated<bigint>;
  payout_id: PayoutId;
  kind: string;
  detail: Record<string, unknown>;
  at: Date;
}

export interface PayoutCardTable {
  id: CardId;
  payout_id: PayoutId | null;
  batch_id: BatchId | null;
  identity_id: IdentityId;
  /** request: of whoever asked. approval: of whoever may approve. alert: of whoever must look. */
  kind: 'request' | 'approval' | 'alert';
  lane: string;
  message_id: bigint;
  version: number;
  nonce: string;
  shown: string;
  /** Wrong digits typed. */
  tries: Generated<number>;
  created_at: Date;
  updated_at: Date;
}

/** Ids and keyed hashes only: no name, no phone, no text that a person typed. */
export interface AuditEntryTable {
  id: Generated<bigint>;
  business_id: BusinessId;
  at: Date;
  actor: IdentityId | null;
  action: string;
  facts: Record<string, unknown>;
  /** null: not yet in a closed batch. */
  batch: number | null;
}

export interface AuditBatchTable {
  business_id: BusinessId;
  number: number;
  first_id: bigint;
  last_id: bigint;
  entries: number;
  previous: Buffer;
  head: Buffer;
  closed_at: Date;
}

export interface PayoutDB extends BulkDB {
  invite: InviteTable;
  payout: PayoutTable;
  approval: ApprovalTable;
  payout_mark: PayoutMarkTable;
  payout_call: PayoutCallTable;
  payout_entry: PayoutEntryTable;
  payout_evidence: PayoutEvidenceTable;
  payout_event: PayoutEventTable;
  payout_card: PayoutCardTable;
  audit_entry: AuditEntryTable;
  audit_batch: AuditBatchTable;
}
