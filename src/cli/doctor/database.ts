import { sql } from 'kysely';
import { DatabaseFault } from '../../db/fault.ts';
import { migrationState, proveKey } from '../../db/migrate.ts';
import type { Database } from '../../db/tables.ts';
import type { Vault } from '../../db/vault.ts';
import { faultLine, type Session } from '../session.ts';
import { type Finding, hint, ok, wrong } from './finding.ts';

export async function checkDatabase({ db, dataDir }: Session): Promise<Finding> {
  try {
    const { rows } = await sql<{ version: string; fsync: string }>`
      select current_setting('server_version') as version, current_setting('fsync') as fsync`.execute(db);
    const where = dataDir === null ? 'DATABASE_URL' : `embedded in ${dataDir}`;
    const said = `PostgreSQL ${rows[0]?.version}, ${where}`;
    if (rows[0]?.fsync !== 'off') return ok('database', said);
    return hint('database', `${said}, with fsync off`, 'turn it on: a power cut would lose payments');
  } catch (cause) {
    const line = faultLine(cause);
    if (line === null) throw cause;
    return wrong('database', line, 'nothing else can be asked before');
  }
}

export async function checkMigrations(db: Database): Promise<Finding> {
  const { applied, pending } = await migrationState(db);
  if (pending.length === 0) return ok('migrations', `all ${applied.length} applied`);
  return wrong('migrations', `missing: ${pending.join(', ')}`, 'run migrate, or start the program');
}

export async function checkKey(db: Database, vault: Vault): Promise<Finding> {
  try {
    await proveKey(db, vault);
    return ok('key', 'opens what is stored');
  } catch (cause) {
    if (!(cause instanceof DatabaseFault)) throw cause;
    return wrong(
      'key',
      'does not open what is stored',
      'put back the MASTER_KEY that this database was made with',
    );
  }
}
