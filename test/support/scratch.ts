/** Where tests keep what nobody needs afterwards: in memory where the system has such a place with room, else on disk. */
import { accessSync, constants, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const inMemory = '/dev/shm';
/** A run's databases take a quarter of it. A container may give 64 MB, which one database fills. */
const roomBytes = 2_000_000_000;

function hasRoom(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize >= roomBytes;
  } catch {
    return false;
  }
}

export const scratch = hasRoom(inMemory) ? inMemory : tmpdir();
