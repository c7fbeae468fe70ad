/**
 * Opens a ZIP file by its directory and holds it against its local headers (APPNOTE.TXT, 4.3): a library that streams reads
 * the local headers alone, so that a file of which the two differ is two files in one. Also packs anew what was opened.
 */
import { crc32, inflateRawSync } from 'node:zlib';

/** Of all entries together, unpacked. Ten thousand rows of four cells are 3 MB. */
const mostUnpacked = 8 * 1024 * 1024;
const mostEntries = 500;
const localSignature = 0x04034b50;
const entrySignature = 0x02014b50;
const endSignature = 0x06054b50;
const descriptorSignature = 0x08074b50;
const longestComment = 0xffff;
/** Of the flags: sizes and checksum stand behind the bytes, and need not stand in front. */
const streamed = 8;

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Buffer;
}

/** `unreadable`: no plain ZIP file, or its directory and its headers differ. `too_heavy`: it unpacks to too much. */
export type Unzipped =
  | { readonly kind: 'entries'; readonly entries: readonly ZipEntry[] }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'too_heavy' };

export function unzip(bytes: Buffer): Unzipped {
  try {
    const entries: ZipEntry[] = [];
    let left = mostUnpacked;
    for (const entry of listed(bytes)) {
      if (entry.size > left) return { kind: 'too_heavy' };
      left -= entry.size;
      entries.push({ name: entry.name, bytes: unpacked(entry) });
    }
    return { kind: 'entries', entries };
  } catch {
    return { kind: 'unreadable' };
  }
}

interface Listed {
  readonly name: string;
  readonly method: number;
  readonly size: number;
  readonly packed: Buffer;
}

/** Never more than the directory says; throws where it is another length. */
function unpacked({ method, packed, size }: Listed): Buffer {
  const plain = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
  if (plain.length !== size) throw new RangeError('an entry of another size');
  return plain;
}

function listed(bytes: Buffer): Listed[] {
  const end = endOf(bytes);
  const count = bytes.readUInt16LE(end + 10);
  if (count > mostEntries || count !== bytes.readUInt16LE(end + 8)) throw new RangeError('a count');
  const directory = bytes.readUInt32LE(end + 16);
  const heads: Head[] = [];
  let at = directory;
  for (let i = 0; i < count; i++) {
    const head = headAt(bytes, at);
    heads.push(head);
    at = head.next;
  }
  if (at !== end) throw new RangeError('more in the directory than it counts');
  if (new Set(heads.map(({ name }) => name.toLowerCase())).size !== count)
    throw new RangeError('a name twice');
  // The headers lie one behind the other, with nothing between them that the directory does not know.
  let from = 0;
  for (const head of heads.toSorted((a, b) => a.local - b.local)) {
    if (head.local !== from) throw new RangeError('bytes that no entry holds');
    from = checkLocal(bytes, head, directory);
  }
  if (from !== directory) throw new RangeError('bytes that no entry holds');
  return heads.map(({ name, method, size, packedSize, local }) => {
    const start = dataOf(bytes, local);
    return { name, method, size, packed: bytes.subarray(start, start + packedSize) };
  });
}

interface Head {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  readonly local: number;
  readonly next: number;
}

function headAt(bytes: Buffer, at: number): Head {
  if (bytes.readUInt32LE(at) !== entrySignature) throw new RangeError('no entry');
  const nameLength = bytes.readUInt16LE(at + 28);
  const flags = bytes.readUInt16LE(at + 8);
  const method = bytes.readUInt16LE(at + 10);
  if ((flags & 1) !== 0 || (method !== 0 && method !== 8)) throw new RangeError('packed in another way');
  return {
    name: bytes.toString('latin1', at + 46, at + 46 + nameLength),
    flags,
    method,
    crc: bytes.readUInt32LE(at + 16),
    packedSize: bytes.readUInt32LE(at + 20),
    size: bytes.readUInt32LE(at + 24),
    local: bytes.readUInt32LE(at + 42),
    next: at + 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32),
  };
}

function dataOf(bytes: Buffer, local: number): number {
  return local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
}

/** Where the next header stands. */
function checkLocal(bytes: Buffer, head: Head, directory: number): number {
  const { local, flags } = head;
  const name = bytes.toString('latin1', local + 30, local + 30 + bytes.readUInt16LE(local + 26));
  const later = (flags & streamed) !== 0;
  // A writer that streams leaves them out, or says that 64 bits of them follow.
  const is = (at: number, value: number): boolean => {
    const said = bytes.readUInt32LE(at);
    return said === value || (later && (said === 0 || said === 0xffffffff));
  };
  const same =
    bytes.readUInt32LE(local) === localSignature &&
    name === head.name &&
    bytes.readUInt16LE(local + 6) === flags &&
    bytes.readUInt16LE(local + 8) === head.method &&
    is(local + 14, head.crc) &&
    is(local + 18, head.packedSize) &&
    is(local + 22, head.size);
  const end = dataOf(bytes, local) + head.packedSize;
  if (!same || end > directory) throw new RangeError('another header than the directory says');
  return later ? end + descriptorLength(bytes, end, head) : end;
}

/** Checksum and both sizes, of 32 or of 64 bits; most write a signature in front. */
function descriptorLength(bytes: Buffer, at: number, { crc, packedSize, size }: Head): number {
  const signed = bytes.readUInt32LE(at) === descriptorSignature ? 4 : 0;
  const body = at + signed;
  const read = (offset: number) => bytes.readUInt32LE(body + offset);
  if (read(0) !== crc || read(4) !== packedSize) throw new RangeError('another size behind an entry');
  if (read(8) === size) return signed + 12;
  if (read(8) === 0 && read(12) === size && read(16) === 0) return signed + 20;
  throw new RangeError('another size behind an entry');
}

function endOf(bytes: Buffer): number {
  for (let at = bytes.length - 22; at >= 0 && at >= bytes.length - 22 - longestComment; at--)
    if (bytes.readUInt32LE(at) === endSignature) return at;
  throw new RangeError('no end of a ZIP file');
}

/** A ZIP file of nothing but these, as they are. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of entries) {
    const text = Buffer.from(name, 'latin1');
    const head = Buffer.alloc(46);
    head.writeUInt32LE(entrySignature, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt16LE(20, 6);
    head.writeUInt32LE(crc32(bytes), 16);
    head.writeUInt32LE(bytes.length, 20);
    head.writeUInt32LE(bytes.length, 24);
    head.writeUInt16LE(text.length, 28);
    head.writeUInt32LE(offset, 42);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(localSignature, 0);
    // From the version to the length of the name both read alike.
    head.copy(local, 4, 6, 30);
    parts.push(local, text, bytes);
    directory.push(head, text);
    offset += local.length + text.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(endSignature, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
