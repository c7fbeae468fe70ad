/** The thread that reads one file: told what by `workerData`, it answers once. */
import { parentPort, workerData } from 'node:worker_threads';
import type { BulkBounds } from '../domain/bulk-read.ts';
import { type FileKind, readTable } from './bulk-table.ts';

export interface FileToRead {
  readonly bytes: Uint8Array;
  readonly kind: FileKind;
  readonly bounds: BulkBounds;
}

const { bytes, kind, bounds } = workerData as FileToRead;
parentPort?.postMessage(await readTable(Buffer.from(bytes), kind, bounds));
