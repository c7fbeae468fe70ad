/** A file of payouts as it was read: one batch, a payout for each row that can be paid, and the rows that cannot. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { BadRow, BulkRow, UnreadSheet } from '../domain/bulk-read.ts';
import { plusSeconds } from '../domain/clock.ts';
import {
  type AccountId,
  type BatchId,
  type BusinessId,
  type IdentityId,
  newId,
  type PayoutId,
} from '../domain/ids.ts';
import { maskMsisdn } from '../domain/msisdn.ts';
import { token } from '../domain/random.ts';
import { newRef, type RefKind } from '../domain/refs.ts';
import { sealedAs } from '../payments/context.ts';
import type { PayoutDeps } from './context.ts';
import { payoutHash } from './hash.ts';
import { approvalLifeSeconds } from './request.ts';

export interface BatchDraft {
  readonly businessId: BusinessId;
  readonly accountId: AccountId;
  readonly requestedBy: IdentityId;
  readonly fileName: string;
  /** Keyed digest of the file's bytes. */
  readonly sourceDigest: Buffer;
  readonly ready: readonly BulkRow[];
  readonly bad: readonly BadRow[];
  readonly unread: readonly UnreadSheet[];
}

/** A row is drawn as it will be asked: what is approved later is hashed now. */
export const rowVersion = 1;
const rowRound = 1;

/** So many rows in one statement; between them other work gets its turn. */
const chunk = 500;

export async function draftBatch(tx: Tx, deps: PayoutDeps, draft: BatchDraft): Promise<BatchId> {
  const id = newId<BatchId>(deps.clock, deps.random);
  const now = deps.clock.now();
  const [ref = ''] = await freeRefs(tx, deps, 'B', 1);
  await tx
    .insertInto('payout_batch')
    .values({
      id,
      ref,
      business_id: draft.businessId,
      account_id: draft.accountId,
      requested_by: draft.requestedBy,
      file_name: draft.fileName,
      rows: draft.ready.length,
      total_cents: draft.ready.reduce((sum, { amountCents }) => sum + amountCents, 0n),
      state: 'draft',
      hash: null,
      version: 1,
      expires_at: plusSeconds(now, approvalLifeSeconds),
      source_digest: draft.sourceDigest,
      resend_reason: null,
      paused_by: null,
      pause_reason: null,
      other_sheets: draft.unread.length === 0 ? null : (JSON.stringify(draft.unread) as never),
      next_look_at: plusSeconds(now, approvalLifeSeconds),
      results: 0,
      created_at: now,
      updated_at: now,
    })
    .execute();
  for (let from = 0; from < draft.ready.length; from += chunk)
    await addRows(tx, deps, { ...draft, id, ref, ready: draft.ready.slice(from, from + chunk) });
  for (let from = 0; from < draft.bad.length; from += chunk)
    await tx
      .insertInto('payout_batch_row')
      .values(
        draft.bad.slice(from, from + chunk).map(({ number, text, why }) => ({
          batch_id: id,
          number,
          text_sealed: deps.vault.seal(text, sealedAs.batchRow(id, number)),
          why,
        })),
      )
      .execute();
  return id;
}

interface Chunk extends BatchDraft {
  readonly id: BatchId;
  readonly ref: string;
}

async function addRows(tx: Tx, deps: PayoutDeps, draft: Chunk): Promise<void> {
  const refs = await freeRefs(tx, deps, 'W', draft.ready.length);
  const now = deps.clock.now();
  const rows = draft.ready.map((row, i) => rowOf(deps, draft, row, refs[i] ?? ''));
  const all = <K extends keyof Row>(name: K): Row[K][] => rows.map((row) => row[name]);
  // Columns as arrays: a statement of ten thousand parameters takes longer to write than to do.
  await sql`
    with row as (
      insert into payout (id, ref, business_id, account_id, requested_by, batch_id, batch_row, amount_cents,
        charge_cents, phone_sealed, phone_hmac, phone_masked, payee_name, note, reference, state, round, version, hash,
        callback_hmac, callback_sealed, checks, created_at, updated_at)
      select id, ref, ${draft.businessId}, ${draft.accountId}, ${draft.requestedBy}, ${draft.id}, batch_row,
        amount_cents, 0, phone_sealed, phone_hmac, phone_masked, payee_name, note, reference, 'draft', ${rowRound},
        ${rowVersion}, hash, callback_hmac, callback_sealed, 0, ${now}::timestamptz, ${now}::timestamptz
      from unnest(${all('id')}::uuid[], ${all('ref')}::text[], ${all('batch_row')}::int[],
        ${all('amount_cents').map(String)}::bigint[], ${all('phone_sealed')}::bytea[], ${all('phone_hmac')}::bytea[],
        ${all('phone_masked')}::text[], ${all('payee_name')}::text[], ${all('note')}::text[],
        ${all('reference')}::text[], ${all('hash')}::bytea[], ${all('callback_hmac')}::bytea[],
        ${all('callback_sealed')}::bytea[])
        as t (id, ref, batch_row, amount_cents, phone_sealed, phone_hmac, phone_masked, payee_name, note, reference,
          hash, callback_hmac, callback_sealed)
      returning id, amount_cents)
    insert into payout_event (payout_id, kind, detail, at)
    select id, 'asked', jsonb_build_object('amountCents', amount_cents, 'batch', ${draft.ref}::text), ${now}::timestamptz
    from row`.execute(tx);
}

type Row = ReturnType<typeof rowOf>;

function rowOf(deps: PayoutDeps, draft: Chunk, row: BulkRow, ref: string) {
  const id = newId<PayoutId>(deps.clock, deps.random);
  const callback = token(deps.random);
  const payout = {
    id,
    ref,
    business_id: draft.businessId,
    account_id: draft.accountId,
    batch_id: draft.id,
    batch_row: row.number,
    refund_of: null,
    amount_cents: row.amountCents,
    charge_cents: 0n,
    phone_sealed: deps.vault.seal(row.msisdn, sealedAs.payoutPhone(id)),
    phone_hmac: deps.vault.hmac('phone', row.msisdn),
    phone_masked: maskMsisdn(row.msisdn),
    payee_name: row.name,
    note: row.note ?? draft.ref,
    reference: ref.replace('-', ''),
    round: rowRound,
    version: rowVersion,
    callback_hmac: deps.vault.hmac('callback', callback),
    callback_sealed: deps.vault.seal(callback, sealedAs.payoutCallback(id)),
  };
  return { ...payout, hash: payoutHash(deps, payout) };
}

const mostDraws = 20;

/** Numbers that nothing has yet, and no two of which are the same. */
async function freeRefs(
  tx: Tx,
  deps: PayoutDeps,
  kind: Extract<RefKind, 'W' | 'B'>,
  count: number,
): Promise<string[]> {
  const free = new Set<string>();
  for (let draws = 0; free.size < count && draws < mostDraws; draws++) {
    const drawn = new Set<string>();
    while (free.size + drawn.size < count) {
      const ref = newRef(kind, deps.random);
      if (!free.has(ref)) drawn.add(ref);
    }
    const taken = await tx
      .selectFrom(kind === 'W' ? 'payout' : 'payout_batch')
      .select('ref')
      .where('ref', 'in', [...drawn])
      .execute();
    for (const { ref } of taken) drawn.delete(ref);
    for (const ref of drawn) free.add(ref);
  }
  if (free.size < count) throw new Error('No free numbers were found.');
  return [...free];
}
