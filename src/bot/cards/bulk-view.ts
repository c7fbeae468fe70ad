/** All that the card of a file of payouts can show. */
import type { Selectable } from 'kysely';
import type { BusinessTable, Tx } from '../../db/tables.ts';
import type { BatchId, IdentityId } from '../../domain/ids.ts';
import {
  type BatchFacts,
  type BatchProgress,
  batchFacts,
  batchFee,
  batchProgress,
} from '../../payouts/bulk-facts.ts';
import type { BatchRow } from '../../payouts/bulk-hash.ts';
import { type Approvers, approversOf } from '../../payouts/people.ts';

export interface BulkView {
  readonly batch: BatchRow;
  readonly business: Selectable<BusinessTable>;
  readonly requester: string;
  readonly approvers: Approvers;
  readonly decided: {
    readonly kind: 'approved' | 'rejected' | 'alone';
    readonly by: IdentityId;
    readonly who: string;
    readonly why: string;
  } | null;
  /** While it is asked; null later. */
  readonly dry: { readonly facts: BatchFacts; readonly fee: bigint | null } | null;
  /** Once it was approved; null before. */
  readonly progress: BatchProgress | null;
}

export async function loadBulkView(tx: Tx, id: BatchId, now: Date): Promise<BulkView> {
  const batch = await tx
    .selectFrom('payout_batch')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const business = await tx
    .selectFrom('business')
    .selectAll()
    .where('id', '=', batch.business_id)
    .executeTakeFirstOrThrow();
  const requester = await tx
    .selectFrom('identity')
    .select('name')
    .where('id', '=', batch.requested_by)
    .executeTakeFirstOrThrow();
  const asked = batch.state === 'draft' || batch.state === 'waiting';
  const goes = batch.state === 'running' || batch.state === 'paused' || batch.state === 'done';
  return {
    batch,
    business,
    requester: requester.name ?? '–',
    approvers: await approversOf(tx, business, batch.requested_by),
    decided: await decisionOf(tx, id),
    dry: asked ? { facts: await batchFacts(tx, batch, now), fee: await batchFee(tx, batch) } : null,
    progress: goes ? await batchProgress(tx, id) : null,
  };
}

async function decisionOf(tx: Tx, id: BatchId): Promise<BulkView['decided']> {
  const row = await tx
    .selectFrom('approval')
    .innerJoin('identity', 'identity.id', 'approval.by_identity')
    .select(['approval.kind', 'approval.by_identity', 'approval.why', 'identity.name'])
    .where('approval.batch_id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { kind: row.kind, by: row.by_identity, who: row.name ?? '–', why: row.why ?? '' };
}
