/** Protects notes and readings from characters that cannot be seen, which can turn a name around or hide a digit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanNote, noteLength, toAsciiFigures } from '../../src/domain/typed-text.ts';

describe('cleanNote', () => {
  it.each([
    ['  lunch \n\t kwa\u00a0Njeri ', 'lunch kwa Njeri'],
    ['\u202egnp.exe\u202c', 'gnp.exe'],
    ['lu\u200bn\u2060ch\ufeff', 'lunch'],
    ['a\u0000b\u0007c', 'abc'],
    ['chai \ud83d mandazi', 'chai mandazi'],
    ['\u3164\u2800\u00ad', ''],
    ['chai ☕ ٢', 'chai ☕ ٢'],
  ])('cleans %j', (typed, note) => {
    expect(cleanNote(typed)).toBe(note);
  });

  it('never truncates and counts code points', () => {
    expect(noteLength(cleanNote('☕😀'.repeat(3000)))).toBe(6000);
  });

  it('is the same when cleaned again, and can be stored by PostgreSQL', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const note = cleanNote(text);
        expect(cleanNote(note)).toBe(note);
        expect(note.isWellFormed() && !note.includes('\u0000')).toBe(true);
      }),
    );
  });

  it('keeps every visible word in its order', () => {
    const word = fc.stringMatching(/^[\p{L}\p{N}.,!?'-]{1,12}$/u);
    const space = fc.constantFrom(' ', '\n', '\t', '  ', '\u00a0', '\u202f ', '\u200f \u200e');
    fc.assert(
      fc.property(fc.array(fc.tuple(word, space), { maxLength: 20 }), (pairs) => {
        const typed = pairs.flat().join('');
        const visible = pairs.map(([w]) => cleanNote(w)).filter((w) => w !== '');
        expect(cleanNote(typed)).toBe(visible.join(' '));
      }),
    );
  });
});

describe('toAsciiFigures', () => {
  it('reads digits of other scripts and keeps the length', () => {
    expect(toAsciiFigures('٥٠٠ ۵۰۰ ５００ ५०० −1 3×5 ١٬٥٠٠٫٥')).toBe('500 500 500 500 -1 3x5 1,500.5');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(toAsciiFigures(text)).toHaveLength(text.length);
      }),
    );
  });

  it('leaves what only looks like a digit', () => {
    expect(toAsciiFigures('500² ½ ①')).toBe('500² ½ ①');
  });
});
