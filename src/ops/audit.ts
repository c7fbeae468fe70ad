/**
 * Who did what with money and authority, in rows that nothing changes any more. They hold ids and keyed hashes only, so that
 * the log can be shown without telling a phone. Closed batches are chained by hash; the newest head stands in /today.
 */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';

export type AuditAction =
  | 'payout_asked'
  | 'payout_changed'
  | 'payout_withdrawn'
  | 'payout_approved'
  | 'payout_rejected'
  | 'payout_expired'
  | 'payout_sending'
  | 'payout_outcome'
  | 'payout_evidence'
  | 'payout_marked'
  | 'payout_to_review'
  | 'payout_digits_wrong'
  | 'batch_asked'
  | 'batch_withdrawn'
  | 'batch_expired'
  | 'batch_stopped'
  | 'batch_approved'
  | 'batch_rejected'
  | 'batch_paused'
  | 'batch_resumed'
  | 'frozen'
  | 'unfrozen'
  | 'member_invited'
  | 'member_joined'
  | 'member_role'
  | 'member_removed'
  | 'invite_revoked'
  | 'limits_changed'
  | 'alone_changed'
  | 'group_named'
  | 'payment_marked'
  | 'payment_account'
  | 'business_opened'
  | 'chat_joined'
  | 'chat_parted'
  | 'phone_linked'
  | 'phone_let_go'
  | 'account_added'
  | 'account_default'
  | 'account_stopped'
  | 'account_started'
  | 'account_action'
  | 'account_setup'
  | 'unasked_seen';

/** Plain JSON: ids, states, cents as whole numbers, and hashes in hex. */
export type AuditFacts = Readonly<Record<string, string | number | boolean | null>>;

/** Answers the entry's id: the cause of what is said about it. */
export async function audit(
  tx: Tx,
  at: Date,
  businessId: BusinessId,
  actor: IdentityId | null,
  action: AuditAction,
  facts: AuditFacts,
): Promise<bigint> {
  // Shared among writers, until they commit: a batch is closed only while nobody holds it, so that no entry comes late.
  await sql`select pg_advisory_xact_lock_shared(${auditLock(businessId)})`.execute(tx);
  const entry = await tx
    .insertInto('audit_entry')
    .values({
      business_id: businessId,
      at,
      actor,
      action,
      facts: JSON.stringify(facts) as never,
      batch: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return entry.id;
}

/** The lock of a business's log; whoever closes a batch asks for it alone. */
export const auditLock = (businessId: BusinessId) => sql`hashtextextended(${`audit ${businessId}`}, 0)`;
