/**
 * Reads a file in a thread of its own, with an end to its memory and its time: whatever somebody sends, the program goes on
 * answering, and what takes too much is given up alone. A short text is read at once: a thread would cost forty megabytes.
 */
import { Worker } from 'node:worker_threads';
import { type BulkBounds, mostBulkBytes } from '../domain/bulk-read.ts';
import { type FileKind, isPacked, readTable, type TableReading } from './bulk-table.ts';
import type { FileToRead } from './bulk-worker.ts';

export type FileReading = TableReading | { readonly kind: 'too_big' };

export interface ReadingLimits {
  readonly seconds: number;
  readonly megabytes: number;
}

/** The largest file of use takes a second or two, and half of this memory. */
const usualLimits: ReadingLimits = { seconds: 10, megabytes: 128 };

/** A thousand rows or so. Whatever stands in it, reading it takes less than a tenth of a second. */
const shortTextBytes = 32 * 1024;

/** Throws where the thread ended by a fault of ours. */
export async function readFileOf(
  bytes: Buffer,
  kind: FileKind,
  { leastCents, mostCents }: BulkBounds,
  limits: ReadingLimits = usualLimits,
): Promise<FileReading> {
  if (bytes.length > mostBulkBytes) return { kind: 'too_big' };
  const bounds = { leastCents, mostCents };
  if (bytes.length <= shortTextBytes && !isPacked(bytes)) return readTable(bytes, kind, bounds);
  // A copy: what is cloned for the thread is all that stands in the memory behind a buffer.
  return readApart({ bytes: new Uint8Array(bytes), kind, bounds }, limits);
}

function readApart(file: FileToRead, { seconds, megabytes }: ReadingLimits): Promise<FileReading> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./bulk-worker.ts', import.meta.url), {
      workerData: file,
      // What a file can do to a library reaches no secret of ours.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: megabytes, maxYoungGenerationSizeMb: 16 },
    });
    const end = (apply: () => void): void => {
      clearTimeout(timer);
      void worker.terminate();
      apply();
    };
    const timer = setTimeout(() => end(() => resolve({ kind: 'too_heavy' })), seconds * 1000);
    worker.once('message', (reading: FileReading) => end(() => resolve(reading)));
    worker.once('error', (err: NodeJS.ErrnoException) =>
      end(() => (err.code === 'ERR_WORKER_OUT_OF_MEMORY' ? resolve({ kind: 'too_heavy' }) : reject(err))),
    );
    worker.once('exit', (code) => end(() => reject(new Error(`the reading thread ended with ${code}`))));
  });
}
