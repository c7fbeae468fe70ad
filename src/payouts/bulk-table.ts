/** From the bytes of a file to rows that can be paid, whatever kind of file it is. Runs in a thread of its own. */
import { readSheet } from 'read-excel-file/node';
import { type BulkBounds, type BulkReading, readBulk, type Table } from '../domain/bulk-read.ts';
import { decodeText, readCsv, readPasted } from '../domain/bulk-text.ts';
import { openWorkbook } from './bulk-workbook.ts';

/** `pasted`: lines from a chat. */
export type FileKind = 'file' | 'pasted';

/** `too_heavy`: it takes more memory or time than a list of payouts is worth. */
export type TableReading = BulkReading | { readonly kind: 'unreadable' | 'too_heavy' };

export async function readTable(bytes: Buffer, kind: FileKind, bounds: BulkBounds): Promise<TableReading> {
  if (kind === 'pasted') return readBulk(readPasted(bytes.toString('utf8')), bounds);
  if (bytes.subarray(0, 2).toString('latin1') === 'PK') return readSheetOf(bytes, bounds);
  const text = decodeText(bytes);
  const table = text === null ? null : readCsv(text);
  return table === null ? { kind: 'unreadable' } : readBulk(table, bounds);
}

/** The first sheet. Of a formula counts what the spreadsheet had worked out when it was saved. */
async function readSheetOf(bytes: Buffer, bounds: BulkBounds): Promise<TableReading> {
  const opened = openWorkbook(bytes);
  if (opened.kind !== 'workbook') return opened;
  let table: Table;
  try {
    const rows = await readSheet(opened.bytes);
    table = rows.map((row) => row.map(cellText));
  } catch {
    return { kind: 'unreadable' };
  }
  return readBulk(table, bounds);
}

/** A date, a share of a shilling or a number without all its digits stays visible as what it is, and is read by nobody. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return String(value);
}
