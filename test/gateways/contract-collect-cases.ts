/** What a prompt's answer may prove, and what leaves for it. */
import { describe, expect, test } from 'vitest';
import { collectRequest } from './adapters.support.ts';
import type { GatewayFixture, Reply } from './contract-fixture.ts';
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
  textOf,
} from './contract-stage.ts';
import { closedPort, says, serve } from './loopback.ts';

export function collectCases(fixture: GatewayFixture): void {
  const { accepted, ids, refusals, sent, unknowns } = fixture.collect;
  const ok: Reply = { status: 200, body: accepted };
  async function collect(answer: Answering, options: StageOptions = {}) {
    const { gateway, calls } = await stage(fixture, answer, options);
    const outcome = await gateway.collect(collectRequest);
    expectClean(fixture, 'detail' in outcome ? outcome.detail : '');
    return { outcome, calls };
  }

  test('accepted: one request with exactly the documented fields', async () => {
    const { outcome, calls } = await collect(replies(ok));
    expect(outcome).toEqual({ kind: 'accepted', ids });
    expect(calls()).toHaveLength(1);
    expectSent(fixture, calls()[0], sent);
  });

  test('accepted, with fields of tomorrow and numbers as texts', async () => {
    const more = { ...accepted, tomorrow: { deep: [1, null] }, message: 'Sawa' };
    expect((await collect(replies({ status: 200, body: more }))).outcome).toEqual({ kind: 'accepted', ids });
    const texts = JSON.parse(JSON.stringify(accepted), (_name, value: unknown) =>
      typeof value === 'number' ? String(value) : value,
    ) as unknown;
    expect((await collect(replies({ status: 200, body: texts }))).outcome).toEqual({ kind: 'accepted', ids });
  });

  test.each(refusals)('refused: $name', async ({ reply, reason, rawCode, wait, twice }) => {
    const { outcome, calls } = await collect(replies(reply));
    const { kind, ...told } = outcome;
    expect(kind).toBe('refused');
    expect(told).toEqual({ reason, rawCode, detail: expect.any(String), ...(wait && { wait }) });
    expect(calls()).toHaveLength(twice ? 2 : 1);
  });

  test.each(unknowns)('unknown: $name', async ({ reply, ids: told }) => {
    const { outcome, calls } = await collect(replies(reply));
    expect(outcome).toMatchObject({ kind: 'unknown', ids: told ?? { correlationId: null, requestId: null } });
    expect(calls()).toHaveLength(1);
  });

  test.each([...lostAnswers(accepted), ...pages, ['a list', says(200, `[${textOf(accepted)}]`)] as const])(
    'unknown, and not sent again: %s',
    async (_name, answer) => {
      const { outcome, calls } = await collect(answer);
      expect(outcome.kind).toBe('unknown');
      expect(calls()).toHaveLength(1);
    },
  );

  test.each([500, 502, 503, 504])('unknown: the gateway’s own words with %d', async (status) => {
    const body = fixture.error(status, 'Something went wrong');
    expect((await collect(replies({ status, body }))).outcome.kind).toBe('unknown');
  });

  test('unknown: too slow', async () => {
    const { outcome } = await collect(() => undefined, { timeoutMs: 80 });
    expect(outcome.kind).toBe('unknown');
  });

  test('not sent: the connection is refused', async () => {
    const gateway = openFixture(fixture, await closedPort());
    expect((await gateway.collect(collectRequest)).kind).toBe('not_sent');
  });

  test.each([301, 302, 303, 307, 308])('a redirect (%d) is not followed: unknown', async (status) => {
    const elsewhere = await serve(replies(ok));
    const { outcome } = await collect(says(status, '', { location: `${elsewhere.url}${sent.path}` }));
    expect(outcome.kind).toBe('unknown');
    expect(elsewhere.seen).toEqual([]);
  });

  test('a gateway that repeats the request tells neither secret nor phone', async () => {
    for (const status of [400, 500]) {
      const { outcome } = await collect(repeating(fixture, status));
      expect(outcome.kind).not.toBe('accepted');
    }
  });

  test.each([-100n, 0n, 50n, 150n, 250_001_00n, 10n ** 20n])(
    '%d cents are refused before the wire',
    async (amountCents) => {
      const { gateway, seen } = await stage(fixture, replies(ok));
      expect((await gateway.collect({ ...collectRequest, amountCents })).kind).toBe('not_sent');
      expect(seen).toEqual([]);
    },
  );

  test.each([100n, 250_000_00n])('%d cents go out as whole shillings', async (amountCents) => {
    const { gateway, calls } = await stage(fixture, replies(ok));
    expect((await gateway.collect({ ...collectRequest, amountCents })).kind).toBe('accepted');
    expect(textOf(calls()[0]?.body)).toMatch(new RegExp(`amount[^\\d]*${amountCents / 100n}(?!\\d)`));
  });

  describe('the base address', () => {
    test.each(['', '/', '//'])('with "%s" behind it is the same', async (tail) => {
      const { outcome, calls } = await collect(replies(ok), { tail });
      expect(outcome.kind).toBe('accepted');
      expect(calls()[0]?.path).toBe(sent.path);
    });
  });
}
