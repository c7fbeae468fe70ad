/** From the bytes of a file to rows that can be paid, whatever kind of file it is. */
import {
  type BulkBounds,
  type BulkReading,
  isBlankRow,
  readBulk,
  type Table,
  type UnreadSheet,
} from '../domain/bulk-read.ts';
import { decodeText, readCsv, readPasted } from '../domain/bulk-text.ts';
import { cleanText } from '../domain/typed-text.ts';
import { openWorkbook } from './bulk-workbook.ts';

/** `pasted`: lines from a chat. */
export type FileKind = 'file' | 'pasted';

/** `too_heavy`: it takes more memory or time than a list of payouts is worth. */
export type TableReading =
  | Exclude<BulkReading, { kind: 'rows' }>
  | (Extract<BulkReading, { kind: 'rows' }> & { readonly unread: readonly UnreadSheet[] })
  /** Its first sheet has no rows, and another one has. */
  | { readonly kind: 'first_empty' }
  | { readonly kind: 'unreadable' | 'too_heavy' };

/** A workbook, or another archive. */
export function isPacked(bytes: Buffer): boolean {
  return bytes.subarray(0, 2).toString('latin1') === 'PK';
}

export async function readTable(bytes: Buffer, kind: FileKind, bounds: BulkBounds): Promise<TableReading> {
  if (kind === 'pasted') return withUnread(readBulk(readPasted(bytes.toString('utf8')), bounds), []);
  if (isPacked(bytes)) return readSheetOf(bytes, bounds);
  const text = decodeText(bytes);
  const table = text === null ? null : readCsv(text);
  return table === null ? { kind: 'unreadable' } : withUnread(readBulk(table, bounds), []);
}

function withUnread(reading: BulkReading, unread: readonly UnreadSheet[]): TableReading {
  if (reading.kind === 'empty' && unread.length > 0) return { kind: 'first_empty' };
  return reading.kind === 'rows' ? { ...reading, unread } : reading;
}

/** Excel takes names up to this. */
const longestName = 31;

/** The first sheet; of others, that they are there. Of a formula counts what the spreadsheet had worked out when it was saved. */
async function readSheetOf(bytes: Buffer, bounds: BulkBounds): Promise<TableReading> {
  const opened = openWorkbook(bytes);
  if (opened.kind !== 'workbook') return opened;
  let sheets: { readonly name: string; readonly table: Table }[];
  try {
    // Loaded for a workbook only: whoever reads lines needs the less memory.
    const { default: readWorkbook } = await import('read-excel-file/node');
    const read = await readWorkbook(opened.bytes);
    sheets = read.map(({ sheet, data }) => ({ name: sheet, table: data.map((row) => row.map(cellText)) }));
  } catch {
    return { kind: 'unreadable' };
  }
  const [first, ...others] = sheets;
  if (first === undefined) return { kind: 'unreadable' };
  const unread = others
    .map(({ name, table }) => ({
      name: cleanText(name).slice(0, longestName),
      rows: table.filter((row) => !isBlankRow(row)).length,
    }))
    .filter(({ rows }) => rows > 0);
  return withUnread(readBulk(first.table, bounds), unread);
}

/** A date, a share of a shilling or a number without all its digits stays visible as what it is, and is read by nobody. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return String(value);
}
