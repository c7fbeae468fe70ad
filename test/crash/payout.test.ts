/**
 * Protects wages from a power cut: the real program is killed (SIGKILL) at every border of a payout's path and started
 * again, beside a strict BluePay that counts what it moved. Once, always; where provably nothing was sent, not at all until
 * two persons have asked for it anew. And from two processes on one database: an approval sends once, whoever is quicker.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PayoutId } from '../../src/domain/ids.ts';
import type { TestDatabase } from '../support/database.ts';
import { die } from './death.ts';
import { noConnections, prepareGates } from './gate.ts';
import { deaths } from './payout-moments.ts';
import { racePayouts } from './payout-race.ts';
import type { Office } from './payout-scene.ts';
import { openPayoutStage, type PayoutStage, warningsOf } from './payout-stage.ts';
import { dieInTurns } from './payout-turns.ts';
import type { Program } from './program.ts';
import type { Shop } from './shop.ts';
import { until } from './until.ts';

let stage: PayoutStage;
let database: TestDatabase;
let shop: Shop;
let office: Office;
let program: Program;
/** Webhooks wait here while the program is dead. */
let delivery = Promise.withResolvers<void>();

beforeAll(async () => {
  stage = await openPayoutStage(() => delivery.promise);
  ({ database, shop, office } = stage);
  await prepareGates(database.db);
  await startAgain();
});
afterAll(async () => {
  delivery.resolve();
  await program?.kill();
  await stage?.close();
});

const moved = (msisdn: string): bigint[] => stage.moved(msisdn);
const programLog = (): string => warningsOf(program);

// Each comes to its border as soon as the machine lets it.
const deathMs = 120_000;
const moments = deaths.flatMap((death) => death.moments);

describe.each(deaths.map((death, index) => ({ death, index })))('in death $index', ({ death, index }) => {
  const orders = death.moments.map((moment) => {
    const number = moments.indexOf(moment);
    return { name: moment.name, moment, kes: 200 + number, msisdn: '', id: '' as PayoutId };
  });

  beforeAll(async () => {
    delivery = Promise.withResolvers<void>();
    if (death.webhooks === 'at once') delivery.resolve();
    for (const order of orders) {
      order.msisdn = shop.phones[order.kes - 200] ?? '';
      order.id = await office.waiting(order.kes, order.msisdn);
    }
    const parts = orders.map(({ id, moment: { gate, held, seen, armed } }) => ({
      ...(gate && { gate: () => gate(id) }),
      ...(held && { held: () => held(stage) }),
      ...(seen && { seen: (kill: () => void) => seen(stage, kill) }),
      act: async () => {
        if (armed) shop.bluepay.control.arm(armed);
        await office.approve(id);
      },
      whileDead: async () => {
        if (held || seen) expect((await office.row(id)).state).toBe('sending');
      },
    }));
    await die(database.db, program, { parts, heardAtOnce: index % 2 === 0 });
    await startAgain();
    delivery.resolve();
  }, deathMs);

  test.each(orders)(
    'killed when: $name',
    async ({ id, kes, msisdn, moment: { knows, moved: times } }) => {
      const cents = BigInt(kes) * 100n;
      expect(await office.becomes(id, [knows], programLog)).toBe(knows);
      // The program may know before M-Pesa has moved it.
      if (times === 1) await until('the money moved', () => moved(msisdn).length > 0);
      expect(moved(msisdn)).toEqual(times === 1 ? [cents] : []);
      if (knows === 'unknown') await decide(id, times === 1, msisdn);
      expect((await office.row(id)).state).toBe('paid');
      expect(moved(msisdn)).toEqual([cents]);
      expect(await office.out(id)).toEqual([cents]);
      const lastRound = (await office.row(id)).round;
      expect(await office.entries(id)).toEqual([
        ...(lastRound === 2 ? ['1 reserve', '1 void'] : []),
        ...[`${lastRound} reserve`, `${lastRound} post`],
      ]);
    },
    deathMs,
  );
});

/** Two persons read BluePay's statement; what never left is asked for anew, approved again and then sent. */
async function decide(id: PayoutId, wasMoved: boolean, msisdn: string): Promise<void> {
  expect(await office.entries(id)).toEqual(['1 reserve']);
  expect(moved(msisdn)).toHaveLength(wasMoved ? 1 : 0);
  await office.mark(id, wasMoved ? 'paid' : 'failed');
  if (wasMoved) return;
  await office.ask(id);
  await office.approve(id);
  await office.becomes(id, ['paid'], programLog);
}

test(
  'each order reached BluePay once for each approval, and nothing is left over',
  async () => {
    const { rows } = await sql<{ calls: number; approvals: number }>`
    select (select count(*) from payout_call)::int as calls, (select count(*) from approval)::int as approvals`.execute(
      database.db,
    );
    expect(rows[0]?.calls).toBe(rows[0]?.approvals);
    expect(shop.mpesa.paidOut()).toHaveLength(moments.length);
    const ownUrl = await sql`select 1 from inbox where source = 'gateway' and payout_id is not null`.execute(
      database.db,
    );
    expect(ownUrl.rows.length).toBeGreaterThan(5);
    const posts = shop.bluepay.control.requests().filter(({ path }) => path === '/api/v1/b2c/payouts');
    // One request was lost on its way, and that payout was asked for again.
    expect(posts).toHaveLength(moments.length + 1);
  },
  deathMs,
);

test(
  'killed in the turn that asks, and in the turn that approves: each press counts once',
  () => dieInTurns(stage, { program: () => program, startAgain, log: programLog }),
  deathMs,
);

test(
  'two processes race for one approval: one has it, and one call is made',
  () => racePayouts(stage, programLog),
  deathMs,
);

async function startAgain(): Promise<void> {
  await noConnections(database.db);
  for (const table of ['outbox', 'payout'])
    await sql`
      update ${sql.table(table)} set lease_until = now() - interval '1 second' where lease_until is not null`.execute(
      database.db,
    );
  program = stage.start();
  await program.listening();
}
