/** Money out: the same honesty, where a mistake cannot be taken back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { PayoutAbility, PayoutLookup, PayoutOrder } from '../../src/gateways/abilities.ts';
import { has } from './adapters.support.ts';
import type { GatewayFixture, PayoutFixture, PayoutLookupFixture, Reply } from './contract-fixture.ts';
import { bodies, inProcess, runs, statuses } from './contract-fuzz-cases.ts';
import {
  type Answering,
  expectClean,
  expectSent,
  lostAnswers,
  openFixture,
  pages,
  repeating,
  replies,
  type StageOptions,
  stage,
} from './contract-stage.ts';
import { closedPort, says, serve } from './loopback.ts';

export const payoutOrder: PayoutOrder = {
  reference: 'W7KQ4MA1',
  amountCents: 500_00n,
  msisdn: '254712345678' as Msisdn,
  description: 'refund',
  callbackUrl: 'https://shop.example/cb/aa/bb',
};

export function payoutCases(fixture: GatewayFixture, ability: PayoutAbility, told: PayoutFixture): void {
  const ok: Reply = { status: 200, body: told.accepted };
  async function send(answer: Answering, options: StageOptions = {}, order = payoutOrder) {
    const { gateway, calls } = await stage(fixture, answer, options);
    const outcome = await has(gateway.payout).send(order);
    expectClean(fixture, 'detail' in outcome ? outcome.detail : '');
    return { outcome, calls };
  }

  test('accepted: one request with exactly the documented fields', async () => {
    const { outcome, calls } = await send(replies(ok));
    expect(outcome).toEqual(told.outcome);
    expect(calls()).toHaveLength(1);
    expectSent(fixture, calls()[0], told.sent);
  });

  test.each(told.refusals)('refused: $name', async ({ reply, reason, rawCode, twice }) => {
    const { outcome, calls } = await send(replies(reply));
    expect(outcome).toEqual({ kind: 'refused', reason, rawCode, detail: expect.any(String) });
    expect(calls()).toHaveLength(twice ? 2 : 1);
  });

  test.each(told.unknowns)('unknown: $name', async ({ reply }) => {
    const { outcome, calls } = await send(replies(reply));
    expect(outcome.kind).toBe('unknown');
    expect(calls()).toHaveLength(1);
  });

  test.each([...lostAnswers(told.accepted), ...pages])(
    'unknown, and not sent again: %s',
    async (_name, answer) => {
      const { outcome, calls } = await send(answer);
      expect(outcome.kind).toBe('unknown');
      expect(calls()).toHaveLength(1);
    },
  );

  test('unknown: too slow, redirected, an error of the gateway; its words tell no secret', async () => {
    expect((await send(() => undefined, { timeoutMs: 80 })).outcome.kind).toBe('unknown');
    const elsewhere = await serve(replies(ok));
    const away = says(307, '', { location: `${elsewhere.url}${told.sent.path}` });
    expect((await send(away)).outcome.kind).toBe('unknown');
    expect(elsewhere.seen).toEqual([]);
    for (const status of [500, 502, 503, 504])
      expect((await send(repeating(fixture, status))).outcome.kind).toBe('unknown');
    await send(repeating(fixture, 400));
  });

  test('not sent: the connection is refused', async () => {
    const gateway = openFixture(fixture, await closedPort());
    expect((await has(gateway.payout).send(payoutOrder)).kind).toBe('not_sent');
  });

  test('amounts beyond the limits, or with cents, are refused before the wire', async () => {
    const { leastCents, mostCents } = ability;
    expect([leastCents % 100n, mostCents <= 250_000_00n]).toEqual([0n, true]);
    const { gateway, seen } = await stage(fixture, replies(ok));
    for (const amountCents of [-500_00n, 0n, leastCents - 100n, 1050n, mostCents + 100n])
      expect((await has(gateway.payout).send({ ...payoutOrder, amountCents })).kind).toBe('not_sent');
    expect(seen).toEqual([]);
    for (const amountCents of [leastCents, mostCents])
      expect((await has(gateway.payout).send({ ...payoutOrder, amountCents })).kind).toBe('accepted');
  });

  test('whatever comes, accepted is only what says so', async () => {
    await fc.assert(
      fc.asyncProperty(statuses, bodies(told.accepted), async (status, body) => {
        const { kind } = await has(inProcess(fixture, status, body).payout).send(payoutOrder);
        expect(['accepted', 'refused', 'unknown']).toContain(kind);
        if (kind === 'accepted') expect([status < 300, told.accepts(body)]).toEqual([true, true]);
      }),
      runs,
    );
  });

  test('each ability is described', () => {
    expect(told.lookup === undefined).toBe(ability.lookup === undefined);
  });
  const { lookup } = told;
  if (lookup !== undefined) describe('looked up', () => payoutLookupCases(fixture, lookup));
}

function payoutLookupCases(fixture: GatewayFixture, told: PayoutLookupFixture): void {
  const keys = { payoutId: told.payoutId, reference: payoutOrder.reference };
  async function lookUp(answer: Answering, asked: { payoutId: string | null; reference: string } = keys) {
    const { gateway, calls } = await stage(fixture, answer);
    const outcome = await has(has(gateway.payout).lookup)(asked);
    expectClean(fixture, 'detail' in outcome ? outcome.detail : '');
    return { outcome, calls };
  }
  const paid: Reply = { status: 200, body: told.body('SUCCESS') };

  test('is asked exactly as documented', async () => {
    const { outcome, calls } = await lookUp(replies(paid));
    expect(outcome).toEqual({ kind: 'fact', fact: told.fact });
    expectSent(fixture, calls()[0], told.sent);
  });

  test.each([
    ['PENDING', 'pending', null],
    ['FAILED', 'failed', 'not_given'],
    ['REVERSED', 'reversed', null],
    ['success', 'paid', null],
  ])('%s is %s', async (status, verdict, reason) => {
    const { outcome } = await lookUp(replies({ status: 200, body: told.body(status) }));
    expect(outcome).toMatchObject({ kind: 'fact', fact: { verdict, reason } });
  });

  const nothing: readonly (readonly [string, Answering])[] = [
    ...lostAnswers(paid.body),
    ['a status of tomorrow', replies({ status: 200, body: told.body('HELD') })],
    ['an error', replies({ status: 422, body: fixture.error(422, 'No') })],
  ];
  test.each(nothing)('nothing is learnt: %s', async (_name, answer) => {
    expect((await lookUp(answer)).outcome).toMatchObject({ kind: 'no_answer', stop: false });
  });

  test('credentials refused, another payout, no id', async () => {
    const no = replies({ status: 401, body: fixture.error(401, 'No') });
    expect((await lookUp(no)).outcome).toMatchObject({ kind: 'no_answer', stop: true });
    const other = await lookUp(replies(paid), { ...keys, payoutId: 'another' });
    expect(other.outcome).toMatchObject({ kind: 'no_answer', stop: false });
    const without = await lookUp(replies(paid), { ...keys, payoutId: null });
    expect(without.outcome.kind).toBe('not_found' satisfies PayoutLookup['kind']);
    expect(without.calls()).toEqual([]);
  });
}
