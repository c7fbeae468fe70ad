import { createHash } from 'node:crypto';
import type { Clock } from '../../src/domain/clock.ts';
import type { Random } from '../../src/domain/random.ts';

/** A clock that a test moves. */
export interface TestClock extends Clock {
  advance(seconds: number): void;
  set(at: Date): void;
}

export function createTestClock(start = new Date('2026-11-21T11:31:00Z')): TestClock {
  let at = start.getTime();
  return {
    now: () => new Date(at),
    advance: (seconds) => {
      at += seconds * 1000;
    },
    set: (to) => {
      at = to.getTime();
    },
  };
}

/** Repeatable randomness: the same seed gives the same run. */
export function createTestRandom(seed = 'malipo'): Random {
  let counter = 0;
  return {
    bytes(length) {
      const parts: Buffer[] = [];
      for (let have = 0; have < length; have += 32)
        parts.push(createHash('sha256').update(`${seed}:${counter++}`).digest());
      return Buffer.concat(parts).subarray(0, length);
    },
  };
}
