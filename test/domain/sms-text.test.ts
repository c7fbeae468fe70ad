/** Protects what an SMS costs: one character outside GSM-7 turns one part into three, and every part is paid for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitSmsField, foldToGsm7, isGsm7, smsSize } from '../../src/domain/sms-text.ts';

describe('smsSize', () => {
  it.each([
    ['', 'gsm7', 0, 1],
    ['a'.repeat(160), 'gsm7', 160, 1],
    ['a'.repeat(161), 'gsm7', 161, 2],
    ['a'.repeat(306), 'gsm7', 306, 2],
    ['a'.repeat(307), 'gsm7', 307, 3],
    ['€'.repeat(80), 'gsm7', 160, 1],
    ['^{}[]~|\\€', 'gsm7', 18, 1],
    ['·'.repeat(70), 'ucs2', 70, 1],
    ['·'.repeat(71), 'ucs2', 71, 2],
    ['·'.repeat(135), 'ucs2', 135, 3],
    ['😀'.repeat(35), 'ucs2', 70, 1],
  ] as const)('measures %s', (text, encoding, units, parts) => {
    expect(smsSize(text)).toEqual({ encoding, units, parts });
  });

  it('moves a pair that does not fit to the next part whole', () => {
    // 152 + an escape pair would end in the middle of it; three parts, where 306 septets alone would be two.
    const text = `${'a'.repeat(152)}€${'a'.repeat(151)}b`;
    expect(smsSize(text)).toEqual({ encoding: 'gsm7', units: 306, parts: 3 });
    expect(smsSize('😀'.repeat(67))).toEqual({ encoding: 'ucs2', units: 134, parts: 3 });
  });

  it('knows GSM-7 from the rest', () => {
    for (const text of [
      '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ',
      'Ksh 1,200 (chai & mandazi) "50%"?',
      '¡ÄÖÑÜ§¿äöñüà\n\r',
    ])
      expect(isGsm7(text), text).toBe(true);
    for (const text of ['·', '’', '\u00a0', '\t', '`', 'ç', '→', 'م', '😀', 'ê'])
      expect(isGsm7(text), text).toBe(false);
  });
});

describe('fields of an SMS', () => {
  it('fold to GSM-7', () => {
    expect(foldToGsm7('Mama’s “Kibanda” – no.\u00a01 · çafê 😀')).toBe('Mama\'s "Kibanda" - no. 1 - cafe');
    expect(fitSmsField('Mama Njeri Enterprises', 10)).toBe('Mama Njeri');
    expect(fitSmsField('Mama Njeri Enterprises', 11)).toBe('Mama Njeri');
    expect(fitSmsField('€€€', 5)).toBe('€€');
  });

  it('stay GSM-7 and within their length, whatever a name holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(60), (text, septets) => {
        const fitted = fitSmsField(text, septets);
        expect(smsSize(fitted).encoding).toBe('gsm7');
        expect(smsSize(fitted).units).toBeLessThanOrEqual(septets);
      }),
    );
  });
});
