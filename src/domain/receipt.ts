import { findSums, splitLine } from './entry-sums.ts';
import { type Msisdn, parseMsisdn } from './msisdn.ts';
import { cleanText, toAsciiFigures } from './typed-text.ts';

/**
 * M-Pesa's receipt numbers, TFH774CBH1. Gateways' samples break the pattern, so that it finds and warns but never
 * rejects what a gateway names.
 */
export function looksLikeReceipt(text: string): boolean {
  return /^[A-Z][A-Z0-9]{9}$/.test(text);
}

/** Safaricom's own words in English and Swahili: the code comes first, then one of these. */
const confirmed = /(?:^|[^\p{L}\p{N}])([A-Z][A-Z0-9]{9})\s+(?:confirmed|imethibitishwa)(?![\p{L}\p{N}])/iu;

/** A pasted M-Pesa SMS. It proves nothing: anyone can write one. */
export function looksLikeMpesaSms(text: string): boolean {
  return confirmed.test(cleanText(text));
}

/** The code in a pasted M-Pesa SMS or among other words, in capitals; null when there is none. */
export function findReceipt(text: string): string | null {
  const clean = cleanText(text);
  const named = confirmed.exec(clean)?.[1]?.toUpperCase();
  if (named !== undefined) return named;
  for (const word of clean.split(/[^\p{L}\p{N}]+/u)) {
    // A word of ten letters (RESTAURANT) fits the pattern too; real codes hold a digit.
    const code = word.toUpperCase();
    if (looksLikeReceipt(code) && /\d/.test(code) && hasOneCase(word)) return code;
  }
  return null;
}

function hasOneCase(word: string): boolean {
  return word === word.toUpperCase() || word === word.toLowerCase();
}

/** What a person says about a payment: typed, pasted or forwarded. Every part is a claim, to be compared and never taken. */
export interface Claim {
  /** As it is looked up, in capitals. */
  readonly code: string;
  /** What the text says was paid; null where it says nothing or more than one thing. Never a balance, a fee or a limit. */
  readonly cents: bigint | null;
  /** The phone that it says paid; null where it names none in full. A payee's phone is none. */
  readonly payer: Msisdn | null;
  /** The day that it names, `2026-11-21`. Its time of day is left alone: the spoken Swahili clock is six hours off. */
  readonly day: string | null;
}

/** Reads a claim; null when there is no code in the text. */
export function readClaim(text: string): Claim | null {
  const code = findReceipt(text);
  if (code === null) return null;
  const clean = toAsciiFigures(cleanText(text));
  const sms = bodyOf(clean);
  if (sms === null) return { code, cents: typedSum(clean), payer: null, day: null };
  return { code, cents: paidIn(sms), payer: payerIn(sms), day: dayIn(sms) };
}

/**
 * Reads the answer to "type the code", where the whole text is meant to be one: with spaces in it ("TFH 774 CBH1"), and in
 * a form that only some gateway uses.
 */
export function readTypedCode(text: string): Claim | null {
  const typed = toAsciiFigures(cleanText(text))
    .toUpperCase()
    .replace(/^M-?PESA\s+/, '');
  // In RCHK-C9B8078A0C, what follows the dash looks like a code and is none.
  const claim = /^[A-Z0-9]+-[A-Z0-9-]+$/.test(typed) ? null : readClaim(text);
  if (claim !== null) return claim;
  const code = typed.replace(/[\s.]+/g, '');
  // Words that happen to be ten letters together are no code: those hold a digit, but for one in ten thousand.
  const mixed = /\d/.test(code) && /[A-Z]/.test(code);
  const whole = looksLikeReceipt(code) && (mixed || code === typed);
  if (!whole && !(mixed && /^[A-Z0-9][A-Z0-9-]{5,29}$/.test(code))) return null;
  return { code, cents: null, payer: null, day: null };
}

/** O and 0, I, L and 1 look alike on paper: codes that differ only so have the same form here. */
export const lookAlikes = { from: 'OIL', to: '011' } as const;

/** From the code's "Confirmed" to the next code's: people forward several messages as one. */
function bodyOf(clean: string): string | null {
  const start = confirmed.exec(clean);
  if (start === null) return null;
  const rest = clean.slice(start.index + start[0].length);
  const next = confirmed.exec(rest);
  return next === null ? rest : rest.slice(0, next.index);
}

const money = /(?:kshs?|kes|shs?)\.?\s?(\d[\d,]*(?:\.\d{1,2})?)(?![\d,]*\d)/gi;
/** What Safaricom names beside the payment, in English and Swahili. */
const beside =
  /balance|salio|baki|cost|charge|fee|gharama|ada(?!\p{L})|limit|kikomo|transact|fuliza|outstanding|discount/iu;

/** Safaricom says what was paid before it says anything of the account; a name like "FEE SHOP" stands after the sum. */
function paidIn(sms: string): bigint | null {
  let at = 0;
  for (const sum of sms.matchAll(money)) {
    if (!beside.test(sms.slice(at, sum.index))) return centsOf(sum[1] ?? '');
    at = sum.index + sum[0].length;
  }
  return null;
}

function centsOf(figures: string): bigint | null {
  const [whole = '', decimals = ''] = figures.replaceAll(',', '').split('.');
  return whole.length > 12 ? null : BigInt(whole) * 100n + BigInt(decimals.padEnd(2, '0') || '0');
}

/** "nimelipa 500 TFH774CBH1": the only sum there is. */
function typedSum(clean: string): bigint | null {
  const sums = findSums(splitLine(clean).items).filter(({ strong }) => strong);
  const [only, ...others] = sums;
  return only?.reading.kind === 'amount' && others.length === 0 ? only.reading.cents : null;
}

/** "received from 2547… JOHN DOE", "Umepokea … kutoka kwa JANE DOE 0712…". */
function payerIn(sms: string): Msisdn | null {
  const from =
    /(?:received|umepokea|imepokelewa|zimepokelewa)[\s\S]*?(?:from|kutoka)(?!\p{L})([^.]{0,80})/iu.exec(sms);
  const phone = /(?<!\d)(?:\+?254|0)[17]\d{8}(?!\d)/.exec(from?.[1] ?? '')?.[0];
  if (phone === undefined) return null;
  const read = parseMsisdn(phone);
  return read.kind === 'msisdn' ? read.msisdn : null;
}

/** "on 21/11/26 at 2:32 PM", "tarehe 21/11/26 saa 2:32 PM": day before month. */
function dayIn(sms: string): string | null {
  const match = /(?<![\d/])(\d{1,2})\/(\d{1,2})\/(?:20)?(\d{2})(?![\d/])/.exec(sms);
  if (match === null) return null;
  const [, day = '', month = '', year = ''] = match;
  const named = `20${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const date = new Date(`${named}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(named) ? named : null;
}
