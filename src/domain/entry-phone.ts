/** Finds phones among other words: as an answer ("namba ni 0712 345 678") and in a line ("500 0712345678 lunch"). */
import { type Msisdn, parseMsisdn } from './msisdn.ts';
import { cleanText, toAsciiFigures } from './typed-text.ts';

export type PhoneReading =
  | { readonly kind: 'phone'; readonly msisdn: Msisdn }
  /** More than one Kenyan phone, in the order typed: which? */
  | { readonly kind: 'several'; readonly options: readonly Msisdn[] }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unread' };

/** A place in a text that holds a phone, or what was meant as one. */
export interface PhoneSpan {
  readonly start: number;
  readonly end: number;
  readonly reading: ReturnType<typeof parseMsisdn>;
}

const gap = '[ ().-]{0,2}';
const subscriber = `[17](?:${gap}\\d){8}`;
/** Shapes that can be a phone, the surest first. No digit stands before one or after it. */
const shapes: readonly RegExp[] = [
  `(?:\\+|00)?${gap}254${gap}(?:\\(?0\\)?)?${gap}${subscriber}`,
  `\\(?0${gap}${subscriber}`,
  // Without a zero the groups must be those of a phone, or "700 712345678" would be read as one.
  `(?<!\\d[.,])(?:[17]\\d{8}|[17]\\d{2}([ .-])\\d{3}\\1\\d{3})`,
].map(exactly);
/** Another country's number, or one that lost or won a digit: no sum is written so. */
const phoneLike = exactly(`(?:\\+|00)[1-9](?:${gap}\\d){6,16}|0\\d{7,}|254\\d{8,}`);

/** No digit stands before the shape or after it, and in "77,070 0700…" and "105,001 0700…" it starts inside no sum. */
function exactly(shape: string): RegExp {
  return new RegExp(`(?<![\\d+])(?!(?<=\\d[.,])\\d{3}(?!\\d))(?:${shape})(?!\\d)`, 'y');
}

const mostPhones = 20;

/** Phones in a text that went through `cleanText` and `toAsciiFigures`, from left to right. */
export function findPhones(text: string): PhoneSpan[] {
  const spans: PhoneSpan[] = [];
  const starts = /[+(]?\d+/g;
  let covered = 0;
  for (let run = starts.exec(text); run !== null && spans.length < mostPhones; run = starts.exec(text)) {
    const span = run.index < covered ? bareAt(text, run.index) : phoneAt(text, run.index);
    if (span === null) continue;
    spans.push(span);
    covered = Math.max(covered, span.end);
    // "700 712 345 678" holds two that overlap: groups without a zero are searched inside as well.
    if (!/^[17]\d\d\D/.test(text.slice(span.start, span.end))) starts.lastIndex = covered;
  }
  return spans;
}

function bareAt(text: string, start: number): PhoneSpan | null {
  const span = phoneAt(text, start);
  return span?.reading.kind === 'msisdn' ? span : null;
}

function phoneAt(text: string, start: number): PhoneSpan | null {
  for (const shape of shapes) {
    const span = spanOf(shape, text, start);
    if (span?.reading.kind === 'msisdn' && isGroupedLikePhone(text.slice(start, span.end))) return span;
  }
  return spanOf(phoneLike, text, start);
}

function spanOf(shape: RegExp, text: string, start: number): PhoneSpan | null {
  shape.lastIndex = start;
  const found = shape.exec(text)?.[0];
  return found === undefined ? null : { start, end: start + found.length, reading: parseMsisdn(found) };
}

/** "071234567 5 sodas" is a phone that lost a digit and a five, and not 0712345675: nobody leaves one digit apart. */
function isGroupedLikePhone(written: string): boolean {
  const groups: number[] = [];
  let missing = 9;
  for (const digits of (written.match(/\d+/g) ?? []).reverse()) {
    if (missing > 0) groups.push(Math.min(digits.length, missing));
    missing -= digits.length;
  }
  const apart = groups.slice(0, -1);
  return apart.every((size) => size >= 2 && size <= 6) && (apart.length === 0 || (groups.at(-1) ?? 0) <= 6);
}

/** Reads the answer to "which phone?". */
export function readPhone(text: string): PhoneReading {
  const clean = toAsciiFigures(cleanText(text));
  const whole = parseMsisdn(clean);
  if (whole.kind === 'msisdn') return { kind: 'phone', msisdn: whole.msisdn };
  if (whole.kind === 'foreign') return whole;
  return joinPhones(findPhones(clean)) ?? { kind: 'unread' };
}

/** What the phones of one text say together; null where there is none. The same phone twice is one. */
export function joinPhones(spans: readonly PhoneSpan[]): PhoneReading | null {
  if (spans.length === 0) return null;
  const options = new Set<Msisdn>();
  for (const { reading } of spans) if (reading.kind === 'msisdn') options.add(reading.msisdn);
  const [first, ...others] = options;
  if (first !== undefined) return others.length === 0 ? { kind: 'phone', msisdn: first } : several(options);
  return spans.some(({ reading }) => reading.kind === 'foreign') ? { kind: 'foreign' } : { kind: 'unread' };
}

function several(options: ReadonlySet<Msisdn>): PhoneReading {
  return { kind: 'several', options: [...options] };
}
