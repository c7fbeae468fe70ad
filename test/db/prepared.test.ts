/** Protects the work at hand from the memory of its connection: a plan that no longer fits is given up with it. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isDatabaseDown, type OpenDatabase, openDatabase } from '../../src/db/open.ts';
import { silentLog } from '../../src/ops/log.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let server: TestDatabase;
let database: OpenDatabase;

beforeAll(async () => {
  server = await openTestDatabase();
  database = openDatabase({ connection: server.connection, log: silentLog, max: 1 });
});
afterAll(async () => {
  await database.close();
  await server.close();
});

const ask = (value: number) => sql<{ n: number }>`select ${value}::int as n`.execute(database.db);

async function prepared(like: string): Promise<number> {
  const { rows } = await sql<{ n: bigint }>`
    select count(*) as n from pg_prepared_statements where statement like ${like}`.execute(database.db);
  return Number(rows[0]?.n);
}

test('a statement that comes again is prepared, inside of transactions too, one that comes once is not', async () => {
  await ask(1);
  expect(await prepared('select $1::int as n')).toBe(0);
  await ask(2);
  expect((await ask(3)).rows).toEqual([{ n: 3 }]);
  expect(await prepared('select $1::int as n')).toBe(1);
  await database.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ n: number }>`select ${4}::int as n`.execute(tx);
    expect(rows).toEqual([{ n: 4 }]);
  });
  expect(await prepared('select $1::int as n')).toBe(1);
});

test('texts without end leave a bounded memory in the connection', async () => {
  for (let text = 0; text < 400; text++)
    for (let times = 0; times < 3; times++)
      await sql`select ${1}::int as ${sql.id(`n${text}`)}`.execute(database.db);
  expect(await prepared('select $1::int as "n%')).toBeLessThan(300);
});

test('after a migration the next try succeeds: the first one says that the database was away', async () => {
  const { db, close } = openDatabase({ connection: server.connection, log: silentLog, max: 1 });
  await sql`create table shelf (id int)`.execute(db);
  const look = () => sql`select * from shelf where id > ${0}`.execute(db);
  for (let times = 0; times < 4; times++) await look();
  await sql`alter table shelf add column name text`.execute(db);
  const failure = await look().catch((err: unknown) => err);
  expect(failure).toMatchObject({ code: '0A000' });
  expect(isDatabaseDown(failure)).toBe(true);
  expect((await look()).rows).toEqual([]);
  await close();
});
