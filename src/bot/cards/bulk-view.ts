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
import { wantsNewApproval } from '../../payouts/bulk-rest.ts';
import { type Approvers, approversOf } from '../../payouts/people.ts';

export interface BulkView {
  readonly batch: BatchRow;
  readonly business: Selectable<BusinessTable>;
  readonly requester: string;
  readonly approvers: Approvers;
  readonly decided: {
    readonly kind: 'approved' | 'rejected' | 'alone';
    /** The last one, where the rest was approved anew. */
    readonly by: IdentityId;
    readonly last: string;
    /** Everybody who said yes to some of it, in turn; of a file that was turned down, who did that. */
    readonly all: readonly IdentityId[];
    readonly who: string;
    readonly why: string;
  } | null;
  /** While it is asked; null later. */
  readonly dry: { readonly facts: BatchFacts; readonly fee: bigint | null } | null;
  /** Once it was approved; null before. */
  readonly progress: BatchProgress | null;
  /** What another is to approve of a file whose approver may do so no more, in cents; null: nobody is asked that. */
  readonly restCents: bigint | null;
}

/** What a member is asked to approve just now, of how many rows; null: nothing. Cents. */
export function askedOf(
  view: BulkView,
  now: Date,
): { readonly cents: bigint; readonly rows: number; readonly end: Date } | null {
  const { batch, progress, restCents } = view;
  const end = batch.expires_at;
  if (end === null || end <= now) return null;
  if (batch.state === 'waiting') return { cents: batch.total_cents, rows: batch.rows, end };
  return restCents === null ? null : { cents: restCents, rows: progress?.left ?? 0, end };
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
    restCents: wantsNewApproval(batch) ? await leftCents(tx, id) : null,
  };
}

async function decisionOf(tx: Tx, id: BatchId): Promise<BulkView['decided']> {
  const rows = await tx
    .selectFrom('approval')
    .innerJoin('identity', 'identity.id', 'approval.by_identity')
    .select(['approval.kind', 'approval.by_identity', 'approval.why', 'identity.name'])
    .where('approval.batch_id', '=', id)
    .orderBy('approval.round')
    .execute();
  const row = rows.at(-1);
  if (row === undefined) return null;
  const names = new Map(rows.map(({ by_identity, name }) => [by_identity, name ?? '–']));
  return {
    kind: row.kind,
    by: row.by_identity,
    last: row.name ?? '–',
    all: [...names.keys()],
    who: [...names.values()].join(', '),
    why: row.why ?? '',
  };
}

async function leftCents(tx: Tx, id: BatchId): Promise<bigint> {
  const { sum } = await tx
    .selectFrom('payout')
    .select((eb) => eb.fn.sum<bigint | null>('amount_cents').as('sum'))
    .where('batch_id', '=', id)
    .where('state', '=', 'approved')
    .executeTakeFirstOrThrow();
  return BigInt(sum ?? 0);
}
