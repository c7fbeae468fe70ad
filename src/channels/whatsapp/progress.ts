/**
 * How far a message of several calls came. Tried again by this process, it goes on where it stopped; after a crash it begins
 * anew, and its first parts may arrive twice.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import type { ChannelMessage } from '../channel.ts';

export interface Progress {
  /** Of the parts that are sent. */
  readonly ids: string[];
  /** The file of the next part, where it is uploaded already. */
  mediaId: string | null;
  /** How often Meta turned it away as too fast for the person, or without a reason. */
  refusals: number;
}

export interface ProgressBook {
  of(message: ChannelMessage): Progress;
  over(message: ChannelMessage): void;
}

const mostKept = 500;
const keptMs = 60 * 60 * 1000;

export function createProgressBook(clock: Clock): ProgressBook {
  const kept = new Map<string, { readonly progress: Progress; at: number }>();
  return {
    of(message) {
      const key = keyOf(message);
      const now = clock.now().getTime();
      const known = kept.get(key);
      kept.delete(key);
      const progress =
        known !== undefined && now - known.at < keptMs
          ? known.progress
          : { ids: [], mediaId: null, refusals: 0 };
      kept.set(key, { progress, at: now });
      for (const oldest of kept.keys()) {
        if (kept.size <= mostKept) break;
        kept.delete(oldest);
      }
      return progress;
    },
    over: (message) => void kept.delete(keyOf(message)),
  };
}

/** By the row: another one may say the same words. */
function keyOf({ rowId, lane, method, payload }: ChannelMessage): string {
  return createHash('sha256')
    .update(JSON.stringify([rowId, lane, method, payload]))
    .digest('base64');
}
