/**
 * Who uses the embedded server, kept as advisory locks of a connection: they end with the process, so none is ever
 * stale, and no process number has to be believed.
 */
import pg from 'pg';

/**
 * `hold`: the one program that serves from this directory. `use`: shared by operator commands at work.
 * `leave`: taken by an operator command that ends, so that the last of several knows that it is the last.
 */
export type SessionLock = 'hold' | 'use' | 'leave';

const lockFamily = 0x6d_61_6c_69;
const lockNumber = { hold: 1, use: 2, leave: 3 } satisfies Record<SessionLock, number>;

export interface Session {
  /** Resolves when the connection is gone, for whatever reason. */
  readonly ended: Promise<void>;
  tryLock(lock: SessionLock): Promise<boolean>;
  /** Waits; false where it was not given within `withinMs` (at least a millisecond). */
  lock(lock: SessionLock, withinMs: number): Promise<boolean>;
  share(lock: SessionLock): Promise<void>;
  unshare(lock: SessionLock): Promise<void>;
  /** The process that holds it, where it can be told. */
  holder(lock: SessionLock): Promise<string | undefined>;
  end(): Promise<void>;
}

export async function openSession(url: string): Promise<Session> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `malipo process ${process.pid}`,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  });
  const ended = new Promise<void>((resolve) => {
    client.once('end', resolve);
  });
  client.on('error', () => undefined);
  await client.connect();
  return {
    ended,
    tryLock: async (lock) => await ask(client, `pg_try_advisory_lock${keyOf(lock)}`),
    lock: async (lock, withinMs) => await waitFor(client, lock, withinMs),
    share: async (lock) => void (await ask(client, `pg_advisory_lock_shared${keyOf(lock)} is null`)),
    unshare: async (lock) => void (await ask(client, `pg_advisory_unlock_shared${keyOf(lock)}`)),
    holder: async (lock) => await holderOf(client, lock),
    end: async () => await client.end().catch(() => undefined),
  };
}

const keyOf = (lock: SessionLock): string => `(${lockFamily}, ${lockNumber[lock]})`;

async function ask(client: pg.Client, expression: string): Promise<boolean> {
  const { rows } = await client.query<{ yes: boolean }>(`select ${expression} as yes`);
  return rows[0]?.yes === true;
}

async function waitFor(client: pg.Client, lock: SessionLock, withinMs: number): Promise<boolean> {
  await client.query(`set lock_timeout = ${Math.max(1, Math.ceil(withinMs))}`);
  try {
    await ask(client, `pg_advisory_lock${keyOf(lock)} is null`);
    return true;
  } catch (err) {
    if ((err as { code?: string }).code === '55P03') return false;
    throw err;
  } finally {
    await client.query('set lock_timeout = 0').catch(() => undefined);
  }
}

async function holderOf(client: pg.Client, lock: SessionLock): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `select application_name as name from pg_stat_activity join pg_locks using (pid)
     where locktype = 'advisory' and granted and classid = $1 and objid = $2`,
    [lockFamily, lockNumber[lock]],
  );
  return rows[0]?.name.match(/process \d+/)?.[0];
}
