/**
 * What the standard fonts of every PDF reader can print: the letters of Windows-1252, English and Swahili among them. No
 * font that holds more lies in the packages in a form that pdfkit can embed.
 */

/** Beyond Latin-1: what Windows-1252 holds in 0x80 to 0x9F. */
const beyondLatin1 = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';
const printed = /^[\x20-\x7e\xa0-\xff]$/;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

export interface Printable {
  readonly text: string;
  /** false: letters were replaced, by their plain form (Ỳ → Y) or by "?". */
  readonly whole: boolean;
}

export function printable(text: string): Printable {
  const composed = text.normalize('NFC');
  const kept = [...graphemes.segment(composed)].map(({ segment }) => printableLetter(segment)).join('');
  return { text: kept, whole: kept === composed };
}

function printableLetter(letter: string): string {
  if (isPrinted(letter)) return letter;
  const plain = letter.normalize('NFKD').replace(/\p{M}/gu, '');
  return isPrinted(plain) ? plain : '?';
}

function isPrinted(text: string): boolean {
  return (
    text !== '' && [...text].every((character) => printed.test(character) || beyondLatin1.includes(character))
  );
}
