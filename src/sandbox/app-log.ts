/** The program's log in the playground's directory: one file and one older one, whatever the program writes. */
import { closeSync, copyFileSync, openSync, statSync, truncateSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

export interface AppLog {
  /** Opened for appending, to be given to a process; the caller calls `close` once it has it. */
  open(): { readonly fd: number; close(): void };
  /** Puts a full log aside. The writer appends, so that it goes on at the new end. */
  trim(): void;
  size(): number;
  /** What was written from `offset` on that is no log line: the program's own words to whoever started it. */
  words(offset: number): Promise<string>;
}

const limitBytes = 5_000_000;

export function createAppLog(directory: string): AppLog {
  const file = path.join(directory, 'app.log');
  const size = (): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return {
    open: () => {
      const fd = openSync(file, 'a', 0o600);
      return { fd, close: () => closeSync(fd) };
    },
    trim: () => {
      if (size() < limitBytes) return;
      copyFileSync(file, `${file}.old`);
      truncateSync(file, 0);
    },
    size,
    words: async (offset) => {
      const text = await readFile(file).catch(() => Buffer.alloc(0));
      const lines = text.subarray(offset).toString('utf8').split('\n');
      return lines
        .filter((line) => line.trim() !== '' && !line.startsWith('{'))
        .join('\n')
        .trim();
    },
  };
}
