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
  | 'batch_total_wrong'
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
  | 'sms_changed'
  | 'payment_asked'
  | 'payment_withdrawn'
  | 'payment_outcome'
  | 'payment_evidence'
  | 'payment_to_review'
  | 'payment_doubted'
  | 'payment_marked'
  | 'payment_account'
  | 'link_made'
  | 'link_closed'
  | 'business_opened'
  | 'chat_joined'
  | 'chat_parted'
  | 'chat_paired'
  | 'chat_claimed'
  | 'phone_linked'
  | 'phone_let_go'
  | 'account_added'
  | 'account_default'
  | 'account_stopped'
  | 'account_started'
  | 'account_action'
  | 'account_setup'
  | 'unasked_came'
  | 'unasked_seen';

/** Plain JSON: ids, states, cents as whole numbers, and hashes in hex. */
export type AuditFacts = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Answers the entry's id: the cause of what is said about it. One round trip, since payments wait for it: the row that is
 * inserted comes out of `held` with the lock already taken, so that its id is drawn under the lock. Writers share the lock
 * until they commit; a batch is closed only while nobody holds it, so that no entry comes late.
 */
export async function audit(
  tx: Tx,
  at: Date,
  businessId: BusinessId,
  actor: IdentityId | null,
  action: AuditAction,
  facts: AuditFacts,
): Promise<bigint> {
  const { rows } = await sql<{ id: bigint }>`
    with held as materialized (
      select pg_advisory_xact_lock_shared(${auditLock(businessId)}), ${businessId}::uuid as business_id
    )
    insert into audit_entry (business_id, at, actor, action, facts)
    select business_id, ${at}::timestamptz, ${actor}::uuid, ${action}::text, ${JSON.stringify(facts)}::jsonb from held
    returning id`.execute(tx);
  const [entry] = rows;
  if (entry === undefined) throw new Error('The log took no entry.');
  return entry.id;
}

/** The lock of a business's log; whoever closes a batch asks for it alone. */
export const auditLock = (businessId: BusinessId) => sql`hashtextextended(${`audit ${businessId}`}, 0)`;
