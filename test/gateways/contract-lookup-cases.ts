/** What a look-up may prove. */
import { expect, test } from 'vitest';
import type { LookupAbility, LookupKeys, LookupOutcome } from '../../src/gateways/gateway.ts';
import { has } from './adapters.support.ts';
import type { GatewayFixture, LookupFixture, Reply } from './contract-fixture.ts';
import {
  type Answering,
  expectClean,
  expectSent,
  lostAnswers,
  openFixture,
  pages,
  replies,
  type StageOptions,
  stage,
} from './contract-stage.ts';
import { closedPort, says, serve } from './loopback.ts';

export function lookupCases(fixture: GatewayFixture, ability: LookupAbility, told: LookupFixture): void {
  const { keys, paid, evidence } = told;
  const ok: Reply = { status: 200, body: paid };
  async function lookUp(answer: Answering, options: StageOptions & { keys?: LookupKeys } = {}) {
    const { gateway, calls } = await stage(fixture, answer, options);
    const outcome = await has(gateway.lookup).lookup(options.keys ?? keys);
    expectClean(fixture, 'detail' in outcome ? outcome.detail : '');
    return { outcome, calls };
  }
  const learnt = async (reply: Reply): Promise<LookupOutcome> => (await lookUp(replies(reply))).outcome;

  test('paid: asked exactly as the document says, and read whole', async () => {
    const { outcome, calls } = await lookUp(replies(ok));
    expect(outcome).toEqual({ kind: 'evidence', evidence });
    expect(calls()).toHaveLength(1);
    expectSent(fixture, calls()[0], told.sent);
  });

  test('paid, with fields of tomorrow, numbers as texts and texts as numbers', async () => {
    expect(await learnt({ status: 200, body: { ...paid, tomorrow: { deep: [1, null] } } })).toEqual({
      kind: 'evidence',
      evidence,
    });
    const swapped = JSON.parse(JSON.stringify(paid), (_name, value: unknown) => {
      if (typeof value === 'number') return String(value);
      return typeof value === 'string' && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : value;
    }) as unknown;
    expect(await learnt({ status: 200, body: swapped })).toEqual({ kind: 'evidence', evidence });
  });

  const { paidAmount: withAmount } = told;
  if (withAmount !== undefined)
    test('another amount stands as it was told', async () => {
      const other = await learnt({ status: 200, body: withAmount('250.50') });
      expect(other).toEqual({ kind: 'evidence', evidence: { ...evidence, amountCents: 250_50n } });
      for (const amount of [1e21, -5, '1e3', [], {}, true]) {
        const { kind } = await learnt({ status: 200, body: withAmount(amount) });
        expect(kind).toBe('no_answer');
      }
    });

  test.each(told.pending)('pending: $name', async ({ reply }) => {
    expect(await learnt(reply)).toMatchObject({ kind: 'evidence', evidence: { verdict: 'pending' } });
  });

  test.each(told.failed)('failed: $name', async ({ reply, reason, rawCode }) => {
    expect(await learnt(reply)).toMatchObject({
      kind: 'evidence',
      evidence: { verdict: 'failed', reason, rawCode, receipt: null },
    });
  });

  test.each(told.notFound)('not found is no failure: $name', async ({ reply }) => {
    expect((await learnt(reply)).kind).toBe('not_found');
  });

  test.each(told.stop)('credentials are refused: $name', async ({ reply }) => {
    expect(await learnt(reply)).toMatchObject({ kind: 'no_answer', stop: true });
  });

  test.each(told.noAnswer)('nothing is learnt: $name', async ({ reply }) => {
    expect(await learnt(reply)).toMatchObject({ kind: 'no_answer', stop: false });
  });

  test.each([...lostAnswers(paid), ...pages])('nothing is learnt: %s', async (_name, answer) => {
    expect((await lookUp(answer)).outcome).toMatchObject({ kind: 'no_answer', stop: false });
  });

  test('nothing is learnt: too slow, refused, redirected', async () => {
    const slow = await lookUp(() => undefined, { timeoutMs: 80 });
    expect(slow.outcome).toMatchObject({ kind: 'no_answer', stop: false });
    const gateway = openFixture(fixture, await closedPort());
    expect(await has(gateway.lookup).lookup(keys)).toMatchObject({ kind: 'no_answer', stop: false });
    const elsewhere = await serve(replies(ok));
    const away = await lookUp(says(307, '', { location: `${elsewhere.url}${told.sent.path}` }));
    expect(away.outcome).toMatchObject({ kind: 'no_answer', stop: false });
    expect(elsewhere.seen).toEqual([]);
  });

  test('an answer about somebody else’s payment is not taken for this one', async () => {
    const other = { correlationId: 'ws_CO_other', requestId: '999999', reference: 'POTHER01' };
    const asked = {
      correlationId: keys.correlationId === null ? null : other.correlationId,
      requestId: keys.requestId === null ? null : other.requestId,
      reference: other.reference,
    };
    expect((await lookUp(replies(ok), { keys: asked })).outcome.kind).not.toBe('evidence');
  });

  test('without any id of the gateway, nobody’s money is found; where ids are needed, nothing is asked', async () => {
    const none = { correlationId: null, requestId: null, reference: 'POTHER01' };
    const { outcome, calls } = await lookUp(replies(ok), { keys: none });
    expect(outcome.kind).not.toBe('evidence');
    expect(calls()).toHaveLength(ability.needsIds === true ? 0 : 1);
  });
}
