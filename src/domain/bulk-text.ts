/** From the bytes of a CSV file, or lines pasted into a chat, to a table of cells. */
import { parse } from 'csv-parse/sync';
import { isBlankRow, mostBulkRows, type Table } from './bulk-read.ts';
import { findPhones } from './entry-phone.ts';
import { cleanText, toAsciiFigures } from './typed-text.ts';

/** null: it is no text. Excel writes UTF-8 or UTF-16 with a mark in front, or the old Windows letters without. */
export function decodeText(bytes: Buffer): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

const delimiters = ['\t', ';', ','] as const;

/** The first of tab, semicolon and comma that most of the first lines hold outside quotes. */
function delimiterOf(text: string): string {
  const lines = text
    .split(/\r\n|\r|\n/, 50)
    .filter((line) => line.trim() !== '')
    .map((line) => line.replace(/"[^"]*"?/g, ''));
  const share = (delimiter: string) => lines.filter((line) => line.includes(delimiter)).length;
  return delimiters.find((delimiter) => share(delimiter) * 2 > lines.length) ?? ',';
}

const blank: string[] = [];

/**
 * Rows keep their places: the n-th line is the n-th row, unless quotes span lines. null: quotes that never close. Blank rows
 * are not counted; of the others it ends after one that makes them too many.
 */
export function readCsv(text: string): Table | null {
  const named = /^sep=(.)\r?\n/.exec(text);
  const table: string[][] = [];
  let records = 0;
  let rows = 0;
  try {
    parse(text, {
      bom: true,
      delimiter: named?.[1] ?? delimiterOf(text),
      relax_column_count: true,
      relax_quotes: true,
      // To the parser an empty line is a row of too few cells, which it is slow to forgive: it counts them for us instead.
      skip_empty_lines: true,
      max_record_size: 10_000,
      trim: true,
      on_record: (cells: string[], { empty_lines }) => {
        while (table.length < records + empty_lines) table.push(blank);
        records++;
        const isBlank = isBlankRow(cells);
        table.push(isBlank ? blank : cells);
        if (!isBlank && ++rows > mostBulkRows + 1) throw new RangeError('too many rows');
        return null;
      },
      ...(named !== null && { from_line: 2 }),
    });
  } catch {
    if (rows <= mostBulkRows + 1) return null;
  }
  return table;
}

/** Are these lines a list of payouts? Two lines at least, most of them with a phone and something besides. */
export function looksLikeBulk(text: string): boolean {
  const lines = linesOf(text);
  if (lines.length < 2) return false;
  const phones = lines.filter((line) => {
    const spans = findPhones(line);
    const [span] = spans;
    return span !== undefined && /\d/.test(line.slice(0, span.start) + line.slice(span.end));
  });
  return phones.length >= 2 && phones.length * 2 > lines.length;
}

function linesOf(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => toAsciiFigures(cleanText(line)))
    .filter((line) => line !== '');
}

const sum = /^(?:kshs?\.?|kes\.?|shs?\.?)?\d[\d,.]*(?:\/[=-]|kshs?|kes|bob)?$/i;

/** Each line to phone, sum, the rest. A line in which either is in doubt becomes a row that says so by what it lacks. */
export function readPasted(text: string): Table {
  return [['phone', 'amount', 'name'], ...text.split(/\r\n|\r|\n/).map(readPastedLine)];
}

function readPastedLine(line: string): string[] {
  const clean = toAsciiFigures(cleanText(line));
  if (clean === '') return [];
  const phones = findPhones(clean);
  const [phone] = phones;
  if (phone === undefined || phones.length > 1) return [clean, '', ''];
  // A comma that touches the phone parts cells; then "1,500" is two of them, and neither is the sum.
  const apart = clean[phone.end] === ',' && /\S/.test(clean[phone.end + 1] ?? '');
  const rest = `${clean.slice(0, phone.start)} ${clean.slice(phone.end)}`;
  const tokens = rest
    .replace(/\b(kshs?|kes|shs?)[.:]?\s+(?=\d)/gi, '')
    .split(apart ? /[\s,;|]+/ : /[\s;|]+|,(?=\s|$)|(?<=^|\s),/)
    .filter((token) => /[\p{L}\d]/u.test(token));
  const sums = tokens.filter((token) => sum.test(token));
  const others = tokens.filter((token) => !sum.test(token)).join(' ');
  const cell = clean.slice(phone.start, phone.end);
  return sums.length === 1 ? [cell, sums[0] ?? '', others] : [cell, sums.join(' '), others];
}
