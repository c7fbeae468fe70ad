/** Which approved payout is next, and whether it is still what was approved. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { AccountId, BatchId, BusinessId, IdentityId, PaymentId, PayoutId } from '../domain/ids.ts';
import { may } from '../domain/roles.ts';
import type { PayoutOrder } from '../gateways/abilities.ts';
import { audit } from '../ops/audit.ts';
import { roleOf } from './approve.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { lockPayout, lockRefunded, payoutHash } from './hash.ts';
import { approvalLifeSeconds } from './request.ts';
import type { PayoutRow } from './reserve.ts';

export interface ClaimedPayout {
  readonly id: PayoutId;
  readonly businessId: BusinessId;
  readonly accountId: AccountId;
  readonly batchId: BatchId | null;
  readonly round: number;
  readonly leaseToken: string;
  readonly sentAt: Date;
  readonly order: PayoutOrder;
}

/** Where the next payout stands: among those of an account that stand alone, or in a file that is running. */
export interface Sender {
  readonly businessId: BusinessId;
  readonly accountId: AccountId;
  readonly batchId: BatchId | null;
  readonly refundOf: PaymentId | null;
}

/** Approved, in no doubt, and not put off. */
const isNext = (now: Date) =>
  sql`state = 'approved' and flag is null and (next_check_at is null or next_check_at <= ${now})`;

/**
 * Whose approval is the oldest, of those whose business and account may send now and whose file, if any, is running. Each queue
 * is asked for its head alone, in the order of its index: it does not matter how many stand behind it, nor what the planner
 * knows of them yet. The payment that it refunds is locked, and nothing else: the business comes next.
 */
export async function nextSender(tx: Tx, now: Date): Promise<Sender | null> {
  const head = sql`id, business_id as "businessId", account_id as "accountId", batch_id as "batchId",
    refund_of as "refundOf", updated_at, batch_row`;
  const { rows } = await sql<Sender & { readonly id: PayoutId }>`
    with sends as materialized (
      select a.id from gateway_account a join business b on b.id = a.business_id
      where a.state = 'active' and b.frozen_at is null
        and (a.next_payout_at is null or a.next_payout_at <= ${now})
        and (a.rest_until is null or a.rest_until <= ${now}))
    select one.* from sends cross join lateral (
      select ${head} from payout
      where account_id = sends.id and batch_id is null and ${isNext(now)}
      order by updated_at limit 1) one
    union all
    select one.* from payout_batch f join sends on sends.id = f.account_id cross join lateral (
      select ${head} from payout
      where batch_id = f.id and ${isNext(now)}
      order by updated_at, batch_row limit 1) one
    where f.state = 'running'
    order by updated_at, batch_row limit 1`.execute(tx);
  const [row] = rows;
  if (row === undefined) return null;
  await lockRefunded(tx, row.id);
  return row;
}

/**
 * Locks the queue's next one that nobody else holds, and that refunds nothing but the payment that is locked. The caller holds
 * the business's row: whether it still may send is asked again under it.
 */
export async function takeApproved(tx: Tx, sender: Sender, now: Date): Promise<PayoutRow | null> {
  const { accountId, batchId, refundOf } = sender;
  if (!(await maySend(tx, sender))) return null;
  const row = await tx
    .selectFrom('payout')
    .selectAll()
    .where((eb) =>
      batchId === null
        ? eb('account_id', '=', accountId).and('batch_id', 'is', null)
        : eb('batch_id', '=', batchId),
    )
    .where(sql<boolean>`${isNext(now)}`)
    .where((eb) =>
      eb.or([eb('refund_of', 'is', null), ...(refundOf === null ? [] : [eb('refund_of', '=', refundOf)])]),
    )
    .orderBy('updated_at')
    .orderBy('batch_row')
    .limit(1)
    .forNoKeyUpdate()
    .skipLocked()
    .executeTakeFirst();
  return row ?? null;
}

async function maySend(tx: Tx, { businessId, accountId, batchId }: Sender): Promise<boolean> {
  const row = await tx
    .selectFrom('business')
    .innerJoin('gateway_account', 'gateway_account.business_id', 'business.id')
    .leftJoin('payout_batch', (join) => join.on('payout_batch.id', '=', batchId))
    .select(['business.frozen_at', 'gateway_account.state', 'payout_batch.state as file'])
    .where('business.id', '=', businessId)
    .where('gateway_account.id', '=', accountId)
    .executeTakeFirst();
  return row?.frozen_at === null && row.state === 'active' && (batchId === null || row.file === 'running');
}

/** `left`: who said yes may say it no more. `lapsed`: it was said longer ago than a question stands open. */
export interface LostApproval {
  readonly by: IdentityId;
  readonly why: 'left' | 'lapsed';
}

/** The yes to what would be sent now is worth nothing any longer: nothing is sent by it. null: it stands, or nobody said it. */
export async function lostApproval(tx: Tx, payout: PayoutRow, now: Date): Promise<LostApproval | null> {
  const approval = await tx
    .selectFrom('approval')
    .select(['by_identity', 'at'])
    .where((eb) =>
      payout.batch_id === null
        ? eb('payout_id', '=', payout.id).and('round', '=', payout.round)
        : eb('batch_id', '=', payout.batch_id),
    )
    .where('kind', '!=', 'rejected')
    .orderBy('round', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (approval === undefined) return null;
  const role = await roleOf(tx, payout.business_id, approval.by_identity);
  if (role === null || !may(role, 'approve_payout')) return { by: approval.by_identity, why: 'left' };
  const lapsed = now > plusSeconds(approval.at, approvalLifeSeconds);
  return lapsed ? { by: approval.by_identity, why: 'lapsed' } : null;
}

/**
 * The approval of this round is of exactly what would be sent now, for a row of a batch of the batch as it stands; and the
 * money is set aside.
 */
export async function isApproved(tx: Tx, deps: PayoutDeps, payout: PayoutRow): Promise<boolean> {
  const hash = payoutHash(deps, payout);
  if (payout.hash === null || !hash.equals(payout.hash)) return false;
  if (!(await isSetAside(tx, payout))) return false;
  if (payout.batch_id !== null) {
    // One call of each row, by whichever approval of the file is the newest.
    if (payout.round !== 1) return false;
    const batch = await tx
      .selectFrom('payout_batch')
      .innerJoin('approval', 'approval.batch_id', 'payout_batch.id')
      .select(['payout_batch.hash as batchHash', 'approval.hash as approvedHash'])
      .where('payout_batch.id', '=', payout.batch_id)
      .where('approval.kind', '!=', 'rejected')
      .orderBy('approval.round', 'desc')
      .limit(1)
      .executeTakeFirst();
    return batch?.batchHash?.equals(batch.approvedHash) ?? false;
  }
  const approval = await tx
    .selectFrom('approval')
    .select(['hash', 'kind'])
    .where('payout_id', '=', payout.id)
    .where('round', '=', payout.round)
    .executeTakeFirst();
  return approval !== undefined && approval.kind !== 'rejected' && approval.hash.equals(hash);
}

async function isSetAside(tx: Tx, payout: PayoutRow): Promise<boolean> {
  const entries = await tx
    .selectFrom('payout_entry')
    .select(['kind', 'amount_cents', 'phone_hmac'])
    .where('payout_id', '=', payout.id)
    .where('round', '=', payout.round)
    .execute();
  const [reserve, ...others] = entries;
  return (
    reserve?.kind === 'reserve' &&
    others.length === 0 &&
    reserve.amount_cents === payout.amount_cents &&
    reserve.phone_hmac.equals(payout.phone_hmac)
  );
}

/** Claims that ran out: the process ended between the call and its answer, and nobody knows. */
export async function endLostCall(tx: Tx, deps: PayoutDeps): Promise<boolean> {
  const now = deps.clock.now();
  const due = await tx
    .selectFrom('payout')
    .select('id')
    .where('state', '=', 'sending')
    .where('lease_until', '<=', now)
    .limit(1)
    .executeTakeFirst();
  if (due === undefined) return false;
  await lockRefunded(tx, due.id);
  const lost = await lockPayout(tx, due.id);
  // Its answer, or a callback, came while we waited for it.
  if (lost.state !== 'sending' || lost.lease_until === null || lost.lease_until > now) return true;
  await tx
    .updateTable('payout')
    .set({
      state: 'unknown',
      detail: 'The process ended between the call and its answer.',
      lease_until: null,
      next_check_at: now,
      updated_at: now,
    })
    .where('id', '=', lost.id)
    .execute();
  await recordPayoutEvent(tx, now, lost.id, 'answer_lost');
  await audit(tx, now, lost.business_id, null, 'payout_outcome', {
    payout: lost.id,
    round: lost.round,
    outcome: 'lost',
    counted: true,
  });
  await deps.tellPayout.payout(tx, lost.id);
  return true;
}
