/** What a delivery may prove, whoever sent it. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { CallbackAbility, CallbackReading, ReceivedCallback } from '../../src/gateways/gateway.ts';
import type { CallbackFixture, Facts } from './contract-fixture.ts';

export const paidFacts: Facts = {
  correlationId: 'ws_CO_191220191020363925',
  reference: 'P7KQ4MA1',
  amount: 100,
  receipt: 'TFH774CBH1',
  phone: '254712345678',
};

export function deliveryOf(told: CallbackFixture, body: unknown): ReceivedCallback {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { body: Buffer.from(text), headers: told.sign?.(text) ?? {} };
}

export function callbackCases(ability: CallbackAbility, told: CallbackFixture): void {
  const read = (body: unknown): CallbackReading => ability.read(deliveryOf(told, body));
  const paid = (facts: Partial<Facts> = {}) => told.paid({ ...paidFacts, ...facts });
  const evidence = {
    verdict: 'paid',
    ids: { correlationId: paidFacts.correlationId, requestId: expect.toSatisfy(isNameOrNull) },
    reference: told.namesReference ? paidFacts.reference : null,
    amountCents: 100_00n,
    receipt: { number: 'TFH774CBH1', final: true },
    msisdn: '254712345678',
    reason: null,
    rawCode: expect.any(String),
  };

  test('is believed as far as the document allows', () => {
    expect(ability.trust).toBe(told.trust);
    expect(ability.trust === 'signed').toBe(told.sign !== undefined);
    expect(ability.answer).toEqual(told.answer);
  });

  test('paid is read whole', () => {
    expect(ability.authenticate(deliveryOf(told, paid()))).toBe('genuine');
    expect(read(paid())).toEqual({ kind: 'collect', evidence });
  });

  test.each(told.failed)('failed: $name', ({ body, reason, rawCode }) => {
    expect(read(body)).toMatchObject({
      kind: 'collect',
      evidence: { verdict: 'failed', reason, rawCode, receipt: null },
    });
  });

  test('numbers as texts, texts as numbers, fields of tomorrow: the same', () => {
    const texts = mapLeaves(paid(), (value) => (typeof value === 'number' ? String(value) : value));
    const numbers = mapLeaves(paid({ amount: '100.00' }), (value) =>
      typeof value === 'string' && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : value,
    );
    for (const body of [texts, numbers, withMore(paid())])
      expect(read(body)).toEqual({ kind: 'collect', evidence });
  });

  test.each([undefined, null, '', '2547****678', '254***345678', 'a'.repeat(64), '2547XX', 0, [], {}])(
    'without a whole phone (%j) it is paid, by nobody named',
    (phone) => {
      expect(read(paid({ phone }))).toEqual({ kind: 'collect', evidence: { ...evidence, msisdn: null } });
    },
  );

  test.each([
    [250, 250_00n],
    ['99.5', 99_50n],
    ['1,000.00', 1000_00n],
  ])('the amount %j stands as it was told', (amount, amountCents) => {
    expect(read(paid({ amount }))).toEqual({ kind: 'collect', evidence: { ...evidence, amountCents } });
  });

  test.each([1e21, -100, '1e3', '0x64', '100.001', '9'.repeat(30), null, undefined, true, [100], {}])(
    'the amount %j proves no money',
    (amount) => {
      expect(read(paid({ amount })).kind).toBe('unreadable');
    },
  );

  test('somebody else’s id is told as somebody else’s', () => {
    const facts = { correlationId: 'ws_CO_somebody', reference: 'POTHER01' };
    expect(read(paid(facts))).toMatchObject({
      evidence: {
        ids: { correlationId: 'ws_CO_somebody' },
        reference: told.namesReference ? 'POTHER01' : null,
      },
    });
  });

  test('sent twice it is one, and another one is another', () => {
    const keyOf = (body: unknown) => {
      const delivery = deliveryOf(told, body);
      // Where the gateway names none, the content's hash serves.
      return ability.idempotencyKey(delivery) ?? createHash('sha256').update(delivery.body).digest('hex');
    };
    expect(keyOf(paid())).toBe(keyOf(paid()));
    expect(keyOf(paid())).not.toBe(keyOf(paid({ correlationId: 'ws_CO_2', receipt: 'TFH774CBH2' })));
    expect(read(paid())).toEqual(read(paid()));
  });

  test.each([
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"paid"'],
    ['a number', '7'],
    ['no JSON', 'not JSON'],
    ['broken JSON', '{"a":'],
    ['very deep JSON', `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ['a list of it', JSON.stringify([paid()])],
    ['truncated', JSON.stringify(paid()).slice(0, -3)],
  ])('what cannot be read is never money: %s', (_name, body) => {
    const delivery = deliveryOf(told, body);
    if (ability.authenticate(delivery) === 'genuine') expect(ability.read(delivery).kind).toBe('unreadable');
    else expect(ability.authenticate(delivery)).toBe('malformed');
    expect(() => ability.idempotencyKey(delivery)).not.toThrow();
  });

  test('one broken field never makes other money of it', () => {
    for (const body of broken(paid())) {
      const reading = read(body);
      if (reading.kind !== 'collect' || reading.evidence.verdict !== 'paid') continue;
      const { amountCents, receipt, ids, reference } = reading.evidence;
      expect(amountCents).toBe(100_00n);
      expect([null, 'TFH774CBH1', '-1']).toContain(receipt?.number ?? null);
      expect([null, paidFacts.correlationId, '-1', '1e+308']).toContain(ids.correlationId);
      expect(ids.correlationId ?? reference).not.toBeNull();
    }
  });

  const { sign } = told;
  if (sign !== undefined)
    describe('signed', () => {
      const body = JSON.stringify(paid());
      const under = (text: string, headers: Readonly<Record<string, string>>) =>
        ability.authenticate({ body: Buffer.from(text), headers });

      test('by somebody else, or changed on its way, is forged', () => {
        expect(under(body, sign(body, 'another-secret'))).toBe('forged');
        expect(under(body.replace('100', '900'), sign(body))).toBe('forged');
        expect(under(`${body} `, sign(body))).toBe('forged');
      });

      test('not at all, or not as documented, is malformed', () => {
        expect(under(body, {})).toBe('malformed');
        for (const [name, value] of Object.entries(sign(body)))
          if (name.includes('signature'))
            for (const wrong of [
              '',
              'v1=',
              value.toUpperCase(),
              value.slice(0, -1),
              value.slice(3),
              `${value},v1=0`,
            ])
              expect(under(body, { ...sign(body), [name]: wrong })).toBe('malformed');
      });
    });
}

const isNameOrNull = (value: unknown): boolean => value === null || typeof value === 'string';

function mapLeaves(body: unknown, change: (value: unknown) => unknown): unknown {
  return JSON.parse(JSON.stringify(body), (_name, value: unknown) =>
    typeof value === 'object' ? value : change(value),
  );
}

function withMore(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body), (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value, tomorrow: { deep: [null, { 7: 'x' }] } }
      : value,
  );
}

const deep = JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`) as unknown;
const junk: readonly unknown[] = [null, [], {}, '', true, -1, 1e308, '9'.repeat(400), [[]], deep];

/** Each place of a body in turn with each kind of nonsense in it, and left out. */
export function* broken(body: unknown): Generator<unknown> {
  if (typeof body !== 'object' || body === null) return;
  for (const name of Object.keys(body)) {
    const put = (value: unknown): unknown => {
      if (Array.isArray(body)) return body.map((each, index) => (String(index) === name ? value : each));
      return { ...body, [name]: value };
    };
    for (const nonsense of [...junk, undefined]) yield put(nonsense);
    for (const inner of broken(Reflect.get(body, name))) yield put(inner);
  }
}
