/** What every decision about a file begins and ends with: the locks, whether it is still asked, and the row that keeps it. */
import type { Tx } from '../db/tables.ts';
import { type BatchId, type IdentityId, newId } from '../domain/ids.ts';
import type { OverLimit } from '../domain/payout-limits.ts';
import { type Business, lockBusiness } from './approve.ts';
import { type BatchRow, lockBatch } from './bulk-hash.ts';
import type { PayoutDeps } from './context.ts';

export type BatchApproved =
  | { readonly kind: 'approved' }
  | { readonly kind: 'not_now' }
  | { readonly kind: 'own' }
  | { readonly kind: 'no_right' }
  | { readonly kind: 'frozen' }
  /** Whoever asked may ask no more: what waited is over now, and what is left of it goes no further. */
  | { readonly kind: 'asker_left' }
  | { readonly kind: 'over_limit'; readonly over: OverLimit }
  /** The total is to be typed. `wrong`: what was typed differs. */
  | { readonly kind: 'total'; readonly wrong: boolean };

export interface BatchApproval {
  readonly batchId: BatchId;
  readonly by: IdentityId;
  /** Of the card that was pressed. */
  readonly version: number;
  /** What the person typed for the total, where they were asked. Cents. */
  readonly totalCents: bigint | null;
}

/** In the order that every holder of several locks follows. */
export async function lockBatchForDecision(
  tx: Tx,
  id: BatchId,
): Promise<{ business: Business; batch: BatchRow }> {
  const named = await tx
    .selectFrom('payout_batch')
    .select('business_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const business = await lockBusiness(tx, named.business_id);
  return { business, batch: await lockBatch(tx, id) };
}

export interface BatchDecision {
  readonly kind: 'approved' | 'rejected' | 'alone';
  readonly by: IdentityId;
  readonly why: string | null;
}

/** Decisions are only ever added: each is the next round. */
export async function recordDecision(
  tx: Tx,
  deps: PayoutDeps,
  batch: BatchRow,
  hash: Buffer,
  what: BatchDecision,
): Promise<void> {
  const { last } = await tx
    .selectFrom('approval')
    .select((eb) => eb.fn.max('round').as('last'))
    .where('batch_id', '=', batch.id)
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('approval')
    .values({
      id: newId(deps.clock, deps.random),
      business_id: batch.business_id,
      payout_id: null,
      batch_id: batch.id,
      round: (last ?? 0) + 1,
      hash,
      kind: what.kind,
      by_identity: what.by,
      why: what.why,
      at: deps.clock.now(),
    } as never)
    .execute();
}
