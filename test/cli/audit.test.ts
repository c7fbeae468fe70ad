/** Protects the operator's proof of the audit log: it says what is proved, names what is not, and is no proof of itself. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Output, runCli } from '../../src/cli/run.ts';
import { systemClock } from '../../src/domain/clock.ts';
import type { BusinessId } from '../../src/domain/ids.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { closeAudit } from '../../src/payouts/audit-chain.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { environmentOf } from './operator.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase({ max: 2 });
});
afterAll(() => database.close());

/** In this process: what a process of its own adds is held by the other commands' tests. */
const run = (args: readonly string[]): Promise<Output> =>
  runCli(args, {
    env: environmentOf(database),
    clock: systemClock,
    random: systemRandom,
    fetch: globalThis.fetch,
    readStdin: async () => '',
  });

async function json(args: readonly string[]): Promise<Record<string, unknown>> {
  const ran = await run([...args, '--json']);
  if (ran.status !== 0 || ran.stderr !== '') throw new Error(`exit ${ran.status}: ${ran.stderr}`);
  return JSON.parse(ran.stdout);
}

async function openShop(name: string): Promise<string> {
  const added = await json(['business', 'add', '--name', name, '--owner', 'telegram:1']);
  return String(added.businessId);
}

const give = (id: string, user: string, role: string) =>
  json(['member', 'add', '--business', id, '--user', `telegram:${user}`, '--role', role]);
const uuid = /^[0-9a-f-]{36}$/;
const close = (id: string) =>
  database.db.transaction().execute((tx) => closeAudit(tx, { clock: systemClock }, id as BusinessId));

it('what an operator does with members is in the log, without an actor; a proof says how far it goes', async () => {
  const id = await openShop('Proved');
  const { memberId } = await give(id, '2', 'cashier');
  await give(id, '2', 'cashier');
  await give(id, '2', 'manager');
  const rows = await database.db
    .selectFrom('audit_entry')
    .select(['actor', 'action', 'facts'])
    .where('business_id', '=', id as BusinessId)
    .orderBy('id')
    .execute();
  expect(rows).toEqual([
    {
      ...{ actor: null, action: 'business_opened' },
      facts: { role: 'owner', member: expect.stringMatching(uuid), identity: expect.stringMatching(uuid) },
    },
    { actor: null, action: 'member_joined', facts: { member: memberId, role: 'cashier' } },
    { actor: null, action: 'member_role', facts: { member: memberId, from: 'cashier', to: 'manager' } },
  ]);
  const verify = ['audit', 'verify', '--business', id];
  expect(await json(verify)).toEqual({
    ...{ ok: true, batches: 0, entries: 0, head: null },
    ...{ open: 3, fault: null },
  });
  await close(id);
  const proved = await json(verify);
  expect(proved).toMatchObject({ ok: true, batches: 1, entries: 3, open: 0, fault: null });
  expect(proved.head).toMatch(/^[0-9a-f]{64}$/);
  expect(await json([...verify, '--head', String(proved.head).slice(0, 20).toUpperCase()])).toEqual(proved);
  const other = await run([...verify, '--head', '0123456789abcdef0123', '--json']);
  expect(other).toMatchObject({ status: 1, stderr: 'No batch has the head 0123456789abcdef0123.\n' });
});

it('a change behind the program’s back ends with status 1 and its place; --all names the business', async () => {
  const [good, bad] = [await openShop('Good'), await openShop('Bad')];
  for (const id of [good, bad]) {
    await give(id, '3', 'viewer');
    await close(id);
  }
  await database.db.transaction().execute(async (tx) => {
    await sql`set local session_replication_role = replica`.execute(tx);
    await sql`update audit_entry set facts = facts || '{"role": "owner"}' where business_id = ${bad}`.execute(
      tx,
    );
  });
  const ran = await run(['audit', 'verify', '--business', bad, '--json']);
  expect(ran.status).toBe(1);
  expect(ran.stderr).toMatch(/^Batch 1, entries \d+ to \d+: something was changed after it was closed\.\n$/);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    ...{ ok: false, batches: 0, entries: 0, head: null },
    fault: { kind: 'head', batch: 1 },
  });
  const all = await run(['audit', 'verify', '--all', '--json']);
  expect(all.status).toBe(1);
  expect(all.stderr).toMatch(new RegExp(`^${bad}  Batch 1`));
  const { ok, businesses } = JSON.parse(all.stdout);
  expect(ok).toBe(false);
  expect(businesses.find((one: { businessId: string }) => one.businessId === good)).toMatchObject({
    ok: true,
  });
});

it('a call without a business, or with a head that is none, is a wrong call', async () => {
  const id = await openShop('Asked');
  expect((await run(['audit', 'verify'])).stderr).toContain('Give --business ID or --all.');
  const wrong = await run(['audit', 'verify', '--business', id, '--head', 'xyz']);
  expect(wrong).toMatchObject({ status: 2, stdout: '' });
  expect(wrong.stderr).toContain('--head: expected 20 to 64');
});
