/** What the pages are given. */
import type { Database } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import type { Doors } from '../domain/doors.ts';
import type { Random } from '../domain/random.ts';
import type { Logger } from '../ops/log.ts';
import type { Tell } from '../payments/context.ts';

export interface WebDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly publicUrl: string;
  readonly tell: Tell;
  /** A prompt was asked for, and is committed. */
  readonly asked: () => void;
  readonly doors: Doors;
}
