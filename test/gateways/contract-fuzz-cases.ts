/** Whatever JSON comes: nothing throws, and nothing is accepted or paid that the document does not say is. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGatewayHttp } from '../../src/gateways/http.ts';
import { silentLog } from '../../src/ops/log.ts';
import { collectRequest, has } from './adapters.support.ts';
import { deliveryOf, paidFacts } from './contract-callback-cases.ts';
import type { GatewayFixture } from './contract-fixture.ts';
import { issued, openOver, textOf } from './contract-stage.ts';

export const runs = { numRuns: 120 };
export const statuses = fc.constantFrom(200, 200, 200, 201, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503);

/** Any JSON, and the documented body with any JSON in one or two of its places. */
export function bodies(documented: unknown): fc.Arbitrary<unknown> {
  const places = placesOf(documented);
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom<unknown>(
      '0',
      0,
      1,
      '1',
      true,
      'true',
      'success',
      'SUCCESS',
      'completed',
      'paid',
      '100',
      'NaN',
    ),
  );
  const change = fc.tuple(fc.constantFrom(...places), value);
  const changed = fc
    .array(change, { maxLength: 2 })
    .map((changes) => changes.reduce<unknown>((body, [place, to]) => put(body, place, to), documented));
  return fc.oneof({ weight: 1, arbitrary: fc.jsonValue() }, { weight: 3, arbitrary: changed });
}

function placesOf(body: unknown): readonly (readonly string[])[] {
  if (typeof body !== 'object' || body === null) return [];
  return Object.keys(body).flatMap((name) => [
    [name],
    ...placesOf(Reflect.get(body, name)).map((inner) => [name, ...inner]),
  ]);
}

function put(body: unknown, [name, ...inner]: readonly string[], to: unknown): unknown {
  if (name === undefined) return to;
  if (typeof body !== 'object' || body === null) return body;
  const value = put(Reflect.get(body, name), inner, to);
  return Array.isArray(body)
    ? body.map((each: unknown, index) => (String(index) === name ? value : each))
    : { ...body, [name]: value };
}

/** Answers in this process, since the wire is not what is tried here. */
export function inProcess(fixture: GatewayFixture, status: number, body: unknown) {
  const fetch = async (input: string | URL | Request) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    return pathname === fixture.token?.sent.path
      ? new Response(textOf(fixture.token.reply(issued(1))))
      : new Response(JSON.stringify(body), { status });
  };
  const http = createGatewayHttp({ fetch, log: silentLog });
  return openOver(fixture, 'http://127.0.0.1:1', http);
}

export function fuzzCases(fixture: GatewayFixture): void {
  const opened = (status: number, body: unknown) => inProcess(fixture, status, body);

  test('any answer to a prompt', async () => {
    const { accepted, accepts } = fixture.collect;
    await fc.assert(
      fc.asyncProperty(statuses, bodies(accepted), async (status, body) => {
        const { kind } = await opened(status, body).collect(collectRequest);
        expect(['accepted', 'refused', 'unknown']).toContain(kind);
        if (kind === 'accepted') expect([status < 300, accepts(body)]).toEqual([true, true]);
      }),
      runs,
    );
  });

  const { lookup, callback } = fixture;
  if (lookup !== undefined)
    test('any answer to a look-up', async () => {
      const { keys, paid, proves } = lookup;
      await fc.assert(
        fc.asyncProperty(statuses, bodies(paid), async (status, body) => {
          const outcome = await has(opened(status, body).lookup).lookup(keys);
          expect(['evidence', 'not_found', 'no_answer']).toContain(outcome.kind);
          if (outcome.kind === 'evidence' && outcome.evidence.verdict === 'paid')
            expect([status < 300, proves(body)]).toEqual([true, true]);
        }),
        runs,
      );
    });

  if (callback !== undefined)
    test('any delivery', () => {
      const ability = has(opened(200, {}).callback);
      fc.assert(
        fc.property(bodies(callback.paid(paidFacts)), (body) => {
          const delivery = deliveryOf(callback, body);
          ability.authenticate(delivery);
          ability.idempotencyKey(delivery);
          const reading = ability.read(delivery);
          if (reading.kind === 'collect' && reading.evidence.verdict === 'paid')
            expect(callback.proves(body)).toBe(true);
        }),
        runs,
      );
    });
}
