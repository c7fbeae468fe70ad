/** Protects that a payee can withdraw what was meant for them: the published table, without gaps. */
import { expect, test } from 'vitest';
import { bandOf, withdrawalCharge } from '../../src/domain/tariff.ts';

test.each([
  [49n, null],
  [50n, 11n],
  [100n, 11n],
  [101n, 29n],
  [2_500n, 29n],
  [2_501n, 52n],
  [5_000n, 69n],
  [20_000n, 185n],
  [50_001n, 309n],
  [250_000n, 309n],
  [250_001n, null],
])('KES %s is withdrawn for %s', (shillings, charge) => {
  expect(withdrawalCharge(shillings * 100n)).toBe(charge === null ? null : charge * 100n);
});

test('no sum between the least and the most falls through', () => {
  for (let cents = 50_00n; cents <= 250_000_00n; cents += 99_00n) {
    const band = bandOf(cents);
    expect(band !== null && band.least <= cents && cents <= band.most).toBe(true);
  }
});
