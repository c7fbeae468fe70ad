/** A real PostgreSQL database for a test file, empty and migrated. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { inject } from 'vitest';
import { openDatabase } from '../../src/db/open.ts';
import type { Database } from '../../src/db/tables.ts';
import { createVault, type Vault } from '../../src/db/vault.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { silentLog } from '../../src/ops/log.ts';
import { templateDatabase, withDatabase } from './global-setup.ts';

export interface TestDatabase {
  readonly db: Database;
  /** A URL, which a spawned process takes as DATABASE_URL. */
  readonly connection: string;
  readonly vault: Vault;
  /** The vault's key as MASTER_KEY takes it. */
  readonly masterKey: string;
  /** A statement is at work, or waits for a connection. */
  isBusy(): boolean;
  /** How often a connection was taken. */
  uses(): number;
  /** Closes the connections and drops the database. */
  close(): Promise<void>;
}

const masterKey = Buffer.alloc(32, 'malipo test key');

export interface TestDatabaseOptions {
  /** The most connections of its pool. */
  readonly max?: number;
  /** False: without any table. */
  readonly migrated?: boolean;
}

/** Ask for it once a file, in beforeAll. */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { migrated = true, ...poolOptions } = options;
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(
    // Copied as files: the server's usual way writes each page to its log as well.
    sql`create database ${sql.id(name)} template ${sql.id(migrated ? templateDatabase : 'template1')} strategy file_copy`,
  );
  const connection = withDatabase(inject('databaseServer'), name);
  const { db, pool, close } = openDatabase({ connection, log: silentLog, ...poolOptions });
  let uses = 0;
  pool.on('acquire', () => {
    uses++;
  });
  return {
    db,
    isBusy: () => pool.totalCount > pool.idleCount || pool.waitingCount > 0,
    uses: () => uses,
    connection,
    vault: createVault([masterKey], systemRandom),
    masterKey: masterKey.toString('base64'),
    close: async () => {
      await close();
      await onServer(sql`drop database ${sql.id(name)} with (force)`);
    },
  };
}

async function onServer(statement: ReturnType<typeof sql>): Promise<void> {
  const { db, close } = openDatabase({ connection: inject('databaseServer'), log: silentLog, max: 1 });
  try {
    await statement.execute(db);
  } finally {
    await close();
  }
}
