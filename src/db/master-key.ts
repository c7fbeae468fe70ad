/**
 * The key of an embedded database lies beside it, readable by its owner only. It is written once and never replaced: a
 * new key over old data would lose every sealed value for ever.
 */
import { constants } from 'node:fs';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Random } from '../domain/random.ts';

const fileName = 'master.key';
const keyBytes = 32;

export type MasterKeyReading =
  | { readonly kind: 'key'; readonly key: Buffer }
  /** A line for the operator. */
  | { readonly kind: 'fault'; readonly line: string };

/** Reads `DATA_DIR/master.key`, or makes it where there is none. Two starting at once get the same key. */
export async function readOrCreateMasterKey(dataDir: string, random: Random): Promise<MasterKeyReading> {
  const file = path.join(dataDir, fileName);
  const found = await readMasterKey(dataDir);
  if (found !== null) return found;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${file}.${random.bytes(8).toString('hex')}`;
  try {
    await writeDurably(draft, `${random.bytes(keyBytes).toString('base64')}\n`);
    // A link, not a rename: it fails where another process was first, whose key then counts.
    await link(draft, file).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
    });
    await syncDirectory(dataDir);
  } finally {
    await rm(draft, { force: true });
  }
  return (await readMasterKey(dataDir)) ?? { kind: 'fault', line: `${file} vanished while it was made` };
}

/** null: there is none yet. */
export async function readMasterKey(dataDir: string): Promise<MasterKeyReading | null> {
  const file = path.join(dataDir, fileName);
  const facts = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
  if (facts === null) return null;
  if (!facts.isFile()) return { kind: 'fault', line: `${file}: expected a file` };
  // Windows knows no such modes; there the directory's rights protect the key.
  if (process.platform !== 'win32' && (facts.mode & 0o077) !== 0)
    return { kind: 'fault', line: `${file}: others may read it; run: chmod 600 ${file}` };
  const key = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64');
  if (key.length !== keyBytes)
    return {
      kind: 'fault',
      line: `${file}: expected base64 of 32 bytes; put the right key back, since no other opens what is stored`,
    };
  return { kind: 'key', key };
}

async function writeDurably(file: string, text: string): Promise<void> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY;
  const handle = await open(file, flags, 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the new name outlast a power cut. Windows cannot open a directory, and journals the name itself. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
