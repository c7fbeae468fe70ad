/** The pool and Kysely over it. It outlives its server: what fails meanwhile is told apart by `isDatabaseDown`. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from '../ops/log.ts';
import { isStalePlan, preparing } from './prepared.ts';
import type { Database, DB } from './tables.ts';

export interface OpenDatabase {
  readonly db: Database;
  readonly pool: pg.Pool;
  /** Waits for what is running, then closes every connection. */
  close(): Promise<void>;
}

export interface OpenDatabaseOptions {
  /** A connection URL; never logged, since it carries a password. */
  readonly connection: string;
  readonly log: Logger;
  /** The most connections at once. */
  readonly max?: number;
}

/** No statement of the path takes a second; what takes longer is stuck, and would hold the locks of others. */
export const sessionLimits =
  "set statement_timeout = '30s'; set lock_timeout = '15s'; set idle_in_transaction_session_timeout = '30s'";

/** Connections that end at the server itself, and not at a pooler that lends sessions. */
type Direct = WeakSet<pg.ClientBase>;

export function openDatabase(options: OpenDatabaseOptions): OpenDatabase {
  const direct: Direct = new WeakSet();
  const pool = new pg.Pool({
    connectionString: options.connection,
    application_name: 'malipo',
    max: options.max ?? 10,
    types: { getTypeParser },
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    onConnect: (client: pg.ClientBase) => greet(client, direct),
  });
  // Without a listener an idle connection that breaks ends the process.
  // pg-pool hangs the whole client on the error, so only its message is logged.
  pool.on('error', (err) => options.log.warn({ reason: err.message }, 'a database connection was lost'));
  // The pool listens to idle connections only: one that breaks inside a transaction, between two statements, would too.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const prepared = preparing(pool, (client) => direct.has(client));
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool: prepared }) });
  return { db, pool, close: () => db.destroy() };
}

/**
 * The limits are set by a statement, since a pooler such as PgBouncer refuses them as start parameters. A pooler also tells a
 * process id of its own at the start, not that of the server process that answers.
 */
async function greet(client: pg.ClientBase, direct: Direct): Promise<void> {
  await client.query(sessionLimits);
  const { rows } = await client.query('select pg_backend_pid() as pid');
  if (rows[0]?.pid === (client as { processID?: number }).processID) direct.add(client);
}

const int8 = 20;
const date = 1082;

/** Only for this pool: cents and ids are bigint, a calendar day stays text; timestamptz is a Date by default. */
function getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
  if (format !== 'binary') {
    if (oid === int8) return BigInt;
    if (oid === date) return String;
  }
  return pg.types.getTypeParser(oid, format as 'text');
}

/** Class 08 is connection exceptions; 57P0x is a server that stops or starts; 53300 has no connection left. */
const downStates = /^(08...|57P0[1235]|53300)$/;
const downCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** pg and pg-pool give these no code. */
const downMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

/**
 * True where the same work may succeed once the database answers again; HTTP answers 503. For errors of `db/` calls only:
 * a gateway that refuses a connection carries the same codes.
 */
export function isDatabaseDown(err: unknown): boolean {
  if (!(err instanceof Error)) return false;
  const code = (err as { code?: unknown }).code;
  if (isStalePlan(err)) return true;
  if (typeof code === 'string' && (downStates.test(code) || (downCodes.has(code) && isOfSocket(err))))
    return true;
  if (downMessages.test(err.message)) return true;
  if (err instanceof AggregateError && err.errors.some(isDatabaseDown)) return true;
  return err.cause !== undefined && isDatabaseDown(err.cause);
}

/** ENOENT of a socket is a server that is away; ENOENT of a file is something else. */
function isOfSocket(err: Error): boolean {
  return 'syscall' in err && ['connect', 'read', 'write', 'getaddrinfo'].includes(String(err.syscall));
}
