import { sql } from 'kysely';
import type { Database } from '../../db/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import { type Finding, ok, wrong } from './finding.ts';

/** Prompts live for a minute: a clock further off than that shows wrong times and looks up at wrong ones. */
const toleratedSeconds = 60;

/** Compares this machine with the database's and, where it answered, with Telegram's. */
export async function checkClock(db: Database, clock: Clock, telegram: Date | null): Promise<Finding> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  const others = [
    { of: 'the database', at: rows[0]?.now ?? null },
    { of: 'Telegram', at: telegram },
  ];
  for (const { of, at } of others) {
    const off = at === null ? 0 : (clock.now().getTime() - at.getTime()) / 1000;
    if (Math.abs(off) > toleratedSeconds)
      return wrong(
        'clock',
        `${Math.round(Math.abs(off))} s ${off > 0 ? 'ahead of' : 'behind'} ${of}`,
        'let both keep time by NTP',
      );
  }
  const compared = others.filter(({ at }) => at !== null).map(({ of }) => of);
  return ok('clock', `agrees with ${compared.join(' and ')}`);
}
