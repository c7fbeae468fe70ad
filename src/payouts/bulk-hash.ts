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

/** The rows that can be paid, in the order of the file, some at a time. `state`: only those that are in it. */
export async function* rowsOf(
  tx: Tx,
  id: BatchId,
  state?: PayoutRow['state'],
): AsyncGenerator<readonly PayoutRow[]> {
  for (let after = 0; ; ) {
    const rows = await tx
      .selectFrom('payout')
      .selectAll()
      .where('batch_id', '=', id)
      .where('batch_row', '>', after)
      .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'approved'))
      .orderBy('batch_row')
      .limit(chunk)
      .execute();
    if (rows.length > 0) yield rows;
    const last = rows.at(-1)?.batch_row ?? null;
    if (rows.length < chunk || last === null) return;
    after = last;
  }
}

type Bound = Pick<
  BatchRow,
  'id' | 'ref' | 'business_id' | 'account_id' | 'requested_by' | 'rows' | 'total_cents'
>;

/** null: a row is not what was drawn, or one is missing or too many; nobody can have approved this. */
export async function batchHash(
  tx: Tx,
  deps: Pick<PayoutDeps, 'vault'>,
  batch: Bound,
  version: number,
): Promise<Buffer | null> {
  const all = await digestRows(tx, deps, batch);
  if (all === null || all.rows !== batch.rows || all.totalCents !== batch.total_cents) return null;
  return deps.vault.hmac('digest', `batch ${JSON.stringify(boundTo(batch, version, all))}`);
}

/** What was approved before and is not sent yet: what a new approval is bound to. */
export interface Rest {
  readonly rows: number;
  readonly totalCents: bigint;
  readonly hash: Buffer;
}

/** null: a row of it is not what was drawn. */
export async function restOf(
  tx: Tx,
  deps: Pick<PayoutDeps, 'vault'>,
  batch: Bound,
  version: number,
): Promise<Rest | null> {
  const left = await digestRows(tx, deps, batch, 'approved');
  if (left === null) return null;
  const hash = deps.vault.hmac('digest', `batch rest ${JSON.stringify(boundTo(batch, version, left))}`);
  return { rows: left.rows, totalCents: left.totalCents, hash };
}

interface Digested {
  readonly rows: number;
  readonly totalCents: bigint;
  readonly digest: string;
}

async function digestRows(
  tx: Tx,
  deps: Pick<PayoutDeps, 'vault'>,
  batch: Bound,
  state?: PayoutRow['state'],
): Promise<Digested | null> {
  const all = createHash('sha256');
  let count = 0;
  let total = 0n;
  for await (const rows of rowsOf(tx, batch.id, state))
    for (const row of rows) {
      const hash = payoutHash(deps, row);
      const own = row.business_id === batch.business_id && row.account_id === batch.account_id;
      if (!own || row.hash === null || !hash.equals(row.hash)) return null;
      all.update(`${row.batch_row}:${hash.toString('hex')}\n`);
      count++;
      total += row.amount_cents;
    }
  return { rows: count, totalCents: total, digest: all.digest('hex') };
}

function boundTo(batch: Bound, version: number, { rows, totalCents, digest }: Digested) {
  const { id, business_id, account_id, requested_by } = batch;
  return [id, business_id, account_id, requested_by, version, rows, String(totalCents), digest];
}
