/** Protects a shop from prompts that end without a warning: balances that only prompts use are read again by and by. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTell } from '../../src/bot/cards/tell.ts';
import type { Balance } from '../../src/gateways/abilities.ts';
import { createBalanceWatcher } from '../../src/payments/balance-watch.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
let balances: readonly Balance[] | null;
let reads = 0;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());
beforeEach(async () => {
  await desk.db.deleteFrom('outbox').execute();
  // Whatever a test before has left is looked at, and told.
  balances = service(100_000n);
  desk.gateway.more = {
    balances: async () => {
      reads += 1;
      return balances === null ? { kind: 'no_answer', detail: '' } : { kind: 'balances', balances };
    },
  };
  desk.clock.advance(7200);
  await watch();
  desk.clock.advance(7200);
  reads = 0;
});

const service = (cents: bigint): Balance[] => [{ of: 'service', cents, units: null }];

async function watch(): Promise<number> {
  const { db, gateways } = desk;
  const watcher = createBalanceWatcher({ ...desk.deps, tell: createTell(desk.deps), db, gateways });
  const before = reads;
  while (await watcher.runOnce());
  return reads - before;
}

async function prompts(count: number): Promise<void> {
  desk.clock.advance(1);
  for (let n = 0; n < count; n++) await desk.prompted();
}

async function said(): Promise<string[]> {
  const rows = await desk.db.selectFrom('outbox').select(['key', 'payload_sealed']).orderBy('id').execute();
  return rows
    .filter(({ key }) => /^(?:low|units):/.test(key))
    .map(({ key, payload_sealed }) => JSON.parse(desk.vault.open(payload_sealed, `outbox:${key}`)).text);
}

test('an account is read once an hour while it asks customers for money, and not while it rests', async () => {
  expect(await watch()).toBe(0);
  await prompts(1);
  expect(await watch()).toBe(1);
  await prompts(9);
  desk.clock.advance(3000);
  expect(await watch()).toBe(0);
  desk.clock.advance(600);
  expect(await watch()).toBe(1);
  desk.clock.advance(7200);
  expect(await watch()).toBe(0);
});

test('after many prompts it is read sooner, but not at every prompt', async () => {
  await prompts(1);
  expect(await watch()).toBe(1);
  desk.clock.advance(130);
  await prompts(9);
  expect(await watch()).toBe(0);
  await prompts(1);
  expect(await watch()).toBe(1);
  await prompts(10);
  expect(await watch()).toBe(0);
  desk.clock.advance(130);
  expect(await watch()).toBe(1);
});

test('a gateway that does not answer, or tells no balance, is not asked again at once', async () => {
  balances = null;
  await prompts(1);
  expect(await watch()).toBe(1);
  expect(await watch()).toBe(0);
  desk.gateway.more = {};
  desk.clock.advance(3700);
  await prompts(1);
  expect(await watch()).toBe(0);
  expect(await said()).toEqual([]);
});

test('tokens that only prompts use up are told to the owner before they end, once until they are filled', async () => {
  const seen = async (cents: bigint): Promise<string[]> => {
    balances = service(cents);
    await prompts(1);
    desk.clock.advance(3700);
    expect(await watch()).toBe(1);
    return said();
  };
  expect(await seen(5_000n)).toEqual([]);
  const low = ['⚠️ Till 1: KES 45 left for SMS and prompts. Buy tokens before they end.'];
  expect(await seen(4_500n)).toEqual(low);
  expect(await seen(2_000n)).toEqual(low);
  expect(await seen(90_000n)).toEqual(low);
  expect(await seen(1_000n)).toHaveLength(2);
});

test('so is what a plan counts, each kind by itself; an account that never had SMS hears nothing of them', async () => {
  const seen = async (calls: number, sms: number): Promise<string[]> => {
    balances = [
      { of: 'calls', cents: null, units: calls },
      { of: 'wallet', cents: 0n, units: null },
      { of: 'sms', cents: null, units: sms },
    ];
    await prompts(1);
    desk.clock.advance(3700);
    expect(await watch()).toBe(1);
    return said();
  };
  expect(await seen(500, 0)).toEqual([]);
  const calls = '⚠️ Till 1: Prompts left 19. Renew the plan before they run out.';
  expect(await seen(19, 0)).toEqual([calls]);
  expect(await seen(3, 200)).toEqual([calls]);
  const sms = '⚠️ Till 1: SMS left 0. Renew the plan before they run out.';
  expect(await seen(3, 0)).toEqual([calls, sms]);
  expect(await seen(0, 0)).toEqual([calls, sms]);
  expect(await seen(600, 200)).toEqual([calls, sms]);
  expect(await seen(0, 200)).toEqual([
    calls,
    sms,
    '⚠️ Till 1: Prompts left 0. Renew the plan before they run out.',
  ]);
});
