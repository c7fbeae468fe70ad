/** A bearer token: one for all, replaced when it dies, and never a reason to send money twice. */
import { expect, test } from 'vitest';
import { createTestClock } from '../support/clock.ts';
import { collectRequest } from './adapters.support.ts';
import type { GatewayFixture, TokenFixture } from './contract-fixture.ts';
import { type Answering, expectSent, issued, lostAnswers, replies, stage } from './contract-stage.ts';
import { says, serve } from './loopback.ts';

export function tokenCases(fixture: GatewayFixture, token: TokenFixture): void {
  const ok = replies({ status: 200, body: fixture.collect.accepted });
  const no = replies({ status: 401, body: fixture.error(401, 'Unauthorized') });

  test('is asked for as the document says, once for ten at a time', async () => {
    const { gateway, seen, tokens } = await stage(fixture, ok);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => gateway.collect(collectRequest)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(10).fill('accepted'));
    expect(tokens()).toBe(1);
    expectSent(fixture, seen[0], token.sent);
  });

  test('that dies early is replaced, and the prompt goes out again only then', async () => {
    const dead = `Bearer ${issued(1)}`;
    const { gateway, calls, tokens } = await stage(fixture, (response, seen) =>
      (seen.headers.authorization === dead ? no : ok)(response, seen),
    );
    expect((await gateway.collect(collectRequest)).kind).toBe('accepted');
    expect([tokens(), calls().length]).toEqual([2, 2]);
    expect((await gateway.collect(collectRequest)).kind).toBe('accepted');
    expect([tokens(), calls().length]).toEqual([2, 3]);
  });

  test('that is never taken ends as a refusal after two', async () => {
    const { gateway, calls, tokens } = await stage(fixture, no);
    expect(await gateway.collect(collectRequest)).toMatchObject({
      kind: 'refused',
      reason: 'credentials_refused',
    });
    expect([tokens(), calls().length]).toEqual([2, 2]);
  });

  test('is replaced before its end, and survives a clock that is set back', async () => {
    const clock = createTestClock();
    const { gateway, tokens } = await stage(fixture, ok, { clock });
    const collect = () => gateway.collect(collectRequest);
    await collect();
    clock.advance(-7200);
    expect((await collect()).kind).toBe('accepted');
    clock.advance(7200 + token.lifeSeconds - 120);
    await collect();
    expect(tokens()).toBe(1);
    clock.advance(119);
    await collect();
    expect(tokens()).toBe(2);
  });

  test('that is refused refuses the prompt, which is not sent', async () => {
    const { gateway, calls } = await stage(fixture, ok, { token: () => no });
    expect(await gateway.collect(collectRequest)).toMatchObject({
      kind: 'refused',
      reason: 'credentials_refused',
    });
    expect(calls()).toEqual([]);
  });

  const lost: readonly (readonly [string, Answering])[] = lostAnswers(token.reply(issued(1)));
  test.each(lost)('without an answer sends no prompt: %s', async (_name, answer) => {
    const { gateway, calls } = await stage(fixture, ok, { token: () => answer });
    expect((await gateway.collect(collectRequest)).kind).toBe('not_sent');
    expect(calls()).toEqual([]);
    expect(await gateway.check?.()).toMatchObject({ kind: 'no_answer' });
  });

  test('is not asked for at another host, which would learn the credentials', async () => {
    const elsewhere = await serve(replies({ status: 200, body: token.reply(issued(9)) }));
    const away = says(307, '', { location: `${elsewhere.url}${token.sent.path}` });
    const { gateway } = await stage(fixture, ok, { token: () => away });
    expect((await gateway.collect(collectRequest)).kind).toBe('not_sent');
    expect(elsewhere.seen).toEqual([]);
  });
}
