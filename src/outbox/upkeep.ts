/** Removes what was handled long ago, once an hour. */
import type { Database } from '../db/tables.ts';
import { type Clock, plusSeconds } from '../domain/clock.ts';
import type { Logger } from '../ops/log.ts';
import { pause } from '../ops/pause.ts';
import { prune } from './prune.ts';

/** What was handled is kept for a month, for looking back; money and evidence are kept for ever. */
const keepDays = 30;
const everyMs = 3600 * 1000;

export interface UpkeepDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
}

export async function upkeep(deps: UpkeepDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await prune(deps.db, plusSeconds(deps.clock.now(), -keepDays * 24 * 3600)).catch((err: unknown) =>
      deps.log.warn({ err }, 'old rows were not removed; tried again in an hour'),
    );
    await pause(everyMs, signal);
  }
}
