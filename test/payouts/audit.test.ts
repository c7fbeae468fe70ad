/** Protects the audit log: what was written stays as it was, and whoever touches it is found out. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { Tx } from '../../src/db/tables.ts';
import type { BusinessId, IdentityId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { audit, auditLock } from '../../src/ops/audit.ts';
import { addBusiness } from '../../src/payments/businesses.ts';
import { canonical, closeAudit, createAuditCloser, newestBatch } from '../../src/payouts/audit-chain.ts';
import { verifyAudit } from '../../src/payouts/audit-verify.ts';
import { createManualScheduler } from '../../src/sandbox/scheduler.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
const clock = createManualScheduler();
let businessId: BusinessId;
let owner: IdentityId;
let shops = 0;

beforeAll(async () => {
  database = await openTestDatabase({ max: 8 });
});
afterAll(() => database.close());

async function openShop(): Promise<{ businessId: BusinessId; identityId: IdentityId }> {
  shops += 1;
  const added = {
    name: `Shop ${shops}`,
    owner: { channel: 'telegram', externalId: String(shops) },
    locale: 'en',
  } as const;
  return inTx((tx) => addBusiness(tx, { vault: database.vault, clock, random: systemRandom }, added));
}

beforeEach(async () => {
  ({ businessId, identityId: owner } = await openShop());
});

const inTx = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => database.db.transaction().execute(work);
const write = (tx: Tx, n: number, shop = businessId): Promise<bigint> =>
  audit(tx, clock.now(), shop, n % 3 === 0 ? null : owner, 'payout_asked', { n, payout: `p${n}` });
const close = (shop = businessId) => inTx((tx) => closeAudit(tx, { clock }, shop));
const faultOf = async (shop = businessId) => (await verifyAudit(database.db, shop)).fault;

async function writeMany(count: number): Promise<bigint[]> {
  const ids: bigint[] = [];
  for (let n = 0; n < count; n++) ids.push(await inTx((tx) => write(tx, n)));
  return ids;
}

/** As somebody with the keys of the database would. */
async function behindItsBack(change: (tx: Tx) => Promise<unknown>): Promise<void> {
  await inTx(async (tx) => {
    await sql`set local session_replication_role = replica`.execute(tx);
    await change(tx);
  });
}

test('canonical JSON has one text for one value', () => {
  expect(canonical({ b: [1, { d: null, c: 'x"' }], a: 2n })).toBe('{"a":"2","b":[1,{"c":"x\\"","d":null}]}');
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(canonical(turned)).toBe(canonical(value));
      // `-0` is no value of JSON.
      expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

describe('closing', () => {
  it('chains what stands open, batch after batch', async () => {
    expect(await close()).toBe('nothing');
    await writeMany(3);
    expect(await close()).toBe('closed');
    const first = await newestBatch(database.db, businessId);
    await writeMany(2);
    await close();
    const second = await newestBatch(database.db, businessId);
    expect([first?.entries, second?.entries, second?.number]).toEqual([3, 2, 2]);
    expect(second?.previous).toEqual(first?.head);
    await writeMany(1);
    expect(await verifyAudit(database.db, businessId)).toEqual({
      batches: 2,
      entries: 5,
      head: second?.head.toString('hex'),
      open: 1,
      fault: null,
    });
  });

  it('leaves nothing behind an open transaction: an entry that is committed late is in a later batch', async () => {
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const late = inTx(async (tx) => {
      const id = await write(tx, 1);
      begun.resolve();
      await end.promise;
      return id;
    });
    await begun.promise;
    const early = await inTx((tx) => write(tx, 2));
    expect(await close()).toBe('busy');
    expect(await newestBatch(database.db, businessId)).toBeUndefined();
    end.resolve();
    const lateId = await late;
    expect(lateId).toBeLessThan(early);
    expect(await close()).toBe('closed');
    expect(await newestBatch(database.db, businessId)).toMatchObject({
      first_id: lateId,
      last_id: early,
      entries: 2,
    });
    expect(await faultOf()).toBeNull();
  });

  it('gives an entry that waited for the log an id of after its wait', async () => {
    const other = await openShop();
    const held = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    const closer = inTx(async (tx) => {
      await sql`select pg_advisory_xact_lock(${auditLock(businessId)})`.execute(tx);
      held.resolve();
      await end.promise;
    });
    await held.promise;
    const late = inTx((tx) => write(tx, 1));
    await expect
      .poll(async () => {
        const waiting = sql`
          select from pg_locks join pg_database d on d.oid = database
          where locktype = 'advisory' and not granted and datname = current_database()`;
        return (await waiting.execute(database.db)).rows.length;
      })
      .toBe(1);
    const early = await inTx((tx) => write(tx, 2, other.businessId));
    end.resolve();
    await closer;
    expect(await late).toBeGreaterThan(early);
  });

  it('waits for nobody who holds the business, and holds up no other business', async () => {
    const other = await openShop();
    await writeMany(1);
    await inTx((tx) => write(tx, 1, other.businessId));
    await inTx(async (tx) => {
      await tx
        .selectFrom('business')
        .select('id')
        .where('id', '=', businessId)
        .forUpdate()
        .executeTakeFirst();
      expect(await close()).toBe('busy');
      expect(await close(other.businessId)).toBe('closed');
    });
  });

  it('two processes at once close each entry once', async () => {
    for (let round = 0; round < 10; round++) {
      await writeMany(3);
      await Promise.all([close(), close(), inTx((tx) => write(tx, round)), close()]);
    }
    await close();
    const verdict = await verifyAudit(database.db, businessId);
    expect(verdict).toMatchObject({ entries: 40, open: 0, fault: null });
  });

  it('comes by itself after a minute, or with many entries', async () => {
    const closer = createAuditCloser({ db: database.db, clock });
    clock.advance(60_000);
    while (await closer.runOnce());
    await writeMany(2);
    expect(await closer.runOnce()).toBe(false);
    clock.advance(60_000);
    expect(await closer.runOnce()).toBe(true);
    expect(await closer.runOnce()).toBe(false);
    await inTx(async (tx) => {
      for (let n = 0; n < 100; n++) await write(tx, n);
    });
    expect(await closer.runOnce()).toBe(true);
    expect(await verifyAudit(database.db, businessId)).toMatchObject({ entries: 102, batches: 2, open: 0 });
  });
});

describe('tampering', () => {
  const entry = (change: string) => async (tx: Tx, id: bigint) =>
    sql.raw(`update audit_entry set ${change} where id = ${id}`).execute(tx);
  const batch = (change: string) => async (tx: Tx) =>
    sql
      .raw(`update audit_batch set ${change} where number = 2 and business_id = '${businessId}'`)
      .execute(tx);

  it.each<[string, (tx: Tx, id: bigint) => Promise<unknown>, string, number | null]>([
    ['the time of an entry', entry("at = at + interval '1 microsecond'"), 'head', 2],
    ['the actor', entry('actor = null'), 'head', 2],
    ['the action', entry("action = 'payout_approved'"), 'head', 2],
    ['a fact', entry(`facts = facts || '{"n": 99}'`), 'head', 2],
    ['one more fact', entry(`facts = facts || '{"m": 1}'`), 'head', 2],
    ['the batch of an entry', entry('batch = 1'), 'count', 1],
    ['an entry taken out of its batch', entry('batch = null'), 'count', 2],
    ['a deleted entry', (tx, id) => sql`delete from audit_entry where id = ${id}`.execute(tx), 'count', 2],
    [
      'the id of an entry',
      async (tx, id) => {
        await sql`alter table audit_entry alter column id set generated by default`.execute(tx);
        await sql`insert into audit_entry overriding system value
          select 1000000 + id, business_id, at, actor, action, facts, batch from audit_entry where id = ${id}`.execute(
          tx,
        );
        await sql`delete from audit_entry where id = ${id}`.execute(tx);
      },
      'ends',
      2,
    ],
    ['a batch number', batch('number = 9'), 'gap', 2],
    ['a deleted batch', (tx) => sql`delete from audit_batch where number = 2`.execute(tx), 'gap', 2],
    ['the first id', batch('first_id = first_id - 1'), 'ends', 2],
    ['the last id', batch('last_id = last_id + 1'), 'ends', 2],
    ['the number of entries', batch('entries = entries + 1'), 'count', 2],
    ['the head before', batch("previous = '\\x00'"), 'previous', 2],
    ['the head', batch("head = '\\x00'"), 'head', 2],
    ['the time of closing', batch("closed_at = closed_at - interval '1 second'"), 'head', 2],
  ])('of %s is found and named', async (_, change, kind, number) => {
    await writeMany(2);
    await close();
    const ids = await writeMany(3);
    await close();
    await writeMany(2);
    await close();
    expect(await faultOf()).toBeNull();
    // The middle one, which a person did.
    const id = ids[1] as bigint;
    await behindItsBack((tx) => change(tx, id));
    expect(await faultOf()).toMatchObject({ kind, batch: number });
  });

  it('of the business: entries and batches of another one prove nothing here', async () => {
    const other = await openShop();
    await writeMany(2);
    await close();
    await behindItsBack((tx) =>
      sql`update audit_batch set business_id = ${other.businessId} where business_id = ${businessId}`.execute(
        tx,
      ),
    );
    expect(await faultOf(other.businessId)).toMatchObject({ kind: 'previous', batch: 1 });
    expect(await faultOf()).toMatchObject({ kind: 'loose', batch: 1 });
  });

  it('of a batch made open again is found by the entries after it, and a cut end by a head that was seen', async () => {
    const ids = await writeMany(2);
    await close();
    await writeMany(2);
    await close();
    const seen = (await verifyAudit(database.db, businessId)).head ?? '';
    await behindItsBack(async (tx) => {
      await sql`update audit_entry set batch = null where id = ${ids[0]}`.execute(tx);
      await sql`update audit_batch set entries = 1, first_id = ${ids[1]} where number = 1 and business_id = ${businessId}`.execute(
        tx,
      );
    });
    expect(await faultOf()).toMatchObject({ kind: 'head', batch: 1 });
    await behindItsBack(async (tx) => {
      await sql`delete from audit_batch where business_id = ${businessId}`.execute(tx);
      await sql`delete from audit_entry where business_id = ${businessId}`.execute(tx);
    });
    expect(await faultOf()).toBeNull();
    const { fault } = await verifyAudit(database.db, businessId, seen.slice(0, 12));
    expect(fault).toMatchObject({ kind: 'anchor', batch: null });
  });

  it('is refused by the database itself while its triggers stand', async () => {
    const [id] = await writeMany(1);
    await close();
    const refused = /append-only/;
    const tries = [
      sql`update audit_entry set action = 'frozen' where id = ${id}`,
      sql`update audit_entry set batch = null where id = ${id}`,
      sql`delete from audit_entry where id = ${id}`,
      sql`update audit_batch set head = '' where business_id = ${businessId}`,
      sql`delete from audit_batch where business_id = ${businessId}`,
    ];
    for (const change of tries) await expect(change.execute(database.db)).rejects.toThrow(refused);
  });
});

test('whatever is done in whatever order, every entry is proved once, and any single change is seen', async () => {
  type Step = { kind: 'write' | 'undo' | 'close' | 'both'; count: number };
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('write', 'write', 'undo', 'close', 'both'),
    count: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(), async (steps, pick) => {
      const shop = (await openShop()).businessId;
      let kept = 0;
      const add = (count: number, undo: boolean) =>
        inTx(async (tx) => {
          for (let n = 0; n < count; n++) await write(tx, n, shop);
          if (undo) throw new Error('undone');
          kept += count;
        }).catch(() => undefined);
      for (const { kind, count } of steps) {
        clock.advance(1000);
        if (kind === 'write' || kind === 'undo') await add(count, kind === 'undo');
        if (kind === 'close') await close(shop);
        if (kind === 'both') await Promise.all([add(count, false), close(shop), add(1, false), close(shop)]);
      }
      await close(shop);
      const verdict = await verifyAudit(database.db, shop);
      expect(verdict).toMatchObject({ entries: kept, open: 0, fault: null });
      if (kept === 0) return;
      await behindItsBack((tx) =>
        sql`update audit_entry set facts = '{"n": -1}' where id in (
          select id from audit_entry where business_id = ${shop} order by id offset ${pick % kept} limit 1)`.execute(
          tx,
        ),
      );
      expect((await faultOf(shop))?.kind).toBe('head');
    }),
    { numRuns: 25 },
  );
});
