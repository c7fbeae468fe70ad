/** Protects how sums are shown and what M-Pesa takes: a wrong comma or an amount past the limits costs somebody money. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPayable, mpesaMaxCents, mpesaMinCents, shillings, showMoney } from '../../src/domain/money.ts';

describe('money', () => {
  it.each([
    [120_000n, 'KES 1,200'],
    [100n, 'KES 1'],
    [10_050n, 'KES 100.50'],
    [10_005n, 'KES 100.05'],
    [25_000_000n, 'KES 250,000'],
    [100_000_000n, 'KES 1,000,000'],
    [0n, 'KES 0'],
    [-150n, 'KES -1.50'],
  ])('shows %s cents as %s', (cents, shown) => {
    expect(showMoney(cents)).toBe(shown);
  });

  it('is payable from 1 to 250,000 whole shillings', () => {
    expect([mpesaMinCents, mpesaMaxCents]).toEqual([shillings(1), shillings(250_000n)]);
    expect([1n, 99n, 100n, 150n, 25_000_000n, 25_000_100n, -100n].map(isPayable)).toEqual([
      false,
      false,
      true,
      false,
      true,
      false,
      false,
    ]);
  });

  it('shows every sum so that its digits give the cents back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (cents) => {
        const [whole = '', rest = '00'] = showMoney(cents).slice(4).replaceAll(',', '').split('.');
        expect(BigInt(whole) * 100n + BigInt(rest)).toBe(cents);
      }),
    );
  });
});
