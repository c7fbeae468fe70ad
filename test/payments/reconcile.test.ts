/** Protects the look-ups of one account from the troubles of another. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LookupOutcome } from '../../src/gateways/gateway.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
beforeEach(async () => {
  // What an earlier test left to be looked up is not this one's.
  await desk.db.updateTable('attempt').set({ next_check_at: null }).execute();
  desk.clock.advance(3600);
  await runAll();
});
afterAll(() => desk.close());

async function runAll(): Promise<void> {
  while (await desk.reconciler.runOnce());
}

test('an account that does not open is put off a minute, and does not hold up the others', async () => {
  const broken = await desk.addAccount('broken');
  desk.gateway.opens = (account) => account !== broken;
  const bad = await desk.prompted(500, broken);
  const good = await desk.prompted();
  desk.asked.length = 0;
  await desk.db.updateTable('attempt').set({ state: 'prompted' }).where('id', '=', bad.attempt).execute();
  const due = desk.clock.now();
  await desk.db
    .updateTable('attempt')
    .set({ next_check_at: due })
    .where('id', 'in', [bad.attempt, good.attempt])
    .execute();
  await runAll();
  expect(desk.asked).toEqual([(await desk.attemptOf(good.attempt)).reference]);
  const { next_check_at } = await desk.attemptOf(bad.attempt);
  expect(next_check_at?.getTime()).toBe(desk.clock.now().getTime() + 60_000);
  desk.gateway.opens = () => true;
});

test('an account has one look-up in flight, and the others are looked up beside it', async () => {
  const other = await desk.addAccount('other');
  const hung = Promise.withResolvers<LookupOutcome>();
  desk.gateway.lookup = async (_, account) =>
    account === other ? { kind: 'not_found', detail: '' } : hung.promise;
  for (let i = 0; i < 3; i++) await desk.prompted();
  await desk.prompted(500, other);
  desk.clock.advance(21);
  desk.asked.length = 0;
  const held = desk.reconciler.runOnce();
  await expect.poll(() => desk.asked.length).toBe(1);
  await runAll();
  expect(desk.asked).toHaveLength(2);
  hung.resolve({ kind: 'no_answer', detail: 'no whole answer', stop: false });
  await held;

  // One look-up without an answer may be the prompt's own; after three in a row the account rests.
  desk.gateway.lookup = async (_, account) =>
    account === other
      ? { kind: 'not_found', detail: '' }
      : { kind: 'no_answer', detail: 'no whole answer', stop: false };
  desk.clock.advance(1);
  await runAll();
  const asked = desk.asked.length;
  expect(asked).toBeGreaterThan(2);
  for (let i = 0; i < 5; i++) {
    desk.clock.advance(5);
    await runAll();
  }
  const rested = desk.asked.length;
  desk.clock.advance(1);
  await runAll();
  expect(desk.asked).toHaveLength(rested);
  desk.gateway.lookup = async () => ({ kind: 'not_found', detail: '' });
  desk.clock.advance(31);
  await runAll();
  expect(desk.asked.length).toBeGreaterThan(rested);
});
