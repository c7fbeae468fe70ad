/** Protects the customer from a prompt that is not wanted any more, and the gateway's one answer from a weak database. */
import type { Kysely } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DB } from '../../src/db/tables.ts';
import { showPayment } from '../../src/payments/show.ts';
import { code, type Desk, openDesk } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterEach(() =>
  desk.db.updateTable('gateway_account').set({ state: 'active', stopped_reason: null }).execute(),
);
afterAll(() => desk.close());

describe('a queued prompt is not sent', () => {
  test('where the payment was paid meanwhile', async () => {
    const { id, attempt: first } = await desk.prompted();
    await desk.failed(first);
    desk.clock.advance(125);
    const second = await desk.queue(id);
    await desk.told(first, { receipt: code('TFH774CB40') });
    const before = desk.sent.length;
    expect(await desk.submitter.runOnce()).toBe(true);
    expect(desk.sent).toHaveLength(before);
    expect(await desk.attemptOf(second)).toMatchObject({ state: 'not_sent', reason: 'too_late' });
    expect(await desk.payment(id)).toMatchObject({ state: 'paid', flag: null });
  });

  test('where a person must look first', async () => {
    const { id, attempt: first } = await desk.prompted();
    await desk.failed(first);
    desk.clock.advance(125);
    const second = await desk.queue(id);
    await desk.told(first, { amountCents: 100n });
    const before = desk.sent.length;
    await desk.submitter.runOnce();
    expect(desk.sent).toHaveLength(before);
    expect((await desk.attemptOf(second)).state).toBe('not_sent');
    expect((await desk.payment(id)).state).toBe('review');
  });

  test('where it waited too long, and the card says so', async () => {
    const id = await desk.draft();
    const attempt = await desk.queue(id);
    desk.clock.advance(121);
    const before = desk.sent.length;
    expect(await desk.submitter.runOnce()).toBe(true);
    expect(desk.sent).toHaveLength(before);
    expect((await desk.attemptOf(attempt)).state).toBe('not_sent');
    const { text, buttons } = await desk.card(id);
    expect(text).toContain(
      'Not sent: it waited too long here; send it again if it is still due.\nNo money moved.',
    );
    expect(buttons.map(({ action }) => action)).toEqual(['again']);
    const events = await desk.db
      .selectFrom('event')
      .select('detail')
      .where('attempt_id', '=', attempt)
      .where('kind', '=', 'not_sent')
      .execute();
    expect(events).toEqual([{ detail: { reason: 'too_late' } }]);
  });

  test('where the account was stopped meanwhile', async () => {
    const id = await desk.draft();
    await desk.queue(id);
    await desk.db
      .updateTable('gateway_account')
      .set({ state: 'stopped', stopped_reason: 'credentials_refused' })
      .execute();
    const before = desk.sent.length;
    await desk.submitter.runOnce();
    expect(desk.sent).toHaveLength(before);
    expect(await desk.payment(id)).toMatchObject({ state: 'failed', reason: 'credentials_refused' });
  });
});

test('a prompt is sent once, however many workers look', async () => {
  const ids = [];
  for (let i = 0; i < 4; i++) {
    const id = await desk.draft();
    await desk.queue(id);
    ids.push(id);
  }
  const before = desk.sent.length;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (await desk.submitter.runOnce());
    }),
  );
  while (await desk.submitter.runOnce());
  expect(desk.sent.length - before).toBe(4);
  expect(new Set(desk.sent).size).toBe(desk.sent.length);
});

/** The database, whose transactions break so many times after the first. */
function breaking(db: Kysely<DB>, times: number): Kysely<DB> {
  let begun = 0;
  return new Proxy(db, {
    get(target, name) {
      if (name === 'transaction') {
        begun += 1;
        if (begun > 1 && begun <= 1 + times) throw new Error('Connection terminated unexpectedly');
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('the gateway has answered, and the database does not', () => {
  test('the answer is stored once it does, and the gateway is not asked again', async () => {
    const id = await desk.draft();
    await desk.queue(id);
    const before = desk.sent.length;
    desk.pauses.length = 0;
    await desk.submitterOf(breaking(desk.db, 3)).runOnce();
    expect((await desk.payment(id)).state).toBe('prompted');
    expect(desk.sent.length - before).toBe(1);
    expect(desk.pauses).toEqual([100, 200, 400]);
  });

  test('it is given up within the lease, and stays open for the look-up', async () => {
    const id = await desk.draft();
    const attempt = await desk.queue(id);
    desk.pauses.length = 0;
    await expect(desk.submitterOf(breaking(desk.db, 1000)).runOnce()).rejects.toThrow('Connection');
    expect(desk.pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(90_000);
    expect(desk.pauses.length).toBeGreaterThan(10);
    expect((await desk.attemptOf(attempt)).state).toBe('sending');
  });
});

test('the time line holds no phone', async () => {
  desk.gateway.collect = async () => ({
    kind: 'accepted',
    ids: { correlationId: 'ws_CO_21112026143100708374149', requestId: null },
  });
  const { id } = await desk.prompted();
  const { ref } = await desk.db
    .selectFrom('payment')
    .select('ref')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const shown = await showPayment(desk.db, ref as Parameters<typeof showPayment>[1]);
  expect(shown?.timeline.find(({ kind }) => kind === 'accepted')).toMatchObject({
    correlationId: 'ws_CO_211120261431007****149',
  });
  expect(JSON.stringify(shown)).not.toContain('708374149');
});
