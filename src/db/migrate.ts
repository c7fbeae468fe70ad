/** Brings the schema up to this program, and proves that the key is the one the database was written under. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { FileMigrationProvider, Migrator } from 'kysely/migration';
import { DatabaseFault } from './fault.ts';
import { sessionLimits } from './open.ts';
import type { Database, Tx } from './tables.ts';
import { type Vault, VaultError } from './vault.ts';

const migrationFolder = fileURLToPath(new URL('../../migrations', import.meta.url));
const oldestVersion = 15;

export interface MigrationState {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
}

/** Runs what is missing, in one transaction, and answers the names. Processes that start at once wait for each other. */
export async function migrateToLatest(db: Database): Promise<readonly string[]> {
  await requireVersion(db);
  return await db.connection().execute(async (connection) => {
    // A migration, and the wait for another process's, may take longer than any statement of the path.
    await sql`set statement_timeout = 0`.execute(connection);
    await sql`set lock_timeout = 0`.execute(connection);
    try {
      return await runMigrations(connection);
    } finally {
      await sql.raw(sessionLimits).execute(connection);
    }
  });
}

async function runMigrations(db: Database): Promise<readonly string[]> {
  const { error, results } = await createMigrator(db).migrateToLatest();
  if (error !== undefined) {
    const failed = results?.find((result) => result.status === 'Error')?.migrationName;
    const said = error instanceof Error ? error.message : String(error);
    const where = failed === undefined ? 'The migrations failed' : `The migration ${failed} failed`;
    throw new DatabaseFault('migration', `${where}, and nothing was changed: ${said}`, { cause: error });
  }
  return (results ?? []).map((result) => result.migrationName);
}

export async function migrationState(db: Database): Promise<MigrationState> {
  const all = await createMigrator(db).getMigrations();
  return {
    applied: all.filter((one) => one.executedAt !== undefined).map((one) => one.name),
    pending: all.filter((one) => one.executedAt === undefined).map((one) => one.name),
  };
}

function createMigrator(db: Database): Migrator {
  const provider = new FileMigrationProvider({
    fs,
    path,
    migrationFolder,
    import: async (file) => await import(pathToFileURL(file).href),
  });
  return new Migrator({ db, provider });
}

async function requireVersion(db: Database): Promise<void> {
  const { rows } = await sql<{
    version: string;
  }>`select current_setting('server_version_num') version`.execute(db);
  const major = Math.floor(Number(rows[0]?.version) / 10_000);
  if (major >= oldestVersion) return;
  throw new DatabaseFault(
    'too_old',
    `DATABASE_URL names a PostgreSQL ${major}; ${oldestVersion} or newer is needed.`,
  );
}

/** What is sealed as proof; its own text means nothing. */
const proofText = 'malipo master key';
const identityOf = (keyId: Buffer): string => `vault_key:${keyId.toString('hex')}`;

/**
 * Writes the key's proof on the first start, and afterwards refuses another key, under which nothing stored could be
 * read. A new key is taken in where the vault also opens the proof of an older one.
 */
export async function proveKey(db: Database, vault: Vault): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // Two processes with different keys must not both find the table empty.
    await sql`lock table vault_key in share row exclusive mode`.execute(tx);
    const known = await tx.selectFrom('vault_key').selectAll().execute();
    const own = known.find((row) => row.key_id.equals(vault.keyId));
    const accepted =
      known.length === 0 || (own === undefined ? known : [own]).some((row) => opens(vault, row));
    if (!accepted) throw new DatabaseFault('other_key', otherKey);
    if (own === undefined) await insertProof(tx, vault);
  });
}

const otherKey =
  'MASTER_KEY is not the key that this database was written under: start with that key (a generated one is in DATA_DIR), or with an empty database.';

async function insertProof(tx: Tx, vault: Vault): Promise<void> {
  const proof = vault.seal(proofText, identityOf(vault.keyId));
  await tx.insertInto('vault_key').values({ key_id: vault.keyId, proof }).execute();
}

function opens(vault: Vault, row: { key_id: Buffer; proof: Buffer }): boolean {
  try {
    return vault.open(row.proof, identityOf(row.key_id)) === proofText;
  } catch (err) {
    if (err instanceof VaultError) return false;
    throw err;
  }
}
