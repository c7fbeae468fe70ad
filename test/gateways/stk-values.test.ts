// Protects amounts and names from guessing: a value is read as it was printed, or not at all.
import { expect, test } from 'vitest';
import { readCode, readCount, readFlag, readId, readKes, readText } from '../../src/gateways/stk-values.ts';

test.each<[unknown, bigint | null]>([
  [150, 150_00n],
  [100.5, 100_50n],
  ['100.00', 100_00n],
  [' 1,000.00 ', 1_000_00n],
  ['0.1', 10n],
  [0.1 + 0.2, null],
  ['100.005', null],
  ['1,00', null],
  [-1, null],
  ['1e3', null],
  [Number.NaN, null],
  [true, null],
  [null, null],
  [{}, null],
])('%j shillings', (value, cents) => expect(readKes(value)).toBe(cents));

test('flags, counts, ids, codes', () => {
  for (const yes of [true, 1, '1', 'true', ' TRUE ']) expect(readFlag(yes)).toBe(true);
  for (const no of [false, 0, '0', 'False']) expect(readFlag(no)).toBe(false);
  for (const neither of ['yes', 2, null, undefined, {}, [true], []]) expect(readFlag(neither)).toBeNull();
  expect([readCount('99'), readCount(0), readCount(-1), readCount('1.5'), readCount('')]).toEqual([
    99,
    0,
    null,
    null,
    null,
  ]);
  expect([readId('0'), readId(0), readId(''), readId(7), readId(' a ')]).toEqual([
    null,
    null,
    null,
    '7',
    'a',
  ]);
  expect([readText('a\nb'), readText('x'.repeat(129)), readText([])]).toEqual([null, null, null]);
  expect([readCode('A_1.b-c'), readCode('<b>'), readCode(17)]).toEqual(['A_1.b-c', 'unreadable_code', '17']);
});
