/** Recomputes a business's whole audit log and names the first place where it is not what was closed. */
import type { Database, Tx } from '../db/tables.ts';
import type { BusinessId } from '../domain/ids.ts';
import {
  type AuditBatch,
  batchMost,
  type ChainedEntry,
  exactTime,
  firstPrevious,
  headOf,
} from './audit-chain.ts';

export interface AuditFault {
  /**
   * gap: a batch is missing. previous: it does not follow the one before. count: entries are missing or too many.
   * order: ids go back. ends: the first or last id differs. head: something in it was changed. loose: an entry is in no
   * batch, and should be. anchor: no batch has the head that was seen outside.
   */
  readonly kind: 'gap' | 'previous' | 'count' | 'order' | 'ends' | 'head' | 'loose' | 'anchor';
  /** null: of no batch. */
  readonly batch: number | null;
  readonly text: string;
}

export interface AuditVerdict {
  /** How many batches and entries were proved, up to the fault. */
  readonly batches: number;
  readonly entries: number;
  /** The last proved head in hex; null: none. */
  readonly head: string | null;
  /** Entries that no batch holds yet: nothing proves them. */
  readonly open: number;
  readonly fault: AuditFault | null;
}

interface Walk {
  batches: number;
  entries: number;
  head: Buffer;
  lastId: bigint;
  /** A head with these first letters was met. */
  anchored: boolean;
}

const pageBatches = 50;

/** `anchor`: the first letters in hex of a head that was seen outside; it must be one of the chain's. */
export function verifyAudit(
  db: Database,
  businessId: BusinessId,
  anchor: string | null = null,
): Promise<AuditVerdict> {
  // One snapshot, so that a batch that is closed meanwhile is there whole or not at all.
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => {
      const walk: Walk = {
        batches: 0,
        entries: 0,
        head: firstPrevious(businessId),
        lastId: 0n,
        anchored: anchor === null,
      };
      const fault =
        (await walkBatches(tx, businessId, walk, anchor)) ??
        (await looseEntry(tx, businessId, walk)) ??
        (walk.anchored ? null : noAnchor(anchor ?? ''));
      const { open } = await tx
        .selectFrom('audit_entry')
        .select((eb) => eb.fn.countAll<bigint>().as('open'))
        .where('business_id', '=', businessId)
        .where('batch', 'is', null)
        .executeTakeFirstOrThrow();
      const head = walk.batches === 0 ? null : walk.head.toString('hex');
      return { batches: walk.batches, entries: walk.entries, head, open: Number(open), fault };
    });
}

async function walkBatches(
  tx: Tx,
  businessId: BusinessId,
  walk: Walk,
  anchor: string | null,
): Promise<AuditFault | null> {
  for (;;) {
    const page = await tx
      .selectFrom('audit_batch')
      .selectAll()
      .select(exactTime('closed_at').as('exact'))
      .where('business_id', '=', businessId)
      .orderBy('number')
      .offset(walk.batches)
      .limit(pageBatches)
      .execute();
    const entries = await entriesOf(tx, businessId, page);
    for (const batch of page) {
      const fault = faultOf(walk, batch, batch.exact, entries.get(batch.number) ?? []);
      if (fault !== null) return fault;
      walk.batches += 1;
      walk.entries += batch.entries;
      walk.head = batch.head;
      walk.lastId = batch.last_id;
      if (anchor !== null && batch.head.toString('hex').startsWith(anchor)) walk.anchored = true;
    }
    if (page.length < pageBatches) return null;
  }
}

async function entriesOf(
  tx: Tx,
  businessId: BusinessId,
  page: readonly AuditBatch[],
): Promise<ReadonlyMap<number, ChainedEntry[]>> {
  const grouped = new Map<number, ChainedEntry[]>();
  const [first, last] = [page[0], page.at(-1)];
  if (first === undefined || last === undefined) return grouped;
  const rows = await tx
    .selectFrom('audit_entry')
    .select(['id', 'actor', 'action', 'facts', 'batch', exactTime('at').as('at')])
    .where('business_id', '=', businessId)
    .where('batch', '>=', first.number)
    .where('batch', '<=', last.number)
    .orderBy('id')
    // More than were ever closed would be added ones: enough is read to see that.
    .limit(pageBatches * batchMost + 1)
    .execute();
  for (const row of rows) {
    const entries = grouped.get(row.batch ?? 0);
    if (entries === undefined) grouped.set(row.batch ?? 0, [row]);
    else entries.push(row);
  }
  return grouped;
}

function faultOf(
  walk: Walk,
  batch: AuditBatch,
  closedAt: string,
  entries: readonly ChainedEntry[],
): AuditFault | null {
  const fault = (kind: AuditFault['kind'], text: string): AuditFault => ({ kind, batch: batch.number, text });
  const expected = walk.batches + 1;
  if (batch.number !== expected)
    return {
      kind: 'gap',
      batch: expected,
      text: `Batch ${expected} is missing: ${batch.number} comes next.`,
    };
  if (!batch.previous.equals(walk.head))
    return fault('previous', `Batch ${batch.number} does not follow the head before it.`);
  if (batch.entries !== entries.length)
    return fault(
      'count',
      `Batch ${batch.number} was closed with ${batch.entries} entries; ${entries.length} are there.`,
    );
  const [first, last] = [entries[0]?.id ?? 0n, entries.at(-1)?.id ?? 0n];
  if (first !== batch.first_id || last !== batch.last_id)
    return fault(
      'ends',
      `Batch ${batch.number} was closed from entry ${batch.first_id} to ${batch.last_id}; it runs from ${first} to ${last}.`,
    );
  if (first <= walk.lastId)
    return fault('order', `Batch ${batch.number} begins with entry ${first}, after entry ${walk.lastId}.`);
  const range = { number: batch.number, firstId: first, lastId: last, closedAt };
  if (!batch.head.equals(headOf(batch.previous, range, entries)))
    return fault(
      'head',
      `Batch ${batch.number}, entries ${first} to ${last}: something was changed after it was closed.`,
    );
  return null;
}

/** The writers' lock gives ids in the order of closing: an open entry between closed ones was put there, or taken out. */
async function looseEntry(tx: Tx, businessId: BusinessId, walk: Walk): Promise<AuditFault | null> {
  const entry = () =>
    tx.selectFrom('audit_entry').select(['id', 'batch']).where('business_id', '=', businessId).limit(1);
  // One look each: an index leads to every one of them, past all that is in order.
  const loose =
    (await entry()
      .where('batch', 'is', null)
      .where('id', '<=', walk.lastId)
      .orderBy('id')
      .executeTakeFirst()) ??
    (await entry().where('batch', '>', walk.batches).orderBy('batch').executeTakeFirst()) ??
    (await entry().where('batch', '<', 1).orderBy('batch').executeTakeFirst());
  if (loose === undefined) return null;
  const text =
    loose.batch === null
      ? `Entry ${loose.id} is in no batch, although later ones are.`
      : `Entry ${loose.id} names batch ${loose.batch}, which is not there.`;
  return { kind: 'loose', batch: loose.batch, text };
}

function noAnchor(anchor: string): AuditFault {
  return { kind: 'anchor', batch: null, text: `No batch has the head ${anchor}.` };
}
