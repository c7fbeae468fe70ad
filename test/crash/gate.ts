/**
 * Stops the program at a row: a trigger of the test's database waits for a lock that the test holds. So the program can
 * be killed inside a statement, in the middle of a transaction, without a sleep and without a change to its code.
 */
import { sql } from 'kysely';
import type { Database } from '../../src/db/tables.ts';
import { until } from './until.ts';

/** The name under which the program's connections are seen, apart from the test's own. */
export const programName = 'spawned';

export function asProgram(connection: string): string {
  const url = new URL(connection);
  url.searchParams.set('application_name', programName);
  return url.href;
}

export interface RowGate {
  readonly table:
    | 'inbox'
    | 'payment'
    | 'attempt'
    | 'ledger'
    | 'outbox'
    | 'conversation'
    | 'payout'
    | 'payout_call'
    | 'payout_evidence';
  readonly on: 'insert' | 'update';
  /** SQL over `new` and, for an update, `old`. */
  readonly when: string;
}

export interface Gates {
  /** Resolves when a connection of the program waits at the gate of this place in the list. */
  reached(index: number): Promise<void>;
  open(): Promise<void>;
}

const firstLock = 4711;

export async function prepareGates(db: Database): Promise<void> {
  // The program's own patience with a lock does not count: others are brought to their gates meanwhile.
  await sql`
    create function wait_at_gate() returns trigger language plpgsql set lock_timeout = 0 as
    'begin perform pg_advisory_xact_lock_shared(tg_argv[0]::bigint); return new; end'`.execute(db);
}

/** All at once, and before the program holds one of these tables: a trigger would wait for whatever waits at a gate. */
export async function closeGates(db: Database, gates: readonly RowGate[]): Promise<Gates> {
  const holding = await db.startTransaction().execute();
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(holding);
  for (const [index, { table, on, when }] of gates.entries()) {
    const lock = firstLock + index;
    await sql`select pg_advisory_xact_lock(${lock})`.execute(holding);
    await sql`
      create trigger ${sql.id(`gate_${index}`)} before ${sql.raw(on)} on ${sql.table(table)}
      for each row when (${sql.raw(when)}) execute function wait_at_gate(${sql.lit(lock)})`.execute(db);
  }
  return {
    reached: async (index) => {
      const { table, on, when } = gates[index] ?? {};
      await until(`the program comes to ${on} ${table} where ${when}`, async () => {
        const { rows } = await sql`
          select 1 from pg_locks where locktype = 'advisory' and objid = ${firstLock + index} and not granted
            and database = (select oid from pg_database where datname = current_database())`.execute(db);
        return rows.length > 0;
      });
    },
    open: async () => {
      await holding.rollback().execute();
      for (const [index, { table }] of gates.entries())
        await sql`drop trigger ${sql.id(`gate_${index}`)} on ${sql.table(table)}`.execute(db);
    },
  };
}

/** What the system does to connections whose process is gone, at once and not when it next writes to them. */
export async function breakConnections(db: Database): Promise<number> {
  const { rows } = await sql<{ broken: bigint }>`
    select count(pg_terminate_backend(pid)) as broken from pg_stat_activity
    where application_name = ${programName} and datname = current_database()`.execute(db);
  return Number(rows[0]?.broken ?? 0);
}

/** Resolves when the server has noticed that the program is gone. */
export async function noConnections(db: Database): Promise<void> {
  await until('the server lets go of a dead program', async () => {
    const { rows } = await sql`
      select 1 from pg_stat_activity
      where application_name = ${programName} and datname = current_database()`.execute(db);
    return rows.length === 0;
  });
}
