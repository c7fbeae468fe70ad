/**
 * What people type for a sum. What is plain is read; what has two readings is asked; nothing outside M-Pesa's limits ever
 * comes back as an amount. The choices that are made here:
 *
 *   2k5      2,500 or 2,005              1.5, 1,5    1,500 (the k left out), or the number rounded up, or the digits
 *   1,5k     1,500 or 15,000             500.50      500 or 501: M-Pesa moves whole shillings
 *   1.500    1,500 or 2 (1.50 up)        500,50      50,050 or 501; 500,00 is 500 or 50,000
 *   1 500    1,500 or 500                500-600     the two
 *   3x500    the product or the price    0500        500, to be confirmed, as is 1,500.000: 1,500
 */
import { isNumeral, readNumerals } from './entry-numerals.ts';
import { isPayable, mpesaMinCents } from './money.ts';
import { parseMsisdn } from './msisdn.ts';
import { cleanText, toAsciiFigures } from './typed-text.ts';

export type AmountReading =
  | { readonly kind: 'amount'; readonly cents: bigint }
  /** One or two sums, each inside the limits, the likelier first. One: to be confirmed. */
  | { readonly kind: 'either'; readonly options: readonly bigint[] }
  /** Understood, but no sum that M-Pesa moves; null when it is too large to write out. */
  | { readonly kind: 'range'; readonly cents: bigint | null }
  | { readonly kind: 'unread' };

const unread: AmountReading = { kind: 'unread' };
const longestAmount = 80;

/** Reads a text that is one sum and nothing else. */
export function readAmount(text: string): AmountReading {
  if (text.length > 10 * longestAmount) return unread;
  const written = toAsciiFigures(cleanText(text)).toLowerCase();
  if (written.length > longestAmount || parseMsisdn(written).kind !== 'unread') return unread;
  const bare = stripCurrency(written);
  if (bare === '') return unread;
  return /\d/.test(bare) && !hasNumeral(bare) ? readFigures(bare) : readWords(bare);
}

function hasNumeral(text: string): boolean {
  return text.split(' ').some(isNumeral);
}

function readWords(text: string): AmountReading {
  const reading = readNumerals(text.split(' '));
  if (reading === null) return unread;
  const options = reading.values.map((value) => BigInt(value) * 100n);
  return reading.certain ? settle(options) : ask(options);
}

const currencyBefore = /^(?:shilingi|shillings?|kshs?|kes|shs?)(?![a-z])[.:]?\s*|^\/=\s*/;
const currencyAfter = /\s*(?:\/[=-]|(?<!=)=|(?<![a-z])(?:shilingi|shillings?|kshs?|kes|shs?|bob))$/;

/** True where the text says by itself that it is money. */
export function namesCurrency(text: string): boolean {
  const written = unwrap(text.toLowerCase());
  return currencyBefore.test(written) || currencyAfter.test(written);
}

function stripCurrency(text: string): string {
  // Twice, since people write "Ksh 500/= bob." with marks on both sides and a full stop after them.
  let bare = text;
  for (let round = 0; round < 2; round++)
    bare = unwrap(unwrap(bare).replace(currencyBefore, '').replace(currencyAfter, ''));
  return bare;
}

function unwrap(text: string): string {
  const start = text.search(/[^\s*_"'()[\]<>]/);
  if (start < 0) return '';
  let end = text.length;
  while (end > start && isClosing(text, end)) end--;
  return text.slice(start, end);
}

/** A dash or slash at the end closes nothing when it is part of `/-`. */
function isClosing(text: string, end: number): boolean {
  const last = text.charAt(end - 1);
  if (last === '-' && text.charAt(end - 2) === '/') return false;
  return /[\s*_"'()[\]<>.,;:!?/-]/.test(last);
}

/** `12345.67` in any grouping that has one reading. */
const plainNumber = /^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d{1,2})?$/;

type FigureRule = readonly [RegExp, (match: RegExpExecArray) => AmountReading];

const figureRules: readonly FigureRule[] = [
  [/^-\s?(\d[\d,]*(?:\.\d+)?)k?$/, ([, digits = '']) => outside(negative(cents(digits)))],
  [/^0\d+$/, ([digits]) => leadingZero(digits)],
  [/^\d+$/, ([digits]) => settle([cents(digits)])],
  [
    /^([1-9])\.(\d)$/,
    ([, whole, tenths]) => ask([cents(`${whole}${tenths}00`), cents(`${whole}.${tenths}`)]),
  ],
  [/^([1-9]\d{0,2})\.(\d{3})$/, ([all, whole, rest]) => ask([cents(`${whole}${rest}`), cents(all)])],
  [/^[1-9][\d,]{3,}\.000$/, ([all]) => ask([cents(all)])],
  [/^[1-9]\d{0,2}(?:\.\d{3}){2,}$/, ([all]) => ask([cents(all.replaceAll('.', ''))])],
  [/^[1-9]\d{0,2}(?:\.\d{3})+,\d{2}$/, ([all]) => ask([cents(all.replaceAll('.', '').replace(',', '.'))])],
  [/^(?:[\d,]*\d)?\.\d+$/, ([all]) => wholeOrNeighbours(cents(all))],
  [/^[1-9]\d{0,2}(?:,\d{3})+$/, ([all]) => settle([cents(all)])],
  [/^([1-9]),(\d)$/, ([, whole, tenths]) => ask([cents(`${whole}${tenths}00`), cents(`${whole}${tenths}`)])],
  [/^(\d+),(\d{2})$/, ([, whole = '', decimals = '']) => decimalComma(whole, decimals)],
  [/^\d[\d,]*$/, ([all]) => ask([cents(all)])],
  [/^[1-9]\d{0,2}(?: \d{3})+$/, ([all]) => ask([cents(all.replaceAll(' ', '')), ...spacedApart(all)])],
  [/^(\d{1,3}) (\d{1,3})$/, ([all]) => ask(spacedApart(all))],
  [/^([\d,]*\.?\d+)\s?([kgm])$/, ([, number = '', scale = '']) => scaledFigure(number, scale)],
  [
    /^(\d{1,6})k(\d{1,3})$/,
    ([, whole = '', rest = '']) => ask([cents(whole + rest.padEnd(3, '0')), kAnd(whole, rest)]),
  ],
  [/^(\d+)\s?[x*@]\s?(\d+)$/, ([, a = '', b = '']) => product(cents(a), cents(b))],
  [/^(\d+(?:\.\d+)?)e\+?(\d{1,4})$/, ([, digits = '', power = '']) => exponent(digits, Number(power))],
  [/^([\d.,]+k?)\s?(?:-|to|hadi|or|au|\|)\s?([\d.,]+k?)$/, ([, a = '', b = '']) => alternatives(a, b)],
];

function readFigures(text: string): AmountReading {
  for (const [pattern, read] of figureRules) {
    const match = pattern.exec(text);
    if (match !== null) return read(match);
  }
  return unread;
}

/** Beyond this many digits a sum is too large, whatever it is; null stands for that. */
const mostDigits = 18;
type Cents = bigint | null;

/** Digits with grouping commas and a decimal point to cents; a fraction of a cent rounds up, so that it stays a fraction. */
function cents(written: string): Cents {
  const [whole = '', decimals = ''] = written.replaceAll(',', '').split('.');
  if (whole.length + decimals.length > mostDigits) return null;
  const rest = /[1-9]/.test(decimals.slice(2)) ? 1n : 0n;
  return BigInt(whole || '0') * 100n + BigInt(decimals.slice(0, 2).padEnd(2, '0')) + rest;
}

const negative = (sum: Cents): Cents => (sum === null ? null : -sum);
const outside = (sum: Cents): AmountReading => ({ kind: 'range', cents: sum });

/** The reading of sums that are certain as long as there is only one. */
function settle(sums: readonly Cents[]): AmountReading {
  const [only, ...others] = sums;
  if (others.length > 0 || only === undefined) return ask(sums);
  return only !== null && isPayable(only) ? { kind: 'amount', cents: only } : outside(only);
}

/** Sums to choose from: parts of a shilling go up to the next whole one, then what M-Pesa does not move is left out. */
function ask(sums: readonly Cents[]): AmountReading {
  const options = new Set<bigint>();
  for (const sum of sums) {
    const whole = sum === null ? 0n : roundUp(sum);
    if (isPayable(whole)) options.add(whole);
  }
  if (options.size === 0) return outside(sums[0] ?? null);
  return { kind: 'either', options: [...options].slice(0, 2) };
}

function roundUp(sum: bigint): bigint {
  return ((sum + 99n) / 100n) * 100n;
}

function wholeOrNeighbours(sum: Cents): AmountReading {
  if (sum === null || sum < mpesaMinCents || sum % 100n === 0n) return settle([sum]);
  return ask([sum - (sum % 100n), sum]);
}

/** Eight digits and more after a zero are a phone that lost or won a digit. */
function leadingZero(digits: string): AmountReading {
  if (/^0+$/.test(digits)) return outside(0n);
  return digits.length >= 8 ? unread : ask([cents(digits)]);
}

function decimalComma(whole: string, decimals: string): AmountReading {
  const joined = cents(whole + decimals);
  const withDecimals = cents(`${whole}.${decimals}`);
  return ask(decimals === '00' ? [withDecimals, joined] : [joined, withDecimals]);
}

/** "500 600": two sums; the second is nearer to the phone that usually follows. */
function spacedApart(text: string): Cents[] {
  const parts = text.split(' ');
  return [cents(parts.at(-1) ?? ''), cents(parts[0] ?? '')];
}

/** 1.5k, 2G, 1m: three decimals may be thousands in the European way, so that they are confirmed. */
function scaledFigure(number: string, scale: string): AmountReading {
  const factor = scale === 'm' ? 1_000_000n : 1000n;
  const comma = /^(\d{1,3}),(\d{1,2})$/.exec(number);
  if (comma !== null)
    return ask([
      scaledCents(`${comma[1]}.${comma[2]}`, factor),
      scaledCents(`${comma[1]}${comma[2]}`, factor),
    ]);
  const [, decimals = ''] = number.split('.');
  if (decimals.length > 3) return unread;
  const sum = scaledCents(number, factor);
  return decimals.length > 2 || !plainNumber.test(number) ? ask([sum]) : settle([sum]);
}

function scaledCents(number: string, factor: bigint): Cents {
  const [whole = '', decimals = ''] = number.replaceAll(',', '').split('.');
  if (whole.length > mostDigits) return null;
  return (BigInt(whole + decimals.padEnd(3, '0')) * factor) / 10n;
}

function kAnd(whole: string, rest: string): Cents {
  const thousands = cents(whole);
  const more = cents(rest);
  return thousands === null || more === null ? null : thousands * 1000n + more;
}

/** "3x500": the product, or the price of one, which is the larger number. */
function product(a: Cents, b: Cents): AmountReading {
  if (a === null || b === null) return outside(null);
  return ask([(a * b) / 100n, a > b ? a : b]);
}

function exponent(digits: string, power: number): AmountReading {
  const sum = cents(digits);
  if (sum === null || power > mostDigits) return outside(null);
  return ask([sum * 10n ** BigInt(power)]);
}

function alternatives(first: string, second: string): AmountReading {
  const readings = [readFigures(unwrap(first)), readFigures(unwrap(second))];
  if (readings.some((reading) => reading.kind === 'unread')) return unread;
  return ask(readings.map(firstSum));
}

function firstSum(reading: AmountReading): Cents {
  if (reading.kind === 'amount' || reading.kind === 'range') return reading.cents;
  return reading.kind === 'either' ? (reading.options[0] ?? null) : null;
}

/** The sums that a reading offers, the likelier first. */
export function sumsOf(reading: AmountReading): readonly bigint[] {
  if (reading.kind === 'amount') return [reading.cents];
  return reading.kind === 'either' ? reading.options : [];
}
