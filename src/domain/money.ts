/** Money is whole Kenyan cents in bigint; M-Pesa moves whole shillings, 1 to 250,000 at a time. */
export const mpesaMinCents = 100n;
export const mpesaMaxCents = 25_000_000n;

export function shillings(amount: number | bigint): bigint {
  return BigInt(amount) * 100n;
}

/** A sum that M-Pesa moves in one piece: whole shillings inside its limits. */
export function isPayable(cents: bigint): boolean {
  return cents >= mpesaMinCents && cents <= mpesaMaxCents && cents % 100n === 0n;
}

/** `KES 1,200`; cents only where there are some, `KES 100.50`. */
export function showMoney(cents: bigint): string {
  const size = cents < 0n ? -cents : cents;
  const whole = (size / 100n).toString().replace(/\B(?=(?:\d{3})+$)/g, ',');
  const rest = size % 100n;
  const decimals = rest === 0n ? '' : `.${rest.toString().padStart(2, '0')}`;
  return `KES ${cents < 0n ? '-' : ''}${whole}${decimals}`;
}
