/** Splits a line into phones and words, and finds the sums among the words. */
import { type AmountReading, namesCurrency, readAmount } from './entry-amount.ts';
import { isNumeral, isScaleWord } from './entry-numerals.ts';
import { findPhones, type PhoneSpan } from './entry-phone.ts';
import { isCurrencyWord, leadsToPhone } from './entry-words.ts';
import { toAsciiFigures } from './typed-text.ts';

export interface WordItem {
  readonly kind: 'word';
  /** As typed. */
  readonly shown: string;
  /** With ASCII figures, for reading sums. */
  readonly figures: string;
  /** Lower case, without the punctuation around it. */
  readonly key: string;
}
export type Item = WordItem | { readonly kind: 'phone' };

export interface Line {
  readonly items: readonly Item[];
  readonly phones: readonly PhoneSpan[];
}

/** `clean` went through `cleanText`. Words that only lead to a phone ("from 0712…") are left out. */
export function splitLine(clean: string): Line {
  const figures = toAsciiFigures(clean);
  const phones = findPhones(figures);
  const items: Item[] = [];
  let at = 0;
  for (const phone of phones) {
    if (phone.start >= at) {
      pushWords(items, clean, figures, at, phone.start);
      while (isLeading(items.at(-1))) items.pop();
    }
    items.push({ kind: 'phone' });
    at = Math.max(at, phone.end);
  }
  pushWords(items, clean, figures, at, clean.length);
  return { items, phones };
}

function isLeading(item: Item | undefined): boolean {
  return item?.kind === 'word' && leadsToPhone(item.key);
}

function pushWords(items: Item[], clean: string, figures: string, from: number, to: number): void {
  // "0712345678-500" and "500/0712345678": what ties a phone to its neighbour belongs to neither.
  const start = from === 0 ? from : from + (/^[-/,:;=.)]*/.exec(figures.slice(from, to))?.[0].length ?? 0);
  for (const word of figures.slice(start, to).matchAll(/[^ ]+/g)) {
    const place = start + word.index;
    const shown = clean.slice(place, place + word[0].length);
    items.push({ kind: 'word', shown, figures: word[0], key: keyOf(word[0]) });
  }
}

function keyOf(word: string): string {
  return word.toLowerCase().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
}

export interface Sum {
  /** The items that it takes, the last one not included. */
  readonly start: number;
  readonly end: number;
  readonly reading: AmountReading;
  /** Figures or a scale word; "tano" and "G" are also said of other things. */
  readonly strong: boolean;
  readonly marked: boolean;
}

const mostSums = 50;
const longestFigures = 4;
const longestWords = 12;
const longestWord = 40;

/** The sums in a line, from left to right, each as long as it can be. */
export function findSums(items: readonly Item[]): Sum[] {
  const sums: Sum[] = [];
  for (let at = 0; at < items.length && sums.length < mostSums; ) {
    const sum = sumAt(items, at);
    if (sum !== null) sums.push(sum);
    at = sum?.end ?? at + 1;
  }
  return sums;
}

function sumAt(items: readonly Item[], start: number): Sum | null {
  const first = items[start];
  if (first?.kind !== 'word' || !startsSum(first)) return null;
  const words = wordsFrom(items, start, isNumeral(first.key) ? longestWords : longestFigures);
  for (let count = words.length; count > 0; count--) {
    const taken = words.slice(0, count);
    if (opensNextSum(taken.at(-1), items[start + count])) continue;
    const text = taken.map((word) => word.figures).join(' ');
    const reading = readAmount(text);
    if (reading.kind === 'unread') continue;
    const strong = taken.some((word) => /\d/.test(word.figures) || isScaleWord(word.key));
    return { start, end: start + count, reading, strong, marked: namesCurrency(text) };
  }
  return null;
}

/** "Room 12 Ksh 500": the currency stands before the next figures; only bob always follows its own. */
function opensNextSum(last: WordItem | undefined, next: Item | undefined): boolean {
  if (last === undefined || last.key === 'bob' || !isCurrencyWord(last.key)) return false;
  return next?.kind === 'word' && /^\d/.test(next.figures);
}

function startsSum(word: WordItem): boolean {
  if (word.figures.length > longestWord) return false;
  return /\d/.test(word.figures) || isCurrencyWord(word.key) || word.figures === '/=' || isNumeral(word.key);
}

/** Words up to the next phone, none of them too long to belong to a sum. */
function wordsFrom(items: readonly Item[], start: number, most: number): WordItem[] {
  const words: WordItem[] = [];
  for (const item of items.slice(start, start + most)) {
    if (item.kind !== 'word' || item.figures.length > longestWord) break;
    words.push(item);
  }
  return words;
}
