/** A desk that pays out by files: the workers of bulk payouts around it, and what they would say. */
import { sql } from 'kysely';
import type { BatchId, IdentityId } from '../../src/domain/ids.ts';
import { approveBatch } from '../../src/payouts/bulk-approve.ts';
import type { BatchApproval } from '../../src/payouts/bulk-decide.ts';
import { createBulkIntake, type Fetched, keepFile } from '../../src/payouts/bulk-intake.ts';
import { createBulkProgress } from '../../src/payouts/bulk-progress.ts';
import { askBatch } from '../../src/payouts/bulk-request.ts';
import { openPayoutDesk } from './desk.ts';

export type BulkDesk = Awaited<ReturnType<typeof openBulkDesk>>;

export async function openBulkDesk() {
  const desk = await openPayoutDesk();
  const { db, inTx, businessId, asha, brian, deps, gateways } = desk;
  const said: string[] = [];
  const drafted: BatchId[] = [];
  const platform = { fetch: async (_id: string): Promise<Fetched> => ({ kind: 'gone', detail: '' }) };
  const intake = createBulkIntake({
    ...deps,
    db,
    gateways,
    fetchFile: (_lane, id) => platform.fetch(id),
    tellDrafted: async (_tx, id) => void drafted.push(id),
    tellRefused: async (_tx, file, why) => void said.push(`${file.name} ${why}`),
  });
  const progress = createBulkProgress({
    ...deps,
    db,
    tellResult: async (_tx, id, times) => void said.push(`result ${times} ${id}`),
  });
  let files = 0;
  const keep = (text: string, by: IdentityId = asha, from?: { platformId: string }) =>
    inTx((tx) =>
      keepFile(tx, deps, {
        key: `file-${++files}`,
        businessId,
        identityId: by,
        lane: 'telegram:2001',
        name: 'wages.csv',
        mime: 'text/csv',
        from: from ?? { pasted: text },
      }),
    );
  const read = async (text: string, by: IdentityId = asha): Promise<BatchId> => {
    await keep(text, by);
    while (await intake.runOnce());
    const id = drafted.at(-1);
    if (id === undefined) throw new Error(`nothing was drafted: ${said.join()}`);
    return id;
  };
  const batch = (id: BatchId) =>
    db.selectFrom('payout_batch').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  const ask = (id: BatchId, why: string | null = null, by = asha) =>
    inTx((tx) => askBatch(tx, deps, id, by, why));
  const approve = async (id: BatchId, over: Partial<BatchApproval> = {}) => {
    const { version, total_cents } = await batch(id);
    const approval = { batchId: id, by: brian, version, totalCents: total_cents, ...over };
    return inTx((tx) => approveBatch(tx, deps, approval));
  };
  return {
    ...desk,
    said,
    drafted,
    platform,
    intake,
    progress,
    keep,
    read,
    batch,
    ask,
    approve,
    /** Asked and approved. */
    running: async (text: string): Promise<BatchId> => {
      const id = await read(text);
      const asked = await ask(id, 'asked for again');
      if (asked.kind !== 'waiting') throw new Error(asked.kind);
      const approved = await approve(id);
      if (approved.kind !== 'approved') throw new Error(approved.kind);
      return id;
    },
    rows: (id: BatchId) =>
      db.selectFrom('payout').selectAll().where('batch_id', '=', id).orderBy('batch_row').execute(),
    /** Which result files of it were sent. */
    results: (id: BatchId) => said.filter((one) => one.endsWith(` ${id}`)).map((one) => one.slice(0, 8)),
    /** How many rows stand in which state, in alphabetical order. */
    states: async (id: BatchId): Promise<string> => {
      const found = await db
        .selectFrom('payout')
        .select(['state', sql<number>`count(*)::int`.as('n')])
        .where('batch_id', '=', id)
        .groupBy('state')
        .orderBy('state')
        .execute();
      return found.map(({ state, n }) => `${n} ${state}`).join(', ');
    },
    entries: async (id: BatchId): Promise<string> => {
      const found = await db
        .selectFrom('payout_entry')
        .innerJoin('payout', 'payout.id', 'payout_entry.payout_id')
        .select(['payout_entry.kind', sql<number>`count(*)::int`.as('n')])
        .where('payout.batch_id', '=', id)
        .groupBy('payout_entry.kind')
        .orderBy('payout_entry.kind')
        .execute();
      return found.map(({ kind, n }) => `${n} ${kind}`).join(', ');
    },
  };
}
