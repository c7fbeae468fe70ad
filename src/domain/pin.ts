/**
 * What may be somebody's M-Pesa PIN, typed into a chat. We never ask for one and never keep one: a false alarm costs a
 * sentence, a kept PIN costs the person's money.
 */
import { cleanText, toAsciiFigures } from './typed-text.ts';

/** Joined to no other letter: "pins" and "shipping" are no PIN. */
const pinWord = '(?<!\\p{L})(?:mpin|pini?|siri|nywila|password|passcode)(?!\\p{L})';
/** Four digits that are no part of a longer number, or four single ones. */
const fourDigits = '(?<!\\d)(?:\\d{4}(?!\\d)|\\d(?:[\\s.-]\\d){3}(?![\\s.-]?\\d))';
/** What people write around a PIN and around no sum: "ni 1234", "hii hapa 1234", "here it is: 1234". */
const around =
  /(?<!\p{L})(?:ni|hii|hiyo|hapa|ndiyo|ndio|yangu|yake|namba|nambari|it|is|its|it['’]s|my|here|this)(?!\p{L})/giu;
const named = new RegExp(pinWord, 'iu');
const beside = new RegExp(`${pinWord}\\D{0,30}${fourDigits}|${fourDigits}\\D{0,30}${pinWord}`, 'iu');

/** Longer texts are no PIN, and are not searched for one. */
const longest = 500;

/** lone: four digits and nothing else. named: the text says that they are a PIN. beside: so it does, among other numbers. */
export function pinIn(text: string): 'lone' | 'named' | 'beside' | null {
  if (text.length > longest) return null;
  const written = toAsciiFigures(cleanText(text));
  if (/^\d{4}$/.test(written.replace(around, '').replace(/[\s\p{P}\p{S}\p{M}]/gu, ''))) return 'lone';
  const digits = written.match(/\d/g)?.length ?? 0;
  if (digits === 4 && named.test(written)) return 'named';
  return beside.test(written) ? 'beside' : null;
}
