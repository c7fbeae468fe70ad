import { cleanText } from './typed-text.ts';

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
