/** Protects the phone that a prompt goes to: every written form of a Kenyan mobile number is one number, nothing else is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Msisdn, maskMsisdn, maskPhonesIn, parseMsisdn, showMsisdn } from '../../src/domain/msisdn.ts';
import { anyMsisdn, anyText, phoneForms } from './written.ts';

const wanjiku = '254712345678' as Msisdn;

describe('parseMsisdn', () => {
  it.each([
    '0712345678',
    '712345678',
    '254712345678',
    '+254712345678',
    '00254712345678',
    '+254 (0)712 345 678',
    '0712-345-678',
    '(0712) 345.678',
    '0712\u00a0345\u202f678',
    '\u202a+254 712\u2011345\u2011678\u202c',
    '٠٧١٢٣٤٥٦٧٨',
    '０７１２３４５６７８',
    'tel:+254712345678',
  ])('reads %s', (text) => {
    expect(parseMsisdn(text)).toEqual({ kind: 'msisdn', msisdn: wanjiku });
  });

  it('reads 01 numbers', () => {
    expect(parseMsisdn('0110 345 678')).toEqual({ kind: 'msisdn', msisdn: '254110345678' });
    expect(parseMsisdn('110345678')).toEqual({ kind: 'msisdn', msisdn: '254110345678' });
  });

  it.each(['+12025550123', '+255712345678', '255712345678', '00256 772 123456', '+1 (202) 555-0123'])(
    'knows %s as foreign',
    (text) => {
      expect(parseMsisdn(text).kind).toBe('foreign');
    },
  );

  it.each([
    '',
    '500',
    '071234567',
    '07123456789',
    '+25471234567',
    '0202222222',
    '0190345678',
    '0712345678 lunch',
    '0712E45678',
    '2547****678',
    '1000000000',
    '0'.repeat(5000),
    ' '.repeat(5000),
  ])('does not read %s', (text) => {
    expect(parseMsisdn(text)).toEqual({ kind: 'unread' });
  });

  it('reads every mobile number in every written form', () => {
    fc.assert(
      fc.property(anyMsisdn, fc.constantFrom(...phoneForms), (msisdn, write) => {
        expect(parseMsisdn(write(msisdn))).toEqual({ kind: 'msisdn', msisdn });
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, and names only numbers of the form that gateways take', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const reading = parseMsisdn(text);
        expect(reading.kind !== 'msisdn' || /^254[17]\d{8}$/.test(reading.msisdn)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('showing a phone', () => {
  it('is whole for its owner and masked for others', () => {
    expect(showMsisdn(wanjiku)).toBe('0712 345 678');
    expect(maskMsisdn(wanjiku)).toBe('2547****678');
  });

  it('reads back as the same phone, and does not when masked', () => {
    fc.assert(
      fc.property(anyMsisdn, (msisdn) => {
        expect(parseMsisdn(showMsisdn(msisdn))).toEqual({ kind: 'msisdn', msisdn });
        expect(parseMsisdn(maskMsisdn(msisdn))).toEqual({ kind: 'unread' });
      }),
    );
  });
});

describe('maskPhonesIn', () => {
  it.each([
    ['for 0712 345 678, twice', 'for 07****678, twice'],
    ['+254712345678/0110-345-678', '+2547****678/01****678'],
    ['(0712) 345.678', '(07****678'],
    ['712345678', '7****678'],
    ['254 (0)712 345 678', '254 (0)7****678'],
  ])('%s reads %s', (text, masked) => {
    expect(maskPhonesIn(text)).toBe(masked);
  });

  it.each(['order 17 of 2026', 'TFH774CBH1', '1712345678901', 'table 7, 12 plates'])('leaves %s', (text) => {
    expect(maskPhonesIn(text)).toBe(text);
  });

  it('leaves no phone whole, however it is written', () => {
    fc.assert(
      fc.property(anyMsisdn, fc.constantFrom(' ', '-', '.', ''), (msisdn, gap) => {
        const written = [`0${msisdn.slice(3, 6)}`, msisdn.slice(6, 9), msisdn.slice(9)].join(gap);
        expect(maskPhonesIn(`x ${written} y`)).toBe(`x 0${msisdn[3]}****${msisdn.slice(-3)} y`);
      }),
    );
  });
});
