/** From the bytes of a file to a table of cells, whatever kind of file it is. */
import { readSheet } from 'read-excel-file/node';
import {
  type BulkBounds,
  type BulkReading,
  mostBulkBytes,
  readBulk,
  type Table,
} from '../domain/bulk-read.ts';
import { decodeText, readCsv, readPasted } from '../domain/bulk-text.ts';
import { isModestWorkbook } from './bulk-zip.ts';

/** `pasted`: lines from a chat. */
export type FileKind = 'file' | 'pasted';

export type FileReading = BulkReading | { readonly kind: 'unreadable' | 'too_big' };

/** Reads only; takes a second or two for the largest file. */
export async function readFileOf(bytes: Buffer, kind: FileKind, bounds: BulkBounds): Promise<FileReading> {
  if (bytes.length > mostBulkBytes) return { kind: 'too_big' };
  const table = kind === 'pasted' ? readPasted(bytes.toString('utf8')) : await tableOf(bytes);
  return table === null ? { kind: 'unreadable' } : readBulk(table, bounds);
}

async function tableOf(bytes: Buffer): Promise<Table | null> {
  if (bytes.subarray(0, 2).toString('latin1') === 'PK') return sheetOf(bytes);
  const text = decodeText(bytes);
  return text === null ? null : readCsv(text);
}

/** The first sheet. Of a formula counts what the spreadsheet had worked out when it was saved. */
async function sheetOf(bytes: Buffer): Promise<Table | null> {
  if (!isModestWorkbook(bytes)) return null;
  try {
    const rows = await readSheet(bytes);
    return rows.map((row) => row.map(cellText));
  } catch {
    return null;
  }
}

/** A date, a share of a shilling or a number without all its digits stays visible as what it is, and is read by nobody. */
function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return String(value);
}
