/**
 * Files and pasted lines on their way to a batch. A turn only notes what came (`keepFile`); a worker fetches the bytes, keeps
 * them sealed, reads them outside any transaction, and draws the batch in one.
 */
import type { Selectable } from 'kysely';
import type { Database, Tx } from '../db/tables.ts';
import type { StoredFileTable } from '../db/tables-bulk.ts';
import { mostBulkBytes } from '../domain/bulk-read.ts';
import { plusSeconds } from '../domain/clock.ts';
import { type BatchId, type BusinessId, type FileId, type IdentityId, newId } from '../domain/ids.ts';
import { may } from '../domain/roles.ts';
import { sealedAs } from '../payments/context.ts';
import type { Gateways } from '../payments/gateways.ts';
import { payoutAccount } from './accounts.ts';
import { roleOf } from './approve.ts';
import { draftBatch } from './bulk-draft.ts';
import { type FileReading, readFileOf } from './bulk-file.ts';
import type { PayoutDeps } from './context.ts';

export type StoredFile = Selectable<StoredFileTable>;

/** What a chat platform answers that is asked for the bytes of a file. `detail` holds no secret. */
export type Fetched =
  | { readonly kind: 'file'; readonly bytes: Buffer }
  | { readonly kind: 'too_big' }
  | { readonly kind: 'gone'; readonly detail: string }
  | { readonly kind: 'later'; readonly detail: string; readonly afterSeconds: number | null };

export type FileRefusal = Exclude<FileReading['kind'], 'rows'> | 'gone' | 'no_account' | 'no_right';

export interface BulkIntakeDeps extends PayoutDeps {
  readonly db: Database;
  readonly gateways: Gateways;
  /** `lane`: the chat that it was sent in. */
  readonly fetchFile: (lane: string, platformId: string, mostBytes: number) => Promise<Fetched>;
  /** Puts the dry run before whoever sent the file. */
  readonly tellDrafted: (tx: Tx, id: BatchId, to: IdentityId) => Promise<void>;
  readonly tellRefused: (tx: Tx, file: StoredFile, why: FileRefusal) => Promise<void>;
}

export interface FileToKeep {
  /** Of the message: the same one is kept once. */
  readonly key: string;
  readonly businessId: BusinessId;
  readonly identityId: IdentityId;
  readonly lane: string;
  readonly name: string;
  readonly mime: string | null;
  readonly from: { readonly platformId: string } | { readonly pasted: string };
}

/** In the turn that saw it. */
export async function keepFile(tx: Tx, deps: PayoutDeps, file: FileToKeep): Promise<void> {
  const id = newId<FileId>(deps.clock, deps.random);
  const now = deps.clock.now();
  const pasted = 'pasted' in file.from ? Buffer.from(file.from.pasted) : null;
  await tx
    .insertInto('stored_file')
    .values({
      id,
      key: file.key,
      business_id: file.businessId,
      identity_id: file.identityId,
      lane: file.lane,
      kind: pasted === null ? 'file' : 'pasted',
      platform_id: 'platformId' in file.from ? file.from.platformId : null,
      name: file.name,
      mime: file.mime,
      state: pasted === null ? 'wanted' : 'here',
      ...(pasted === null ? { sha256: null, bytes_sealed: null } : sealed(deps, id, pasted)),
      batch_id: null,
      tries: 0,
      due_at: now,
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
}

function sealed(deps: PayoutDeps, id: FileId, bytes: Buffer) {
  const base64 = bytes.toString('base64');
  return {
    // Keyed: a list of payees is short enough to be guessed.
    sha256: deps.vault.hmac('digest', `file ${base64}`),
    bytes_sealed: deps.vault.seal(base64, sealedAs.storedFile(id)),
  };
}

/** Longer than fetching or reading takes. */
const leaseSeconds = 120;
const mostTries = 5;
/** Reading is our own work: a file on which it ended twice, with us or with the whole program, is left alone. */
const mostReads = 2;
const backOffSeconds = [2, 10, 30, 120] as const;

export function createBulkIntake(deps: BulkIntakeDeps) {
  return {
    /** Does the next step of one file; false when none is due. */
    async runOnce(): Promise<boolean> {
      const file = await claim(deps);
      if (file === null) return false;
      try {
        if (file.state === 'here' && file.tries > mostReads) await refuse(deps, file, 'too_heavy');
        else await (file.state === 'wanted' ? fetchOne(deps, file) : readOne(deps, file));
      } catch (err) {
        deps.log.error({ err, file: file.id }, 'a file could not be read and is put off');
        await putOff(deps, file, null, 'unreadable');
      }
      return true;
    },
  };
}

async function claim(deps: BulkIntakeDeps): Promise<StoredFile | null> {
  return deps.db.transaction().execute(async (tx) => {
    const now = deps.clock.now();
    const file = await tx
      .selectFrom('stored_file')
      .selectAll()
      .where('state', 'in', ['wanted', 'here'])
      .where('due_at', '<=', now)
      .orderBy('due_at')
      .limit(1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (file === undefined) return null;
    const tries = file.tries + 1;
    await tx
      .updateTable('stored_file')
      .set({ tries, due_at: plusSeconds(now, leaseSeconds) })
      .where('id', '=', file.id)
      .execute();
    return { ...file, tries };
  });
}

async function fetchOne(deps: BulkIntakeDeps, file: StoredFile): Promise<void> {
  const fetched = await deps.fetchFile(file.lane, file.platform_id ?? '', mostBulkBytes);
  switch (fetched.kind) {
    case 'file':
      await deps.db
        .updateTable('stored_file')
        .set({ ...sealed(deps, file.id, fetched.bytes), state: 'here', tries: 0, due_at: deps.clock.now() })
        .where('id', '=', file.id)
        .where('state', '=', 'wanted')
        .execute();
      return;
    case 'later':
      deps.log.warn({ file: file.id, detail: fetched.detail }, 'a file was not fetched yet');
      return putOff(deps, file, fetched.afterSeconds, 'gone');
    case 'too_big':
    case 'gone':
      return refuse(deps, file, fetched.kind);
  }
}

async function putOff(
  deps: BulkIntakeDeps,
  file: StoredFile,
  afterSeconds: number | null,
  atLast: FileRefusal,
): Promise<void> {
  if (file.tries >= (file.state === 'here' ? mostReads : mostTries)) return refuse(deps, file, atLast);
  const seconds = afterSeconds ?? backOffSeconds[file.tries - 1] ?? backOffSeconds[backOffSeconds.length - 1];
  await deps.db
    .updateTable('stored_file')
    .set({ due_at: plusSeconds(deps.clock.now(), seconds ?? 0) })
    .where('id', '=', file.id)
    .execute();
}

async function refuse(deps: BulkIntakeDeps, file: StoredFile, why: FileRefusal): Promise<void> {
  await deps.db.transaction().execute(async (tx) => {
    if (!(await stillHere(tx, file))) return;
    await close(tx, file, { state: 'refused' });
    await deps.tellRefused(tx, file, why);
  });
}

async function readOne(deps: BulkIntakeDeps, file: StoredFile): Promise<void> {
  const account = await deps.db
    .transaction()
    .execute((tx) => payoutAccount(tx, deps.gateways, file.business_id));
  if (account === null) return refuse(deps, file, 'no_account');
  if (file.bytes_sealed === null || file.sha256 === null) return refuse(deps, file, 'gone');
  const bytes = Buffer.from(deps.vault.open(file.bytes_sealed, sealedAs.storedFile(file.id)), 'base64');
  const reading = await readFileOf(bytes, file.kind, account);
  if (reading.kind !== 'rows') return refuse(deps, file, reading.kind);
  const { sha256 } = file;
  await deps.db.transaction().execute(async (tx) => {
    if (!(await stillHere(tx, file))) return;
    const role = await roleOf(tx, file.business_id, file.identity_id);
    if (role === null || !may(role, 'request_payout')) {
      await close(tx, file, { state: 'refused' });
      return deps.tellRefused(tx, file, 'no_right');
    }
    const id = await draftBatch(tx, deps, {
      businessId: file.business_id,
      accountId: account.id,
      requestedBy: file.identity_id,
      fileName: file.name,
      sourceDigest: sha256,
      ready: reading.ready,
      bad: reading.bad,
      unread: reading.unread,
    });
    await close(tx, file, { state: 'read', batch_id: id });
    await deps.tellDrafted(tx, id, file.identity_id);
  });
}

/** Nobody else has ended it meanwhile, since our lease ran out. */
async function stillHere(tx: Tx, file: StoredFile): Promise<boolean> {
  const row = await tx
    .selectFrom('stored_file')
    .select(['state', 'tries'])
    .where('id', '=', file.id)
    .forUpdate()
    .executeTakeFirst();
  return row?.state === file.state && row.tries === file.tries;
}

async function close(
  tx: Tx,
  file: StoredFile,
  to: { readonly state: 'read' | 'refused'; readonly batch_id?: BatchId },
): Promise<void> {
  await tx.updateTable('stored_file').set(to).where('id', '=', file.id).execute();
}
