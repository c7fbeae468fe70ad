/** Protects keys that a gateway tells once, and owners from money that lands elsewhere. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { OperatorOutcome } from '../../src/gateways/abilities.ts';
import { readBalances } from '../../src/payments/balances.ts';
import { operate, unfinishedActions } from '../../src/payments/operate.ts';
import { createSetupWatcher } from '../../src/payments/setup.ts';
import { createTestRandom } from '../support/clock.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
let seen: { state: string; urls: string[] } | null = null;
let outcome: OperatorOutcome | 'crash' = { kind: 'done', text: '', json: {} };
beforeAll(async () => {
  desk = await openDesk();
  desk.gateway.more = {
    actions: {
      regenerate: {
        summary: 'makes a new key',
        config: z.strictObject({ id: z.int({ error: 'expected the id of a key' }) }),
        changes: true,
        run: async (_config, around) => {
          const row = await desk.db
            .selectFrom('account_action')
            .select('state')
            .orderBy('started_at', 'desc')
            .executeTakeFirstOrThrow();
          seen = { state: row.state, urls: [around.callbackUrl, around.operationUrl('confirmation')] };
          if (outcome === 'crash') throw new Error('the process ends');
          return outcome;
        },
      },
      ping: { summary: 'asks', changes: false, run: async () => ({ kind: 'done', text: 'pong', json: {} }) },
    },
  };
});
afterAll(() => desk.close());

const random = createTestRandom('operate');
const deps = () => ({ ...desk.deps, db: desk.db, gateways: desk.gateways, random });
const run = (action: string, config: unknown = null) => operate(deps(), desk.accountId, action, config);

describe('what an operator does', () => {
  test('stands as an intent before the call, and keeps the secret sealed', async () => {
    outcome = { kind: 'done', text: '', json: {}, secret: 'a3f8c1e9' };
    expect(await run('regenerate', { id: 4 })).toMatchObject({ kind: 'done', secret: 'a3f8c1e9' });
    expect(seen?.state).toBe('started');
    expect(seen?.urls[1]).toMatch(/^https:\/\/shop\.example\/cb\/[0-9a-f]{32}\/[0-9a-f]{32}$/);
    const row = await desk.db.selectFrom('account_action').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ state: 'done', action: 'regenerate' });
    expect(row.secret_sealed?.includes('a3f8c1e9')).toBe(false);
    expect(await unfinishedActions(desk.db, desk.accountId)).toEqual([]);
    const lines = await desk.db
      .selectFrom('audit_entry')
      .select(['actor', 'action', 'facts'])
      .orderBy('id')
      .execute();
    const act = { act: row.id, action: 'regenerate', account: desk.accountId };
    expect(lines).toEqual([
      { actor: null, action: 'account_action', facts: { ...act, state: 'started' } },
      { actor: null, action: 'account_action', facts: { ...act, state: 'done' } },
    ]);
  });

  test('is not forgotten where the process ended in the middle', async () => {
    desk.clock.advance(5);
    outcome = 'crash';
    await expect(run('regenerate', { id: 4 })).rejects.toThrow('ends');
    const left = await unfinishedActions(desk.db, desk.accountId);
    expect(left).toMatchObject([{ action: 'regenerate', state: 'started' }]);
  });

  test('has the same URLs of operations every time', async () => {
    outcome = { kind: 'refused', detail: 'no' };
    desk.clock.advance(5);
    await run('regenerate', { id: 4 });
    const before = seen?.urls;
    await run('regenerate', { id: 4 });
    expect(seen?.urls).toEqual(before);
  });

  test('is refused with what is expected, before anything is called', async () => {
    seen = null;
    expect(await run('regenerate', { id: 'x', t: 1 })).toEqual({
      kind: 'bad_config',
      faults: ['id: expected the id of a key', 't: no such key'],
    });
    expect(await run('ping', { a: 1 })).toMatchObject({ kind: 'bad_config' });
    expect(await run('toString')).toMatchObject({
      kind: 'no_action',
      known: [{ name: 'regenerate' }, { name: 'ping' }],
    });
    expect(seen).toBeNull();
  });
});

describe('where the money lands', () => {
  const told = async () =>
    (await desk.db.selectFrom('outbox').select('key').where('key', 'like', 'setup:%').execute()).length;

  test('is told at the first look and whenever it changed, once', async () => {
    let summary = 'Paybill 123456, account ACC001';
    let whole = summary;
    desk.gateway.more = { ...desk.gateway.more, setup: async () => ({ kind: 'setup', summary, whole }) };
    const watcher = createSetupWatcher(deps());
    const rest = async () => {
      while (await watcher.runOnce());
    };
    await rest();
    expect(await told()).toBe(1);
    desk.clock.advance(7 * 3600);
    await rest();
    expect(await told()).toBe(1);
    summary = 'Phone 2547****678';
    whole = '254712345678';
    desk.clock.advance(7 * 3600);
    await rest();
    expect(await told()).toBe(2);
    desk.clock.advance(7 * 3600);
    await rest();
    expect(await told()).toBe(2);
    // Another phone that looks the same once it is masked.
    whole = '254799999678';
    desk.clock.advance(7 * 3600);
    await rest();
    expect(await told()).toBe(3);
  });

  test('is looked at again at once after an operator changed something', async () => {
    const watcher = createSetupWatcher(deps());
    expect(await watcher.runOnce()).toBe(false);
    outcome = { kind: 'done', text: '', json: {} };
    await run('regenerate', { id: 4 });
    expect(await watcher.runOnce()).toBe(true);
  });
});

test('balances are kept as they were told, and an answer that tells none changes nothing', async () => {
  desk.gateway.more = {
    balances: async () => ({ kind: 'balances', balances: [{ of: 'service', cents: 120_050n, units: null }] }),
  };
  await readBalances(deps(), desk.accountId);
  desk.gateway.more = { balances: async () => ({ kind: 'no_answer', detail: '' }) };
  expect(await readBalances(deps(), desk.accountId)).toBeNull();
  const row = await desk.db
    .selectFrom('gateway_account')
    .select(['service_balance_cents', 'balances_seen'])
    .where('id', '=', desk.accountId)
    .executeTakeFirstOrThrow();
  expect(row.service_balance_cents).toBe(120_050n);
  expect(row.balances_seen).toContain('120050');
});
