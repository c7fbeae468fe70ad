/** Protects the finding of M-Pesa codes in what people paste; a found code is only ever looked up, never believed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findReceipt, looksLikeMpesaSms, looksLikeReceipt } from '../../src/domain/receipt.ts';

const english =
  'TFH774CBH1 Confirmed. Ksh500.00 sent to JOHN DOE 0712345678 on 17/6/25 at 2:32 PM. New M-PESA balance is Ksh1,000.00.';
const swahili =
  'TFH774CBH1 Imethibitishwa.Umepokea Ksh500.00 kutoka kwa JANE DOE 0712345678 mnamo 17/6/25 saa 2:32 PM.';

describe('receipts', () => {
  it('look like ten capitals and digits that start with a letter', () => {
    expect(['TFH774CBH1', 'ABCDEFGHIJ'].every(looksLikeReceipt)).toBe(true);
    expect(
      ['tfh774cbh1', '1FH774CBH1', 'TFH774CBH', 'TFH774CBH12', 'RCHK-12345', ''].some(looksLikeReceipt),
    ).toBe(false);
  });

  it.each([
    [english, 'TFH774CBH1'],
    [swahili, 'TFH774CBH1'],
    [`Fwd:\n${english.toLowerCase()}`, 'TFH774CBH1'],
    ['ABCDEFGHIJ Confirmed. Ksh500.00 sent', 'ABCDEFGHIJ'],
    ['code ni tfh774cbh1.', 'TFH774CBH1'],
    ['\u202aTFH774CBH1\u202c', 'TFH774CBH1'],
    ['RESTAURANT', null],
    ['Restaurant', null],
    ['500 0712345678 lunch', null],
    ['Tfh774cbH1', null],
    ['', null],
  ])('finds in %j: %s', (text, code) => {
    expect(findReceipt(text)).toBe(code);
  });

  it('tell an M-Pesa SMS from talk', () => {
    expect([english, swahili].every(looksLikeMpesaSms)).toBe(true);
    expect(['TFH774CBH1', 'Confirmed', '500 0712345678 confirmed'].some(looksLikeMpesaSms)).toBe(false);
  });

  it('are found in any text or not at all, in their own form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const code = findReceipt(text);
        expect(code === null || looksLikeReceipt(code)).toBe(true);
      }),
    );
  });
});
