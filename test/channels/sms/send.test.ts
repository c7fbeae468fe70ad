/** Protects customers from two SMS: what each answer of an SMS provider means for the row that is to be sent. */
import { describe, expect, test } from 'vitest';
import { createSmsSender, type SmsAnswer } from '../../../src/channels/sms/send.ts';
import { plusSeconds } from '../../../src/domain/clock.ts';
import { createTestClock } from '../../support/clock.ts';

const clock = createTestClock();
const hour = plusSeconds(clock.now(), 3600).toISOString();
const over = clock.now().toISOString();

function outcomeOf(outcome: SmsAnswer, { idempotent = true, until = hour } = {}) {
  const seen: unknown[] = [];
  const sender = createSmsSender({
    clock,
    port: {
      send: async (order) => {
        seen.push(order);
        return { idempotent, outcome };
      },
    },
  });
  const payload = { until, text: 'hello' };
  return sender
    .send({ lane: 'sms:1', method: 'sendMessage', payload, targetExternalId: null })
    .then((answer) => {
      expect(seen).toEqual([payload]);
      return answer;
    });
}

const costs = { messageId: '7', parts: 1, costCents: 250n, balanceCents: 9750n };
const again = { kind: 'retry', afterSeconds: null, scope: 'message', detail: 'd' };

describe('within the hour', () => {
  test('accepted is sent, with what it cost', async () => {
    expect(await outcomeOf({ kind: 'accepted', ...costs })).toEqual({
      kind: 'sent',
      externalId: '7',
      told: costs,
    });
  });

  test('refused is over, with its reason', async () => {
    const refusal = {
      kind: 'refused',
      reason: 'no_balance',
      rawCode: 'X',
      detail: 'd',
      balanceCents: 1n,
    } as const;
    expect(await outcomeOf(refusal)).toEqual({
      kind: 'drop',
      detail: 'X: d',
      told: { reason: 'no_balance', balanceCents: 1n },
    });
  });

  test('what is provably not sent is tried again, and the provider may say when', async () => {
    for (const idempotent of [true, false]) {
      expect(await outcomeOf({ kind: 'not_sent', detail: 'd' }, { idempotent })).toEqual(again);
      const later = { kind: 'later', detail: 'd', afterSeconds: 30 } as const;
      expect(await outcomeOf(later, { idempotent })).toEqual({ ...again, afterSeconds: 30 });
    }
  });

  test('a lost answer is asked for again only under a key', async () => {
    const lost = { kind: 'unknown', detail: 'd' } as const;
    expect(await outcomeOf(lost)).toEqual(again);
    expect(await outcomeOf(lost, { idempotent: false })).toEqual({ kind: 'unknown', detail: 'd' });
  });
});

describe('after the hour, the last answer stands', () => {
  test.each([
    [
      { kind: 'not_sent', detail: 'd' },
      { kind: 'drop', detail: 'd', told: { reason: 'not_reached' } },
    ],
    [
      { kind: 'later', detail: 'd', afterSeconds: 5 },
      { kind: 'unknown', detail: 'd' },
    ],
    [
      { kind: 'unknown', detail: 'd' },
      { kind: 'unknown', detail: 'd' },
    ],
  ] as const)('%o', async (answer, end) => {
    expect(await outcomeOf(answer, { until: over })).toEqual(end);
  });

  test('and an SMS that was never tried is still sent', async () => {
    expect(await outcomeOf({ kind: 'accepted', ...costs }, { until: over })).toMatchObject({ kind: 'sent' });
  });
});
