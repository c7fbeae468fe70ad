/**
 * Looks into a workbook before a library opens it: a file of a few kilobytes may unpack to gigabytes, hold one text of
 * megabytes, or name a cell in the last row of a sheet, so that everything before it is made.
 */
import { unzip, zipOf } from './bulk-zip.ts';

/** Rows and columns of a sheet that are worth reading. */
const mostRow = 20_000;
const mostColumn = 64;
/** Between two tags; a cell of Excel holds 32,767 letters. */
const longestText = 32 * 1024;

export type Workbook =
  | { readonly kind: 'workbook'; readonly bytes: Buffer }
  | { readonly kind: 'unreadable' | 'too_heavy' };

/** Packed anew of what was looked at, so that nothing else is read. */
export function openWorkbook(bytes: Buffer): Workbook {
  const unzipped = unzip(bytes);
  if (unzipped.kind !== 'entries') return unzipped;
  const entries = unzipped.entries.filter(({ name }) => /\.xml(?:\.rels)?$/.test(name));
  for (const { bytes: plain } of entries) {
    if (longestRun(plain) > longestText) return { kind: 'too_heavy' };
    // Any of them may be named as the sheet.
    if (!isModestSheet(plain.toString('latin1'))) return { kind: 'too_heavy' };
  }
  return { kind: 'workbook', bytes: zipOf(entries) };
}

/** Bytes from one `<` to the next: a tag with all its attributes, and the text behind it. */
function longestRun(xml: Buffer): number {
  let longest = 0;
  for (let at = 0; at < xml.length; ) {
    const next = xml.indexOf('<', at + 1);
    const end = next === -1 ? xml.length : next;
    longest = Math.max(longest, end - at);
    at = end;
  }
  return longest;
}

/** Attributes may be written with any prefix of their element's name, and in either kind of quotes. */
function isModestSheet(xml: string): boolean {
  for (const [, letters = '', digits = ''] of xml.matchAll(/\br\s*=\s*["']([A-Z]*)(\d+)["']/gi)) {
    if (digits.length > 6 || Number(digits) > mostRow) return false;
    if (letters.length > 2 || columnNumber(letters) > mostColumn) return false;
  }
  return true;
}

function columnNumber(letters: string): number {
  return [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}
