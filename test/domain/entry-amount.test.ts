/** Protects the sum that is asked of a customer: what is plain is read, what is ambiguous is asked and never guessed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AmountReading, readAmount, sumsOf } from '../../src/domain/entry-amount.ts';
import { isPayable, mpesaMaxCents, mpesaMinCents, shillings, showMoney } from '../../src/domain/money.ts';
import { amountForms, anyMsisdn, anyShillings, anyText, phoneForms } from './written.ts';

const amount = (sum: number): AmountReading => ({ kind: 'amount', cents: shillings(sum) });
const either = (...sums: number[]): AmountReading => ({
  kind: 'either',
  options: sums.map((sum) => shillings(sum)),
});

describe('plain sums', () => {
  const plain = {
    500: [
      '500',
      '500/=',
      '500 bob',
      'sh 500',
      'Ksh500.00',
      'mia tano',
      'soo tano',
      'punch',
      '500/-',
      '500.',
      'KSH 500/=',
    ],
    1500: [
      '1.5k',
      '1,500',
      'elfu na nusu',
      'elfu moja mia tano',
      '1.50K',
      'Ksh. 1,500/=',
      'thao na nusu',
      'elfu na mia tano',
    ],
    100: ['mia', 'soo', 'mia moja', '100 shilingi'],
    250: ['mia mbili hamsini', 'mia mbili na hamsini', '250', 'soo mbili na nusu'],
    1000: ['elfu moja', 'ngiri', 'thao', 'G', '1k', '1G', 'elfu'],
    2500: ['thao mbili soo tano', 'elfu mbili na nusu', '2.5k', 'ngiri mbili punch', 'elfu 2 mia 5'],
    25500: ['elfu ishirini na tano mia tano', '25,500'],
    150000: ['laki na nusu', '150k', 'laki moja elfu hamsini'],
    250000: ['250,000', '250000', '250k', 'laki mbili elfu hamsini'],
    555: ['mia tano hamsini na tano', 'MIA TANO HAMSINI NA TANO bob'],
    1: ['1', '1/=', 'sh 1'],
  } as const;
  const cases = Object.entries(plain).flatMap(([sum, texts]) =>
    texts.map((text) => [text, Number(sum)] as const),
  );

  it.each(cases)('%s is %d', (text, sum) => {
    expect(readAmount(text)).toEqual(amount(sum));
  });

  it('read back from every form that people print, for every sum', () => {
    fc.assert(
      fc.property(anyShillings, fc.constantFrom(...amountForms), (sum, write) => {
        expect(readAmount(write(sum))).toEqual(amount(sum));
      }),
      { numRuns: 1000 },
    );
  });

  it('read back from our own form', () => {
    fc.assert(
      fc.property(anyShillings, (sum) => {
        expect(readAmount(showMoney(shillings(sum)))).toEqual(amount(sum));
      }),
    );
  });
});

describe('ambiguous sums', () => {
  it.each([
    ['2k5', [2500, 2005]],
    ['1,5k', [1500, 15_000]],
    ['1.500', [1500, 2]],
    ['50.000', [50_000, 50]],
    ['250.000', [250_000, 250]],
    ['mia elfu', [100_000, 1100]],
    ['elfu mia mbili', [200_000, 1200]],
    ['elfu kumi na tano', [15_000, 10_005]],
    ['elfu mia mbili hamsini', [250_000, 1250]],
    ['jero', [500, 5]],
    ['buku', [1000, 500]],
    ['tano', [500, 5]],
    ['500.50', [500, 501]],
    ['500-600', [500, 600]],
    ['500 au 600', [500, 600]],
    ['3x500', [1500, 500]],
    ['3 × 500', [1500, 500]],
    ['1 500', [1500, 500]],
    ['1,5', [1500, 15]],
    ['1.5', [1500, 2]],
    ['500,00', [500, 50_000]],
  ] as const)('%s asks', (text, sums) => {
    expect(readAmount(text)).toEqual(either(...sums));
  });

  it.each([
    ['finje', 50],
    ['chwani', 50],
    ['mbao', 20],
    ['ashu', 10],
    ['ngovo', 5],
    ['kumi', 10],
    ['hamsini na tano', 55],
    ['0500', 500],
    ['1,500.000', 1500],
    ['1000.000', 1000],
    ['1,5000', 15_000],
    ['250000.50', 250_000],
    ['1e3', 1000],
    ['elfu mia tano', 1500],
  ] as const)('%s is confirmed', (text, sum) => {
    expect(readAmount(text)).toEqual(either(sum));
  });
});

describe('sums that M-Pesa does not move', () => {
  it.each([
    ['0', 0n],
    ['00', 0n],
    ['-1', -100n],
    ['−500', -50_000n],
    ['0.5', 50n],
    ['.5', 50n],
    ['0.001', 1n],
    ['1e9', 100_000_000_000n],
    ['1000000000', 100_000_000_000n],
    ['250001', 25_000_100n],
    ['1m', 100_000_000n],
    ['1e999', null],
    ['9'.repeat(60), null],
  ] as const)('%s is understood and out of range', (text, cents) => {
    expect(readAmount(text)).toEqual({ kind: 'range', cents });
  });
});

describe('what is no sum', () => {
  it.each([
    '',
    ' ',
    '!',
    '.',
    'Ksh',
    'lunch',
    '5pm',
    'A4',
    '2kg',
    '14:32',
    '21/11',
    '500²',
    '½',
    'na',
    'nusu',
    'elfu na',
  ])('%j is not read', (text) => {
    expect(readAmount(text)).toEqual({ kind: 'unread' });
  });

  it('a phone is never a sum', () => {
    expect(readAmount('071234567')).toEqual({ kind: 'unread' });
    fc.assert(
      fc.property(anyMsisdn, fc.constantFrom(...phoneForms), (msisdn, write) => {
        expect(readAmount(write(msisdn))).toEqual({ kind: 'unread' });
      }),
    );
  });
});

describe('any text', () => {
  it('never throws and never gives a sum that M-Pesa does not move', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const reading = readAmount(text);
        expect(sumsOf(reading).every(isPayable)).toBe(true);
        if (reading.kind === 'either') {
          expect([1, 2]).toContain(reading.options.length);
          expect(new Set(reading.options).size).toBe(reading.options.length);
        }
        if (reading.kind === 'range' && reading.cents !== null)
          expect(isPayable(reading.cents), text).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });

  it('never takes a number outside the limits for an amount', () => {
    const outside = fc.oneof(fc.integer({ max: 0 }), fc.integer({ min: 250_001 }));
    fc.assert(
      fc.property(outside, (sum) => {
        const reading = readAmount(String(sum));
        expect(reading.kind === 'range' || reading.kind === 'unread').toBe(true);
      }),
    );
    expect(readAmount(String(mpesaMaxCents / 100n))).toEqual({ kind: 'amount', cents: mpesaMaxCents });
    expect(readAmount(String(mpesaMinCents / 100n))).toEqual({ kind: 'amount', cents: mpesaMinCents });
  });
});
