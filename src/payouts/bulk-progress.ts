/**
 * Looks at batches that are going on: says how far they are every few seconds, however fast their rows change; ends those
 * whose rows are all over; lets those lapse, and what is left of one, that nobody asked for or approved.
 */
import type { Database, Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { BatchId } from '../domain/ids.ts';
import { audit } from '../ops/audit.ts';
import { type BatchProgress, batchProgress } from './bulk-facts.ts';
import type { BatchRow } from './bulk-hash.ts';
import { changeBatch, endBatch } from './bulk-request.ts';
import { isLapsedRest, lapseRest } from './bulk-rest.ts';
import type { PayoutDeps } from './context.ts';

export interface BulkProgressDeps extends PayoutDeps {
  readonly db: Database;
  /** Sends the result file to whoever asked and whoever approved. `times`: the first, the second. */
  readonly tellResult: (tx: Tx, id: BatchId, times: number) => Promise<void>;
}

/** Telegram takes one message a second in a chat; people read slower. */
const liveSeconds = 4;
/** While nothing can change but by a person, or by look-ups that are far apart. */
const slowSeconds = 60;

export function createBulkProgress(deps: BulkProgressDeps) {
  return {
    /** Looks at one batch; false when none is due. */
    async runOnce(): Promise<boolean> {
      return deps.db.transaction().execute(async (tx) => {
        const now = deps.clock.now();
        const batch = await tx
          .selectFrom('payout_batch')
          .selectAll()
          .where('next_look_at', '<=', now)
          .orderBy('next_look_at')
          .limit(1)
          .forNoKeyUpdate()
          .skipLocked()
          .executeTakeFirst();
        if (batch === undefined) return false;
        await look(tx, deps, batch, now);
        return true;
      });
    },
  };
}

async function look(tx: Tx, deps: BulkProgressDeps, batch: BatchRow, now: Date): Promise<void> {
  const next = (at: Date | null) =>
    tx.updateTable('payout_batch').set({ next_look_at: at }).where('id', '=', batch.id).execute();
  switch (batch.state) {
    case 'draft':
    case 'waiting':
      if (batch.expires_at !== null && batch.expires_at > now) return void (await next(batch.expires_at));
      await endBatch(tx, batch, 'expired', now);
      await audit(tx, now, batch.business_id, null, 'batch_expired', { batch: batch.id });
      return deps.tellPayout.batch(tx, batch.id);
    case 'paused':
      if (!isLapsedRest(batch, now)) return goOn(tx, deps, batch, now);
      await lapseRest(tx, batch, now);
      return goOn(tx, deps, { ...batch, state: 'running' }, now);
    case 'running':
    case 'done':
      return goOn(tx, deps, batch, now);
    default:
      await next(null);
  }
}

async function goOn(tx: Tx, deps: BulkProgressDeps, batch: BatchRow, now: Date): Promise<void> {
  const progress = await batchProgress(tx, batch.id);
  const over = isOver(progress);
  const open = progress.open > 0;
  const wasDone = batch.state === 'done';
  const settled = over && !(wasDone && open);
  const seconds = wasDone || !progress.open ? slowSeconds : liveSeconds;
  const going = batch.state === 'running' ? liveSeconds : seconds;
  await tx
    .updateTable('payout_batch')
    .set({
      next_look_at: over && !open ? null : plusSeconds(now, over ? slowSeconds : going),
      ...(settled && { results: batch.results + 1 }),
    })
    .where('id', '=', batch.id)
    .execute();
  if (over && !wasDone) await changeBatch(tx, batch, now, { state: 'done' });
  await deps.tellPayout.batch(tx, batch.id);
  if (settled) await deps.tellResult(tx, batch.id, batch.results + 1);
}

/** Every row is over, or waits for a person. */
function isOver({ left, open, review }: BatchProgress): boolean {
  return left === 0 && open === review;
}
