/** Protects what was acknowledged: stored once, sealed, and with ids that follow the order of commits within a chat. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createInbox, type Inbox, replaceBody } from '../../src/inbox/store.ts';
import { createTestClock } from '../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { item } from './items.ts';

let database: TestDatabase;
let inbox: Inbox;

beforeAll(async () => {
  database = await openTestDatabase({ max: 12 });
  inbox = createInbox({ db: database.db, vault: database.vault, clock: createTestClock() });
});
afterAll(() => database.close());
beforeEach(() => sql`truncate inbox`.execute(database.db));

async function keys(): Promise<string[]> {
  const rows = await database.db.selectFrom('inbox').select('key').orderBy('id').execute();
  return rows.map((row) => row.key);
}

describe('store', () => {
  test('a second delivery is a duplicate, with a lane and without', async () => {
    expect(await inbox.store(item('1'))).toBe('stored');
    expect(await inbox.store(item('1', 'telegram:1', 'another body'))).toBe('duplicate');
    expect(await inbox.store(item('2', null))).toBe('stored');
    expect(await inbox.store(item('2', null))).toBe('duplicate');
    expect(await keys()).toEqual(['1', '2']);
  });

  test('the same key of another source is another thing', async () => {
    await inbox.store(item('1'));
    expect(await inbox.store({ ...item('1'), source: 'whatsapp', lane: 'whatsapp:1' })).toBe('stored');
  });

  test('of many deliveries at once, one is stored', async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => inbox.store(item('1'))));
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
  });

  test('the body lies sealed, under the name of its row', async () => {
    await inbox.store(item('1', null, '{"phone":"254712345678"}'));
    const row = await database.db.selectFrom('inbox').select('body_sealed').executeTakeFirstOrThrow();
    expect(row.body_sealed.includes('254712345678')).toBe(false);
    expect(database.vault.open(row.body_sealed, 'inbox:telegram:1')).toBe('{"phone":"254712345678"}');
    expect(() => database.vault.open(row.body_sealed, 'inbox:telegram:2')).toThrow();
  });

  test('a body can be replaced', async () => {
    await inbox.store(item('1', null, '1234'));
    const { id } = await database.db.selectFrom('inbox').select('id').executeTakeFirstOrThrow();
    await database.db
      .transaction()
      .execute((tx) => replaceBody(tx, database.vault, { id, source: 'telegram', key: '1' }, '••••'));
    const row = await database.db.selectFrom('inbox').select('body_sealed').executeTakeFirstOrThrow();
    expect(database.vault.open(row.body_sealed, 'inbox:telegram:1')).toBe('••••');
  });
});

describe('order within a lane', () => {
  test('no row becomes visible behind one that was visible before', async () => {
    const total = 200;
    let stored = 0;
    const storing = Promise.all(
      Array.from({ length: 8 }, async (_, worker) => {
        for (let n = 0; n < total / 8; n++) {
          const key = `${worker}-${n}`;
          if (n % 3 === 0) await inbox.storeMany([item(`${key}a`), item(`${key}b`, 'telegram:2'), item(key)]);
          else await inbox.store(item(key));
          stored += 1;
        }
      }),
    );
    const seen = new Set<bigint>();
    let newest = 0n;
    let late = 0;
    while (stored < total) {
      const rows = await database.db
        .selectFrom('inbox')
        .select('id')
        .where('lane', '=', 'telegram:1')
        .orderBy('id')
        .execute();
      const fresh = rows.filter((row) => !seen.has(row.id));
      late += fresh.filter((row) => row.id < newest).length;
      for (const row of fresh) seen.add(row.id);
      newest = rows.at(-1)?.id ?? newest;
    }
    await storing;
    expect(late).toBe(0);
    expect(seen.size).toBeGreaterThan(1);
  });

  test('an id is given only once the lane is free', async () => {
    const before = await lastId();
    let storing: Promise<unknown> = Promise.resolve();
    await database.db.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended('telegram:1', 0))`.execute(tx);
      storing = inbox.store(item('1'));
      await waitingForLock();
      expect(await lastId()).toBe(before);
    });
    await storing;
    expect(await lastId()).toBe(before + 1n);
  });

  async function lastId(): Promise<bigint> {
    const { rows } = await sql<{ last: bigint }>`
      select last_value as last from ${sql.raw("pg_sequences where sequencename = 'inbox_id_seq'")}`.execute(
      database.db,
    );
    return rows[0]?.last ?? 0n;
  }

  async function waitingForLock(): Promise<void> {
    for (;;) {
      const { rows } = await sql`
        select 1 from pg_locks where locktype = 'advisory' and not granted
          and database = (select oid from pg_database where datname = current_database())`.execute(
        database.db,
      );
      if (rows.length > 0) return;
    }
  }
});

describe('storeMany', () => {
  test('keeps the order, counts what is new, and meets duplicates inside and outside the batch', async () => {
    await inbox.store(item('2'));
    expect(await inbox.storeMany([item('1'), item('2'), item('3', 'telegram:2'), item('3', null)])).toBe(2);
    expect(await keys()).toEqual(['2', '1', '3']);
    expect(await inbox.storeMany([])).toBe(0);
  });

  test('is all or nothing', async () => {
    const lost = { ...item('2'), accountId: '00000000-0000-7000-8000-000000000000' as never };
    await expect(inbox.storeMany([item('1'), lost])).rejects.toThrow(/foreign key/);
    expect(await keys()).toEqual([]);
  });

  test('batches over the same lanes in opposite order do not wait for each other for ever', async () => {
    const lanes = Array.from({ length: 20 }, (_, n) => `telegram:${n}`);
    await Promise.all(
      Array.from({ length: 8 }, (_, batch) => {
        const order = batch % 2 === 0 ? lanes : [...lanes].reverse();
        return inbox.storeMany(order.map((lane) => item(`${batch} ${lane}`, lane)));
      }),
    );
    expect(await keys()).toHaveLength(160);
  });
});
