/**
 * Text as it comes from keyboards, copies and other apps: bidi marks around a pasted phone, zero-width joiners, NBSP,
 * digits of other scripts. Nothing here is NFKC: that would turn `500²` into 5002.
 */

/** Drawn as nothing, though not in Unicode's Cf: joiners, Hangul and Khmer fillers, the blank Braille cell. */
const invisibleOthers = '\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u2800\\u3164\\uffa0';
const invisible = new RegExp(`[\\p{Cc}\\p{Cf}\\p{Cs}${invisibleOthers}]`, 'gu');

/** Controls, bidi and zero-width characters and lone surrogates removed, every run of white space one space. */
export function cleanText(text: string): string {
  // Line breaks and tabs are controls too, but they part words; U+FEFF is white space to a regex, but parts none.
  return text
    .replace(/[\t-\r\u0085]/g, ' ')
    .replace(invisible, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Zeros of the digit rows that keyboards used here can produce: Arabic-Indic, its eastern form, Devanagari. */
const zeros = [0x0660, 0x06f0, 0x0966] as const;
const dashes = /[\u2010-\u2015\u2212\uff0d\ufe58\ufe63]/g;

/**
 * Digits and signs as ASCII, for reading figures. The result has the same length as `text`, so that a place found in one
 * is the same place in the other.
 */
export function toAsciiFigures(text: string): string {
  return text
    .replace(dashes, '-')
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replace(/[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g, asciiDigit)
    .replaceAll('\u066b', '.')
    .replaceAll('\u066c', ',')
    .replaceAll('\u00d7', 'x')
    .replaceAll('\u2044', '/');
}

function asciiDigit(digit: string): string {
  const code = digit.charCodeAt(0);
  const zero = zeros.find((start) => code >= start && code <= start + 9) ?? code;
  return String(code - zero);
}

/** The longest note of a payment, in code points. */
export const noteLimit = 60;

/** A note as it is kept. Never truncated: one that is too long is sent back to its writer. */
export function cleanNote(text: string): string {
  return cleanText(text);
}

export function noteLength(note: string): number {
  return [...note].length;
}
