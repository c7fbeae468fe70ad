/** Protects our own numbers: what is read aloud, retyped or sent to a gateway must lead back to one payment. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/domain/random.ts';
import { attemptReference, newRef, parseRef, type RefKind } from '../../src/domain/refs.ts';
import { createTestRandom } from '../support/clock.ts';

const fromBytes = (bytes: readonly number[]): Random => ({
  bytes: (length) => Buffer.from(bytes.slice(0, length)),
});
const anyRef = fc
  .tuple(
    fc.constantFrom('P', 'W', 'B'),
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 5, maxLength: 5 }),
  )
  .map(([kind, bytes]) => newRef(kind as RefKind, fromBytes(bytes)));

describe('newRef', () => {
  it('draws each of the 32 letters equally often from even bytes', () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte++) {
      const letter = newRef('P', fromBytes([byte, byte, byte, byte, byte])).charAt(2);
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    expect([...counts.keys()].sort().join('')).toBe('0123456789ABCDEFGHJKMNPQRSTVWXYZ');
    expect(new Set(counts.values())).toEqual(new Set([8]));
  });

  it('says what it names', () => {
    const random = createTestRandom();
    expect(newRef('P', random)).toMatch(/^P-[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(newRef('W', random)).toMatch(/^W-[0-9A-HJKMNP-TV-Z]{5}$/);
  });
});

describe('parseRef', () => {
  it.each([
    ['p-7kq4m', 'P-7KQ4M'],
    ['P7KQ4M', 'P-7KQ4M'],
    [' p 7kq 4m ', 'P-7KQ4M'],
    ['W–3F9TD', 'W-3F9TD'],
    ['b 2m8hn', 'B-2M8HN'],
    ['P-OIL00', 'P-01100'],
    ['\u202aP-7KQ4M\u202c.', 'P-7KQ4M'],
    ['#P-7KQ4M', 'P-7KQ4M'],
  ])('reads %s as %s', (typed, ref) => {
    expect(parseRef(typed)).toBe(ref);
  });

  it.each(['', 'P', 'P-7KQ4', 'P-7KQ4MM', 'X-7KQ4M', 'P-7KQ4U', '7KQ4M', '0712345678', 'p'.repeat(9999)])(
    'does not read %s',
    (typed) => {
      expect(parseRef(typed)).toBeNull();
    },
  );

  it('reads every number back, however it was written', () => {
    const written = fc.tuple(anyRef, fc.constantFrom('-', '', ' ', '–', ' - '), fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(written, ([ref, dash, lower, mistaken]) => {
        let text = ref.replace('-', dash);
        if (mistaken) text = text.replaceAll('0', 'O').replaceAll('1', 'l');
        expect(parseRef(lower ? text.toLowerCase() : text)).toBe(ref);
      }),
    );
  });
});

describe('attemptReference', () => {
  it('is the number and the attempt', () => {
    expect(attemptReference('P-7KQ4M', 1)).toBe('P7KQ4M1');
    expect(attemptReference('p-7kq4m', 9999)).toBe('P7KQ4M9999');
  });

  it('is at most 12 letters and digits, and another one for every payment and attempt', () => {
    const attempt = fc.integer({ min: 1, max: 9999 });
    fc.assert(
      fc.property(anyRef, attempt, anyRef, attempt, (ref, n, other, m) => {
        expect(attemptReference(ref, n)).toMatch(/^[A-Z0-9]{7,12}$/);
        const same = attemptReference(ref, n) === attemptReference(other, m);
        expect(same).toBe(ref === other && n === m);
      }),
    );
    const all = new Set(Array.from({ length: 9999 }, (_, index) => attemptReference('P-00000', index + 1)));
    expect(all.size).toBe(9999);
  });

  it.each([0, 10_000, 1.5, Number.NaN])('refuses attempt %s: a bug of the caller', (attempt) => {
    expect(() => attemptReference('P-7KQ4M', attempt)).toThrow(RangeError);
  });
});
