/**
 * Protects wages from a power cut: the real program is killed (SIGKILL) at every border of a payout's path and started
 * again, beside a strict BluePay that counts what it moved. Once, always; where provably nothing was sent, not at all until
 * two persons have asked for it anew.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PayoutId } from '../../src/domain/ids.ts';
import type { Fault } from '../../src/sandbox/bluepay/faults.ts';
import type { TestDatabase } from '../support/database.ts';
import { breakConnections, closeGate, noConnections, prepareGates, type RowGate } from './gate.ts';
import type { Office } from './payout-scene.ts';
import { openPayoutStage, type PayoutStage, warningsOf } from './payout-stage.ts';
import type { Program } from './program.ts';
import type { Shop } from './shop.ts';
import { until } from './until.ts';

interface Moment {
  readonly name: string;
  /** Approves it and brings it there; the program is dead when it resolves. */
  readonly die: (id: PayoutId) => Promise<void>;
  readonly armed?: Fault;
  /** BluePay's webhook, which it sends once: comes to the program that was started again, or is lost in its death. */
  readonly webhook: 'held' | 'at once';
  /** What the program knows by itself in the end. */
  readonly knows: 'paid' | 'unknown';
  /** What BluePay's statement shows then. */
  readonly moved: 0 | 1;
}

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
  await startAgain(false);
});
afterAll(async () => {
  delivery.resolve();
  await program?.kill();
  await stage?.close();
});

const moved = (msisdn: string): bigint[] => stage.moved(msisdn);
const programLog = (): string => warningsOf(program);

/** Killed inside the statement that writes the row; what it began is rolled back, or committed unheard. */
const atRow =
  (gate: RowGate) =>
  async (id: PayoutId): Promise<void> => {
    // Only at this payout's own row: one of an earlier moment may be looked up just now.
    const own = gate.table === 'payout' ? `new.id = '${id}' and ${gate.when}` : gate.when;
    const closed = await closeGate(database.db, { ...gate, when: own });
    await office.approve(id);
    await closed.reached();
    await program.kill();
    await closed.open();
  };

/** Killed at the instant at which somebody outside sees what the program did. */
async function killedWhen(id: PayoutId, seen: (kill: () => void) => () => void): Promise<void> {
  const killed = Promise.withResolvers<void>();
  const stop = seen(() => program.kill().then(killed.resolve, killed.reject));
  await office.approve(id);
  await killed.promise;
  stop();
}

/** BluePay has the order: its answer is written after the listeners ran, so that nobody hears it. */
function onPayout(kill: () => void): () => void {
  const before = shop.bluepay.control.payouts().length;
  let done = false;
  return shop.bluepay.control.onChange(() => {
    if (done || shop.bluepay.control.payouts().length === before) return;
    done = true;
    kill();
  });
}

const moments: readonly Moment[] = [
  {
    name: 'the claim is written, not committed',
    die: atRow({ table: 'payout_call', on: 'insert', when: 'true' }),
    webhook: 'held',
    knows: 'paid',
    moved: 1,
  },
  {
    name: 'between the committed claim and the gateway',
    die: (id) =>
      killedWhen(id, (kill) => {
        stage.tap.loseNext(kill);
        return () => undefined;
      }),
    webhook: 'held',
    knows: 'unknown',
    moved: 0,
  },
  {
    name: 'in the call, and the webhook finds nobody',
    die: (id) => killedWhen(id, onPayout),
    armed: 'b2c_callback_lost',
    webhook: 'held',
    knows: 'unknown',
    moved: 1,
  },
  {
    name: 'in the call, and the webhook finds the next program',
    die: (id) => killedWhen(id, onPayout),
    webhook: 'held',
    knows: 'paid',
    moved: 1,
  },
  {
    name: 'the gateway has accepted, we have not written it',
    die: atRow({ table: 'payout', on: 'update', when: "new.state = 'sent_to_gateway'" }),
    webhook: 'held',
    knows: 'paid',
    moved: 1,
  },
  {
    name: 'the gateway has refused, we have not written it',
    die: atRow({ table: 'payout', on: 'update', when: "new.state = 'failed'" }),
    armed: 'b2c_unavailable',
    webhook: 'held',
    knows: 'unknown',
    moved: 0,
  },
  {
    name: 'the callback is being stored',
    die: atRow({ table: 'inbox', on: 'insert', when: "new.source = 'gateway'" }),
    webhook: 'at once',
    knows: 'paid',
    moved: 1,
  },
  {
    name: 'the callback was answered 200, its money is not in the ledger',
    die: atRow({ table: 'ledger', on: 'insert', when: 'true' }),
    webhook: 'at once',
    knows: 'paid',
    moved: 1,
  },
  {
    name: 'the settlement is written, not committed',
    die: atRow({ table: 'inbox', on: 'update', when: "new.source = 'gateway' and new.state = 'done'" }),
    webhook: 'at once',
    knows: 'paid',
    moved: 1,
  },
];

test.each(moments.map((moment, index) => ({ ...moment, index })))('killed when: $name', async (moment) => {
  const kes = 200 + moment.index;
  const msisdn = shop.phones[moment.index] ?? '';
  delivery = Promise.withResolvers<void>();
  if (moment.webhook === 'at once') delivery.resolve();
  const id = await office.waiting(kes, msisdn);
  if (moment.armed) shop.bluepay.control.arm(moment.armed);
  await moment.die(id);
  await startAgain(moment.index % 2 === 0);
  delivery.resolve();
  expect(await office.becomes(id, [moment.knows], programLog)).toBe(moment.knows);
  // The program may know before M-Pesa has moved it.
  if (moment.moved === 1) await until('the money moved', () => moved(msisdn).length > 0);
  expect(moved(msisdn)).toEqual(moment.moved === 1 ? [BigInt(kes) * 100n] : []);
  if (moment.knows === 'unknown') await decide(id, moment.moved === 1, msisdn);
  expect((await office.row(id)).state).toBe('paid');
  expect(moved(msisdn)).toEqual([BigInt(kes) * 100n]);
  expect(await office.out(id)).toEqual([BigInt(kes) * 100n]);
  const lastRound = (await office.row(id)).round;
  expect(await office.entries(id)).toEqual([
    ...(lastRound === 2 ? ['1 reserve', '1 void'] : []),
    ...[`${lastRound} reserve`, `${lastRound} post`],
  ]);
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

test('each order reached BluePay once for each approval, and nothing is left over', async () => {
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
});

async function startAgain(breaks: boolean): Promise<void> {
  if (breaks) await breakConnections(database.db);
  await noConnections(database.db);
  for (const table of ['outbox', 'payout'])
    await sql`
      update ${sql.table(table)} set lease_until = now() - interval '1 second' where lease_until is not null`.execute(
      database.db,
    );
  program = stage.start();
  await program.listening();
}
