/** The database of the running program, or the one that it would start with; and the key to it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { connectEmbedded } from '../db/embedded.ts';
import { DatabaseFault } from '../db/fault.ts';
import { readOrCreateMasterKey } from '../db/master-key.ts';
import { migrateToLatest, migrationState, proveKey } from '../db/migrate.ts';
import { isDatabaseDown, openDatabase } from '../db/open.ts';
import type { Database } from '../db/tables.ts';
import { createVault, type Vault } from '../db/vault.ts';
import { createGatewayHttp, type GatewayHttp } from '../gateways/http.ts';
import { silentLog } from '../ops/log.ts';
import { createGateways, type Gateways } from '../payments/gateways.ts';
import { type Answer, failed, type Surroundings } from './command.ts';

export interface Session {
  readonly config: Config;
  /** The embedded database's directory, or null with DATABASE_URL. */
  readonly dataDir: string | null;
  readonly db: Database;
  readonly vault: Vault;
  readonly http: GatewayHttp;
  readonly gateways: Gateways;
}

type Work = (session: Session) => Promise<Answer>;

/** Opens the database as it is, for a command that asks what state it is in. */
export async function withDatabase(around: Surroundings, work: Work): Promise<Answer> {
  const reading = readConfig(around.env, 'operate');
  if (reading.kind === 'faults') return failed(...reading.lines);
  const { config } = reading;
  try {
    const dataDir = config.databaseUrl === null ? embeddedDir(config) : null;
    const key = await findKey(config, dataDir, around);
    if (key.kind === 'fault') return failed(key.line);
    return await connected(config, dataDir, async (db) => {
      const vault = createVault([key.key], around.random);
      const http = createGatewayHttp({ fetch: around.fetch, log: silentLog, clock: around.clock });
      const gateways = createGateways({ vault, http, clock: around.clock });
      return work({ config, dataDir, db, vault, http, gateways });
    });
  } catch (cause) {
    const line = faultLine(cause);
    if (line === null) throw cause;
    return failed(line);
  }
}

/** Opens a database that this version can work on: an empty one is made ready, an older one is for `migrate`. */
export async function withSession(around: Surroundings, work: Work): Promise<Answer> {
  return withDatabase(around, async (session) => {
    const state = await migrationState(session.db);
    if (state.pending.length > 0 && state.applied.length > 0)
      return failed('The database is older than this program: run migrate, or start the program once.');
    if (state.pending.length > 0) await migrateToLatest(session.db);
    await proveKey(session.db, session.vault);
    return work(session);
  });
}

async function connected(
  config: Config,
  dataDir: string | null,
  work: (db: Database) => Promise<Answer>,
): Promise<Answer> {
  const server =
    dataDir === null
      ? { url: config.databaseUrl ?? '', close: async () => undefined }
      : await connectEmbedded({ dataDir, log: silentLog });
  try {
    const opened = openDatabase({ connection: server.url, log: silentLog, max: 2 });
    try {
      return await work(opened.db);
    } finally {
      await opened.close();
    }
  } finally {
    await server.close();
  }
}

/** The playground keeps its own directory; a command without any chat credential is about that one, once it is there. */
function embeddedDir(config: Config): string {
  const playground = path.join(config.dataDir, 'playground');
  return config.mode === 'playground' && existsSync(playground) ? playground : config.dataDir;
}

async function findKey(config: Config, dataDir: string | null, around: Surroundings) {
  if (config.masterKey !== null) return { kind: 'key', key: config.masterKey } as const;
  return readOrCreateMasterKey(dataDir ?? config.dataDir, around.random);
}

/** null: a fault of the program, not of what surrounds it. */
export function faultLine(cause: unknown): string | null {
  if (cause instanceof DatabaseFault) return cause.message;
  if (isDatabaseDown(cause))
    return 'The database is not reachable: is it running, and is DATABASE_URL right?';
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return refusedByServer.test(code)
    ? `The database refused us (${code}): see that DATABASE_URL is right.`
    : null;
}

/** PostgreSQL's classes of a wrong user or password, and of a database that is not there. */
const refusedByServer = /^(28|3D)...$/;
