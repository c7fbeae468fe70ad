/** Protects that what was stored is handled: in order within a chat, once, again after a failure, and never for ever. */
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isDatabaseDown } from '../../src/db/open.ts';
import type { Tx } from '../../src/db/tables.ts';
import { createInboxWorker, type InboxRow, type InboxWorkerOptions } from '../../src/inbox/claim.ts';
import { createInbox } from '../../src/inbox/store.ts';
import { silentLog } from '../../src/ops/log.ts';
import { createTestClock, createTestRandom } from '../support/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { item } from './items.ts';

let database: TestDatabase;
const clock = createTestClock();

beforeAll(async () => {
  database = await openTestDatabase({ max: 12 });
});
afterAll(() => database.close());
beforeEach(async () => {
  await sql`truncate inbox`.execute(database.db);
  await sql`create table if not exists handled (n bigint generated always as identity, key text, lane text)`.execute(
    database.db,
  );
  await sql`truncate handled`.execute(database.db);
});

const inbox = () => createInbox({ db: database.db, vault: database.vault, clock });

function worker(over: Partial<InboxWorkerOptions> = {}) {
  return createInboxWorker({
    db: database.db,
    vault: database.vault,
    clock,
    source: 'telegram',
    log: silentLog,
    maxTries: 5,
    handle: note,
    buried: async () => undefined,
    ...over,
  });
}

async function note(tx: Tx, row: InboxRow): Promise<void> {
  await sql`insert into handled (key, lane) values (${row.key}, ${row.lane})`.execute(tx);
}

async function handled(): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`select key from handled order by n`.execute(database.db);
  return rows.map((row) => row.key);
}

async function rowOf(key: string) {
  return await database.db.selectFrom('inbox').selectAll().where('key', '=', key).executeTakeFirstOrThrow();
}

async function drain(run: { runOnce(): Promise<boolean> }): Promise<void> {
  while (await run.runOnce());
}

describe('a row', () => {
  test('is handled once, in one transaction with its being done', async () => {
    await inbox().store(item('1', 'telegram:1', 'hello'));
    const bodies: string[] = [];
    let commits = 0;
    const run = worker({
      handle: async (tx, row) => {
        bodies.push(row.body);
        await note(tx, row);
      },
      afterCommit: () => {
        commits += 1;
      },
    });
    expect(await run.runOnce()).toBe(true);
    expect(await run.runOnce()).toBe(false);
    expect(bodies).toEqual(['hello']);
    expect(commits).toBe(1);
    expect(await rowOf('1')).toMatchObject({ state: 'done', handled_at: clock.now() });
  });

  test('of another source is left alone', async () => {
    await inbox().store({ ...item('1', null), source: 'gateway' });
    expect(await worker().runOnce()).toBe(false);
  });

  test('is done only if its effects are', async () => {
    await inbox().store(item('1'));
    const failing = worker({
      handle: async (tx, row) => {
        await note(tx, row);
        throw new Error('after the effect');
      },
    });
    expect(await failing.runOnce()).toBe(true);
    expect(await handled()).toEqual([]);
    expect(await rowOf('1')).toMatchObject({ state: 'pending', tries: 1, error: 'after the effect' });
  });

  test('whose transaction was broken by a swallowed database error is not done', async () => {
    await inbox().store(item('1'));
    const failing = worker({
      handle: async (tx) => {
        await sql`select 1/0`.execute(tx).catch(() => undefined);
      },
    });
    await failing.runOnce();
    expect(await rowOf('1')).toMatchObject({ state: 'pending', tries: 1 });
  });
});

describe('a failure', () => {
  const failing = () =>
    worker({
      handle: async () => {
        throw new Error('no 254712345678 here\nsecond line');
      },
    });

  test('is tried again after 1 s, 5 s, 30 s and 2 min, and no sooner', async () => {
    await inbox().store(item('1'));
    for (const seconds of [1, 5, 30, 120]) {
      expect(await failing().runOnce()).toBe(true);
      clock.advance(seconds - 0.001);
      expect(await failing().runOnce()).toBe(false);
      clock.advance(0.001);
    }
    expect(await failing().runOnce()).toBe(true);
    expect(await rowOf('1')).toMatchObject({ state: 'dead', tries: 5 });
  });

  test('keeps its sentence without the phone in it', async () => {
    await inbox().store(item('1'));
    await failing().runOnce();
    expect((await rowOf('1')).error).toBe('no … here');
  });

  test('holds back its lane until it is over, and no other lane', async () => {
    await inbox().storeMany([item('1'), item('2'), item('3', 'telegram:2'), item('4', null)]);
    const failsFirst = worker({
      handle: async (tx, row) => {
        if (row.key === '1' && (await rowOf('1')).tries === 0) throw new Error('once');
        await note(tx, row);
      },
    });
    await drain(failsFirst);
    expect(await handled()).toEqual(['3', '4']);
    clock.advance(1);
    await drain(failsFirst);
    expect(await handled()).toEqual(['3', '4', '1', '2']);
  });
});

describe('a dead row', () => {
  const dying = (buried: InboxWorkerOptions['buried']) =>
    worker({
      maxTries: 1,
      handle: async (tx, row) => {
        if (row.key === '1') throw new Error('never');
        await note(tx, row);
      },
      buried,
    });

  test('is told of in the transaction that buries it, and frees its lane', async () => {
    await inbox().storeMany([item('1'), item('2')]);
    await drain(dying(async (tx, row, err) => note(tx, { ...row, key: `${row.body}: ${err}` })));
    expect(await handled()).toEqual(['body of 1: Error: never', '2']);
    expect(await rowOf('1')).toMatchObject({ state: 'dead', error: 'never' });
  });

  test('is dead also where telling fails', async () => {
    await inbox().storeMany([item('1'), item('2')]);
    await drain(
      dying(async (tx, row) => {
        await note(tx, row);
        throw new Error('cannot tell');
      }),
    );
    expect(await handled()).toEqual(['2']);
    expect(await rowOf('1')).toMatchObject({ state: 'dead', tries: 1 });
  });

  test('may be one whose body does not open', async () => {
    await inbox().store(item('1'));
    await database.db
      .updateTable('inbox')
      .set({ body_sealed: Buffer.from('altered') })
      .execute();
    const bodies: string[] = [];
    await drain(
      dying(async (_tx, row) => {
        bodies.push(row.body);
      }),
    );
    expect(bodies).toEqual(['']);
    expect(await rowOf('1')).toMatchObject({ state: 'dead' });
  });
});

describe('a crash', () => {
  test('of the connection in mid turn gives the row back, without counting a try', async () => {
    await inbox().storeMany([item('1'), item('2')]);
    const killed = worker({
      handle: async (tx, row) => {
        await note(tx, row);
        const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
        await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(database.db);
        await note(tx, row);
      },
    });
    const err = await killed.runOnce().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(isDatabaseDown(err)).toBe(true);
    expect(await rowOf('1')).toMatchObject({ state: 'pending', tries: 0 });
    await drain(worker());
    expect(await handled()).toEqual(['1', '2']);
  });

  test('while a row is held, another worker takes neither it nor what is behind it', async () => {
    await inbox().storeMany([item('1'), item('2'), item('3', 'telegram:2')]);
    const during: string[] = [];
    const outer = worker({
      handle: async (tx, row) => {
        await drain(worker());
        during.push(...(await handled()));
        await note(tx, row);
      },
    });
    await outer.runOnce();
    expect(during).toEqual(['3']);
    await drain(worker());
    expect(await handled()).toEqual(['3', '1', '2']);
  });
});

describe('many workers', () => {
  test.each([1, 2, 3])('keep the order of every lane under random failures (seed %i)', async (seed) => {
    const random = createTestRandom(`order ${seed}`);
    const chance = (percent: number): boolean => random.bytes(1).readUInt8(0) < (percent / 100) * 256;
    const lanes = ['telegram:1', 'telegram:2', 'telegram:3', null];
    const items = Array.from({ length: 120 }, (_, n) => {
      const lane = lanes[random.bytes(1).readUInt8(0) % lanes.length] ?? null;
      return item(String(n), lane);
    });
    await inbox().storeMany(items);
    const inside = new Map<string, number>();
    let overlaps = 0;
    const four = Array.from({ length: 4 }, () =>
      worker({
        maxTries: 1000,
        handle: async (tx, row) => {
          const lane = row.lane ?? `none ${row.key}`;
          inside.set(lane, (inside.get(lane) ?? 0) + 1);
          if ((inside.get(lane) ?? 0) > 1) overlaps += 1;
          try {
            await note(tx, row);
            if (chance(30)) throw new Error('bad luck');
          } finally {
            inside.set(lane, (inside.get(lane) ?? 0) - 1);
          }
        },
      }),
    );
    for (let round = 0; (await pending()) > 0 && round < 1000; round++) {
      await Promise.all(four.map((one) => drain(one)));
      clock.advance(120);
    }
    const order = await handled();
    expect(overlaps).toBe(0);
    expect(order).toHaveLength(120);
    for (const lane of lanes.filter((one) => one !== null)) {
      const expected = items.filter((one) => one.lane === lane).map((one) => one.key);
      expect(order.filter((key) => expected.includes(key))).toEqual(expected);
    }
  });

  async function pending(): Promise<number> {
    const rows = await database.db.selectFrom('inbox').select('id').where('state', '=', 'pending').execute();
    return rows.length;
  }
});
