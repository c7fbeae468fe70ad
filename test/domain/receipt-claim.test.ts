/** Protects what is compared with the ledger: the sum that was paid and never a balance, in the forms that people paste. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readClaim, readTypedCode } from '../../src/domain/receipt.ts';

const code = 'TFH774CBH1';
const day = '2026-11-21';
const claims = [
  [
    'sent',
    'TFH774CBH1 Confirmed. Ksh500.00 sent to MAMA NJERI 0712345678 on 21/11/26 at 2:32 PM. New M-PESA balance is Ksh1,234.50. Transaction cost, Ksh7.00. Amount you can transact within the day is 499,500.00.',
    50_000n,
    null,
    day,
  ],
  [
    'to a Till',
    'TFH774CBH1 Confirmed. Ksh1,500.00 paid to MAMA NJERI. on 21/11/26 at 2:32 PM.New M-PESA balance is Ksh9,000.00. Transaction cost, Ksh0.00.',
    150_000n,
    null,
    day,
  ],
  [
    'to a Paybill',
    'TFH774CBH1 Confirmed. Ksh12,000.00 sent to BLUEPAY LIMITED for account P7KQ4M1 on 1/2/27 at 9:05 AM New M-PESA balance is Ksh300.00.',
    1_200_000n,
    null,
    '2027-02-01',
  ],
  [
    'received',
    'TFH774CBH1 Confirmed.You have received Ksh500.00 from JANE DOE 0712345678 on 21/11/26 at 2:32 PM New M-PESA balance is Ksh700.00.',
    50_000n,
    '254712345678',
    day,
  ],
  [
    'the merchant’s',
    'TFH774CBH1 Confirmed. on 21/11/26 at 2:32 PM Ksh500.00 received from 254712345678 JANE DOE. New Account balance is Ksh88,000.00.',
    50_000n,
    '254712345678',
    day,
  ],
  [
    'a masked payer',
    'TFH774CBH1 Confirmed. Ksh500.00 received from 2547****678 JANE DOE on 21/11/26',
    50_000n,
    null,
    day,
  ],
  [
    'Swahili, received',
    'TFH774CBH1 Imethibitishwa. Umepokea Ksh500.00 kutoka kwa JANE DOE 0712345678 mnamo 21/11/26 saa 2:32 PM. Salio lako la M-PESA ni Ksh1,000.00.',
    50_000n,
    '254712345678',
    day,
  ],
  [
    'Swahili, sent',
    'TFH774CBH1 Imethibitishwa. Ksh500.00 imetumwa kwa MAMA NJERI 0712345678 tarehe 21/11/26 saa 2:32 PM. Salio jipya la M-PESA ni Ksh20.00. Gharama ya kutuma ni Ksh7.00.',
    50_000n,
    null,
    day,
  ],
  [
    'the balance first',
    'TFH774CBH1 Confirmed. New M-PESA balance is Ksh1,000.00. Ksh500.00 paid to MAMA NJERI.',
    50_000n,
    null,
    null,
  ],
  [
    'only a balance',
    'TFH774CBH1 Confirmed. Your M-PESA balance was Ksh1,000.00 on 21/11/26',
    null,
    null,
    day,
  ],
  [
    'only Fuliza',
    'TFH774CBH1 confirmed. Fuliza M-PESA amount is Ksh 390.00. Access Fee charged Ksh 3.90.',
    null,
    null,
    null,
  ],
  [
    'a shop called FEE',
    'TFH774CBH1 Confirmed. Ksh500 paid to FEE BALANCE SHOP. New balance Ksh20',
    50_000n,
    null,
    null,
  ],
  [
    'two of them',
    `TFH774CBH1 Confirmed. on 21/11/26 TFH774CBH2 Confirmed. Ksh900.00 paid to X.`,
    null,
    null,
    day,
  ],
  [
    'a day that there is not',
    'TFH774CBH1 Confirmed. Ksh500.00 paid to X on 31/02/26 at 2:32 PM',
    50_000n,
    null,
    null,
  ],
  ['typed, with the sum', 'nimelipa 500 tfh774cbh1', 50_000n, null, null],
  ['typed, with two sums', 'nimelipa 500 na 200 TFH774CBH1', null, null, null],
  ['typed alone', 'TFH774CBH1', null, null, null],
] as const;

describe('a claim', () => {
  it.each(claims)('%s', (_, text, cents, payer, on) => {
    expect(readClaim(text)).toEqual({ code, cents, payer, day: on });
    const bidi = `\u202a${text.replaceAll(' ', '\u00a0')}\u202c`;
    expect(readClaim(bidi)).toEqual({ code, cents, payer, day: on });
  });

  it('is read from any text or not at all, and names no sum below nothing', () => {
    const sms = fc.string({ unit: 'binary' }).map((rest) => `TFH774CBH1 Confirmed. Ksh${rest}`);
    fc.assert(
      fc.property(fc.oneof(sms, fc.string({ unit: 'binary' })), (text) => {
        const cents = readClaim(text)?.cents ?? 0n;
        expect(cents >= 0n).toBe(true);
      }),
    );
  });
});

describe('a typed code', () => {
  it.each([
    ['tfh774cbh1', 'TFH774CBH1'],
    ['TFH 774 CBH1', 'TFH774CBH1'],
    ['mpesa tfh774cbh1', 'TFH774CBH1'],
    ['TFH774CBHO', 'TFH774CBHO'],
    ['RCHK-0A1B2C3D4E', 'RCHK-0A1B2C3D4E'],
    ['rchk-c9b8078a0c', 'RCHK-C9B8078A0C'],
    ['ABCDEFGHIJ', 'ABCDEFGHIJ'],
    ['the blue one', null],
    ['hello', null],
    ['0712345678', null],
    ['500', null],
    ['', null],
  ])('%j is %s', (text, read) => {
    expect(readTypedCode(text)?.code ?? null).toBe(read);
  });
});
