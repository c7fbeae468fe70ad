/**
 * Looks into a ZIP file before a library opens it: a file of a few kilobytes may unpack to gigabytes, or name a cell in the
 * last row of a sheet, so that everything before it is made. (APPNOTE.TXT, 4.3: end record, central directory, local header.)
 */
import { inflateRawSync } from 'node:zlib';

const mostUnpacked = 24 * 1024 * 1024;
const mostEntries = 500;
const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const longestComment = 0xffff;

/** Rows and columns of a sheet that are worth reading. */
const mostRow = 20_000;
const mostColumn = 64;

/** false: it is no plain ZIP file, it unpacks to too much, or a sheet reaches too far. */
export function isModestWorkbook(bytes: Buffer): boolean {
  try {
    let left = mostUnpacked;
    for (const { name, packed, method } of entriesOf(bytes)) {
      if (method !== 0 && method !== 8) return false;
      // Throws where it would be longer.
      const plain = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(left, 1) });
      left -= plain.length;
      if (left < 0) return false;
      if (/^xl\/worksheets\/.*\.xml$/i.test(name) && !isModestSheet(plain.toString('latin1'))) return false;
    }
    return true;
  } catch {
    return false;
  }
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packed: Buffer;
}

function entriesOf(bytes: Buffer): Entry[] {
  const end = endOf(bytes);
  const count = bytes.readUInt16LE(end + 10);
  if (count > mostEntries) throw new RangeError('too many entries');
  const entries: Entry[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (bytes.readUInt32LE(at) !== entrySignature) throw new RangeError('no entry');
    const size = bytes.readUInt32LE(at + 20);
    const nameLength = bytes.readUInt16LE(at + 28);
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    if (start + size > bytes.length) throw new RangeError('an entry beyond the end');
    entries.push({
      name: bytes.toString('latin1', at + 46, at + 46 + nameLength),
      method: bytes.readUInt16LE(at + 10),
      packed: bytes.subarray(start, start + size),
    });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

function endOf(bytes: Buffer): number {
  for (let at = bytes.length - 22; at >= 0 && at >= bytes.length - 22 - longestComment; at--)
    if (bytes.readUInt32LE(at) === endSignature) return at;
  throw new RangeError('no end of a ZIP file');
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
