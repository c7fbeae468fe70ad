/**
 * What M-Pesa takes from a person who withdraws cash at an agent, so that a payout can carry it. As Safaricom publishes it
 * for customers ("M-PESA charges", in force in 2024 and 2025); where it changes, only this table does. Shillings.
 */
export const tariffOf = '2024-2025';

/** From, to, charge; both ends belong to the band. */
const bands: readonly (readonly [bigint, bigint, bigint])[] = [
  [50n, 100n, 11n],
  [101n, 500n, 29n],
  [501n, 1_000n, 29n],
  [1_001n, 1_500n, 29n],
  [1_501n, 2_500n, 29n],
  [2_501n, 3_500n, 52n],
  [3_501n, 5_000n, 69n],
  [5_001n, 7_500n, 87n],
  [7_501n, 10_000n, 115n],
  [10_001n, 15_000n, 167n],
  [15_001n, 20_000n, 185n],
  [20_001n, 35_000n, 197n],
  [35_001n, 50_000n, 278n],
  [50_001n, 250_000n, 309n],
];

/** The band that a sum lies in, in cents, as gateways' own fees follow it too. null: no cash is given out for it. */
export function bandOf(cents: bigint): { readonly least: bigint; readonly most: bigint } | null {
  const band = bands.find(([from, to]) => cents >= from * 100n && cents <= to * 100n);
  return band === undefined ? null : { least: band[0] * 100n, most: band[1] * 100n };
}

/** What is added so that the payee can withdraw `cents` whole. null: agents give out no such sum. */
export function withdrawalCharge(cents: bigint): bigint | null {
  const band = bands.find(([from, to]) => cents >= from * 100n && cents <= to * 100n);
  return band === undefined ? null : band[2] * 100n;
}
