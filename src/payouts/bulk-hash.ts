/** What the approval of a file is bound to: every row of it, in order, as it would be sent. */
import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { PayoutBatchTable } from '../db/tables-bulk.ts';
import type { BatchId } from '../domain/ids.ts';
import type { PayoutDeps } from './context.ts';
import { payoutHash } from './hash.ts';
import type { PayoutRow } from './reserve.ts';

export type BatchRow = Selectable<PayoutBatchTable>;

export async function lockBatch(tx: Tx, id: BatchId): Promise<BatchRow> {
  return tx
    .selectFrom('payout_batch')
    .selectAll()
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
}

const chunk = 1000;

/** The rows that can be paid, in the order of the file, some at a time. */
export async function* rowsOf(tx: Tx, id: BatchId): AsyncGenerator<readonly PayoutRow[]> {
  for (let after = 0; ; ) {
    const rows = await tx
      .selectFrom('payout')
      .selectAll()
      .where('batch_id', '=', id)
      .where('batch_row', '>', after)
      .orderBy('batch_row')
      .limit(chunk)
      .execute();
    if (rows.length > 0) yield rows;
    const last = rows.at(-1)?.batch_row ?? null;
    if (rows.length < chunk || last === null) return;
    after = last;
  }
}

/** null: a row is not what was drawn, or one is missing or too many; nobody can have approved this. */
export async function batchHash(
  tx: Tx,
  deps: Pick<PayoutDeps, 'vault'>,
  batch: Pick<
    BatchRow,
    'id' | 'ref' | 'business_id' | 'account_id' | 'requested_by' | 'rows' | 'total_cents'
  >,
  version: number,
): Promise<Buffer | null> {
  const all = createHash('sha256');
  let count = 0;
  let total = 0n;
  for await (const rows of rowsOf(tx, batch.id))
    for (const row of rows) {
      const hash = payoutHash(deps, row);
      const own = row.business_id === batch.business_id && row.account_id === batch.account_id;
      if (!own || row.hash === null || !hash.equals(row.hash)) return null;
      all.update(`${row.batch_row}:${hash.toString('hex')}\n`);
      count++;
      total += row.amount_cents;
    }
  if (count !== batch.rows || total !== batch.total_cents) return null;
  const bound = [
    batch.id,
    batch.business_id,
    batch.account_id,
    batch.requested_by,
    version,
    batch.rows,
    String(batch.total_cents),
    all.digest('hex'),
  ];
  return deps.vault.hmac('digest', `batch ${JSON.stringify(bound)}`);
}
