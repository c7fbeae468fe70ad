/** Protects the process from its database: a restart of the server is an error of the work at hand, never the end. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedDatabase, openEmbedded } from '../../src/db/embedded.ts';
import { isAlive } from '../../src/db/embedded-pid.ts';
import { isDatabaseDown, type OpenDatabase, openDatabase } from '../../src/db/open.ts';
import { silentLog } from '../../src/ops/log.ts';
import { scratch } from '../support/scratch.ts';

let dataDir: string;
let server: EmbeddedDatabase;
let database: OpenDatabase;

beforeAll(async () => {
  dataDir = await mkdtemp(join(scratch, 'malipo-pool-'));
  server = await openEmbedded({ dataDir, log: silentLog, fsync: false });
  database = openDatabase({ connection: server.url, log: silentLog, max: 3 });
});
afterAll(async () => {
  await database.close();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function one(): Promise<number | undefined> {
  const { rows } = await sql<{ one: number }>`select 1 as one`.execute(database.db);
  return rows[0]?.one;
}

/** Waits for a process that is not ours, of which no event tells. */
async function end(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(5);
}

/** Asks until the database answers; every refusal on the way must be told as "down". */
async function askUntilBack(): Promise<unknown[]> {
  const refusals: unknown[] = [];
  for (;;) {
    try {
      await one();
      return refusals;
    } catch (err) {
      refusals.push(err);
      if (!isDatabaseDown(err)) throw err;
    }
  }
}

test.each(['SIGKILL', 'SIGINT'] as const)('the pool survives a server that goes by %s', async (signal) => {
  await Promise.all([one(), one(), one()]);
  const text = await readFile(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8');
  const inTransaction = database.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
    process.kill(Number(text.split('\n')[0]), signal);
    // Between two statements of a transaction the connection breaks while nobody waits on it.
    await end(rows[0]?.pid ?? 0);
    await sql`select 1`.execute(tx);
  });
  const failure = await inTransaction.catch((err: unknown) => err);
  expect(failure).toBeInstanceOf(Error);
  expect(isDatabaseDown(failure)).toBe(true);
  expect((await askUntilBack()).length).toBeGreaterThan(0);
  expect(await one()).toBe(1);
});

test('a statement that fails is not a database that is down', async () => {
  const failure = await sql`select * from nowhere`.execute(database.db).catch((err: unknown) => err);
  expect(failure).toMatchObject({ code: '42P01' });
  expect(isDatabaseDown(failure)).toBe(false);
});

test('a server that is not there, on a socket and on loopback, is down', async () => {
  for (const connection of ['postgres://a:b@%2Fnonexistent/x', 'postgres://a:b@127.0.0.1:1/x']) {
    const absent = openDatabase({ connection, log: silentLog });
    const failure = await sql`select 1`.execute(absent.db).catch((err: unknown) => err);
    expect(isDatabaseDown(failure)).toBe(true);
    await absent.close();
  }
});

test.each([
  ['a missing file', () => readFile('/nonexistent')],
  ['a plain error', () => Promise.reject(new Error('no'))],
])('%s is not a database that is down', async (_, fail) => {
  const failure = await fail().catch((err: unknown) => err);
  expect(failure).toBeInstanceOf(Error);
  expect(isDatabaseDown(failure)).toBe(false);
});

test('cents and ids are bigint, instants are dates, days are text', async () => {
  const { rows } = await sql`
    select 9007199254740993::bigint as cents, '2026-11-21T11:31:00Z'::timestamptz as at, '2026-11-21'::date as day,
      7::int as small, '\\x00ff'::bytea as bytes`.execute(database.db);
  expect(rows).toEqual([
    {
      cents: 9007199254740993n,
      at: new Date('2026-11-21T11:31:00Z'),
      day: '2026-11-21',
      small: 7,
      bytes: Buffer.from([0, 255]),
    },
  ]);
});

test('no statement holds the others up for ever', async () => {
  const { rows } = await sql<{ statement: string; lock: string; idle: string }>`
    select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
      current_setting('idle_in_transaction_session_timeout') as idle`.execute(database.db);
  expect(rows).toEqual([{ statement: '30s', lock: '15s', idle: '30s' }]);
});
