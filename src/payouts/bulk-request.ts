/** Asking for the approval of a file of payouts as one, and taking it back. Another file is another batch. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { BatchId, IdentityId } from '../domain/ids.ts';
import type { PayoutState } from '../domain/payout.ts';
import { audit } from '../ops/audit.ts';
import { type BatchFacts, batchFacts, wantsReason } from './bulk-facts.ts';
import { type BatchRow, batchHash, lockBatch } from './bulk-hash.ts';
import type { PayoutDeps } from './context.ts';
import type { PayoutEventKind } from './events.ts';
import { approvalLifeSeconds } from './request.ts';

export type BatchAsked =
  | { readonly kind: 'waiting' }
  /** Somebody must write why. */
  | { readonly kind: 'again'; readonly facts: BatchFacts }
  | { readonly kind: 'not_now' };

/** `why`: what was typed where the same may have been sent already. */
export async function askBatch(
  tx: Tx,
  deps: PayoutDeps,
  id: BatchId,
  by: IdentityId,
  why: string | null,
): Promise<BatchAsked> {
  const batch = await lockBatch(tx, id);
  const now = deps.clock.now();
  const lapsed = batch.expires_at === null || batch.expires_at <= now;
  if (batch.state !== 'draft' || batch.rows === 0 || lapsed || by !== batch.requested_by)
    return { kind: 'not_now' };
  const facts = await batchFacts(tx, batch, now);
  if (wantsReason(facts) && why === null) return { kind: 'again', facts };
  const version = batch.version + 1;
  const hash = await batchHash(tx, deps, batch, version);
  if (hash === null) return { kind: 'not_now' };
  const expires = plusSeconds(now, approvalLifeSeconds);
  await changeBatch(tx, batch, now, {
    state: 'waiting',
    hash,
    version,
    resend_reason: why,
    expires_at: expires,
    next_look_at: expires,
  });
  await changeRows(tx, batch, 'waiting', now);
  if (why !== null)
    await tx.updateTable('payout').set({ resend_reason: why }).where('batch_id', '=', id).execute();
  await recordRows(tx, id, 'waiting', now);
  await audit(tx, now, batch.business_id, by, 'batch_asked', {
    batch: id,
    rows: batch.rows,
    totalCents: Number(batch.total_cents),
    hash: hash.toString('hex'),
  });
  await deps.tellPayout.batch(tx, id);
  return { kind: 'waiting' };
}

/** The requester takes it back, or throws the draft away. false: it is too late. */
export async function withdrawBatch(tx: Tx, deps: PayoutDeps, id: BatchId, by: IdentityId): Promise<boolean> {
  const batch = await lockBatch(tx, id);
  if ((batch.state !== 'draft' && batch.state !== 'waiting') || by !== batch.requested_by) return false;
  const now = deps.clock.now();
  await endBatch(tx, batch, 'void', now);
  await audit(tx, now, batch.business_id, by, 'batch_withdrawn', { batch: id, was: batch.state });
  await deps.tellPayout.batch(tx, id);
  return true;
}

/** Over before anything was approved. */
export async function endBatch(
  tx: Tx,
  batch: BatchRow,
  state: 'void' | 'rejected' | 'expired',
  now: Date,
): Promise<void> {
  await changeBatch(tx, batch, now, {
    state,
    version: batch.version + 1,
    hash: null,
    expires_at: null,
    next_look_at: null,
  });
  await changeRows(tx, batch, state, now);
  const kind = state === 'void' ? 'withdrawn' : state;
  if (batch.state === 'waiting') await recordRows(tx, batch.id, kind, now);
}

export async function changeBatch(
  tx: Tx,
  batch: Pick<BatchRow, 'id'>,
  now: Date,
  to: Partial<BatchRow>,
): Promise<void> {
  await tx
    .updateTable('payout_batch')
    .set({ ...to, updated_at: now })
    .where('id', '=', batch.id)
    .execute();
}

/** Rows lie a microsecond apart, in the order of the file: the queue of approved ones is then read in order, by its index. */
export async function changeRows(
  tx: Tx,
  batch: Pick<BatchRow, 'id' | 'rows'>,
  state: PayoutState,
  now: Date,
): Promise<void> {
  const over = state === 'void' || state === 'rejected' || state === 'expired';
  const { numAffectedRows } = await sql`
    update payout set state = ${state}, ended_at = ${over ? now : null}::timestamptz,
      updated_at = ${now}::timestamptz + batch_row * interval '1 microsecond'
    where batch_id = ${batch.id}`.execute(tx);
  if (!over && numAffectedRows !== BigInt(batch.rows))
    throw new Error('The rows of a batch are not all there.');
}

/** In the time line of every row. */
export async function recordRows(tx: Tx, id: BatchId, kind: PayoutEventKind, now: Date): Promise<void> {
  await sql`
    insert into payout_event (payout_id, kind, detail, at)
    select id, ${kind}, jsonb_build_object('round', round), ${now}::timestamptz
    from payout where batch_id = ${id} order by batch_row`.execute(tx);
}

/** What was approved and not sent is never sent, and its money is not set aside any more. Returns how many rows. */
export async function endLeft(
  tx: Tx,
  id: BatchId,
  to: { readonly state: 'void' | 'expired'; readonly event: PayoutEventKind },
  now: Date,
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    with ended as (
      update payout set state = ${to.state}, ended_at = ${now}, updated_at = ${now}
      where batch_id = ${id} and state = 'approved' and flag is null
      returning business_id, id, round, amount_cents, phone_hmac, requested_by, batch_row),
    told as (
      insert into payout_event (payout_id, kind, detail, at)
      select id, ${to.event}, jsonb_build_object('round', round), ${now}::timestamptz
      from ended order by batch_row)
    insert into payout_entry
      (business_id, payout_id, round, kind, amount_cents, phone_hmac, requested_by, evidence_id, at)
    select business_id, id, round, 'void', amount_cents, phone_hmac, requested_by, null, ${now}::timestamptz
    from ended order by batch_row`.execute(tx);
  return Number(numAffectedRows);
}
