/**
 * Reads a table of payouts: which column is what, and for each row a phone and a sum of which there is no doubt. Nothing is
 * guessed where money would follow: two columns that may be the sum are a question to whoever wrote the file.
 */
import { type BulkColumns, findColumns } from './bulk-columns.ts';
import { type Msisdn, parseMsisdn } from './msisdn.ts';
import { cleanText, noteLimit, toAsciiFigures } from './typed-text.ts';

/** Rows of one file, the empty ones not counted. */
export const mostBulkRows = 10_000;
export const mostBulkBytes = 1024 * 1024;

/** Why a row cannot be paid. */
export const bulkWhys = [
  'no_phone',
  'phone',
  'foreign',
  'no_amount',
  'amount',
  'point',
  'cents',
  'range',
  'columns',
] as const;
export type BulkWhy = (typeof bulkWhys)[number];

export interface BulkRow {
  /** As a spreadsheet numbers it: the first row of the file is 1. */
  readonly number: number;
  readonly msisdn: Msisdn;
  readonly amountCents: bigint;
  readonly name: string | null;
  readonly note: string | null;
}

export interface BadRow {
  readonly number: number;
  /** The row as it stands in the file, shortened. */
  readonly text: string;
  readonly why: BulkWhy;
}

/** A sheet of a workbook that was not read. */
export interface UnreadSheet {
  readonly name: string;
  /** Those that are not empty. */
  readonly rows: number;
}

export type BulkReading =
  | { readonly kind: 'rows'; readonly ready: readonly BulkRow[]; readonly bad: readonly BadRow[] }
  | { readonly kind: 'empty' }
  | { readonly kind: 'too_many' }
  /** Which column is the phone and which the sum cannot be told: the first row must name them. */
  | { readonly kind: 'no_columns' };

/** What one payout may be. Cents. */
export interface BulkBounds {
  readonly leastCents: bigint;
  readonly mostCents: bigint;
}

export type Table = readonly (readonly string[])[];

export function readBulk(table: Table, bounds: BulkBounds): BulkReading {
  const rows: { readonly number: number; readonly cells: string[] }[] = [];
  for (const [i, cells] of table.entries())
    if (!isBlankRow(cells)) rows.push({ number: i + 1, cells: cells.map(plainCell) });
  if (rows.length === 0) return { kind: 'empty' };
  // One more, for the row that names the columns.
  if (rows.length > mostBulkRows + 1) return { kind: 'too_many' };
  const columns = findColumns(rows.map(({ cells }) => cells));
  if (columns === null) return { kind: 'no_columns' };
  const body = columns.named ? rows.slice(1) : rows;
  if (body.length === 0) return { kind: 'empty' };
  if (body.length > mostBulkRows) return { kind: 'too_many' };
  const ready: BulkRow[] = [];
  const bad: BadRow[] = [];
  for (const { number, cells } of body) {
    const read = readRow(cells, columns, bounds);
    if (typeof read === 'string')
      bad.push({ number, text: shorten(cells.filter((cell) => cell !== '').join(' | ')), why: read });
    else ready.push({ number, ...read });
  }
  return { kind: 'rows', ready, bad };
}

function readRow(
  cells: readonly string[],
  columns: BulkColumns,
  bounds: BulkBounds,
): Omit<BulkRow, 'number'> | BulkWhy {
  if (cells.slice(columns.width).some((cell) => cell !== '')) return 'columns';
  const at = (column: number | null): string => (column === null ? '' : (cells[column] ?? ''));
  // `12,500` without quotes between commas is two cells, and 12 would be paid.
  if (/^\d{1,3}$/.test(at(columns.amount)) && /^\d{3}(?:\.\d+)?$/.test(at(columns.amount + 1)))
    return 'columns';
  const msisdn = readBulkPhone(at(columns.phone));
  if (typeof msisdn !== 'object') return msisdn;
  const amount = readBulkAmount(at(columns.amount), bounds);
  if (typeof amount === 'string') return amount;
  return {
    msisdn: msisdn.msisdn,
    amountCents: amount,
    name: text(at(columns.name)),
    note: text(at(columns.note)),
  };
}

/** `712345678` lost its zero in a spreadsheet; `7.12E+08` lost its digits, and is nobody's phone. */
export function readBulkPhone(cell: string): { readonly msisdn: Msisdn } | BulkWhy {
  if (cell === '') return 'no_phone';
  const reading = parseMsisdn(cell.replace(/^(\d{9,12})\.0+$/, '$1'));
  if (reading.kind === 'msisdn') return { msisdn: reading.msisdn };
  return reading.kind === 'foreign' ? 'foreign' : 'phone';
}

const currency = /^(?:kshs?|kes|shs?)[.:]?\s*|\s*(?:\/[=-]|kshs?|kes|shs?)$/gi;
const plainSum = /^([1-9]\d{0,9}|[1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d{1,6}))?$/;

/** Whole shillings in digits, with or without thousands and a currency; words and short forms are for people, not files. */
export function readBulkAmount(cell: string, bounds: BulkBounds): bigint | BulkWhy {
  if (cell === '') return 'no_amount';
  const figures = cell.replace(currency, '').trim();
  const match = plainSum.exec(figures);
  if (match === null) return /^0[0.]*$/.test(figures) ? 'range' : 'amount';
  // `50.000` is fifty thousand to who groups by points, and fifty to who writes decimals.
  if (match[2]?.length === 3) return 'point';
  if (/[1-9]/.test(match[2] ?? '')) return 'cents';
  const cents = BigInt((match[1] ?? '').replaceAll(',', '')) * 100n;
  return cents < bounds.leastCents || cents > bounds.mostCents ? 'range' : cents;
}

/** Longer than what any cell of use holds. */
const longestCell = 500;

function plainCell(cell: string): string {
  return toAsciiFigures(cleanText(cell.slice(0, longestCell)));
}

/** Of nothing but cells that are empty when read. */
export function isBlankRow(cells: readonly string[]): boolean {
  return cells.every((cell) => cell === '' || plainCell(cell) === '');
}

function text(cell: string): string | null {
  const short = shorten(cell);
  return short === '' ? null : short;
}

function shorten(cell: string): string {
  return [...cell].slice(0, noteLimit).join('').trim();
}
