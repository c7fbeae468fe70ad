/** One death of the program in the middle of several things at once: each of them is stopped where it would hurt. */
import type { Database } from '../../src/db/tables.ts';
import { breakConnections, closeGates, type RowGate } from './gate.ts';
import type { Program } from './program.ts';

/** What the program is in the middle of when it dies. */
export interface Part {
  /** Brings it near. */
  readonly prepare?: () => Promise<void>;
  /** The row at which it is stopped, inside the statement. */
  readonly gate?: () => RowGate | Promise<RowGate>;
  /** Somebody outside lets it wait: resolves when it does. Less than a gateway's time-out must be left to do after it. */
  readonly held?: () => Promise<void>;
  /** Calls `kill` at the instant at which somebody outside sees what the program did. Answers how to look away. */
  readonly seen?: (kill: () => void) => () => void;
  /** Brings it to its gate, to who holds it, or before those eyes. */
  readonly act?: () => void | Promise<void>;
  readonly whileDead?: () => Promise<void>;
}

/**
 * The program is dead when it resolves. One part at most is `seen`: it comes when the others are where they stop. A statement
 * that was under way is rolled back where the server hears of the death at once, and otherwise goes on: one outside a
 * transaction is committed unheard.
 */
export async function die(
  db: Database,
  program: Program,
  { parts, heardAtOnce }: { readonly parts: readonly Part[]; readonly heardAtOnce: boolean },
): Promise<void> {
  await Promise.all(parts.map((part) => part.prepare?.()));
  const gated = parts.filter(({ gate }) => gate !== undefined);
  const rows = await Promise.all(gated.flatMap(({ gate }) => gate?.() ?? []));
  const gates = await closeGates(db, rows);
  for (const part of parts) {
    if (part.gate === undefined && part.held === undefined) continue;
    const holding = part.held?.();
    await part.act?.();
    await (holding ?? gates.reached(gated.indexOf(part)));
  }
  const last = parts.find(({ seen }) => seen !== undefined);
  await (last === undefined ? program.kill() : killedWhenSeen(program, last));
  if (heardAtOnce) await breakConnections(db);
  await gates.open();
  for (const { whileDead } of parts) await whileDead?.();
}

async function killedWhenSeen(program: Program, { seen, act }: Part): Promise<void> {
  const killed = Promise.withResolvers<void>();
  const lookAway = seen?.(() => program.kill().then(killed.resolve, killed.reject));
  await act?.();
  await killed.promise;
  lookAway?.();
}
