/** Protects the first start of a database: processes that start at once, and a key that is not the one it was written under. */
import { sql } from 'kysely';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { migrateToLatest, migrationState, proveKey } from '../../src/db/migrate.ts';
import { openDatabase } from '../../src/db/open.ts';
import type { Database } from '../../src/db/tables.ts';
import { createVault, type Vault } from '../../src/db/vault.ts';
import { silentLog } from '../../src/ops/log.ts';
import { createTestRandom } from '../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

async function testDatabase(migrated: boolean): Promise<TestDatabase> {
  const database = await openTestDatabase({ migrated });
  onTestFinished(() => database.close());
  return database;
}

/** The pool of another process on the same database. */
function another(database: TestDatabase): Database {
  const { db, close } = openDatabase({ connection: database.connection, log: silentLog });
  onTestFinished(close);
  return db;
}

const vaultOf = (...keys: [string, ...string[]]): Vault => {
  const [first, ...others] = keys;
  const key = (name: string): Buffer => Buffer.alloc(32, name);
  return createVault([key(first), ...others.map(key)], createTestRandom(first));
};

test('three processes that start at once migrate once', async () => {
  const database = await testDatabase(false);
  const pools = [1, 2, 3].map(() => another(database));
  expect((await migrationState(database.db)).applied).toEqual([]);
  const done = await Promise.all(pools.map(migrateToLatest));
  const { applied, pending } = await migrationState(database.db);
  expect(done.flat()).toEqual(applied);
  expect(applied[0]).toBe('0001_path');
  expect(pending).toEqual([]);
  const { rows } = await sql<{ payments: bigint }>`select count(*) as payments from payment`.execute(
    database.db,
  );
  expect(rows).toEqual([{ payments: 0n }]);
});

test('a migrated database is left as it is, and its limits stand afterwards', async () => {
  const database = await testDatabase(true);
  const { db, close } = openDatabase({ connection: database.connection, log: silentLog, max: 1 });
  onTestFinished(close);
  expect(await migrateToLatest(db)).toEqual([]);
  const { rows } = await sql<{ value: string }>`select current_setting('statement_timeout') as value`.execute(
    db,
  );
  expect(rows).toEqual([{ value: '30s' }]);
});

test('a migration that fails names itself and changes nothing', async () => {
  const database = await testDatabase(false);
  await sql`create table business (id uuid)`.execute(database.db);
  const failure = await migrateToLatest(database.db).catch((err: unknown) => err);
  expect(failure).toMatchObject({ code: 'migration' });
  expect(String(failure)).toContain(
    '0001_path failed, and nothing was changed: relation "business" already exists',
  );
  expect((await migrationState(database.db)).applied).toEqual([]);
  const { rows } = await sql`select to_regclass('vault_key') as found`.execute(database.db);
  expect(rows).toEqual([{ found: null }]);
});

describe('the key', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase(true);
  });

  test('the first start writes its proof, the next ones pass', async () => {
    await proveKey(database.db, vaultOf('first'));
    await proveKey(database.db, vaultOf('first'));
    const rows = await database.db.selectFrom('vault_key').selectAll().execute();
    expect(rows).toHaveLength(1);
    expect(rows[0]?.key_id).toEqual(vaultOf('first').keyId);
  });

  test('another key is refused, and leaves no trace', async () => {
    await proveKey(database.db, vaultOf('first'));
    const failure = await proveKey(database.db, vaultOf('second')).catch((err: unknown) => err);
    expect(failure).toMatchObject({ code: 'other_key', retryable: false });
    expect(String(failure)).toContain('MASTER_KEY is not the key');
    expect(await database.db.selectFrom('vault_key').selectAll().execute()).toHaveLength(1);
  });

  test('a proof that does not open is refused', async () => {
    const vault = vaultOf('first');
    await proveKey(database.db, vault);
    await database.db
      .updateTable('vault_key')
      .set({ proof: vault.seal('x', 'elsewhere') })
      .execute();
    await expect(proveKey(database.db, vault)).rejects.toMatchObject({ code: 'other_key' });
  });

  test('a new key is taken in beside the old one, and stands alone afterwards', async () => {
    await proveKey(database.db, vaultOf('first'));
    await proveKey(database.db, vaultOf('second', 'first'));
    await proveKey(database.db, vaultOf('second'));
    await expect(proveKey(database.db, vaultOf('third'))).rejects.toMatchObject({ code: 'other_key' });
  });

  test('of two processes that start at once with different keys, one is refused', async () => {
    const other = another(database);
    const outcomes = await Promise.allSettled([
      proveKey(database.db, vaultOf('first')),
      proveKey(other, vaultOf('second')),
    ]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
