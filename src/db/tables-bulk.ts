/** The tables of payouts by file as Kysely sees them; the truth is in `migrations/`. */
import type { UnreadSheet } from '../domain/bulk-read.ts';
import type { AccountId, BatchId, BusinessId, FileId, IdentityId } from '../domain/ids.ts';
import type { Reason } from '../domain/payment.ts';

export type BatchState =
  | 'draft'
  | 'waiting'
  | 'approved'
  | 'running'
  | 'paused'
  | 'done'
  | 'rejected'
  | 'expired'
  | 'void';

/**
 * `approver_left`, `asker_left`: they may do so no more. `approval_lapsed`: it is more than a day old. Else what the gateway said, which every further row would meet.
 */
export type PauseReason = Reason | 'approver_left' | 'approval_lapsed' | 'asker_left';

export interface PayoutBatchTable {
  id: BatchId;
  ref: string;
  business_id: BusinessId;
  account_id: AccountId;
  requested_by: IdentityId;
  file_name: string;
  /** Rows that can be paid. */
  rows: number;
  total_cents: bigint;
  state: BatchState;
  hash: Buffer | null;
  version: number;
  /** Of the asking, or of the approval that is waited for; stays where the rest of it lapsed. */
  expires_at: Date | null;
  /** Of the file's bytes, keyed: the same file again is known by it. */
  source_digest: Buffer;
  /** Why what may have been sent already is sent again. */
  resend_reason: string | null;
  /** Who held it last; null: nobody yet, or the program did. */
  paused_by: IdentityId | null;
  /** Why the program holds it, or ended it; null: a person did, or nobody. */
  pause_reason: PauseReason | null;
  /** Of a workbook: the sheets that were not read. */
  other_sheets: readonly UnreadSheet[] | null;
  /** When the progress is looked at next; null: nothing is going on. */
  next_look_at: Date | null;
  /** How often its result file was sent. */
  results: number;
  created_at: Date;
  updated_at: Date;
}

/** A file, or pasted lines, that somebody sent to the chat: fetched and read outside of any turn. */
export interface StoredFileTable {
  id: FileId;
  /** Of the message that brought it. */
  key: string;
  business_id: BusinessId;
  identity_id: IdentityId;
  lane: string;
  kind: 'file' | 'pasted';
  /** The platform's name for it, while it is to be fetched. */
  platform_id: string | null;
  name: string;
  mime: string | null;
  state: 'wanted' | 'here' | 'read' | 'refused';
  sha256: Buffer | null;
  bytes_sealed: Buffer | null;
  batch_id: BatchId | null;
  tries: number;
  due_at: Date;
  created_at: Date;
}

/** A row of the file that cannot be paid, with the reason. */
export interface PayoutBatchRowTable {
  batch_id: BatchId;
  number: number;
  text_sealed: Buffer;
  why: string;
}

export interface BulkDB {
  payout_batch: PayoutBatchTable;
  payout_batch_row: PayoutBatchRowTable;
  stored_file: StoredFileTable;
}
