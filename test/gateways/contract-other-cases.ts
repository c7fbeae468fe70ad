/** The configuration, and the abilities beside collecting: SMS, balances, the set-up, the check and operators' actions. */
import { expect, test } from 'vitest';
import { systemClock } from '../../src/domain/clock.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import type { OperatorAround, OperatorOutcome, SmsAbility } from '../../src/gateways/abilities.ts';
import type { OpenGateway } from '../../src/gateways/gateway.ts';
import { openGateway } from '../../src/gateways/registry.ts';
import { has } from './adapters.support.ts';
import type { GatewayFixture, SmsFixture } from './contract-fixture.ts';
import {
  expectClean,
  expectSent,
  lostAnswers,
  openFixture,
  repeating,
  replies,
  stage,
} from './contract-stage.ts';
import { closedPort, openHttp } from './loopback.ts';

export function configCases(fixture: GatewayFixture): void {
  const opening = (baseUrl: string) =>
    openGateway(fixture.kind, fixture.config(baseUrl), openHttp().http, systemClock);

  test.each(['https://gateway.example', 'http://127.0.0.1:1', 'http://[::1]:1/', 'http://localhost:1'])(
    'opens at %s',
    (baseUrl) => expect(opening(baseUrl).kind).toBe('open'),
  );

  test.each([
    'http://gateway.example',
    'http://10.0.0.1',
    'http://127.0.0.1.gateway.example',
    'https://user:hidden@gateway.example',
    'https://gateway.example/?key=hidden',
    'ftp://127.0.0.1',
    'gateway.example',
    '',
  ])('does not open at "%s"', (baseUrl) => {
    const { kind, ...more } = opening(baseUrl);
    expect(kind).toBe('bad_config');
    expect(more).toEqual({ faults: [expect.stringMatching(/^baseUrl: expected an https/)] });
    expect(JSON.stringify(more)).not.toContain('hidden');
  });
}

const message = { msisdn: '254712345678' as Msisdn, text: 'Hello from the shop', reference: 'sms-1' };

export function smsCases(fixture: GatewayFixture, ability: SmsAbility, told: SmsFixture): void {
  test('SMS accepted: exactly the documented fields', async () => {
    const { gateway, calls } = await stage(fixture, replies({ status: 200, body: told.accepted }));
    expect(await has(gateway.sms).send(message)).toMatchObject(told.outcome);
    expectSent(fixture, calls()[0], told.sent);
  });

  test('SMS too long or empty is refused before the wire', async () => {
    const { gateway, seen } = await stage(fixture, replies({ status: 200, body: told.accepted }));
    for (const text of ['', 'a'.repeat(ability.longest + 1)])
      expect(await has(gateway.sms).send({ ...message, text })).toMatchObject({
        kind: 'refused',
        reason: 'text_refused',
      });
    expect(seen).toEqual([]);
  });

  test.each(lostAnswers(told.accepted))('SMS unknown: %s', async (_name, answer) => {
    const { gateway, calls } = await stage(fixture, answer);
    expect((await has(gateway.sms).send(message)).kind).toBe('unknown');
    expect(calls()).toHaveLength(1);
  });

  test('SMS refused, and not sent', async () => {
    const { gateway } = await stage(fixture, repeating(fixture, 401));
    const outcome = await has(gateway.sms).send(message);
    expect(outcome).toMatchObject({ kind: 'refused', reason: 'credentials_refused' });
    expectClean(
      fixture,
      JSON.stringify(outcome, (_name, value: unknown) => String(value)),
    );
    const nowhere = openFixture(fixture, await closedPort());
    expect((await has(nowhere.sms).send(message)).kind).toBe('not_sent');
  });
}

type Question = 'check' | 'balances' | 'setup';
const questions: readonly Question[] = ['check', 'balances', 'setup'];

const askedOf = (gateway: OpenGateway) => questions.filter((question) => gateway[question] !== undefined);
export const canBeAsked = (gateway: OpenGateway): boolean => askedOf(gateway).length > 0;

export function questionCases(fixture: GatewayFixture, gateway: OpenGateway): void {
  const asked = askedOf(gateway);
  const cases = asked.flatMap((question) =>
    lostAnswers({ success: true, ok: true }).map(([name, answer]) => [question, name, answer] as const),
  );
  test.each(cases)('%s learns nothing: %s', async (question, _name, answer) => {
    const { gateway: lost } = await stage(fixture, answer, { token: () => answer });
    expect(await lost[question]?.()).toMatchObject({ kind: 'no_answer', detail: expect.any(String) });
  });

  test.each(asked)('%s: nobody there, and credentials refused', async (question) => {
    const nowhere = openFixture(fixture, await closedPort());
    expect(await nowhere[question]?.()).toMatchObject({ kind: 'no_answer' });
    const no = repeating(fixture, 401);
    const { gateway: refused } = await stage(fixture, no, { token: () => no });
    const outcome = await refused[question]?.();
    expect(outcome).toMatchObject({ kind: 'refused' });
    expectClean(fixture, JSON.stringify(outcome));
  });
}

const around: OperatorAround = {
  callbackUrl: 'https://shop.example/cb/aa',
  operationUrl: (operation) => `https://shop.example/cb/aa/${operation === 'confirmation' ? 'bb' : 'cc'}`,
};

export function actionCases(fixture: GatewayFixture, gateway: OpenGateway): void {
  const configs = fixture.actions ?? {};
  const names = Object.keys(gateway.actions ?? {});

  test('every action of an operator is known to the kit', () => {
    expect(Object.keys(configs).toSorted()).toEqual(names.toSorted());
  });

  const run = (open: OpenGateway, name: string): Promise<OperatorOutcome> =>
    has(open.actions?.[name]).run(configs[name], around);

  test.each(names)('%s is done only where the gateway says so', async (name) => {
    const { changes, summary } = has(gateway.actions?.[name]);
    expect(summary).toMatch(/^\S.{10,}$/);
    for (const [, answer] of lostAnswers({ success: true, ok: true })) {
      const { gateway: lost, calls } = await stage(fixture, answer);
      const outcome = await run(lost, name);
      expect(changes ? [outcome.kind] : ['unknown', 'refused']).toContain(outcome.kind);
      expect(outcome.kind).toBe('unknown');
      expect(calls()).toHaveLength(1);
    }
    expect((await run(openFixture(fixture, await closedPort()), name)).kind).toBe('refused');
  });

  test.each(names)('%s that the gateway refuses tells no secret', async (name) => {
    const { gateway: refusing } = await stage(fixture, repeating(fixture, 400));
    const outcome = await run(refusing, name);
    expect(outcome.kind).toBe('refused');
    expectClean(fixture, JSON.stringify(outcome));
  });
}
