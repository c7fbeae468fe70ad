/** Protects the operator at the start: what is wrong is one line each on stderr and exit status 1, with nothing started. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { startProgram } from './program.ts';
import { environmentOf, freePort, openShop, type Shop } from './shop.ts';

let database: TestDatabase;
let shop: Shop;
let right: Readonly<Record<string, string>>;

beforeAll(async () => {
  database = await openTestDatabase();
  shop = await openShop({ people: 1, phones: 1 });
  right = environmentOf({
    connection: database.connection,
    masterKey: database.masterKey,
    telegramUrl: shop.telegram.url,
    port: await freePort(),
  });
});
afterAll(async () => {
  await shop?.close();
  await database?.close();
});

async function faultsOf(environment: Readonly<Record<string, string>>): Promise<string[]> {
  const program = startProgram(environment);
  expect(await program.exited()).toEqual({ code: 1, signal: null });
  expect(program.log()).toEqual([]);
  return program.stderr().trimEnd().split('\n');
}

// A start takes as long as the machine lets it.
const startLimit = { timeout: 120_000 };

test('every wrong variable has its line', startLimit, async () => {
  const faults = await faultsOf({ ...right, PORT: 'http', MASTER_KEY: 'short', LOG_LEVEL: 'loud' });
  expect(faults.map((line) => line.split(':')[0]).toSorted()).toEqual(['LOG_LEVEL', 'MASTER_KEY', 'PORT']);
});

test('a server that lost its token does not become a playground', startLimit, async () => {
  const { TELEGRAM_BOT_TOKEN: _, ...lost } = right;
  const faults = await faultsOf(lost);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(/^TELEGRAM_BOT_TOKEN: expected/);
});

test('the key of another database', startLimit, async () => {
  const first = startProgram(right);
  await first.listening();
  await first.terminate();
  const faults = await faultsOf({ ...right, MASTER_KEY: randomBytes(32).toString('base64') });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(/^MASTER_KEY is not the key that this database was written under/);
});

test('a database that is not there', startLimit, async () => {
  const away = await faultsOf({ ...right, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
  expect(away).toEqual([expect.stringMatching(/^DATABASE_URL/)]);
});

test('a port that is taken', startLimit, async () => {
  const taken = await faultsOf({ ...right, PORT: new URL(shop.telegram.url).port });
  expect(taken).toEqual([expect.stringMatching(/^PORT: .* is taken/)]);
});
