/**
 * The audit log in closed batches, each chained to the one before by SHA-256, so that nothing that was closed can be
 * changed, left out, added or moved without every later head being another one. A head that was seen outside, such as in
 * /today, proves everything before it.
 */
import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { Database, Tx } from '../db/tables.ts';
import type { AuditBatchTable } from '../db/tables-payouts.ts';
import { type Clock, plusSeconds } from '../domain/clock.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';
import { auditLock } from '../ops/audit.ts';

/** An entry as it is hashed. Times are text with microseconds, as PostgreSQL keeps them. */
export interface ChainedEntry {
  readonly id: bigint;
  readonly at: string;
  readonly actor: IdentityId | null;
  readonly action: string;
  readonly facts: unknown;
}

/** What a head is made of, besides the entries. */
export interface BatchHead {
  readonly number: number;
  readonly firstId: bigint;
  readonly lastId: bigint;
  readonly closedAt: string;
}

/** JSON with sorted keys and no spaces: one text for one value. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'bigint') return JSON.stringify(String(value));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`);
  return `{${parts.join(',')}}`;
}

/** What stands before the first batch: a chain moved to another business breaks at once. */
export function firstPrevious(businessId: BusinessId): Buffer {
  return createHash('sha256').update(`malipo audit ${businessId}`).digest();
}

/** SHA-256 of the head before, a line about the batch, and a line for each entry. */
export function headOf(previous: Buffer, batch: BatchHead, entries: readonly ChainedEntry[]): Buffer {
  const hash = createHash('sha256').update(previous);
  const { number, firstId, lastId, closedAt } = batch;
  hash.update(`${canonical({ number, firstId, lastId, closedAt, entries: entries.length })}\n`);
  for (const { id, at, actor, action, facts } of entries)
    hash.update(`${canonical({ id, at, actor, action, facts })}\n`);
  return hash.digest();
}

/** Exact to the microsecond, whatever the session's time zone. */
export const exactTime = (column: string) =>
  sql<string>`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

export type AuditBatch = Selectable<AuditBatchTable>;

/** The newest closed batch. undefined: nothing was closed yet. */
export function newestBatch(db: Database | Tx, businessId: BusinessId): Promise<AuditBatch | undefined> {
  return db
    .selectFrom('audit_batch')
    .selectAll()
    .where('business_id', '=', businessId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** So many entries at most go into one batch. */
export const batchMost = 500;

/**
 * Closes what stands open, up to one batch. It waits for nobody: while a writer's transaction is open, or another closer is
 * at work, it answers `busy`, and is tried again later. What it closes is complete: an entry's id is taken under the lock.
 */
export async function closeAudit(
  tx: Tx,
  deps: { readonly clock: Clock },
  businessId: BusinessId,
): Promise<'closed' | 'nothing' | 'busy'> {
  // The new row refers to the business, which somebody may hold who waits for the log's lock.
  const business =
    await sql`select 1 from business where id = ${businessId} for key share skip locked`.execute(tx);
  if (business.rows.length === 0) return 'busy';
  const asked = sql<{ alone: boolean }>`select pg_try_advisory_xact_lock(${auditLock(businessId)}) as alone`;
  if ((await asked.execute(tx)).rows[0]?.alone !== true) return 'busy';
  const entries: ChainedEntry[] = await tx
    .selectFrom('audit_entry')
    .select(['id', 'actor', 'action', 'facts', exactTime('at').as('at')])
    .where('business_id', '=', businessId)
    .where('batch', 'is', null)
    .orderBy('id')
    .limit(batchMost)
    .execute();
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined) return 'nothing';
  const before = await newestBatch(tx, businessId);
  const number = (before?.number ?? 0) + 1;
  const previous = before?.head ?? firstPrevious(businessId);
  const closedAt = deps.clock.now();
  const batch = { number, firstId: first.id, lastId: last.id, closedAt: microseconds(closedAt) };
  await tx
    .updateTable('audit_entry')
    .set({ batch: number })
    .where('business_id', '=', businessId)
    .where('batch', 'is', null)
    .where('id', '<=', last.id)
    .execute();
  await tx
    .insertInto('audit_batch')
    .values({
      business_id: businessId,
      number,
      first_id: first.id,
      last_id: last.id,
      entries: entries.length,
      previous,
      head: headOf(previous, batch, entries),
      closed_at: closedAt,
    })
    .execute();
  return 'closed';
}

/** As `exactTime` reads it back. */
function microseconds(at: Date): string {
  return at.toISOString().replace('Z', '000Z');
}

/** An entry waits so long at most before its batch is closed, and so many entries do not wait at all. */
const openSeconds = 60;
const openMost = 100;
const businessesAtOnce = 20;

/** Closes the batch of one business whose entries have waited; false when there is none, or all are busy. */
export function createAuditCloser(deps: { readonly db: Database; readonly clock: Clock }) {
  return {
    async runOnce(): Promise<boolean> {
      const { rows } = await sql<{ business_id: BusinessId }>`
        select business_id from audit_entry where batch is null group by business_id
        having min(at) <= ${plusSeconds(deps.clock.now(), -openSeconds)} or count(*) >= ${openMost}
        order by min(id) limit ${businessesAtOnce}`.execute(deps.db);
      for (const { business_id } of rows) {
        const closed = await deps.db.transaction().execute((tx) => closeAudit(tx, deps, business_id));
        if (closed === 'closed') return true;
      }
      return false;
    },
  };
}

/** The head as people compare it: 20 letters are more than anybody can aim at by trying. */
export const shownHeadLetters = 20;

export function shortHead(batch: Pick<AuditBatch, 'head'>): string {
  return batch.head.toString('hex').slice(0, shownHeadLetters);
}
