/**
 * What became of rows that were sent, where the database took no note of it: known here, and written down as soon as it
 * can be. Without that the chat is silent until the lease ends, and hears the message twice.
 */
import { type Clock, plusSeconds } from '../domain/clock.ts';
import { leaseSeconds } from './lease.ts';

export interface Unrecorded {
  /** `leasedAt`: once the lease is over, another sender has the row. */
  keep(leasedAt: Date, record: () => Promise<void>): void;
  /** Until one fails again, which then is the last in turn: where the database is down, one attempt tells. Never throws. */
  settle(): Promise<void>;
}

export function createUnrecorded(clock: Clock): Unrecorded {
  const kept = new Set<{ readonly until: Date; readonly record: () => Promise<void> }>();
  return {
    keep: (leasedAt, record) => void kept.add({ until: plusSeconds(leasedAt, leaseSeconds), record }),
    settle: async () => {
      for (const one of [...kept]) {
        // Several senders may come at once.
        if (!kept.delete(one) || clock.now() >= one.until) continue;
        try {
          await one.record();
        } catch {
          kept.add(one);
          return;
        }
      }
    },
  };
}
