/** A batch that is being sent: held, let on, stopped for good. Its rows are sent by the ordinary submitter, one by one. */
import type { Tx } from '../db/tables.ts';
import type { BatchId, IdentityId } from '../domain/ids.ts';
import { may, type Role } from '../domain/roles.ts';
import { audit } from '../ops/audit.ts';
import { lockBusiness, roleOf } from './approve.ts';
import { type BatchRow, lockBatch } from './bulk-hash.ts';
import { changeBatch, endLeft } from './bulk-request.ts';
import { wantsNewApproval } from './bulk-rest.ts';
import type { PayoutDeps } from './context.ts';
import { sameHands } from './people.ts';

export type BatchHeld =
  | 'done'
  | 'not_now'
  | 'no_right'
  /** Another held it, and it is for others than whoever asked to let it on. */
  | 'not_yours'
  /** Its account is stopped: nothing would be sent. */
  | 'account_stopped';

/** What is with the gateway goes its way; nothing more is sent. Any manager may. */
export async function pauseBatch(tx: Tx, deps: PayoutDeps, id: BatchId, by: IdentityId): Promise<BatchHeld> {
  return change(tx, deps, id, by, 'running', async (batch, now) => {
    await changeBatch(tx, batch, now, {
      state: 'paused',
      paused_by: by,
      pause_reason: null,
      next_look_at: now,
    });
    await audit(tx, now, batch.business_id, by, 'batch_paused', { batch: id });
    return 'done';
  });
}

/**
 * Whoever held it may let it on, an owner, and any other approver. Not the requester whom another stopped: the hold is a
 * second person's doubt about the requester's own file, and takes a second person to lift, as the approval did. What the
 * program held because of the gateway anybody who may pause lets on; what it held because of the approver goes on by a new
 * approval alone.
 */
export async function resumeBatch(tx: Tx, deps: PayoutDeps, id: BatchId, by: IdentityId): Promise<BatchHeld> {
  return change(tx, deps, id, by, 'paused', async (batch, now, role) => {
    if (wantsNewApproval(batch)) return 'not_now';
    const same = by === batch.requested_by || (await sameHands(tx, batch.requested_by)).has(by);
    const other = !same && may(role, 'approve_payout');
    const free = batch.pause_reason !== null || by === batch.paused_by || role === 'owner';
    if (!free && !other) return 'not_yours';
    if (await isStopped(tx, batch)) return 'account_stopped';
    await changeBatch(tx, batch, now, { state: 'running', pause_reason: null, next_look_at: now });
    await audit(tx, now, batch.business_id, by, 'batch_resumed', { batch: id });
    return 'done';
  });
}

/** What is held is not sent any more, and its money is not set aside any more: nothing of it ever left. */
export async function stopBatch(tx: Tx, deps: PayoutDeps, id: BatchId, by: IdentityId): Promise<BatchHeld> {
  return change(tx, deps, id, by, 'paused', async (batch, now) => {
    const rows = await endLeft(tx, id, { state: 'void', event: 'withdrawn' }, now);
    await changeBatch(tx, batch, now, { expires_at: null, next_look_at: now });
    await audit(tx, now, batch.business_id, by, 'batch_stopped', { batch: id, rows });
    return 'done';
  });
}

async function isStopped(tx: Tx, { account_id }: BatchRow): Promise<boolean> {
  const { state } = await tx
    .selectFrom('gateway_account')
    .select('state')
    .where('id', '=', account_id)
    .executeTakeFirstOrThrow();
  return state === 'stopped';
}

async function change(
  tx: Tx,
  deps: PayoutDeps,
  id: BatchId,
  by: IdentityId,
  from: BatchRow['state'],
  apply: (batch: BatchRow, now: Date, role: Role) => Promise<BatchHeld>,
): Promise<BatchHeld> {
  const named = await tx
    .selectFrom('payout_batch')
    .select('business_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  // No row is being taken for sending while we hold it: the submitter shares it.
  await lockBusiness(tx, named.business_id);
  const batch = await lockBatch(tx, id);
  const role = await roleOf(tx, batch.business_id, by);
  if (role === null || !may(role, 'freeze_payouts')) return 'no_right';
  if (batch.state !== from) return 'not_now';
  const outcome = await apply(batch, deps.clock.now(), role);
  if (outcome === 'done') await deps.tellPayout.batch(tx, id);
  return outcome;
}
