/** Protects when an open payment is looked up: soon at first, then widening, and with an end at which a person decides. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextCheck, nextReceiptCheck } from '../../src/domain/checks.ts';
import { plusSeconds } from '../../src/domain/clock.ts';

const sent = new Date('2026-11-21T11:31:00Z');
const after = (seconds: number) => nextCheck(sent, plusSeconds(sent, seconds)).at;

test('20, 45, 90 and 180 seconds after the prompt, as M-Pesa settles', () => {
  expect([after(0), after(20), after(45), after(90)]).toEqual(
    [20, 45, 90, 180].map((seconds) => plusSeconds(sent, seconds)),
  );
});

test('the next look-up is always ahead, steps widen, and they end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400_000 }), (seconds) => {
      const { at, toReview } = nextCheck(sent, plusSeconds(sent, seconds));
      if (at !== null) expect(at.getTime()).toBeGreaterThan(plusSeconds(sent, seconds).getTime());
      else expect(toReview).toBe(true);
    }),
  );
  expect(after(400_000)).toBeNull();
});

test('after an hour without proof it is for a person, and look-ups go on', () => {
  expect(nextCheck(sent, plusSeconds(sent, 3599)).toReview).toBe(false);
  const hour = nextCheck(sent, plusSeconds(sent, 3600));
  expect(hour.toReview).toBe(true);
  expect(hour.at).not.toBeNull();
});

test('a receipt number that is owed is asked for at ten minutes, when the card changes its words', () => {
  expect(nextReceiptCheck(sent, plusSeconds(sent, 599))).toEqual(plusSeconds(sent, 600));
  expect(nextReceiptCheck(sent, plusSeconds(sent, 400_000))).toBeNull();
});
