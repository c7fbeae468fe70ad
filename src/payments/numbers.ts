/**
 * A number of WhatsApp changes hands, or turns out to be somebody's who was known without it. The number leads to whoever
 * writes with it now; what belonged to a person stays with the person, and so does what waits to be sent to them.
 */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import type { IdentityId } from '../domain/ids.ts';
import { businessesOf, isJoined, joinTo, keepPair } from './joining.ts';

interface NumberDeps {
  readonly vault: Vault;
  readonly clock: Clock;
}

export interface NumberRow {
  readonly id: IdentityId;
  readonly external_id: string;
  readonly scoped_id: string | null;
  readonly person_id: IdentityId | null;
}

const lanePrefix = 'whatsapp:';

/** The person is reached by their own id from now on. */
export async function letGoOfNumber(tx: Tx, row: NumberRow, scopedId: string): Promise<void> {
  await rename(tx, row, scopedId);
  await tx.updateTable('identity').set({ address_sealed: null }).where('id', '=', row.id).execute();
}

/**
 * One person under two names: `scoped`, who wrote without a number, and `numbered`, whom nobody has claimed by an id: added by
 * an operator, or written to before Meta sent ids. One of the two becomes an older name of the other; whoever works for a
 * business stays. Where both do, or both have a second chat, they stay two, and never count as two people. Answers who stays.
 */
export async function meetNumber(
  tx: Tx,
  deps: NumberDeps,
  scoped: NumberRow,
  numbered: NumberRow,
): Promise<IdentityId> {
  // As in `persons.ts`: nobody is made a member of either meanwhile.
  await tx
    .selectFrom('identity')
    .select('id')
    .where('id', 'in', [scoped.id, numbered.id])
    .orderBy('id')
    .forUpdate()
    .execute();
  const scopedWorks = await isSomebody(tx, scoped);
  if (scopedWorks && (await isSomebody(tx, numbered))) {
    await keepPair(tx, deps, scoped.id, numbered.id);
    return scoped.id;
  }
  const [stays, goes] = scopedWorks ? [scoped, numbered] : [numbered, scoped];
  await rename(tx, goes, `was:${goes.id}`, stays.external_id);
  await tx
    .updateTable('identity')
    .set({ scoped_id: null, address_sealed: null, wrote_at: null })
    .where('id', '=', goes.id)
    .execute();
  await tx.updateTable('identity').set({ scoped_id: scoped.scoped_id }).where('id', '=', stays.id).execute();
  await joinTo(tx, deps, stays.person_id ?? stays.id, goes.id);
  return stays.id;
}

async function isSomebody(tx: Tx, row: NumberRow): Promise<boolean> {
  return (await isJoined(tx, row)) || (await businessesOf(tx, row.id)).length > 0;
}

/** `chat`: where what waits in the old lane goes. A talk that stood open is over: it may be somebody else's lane now. */
async function rename(tx: Tx, row: NumberRow, name: string, chat = name): Promise<void> {
  const [from, to] = [`${lanePrefix}${row.external_id}`, `${lanePrefix}${chat}`];
  await tx.updateTable('identity').set({ external_id: name }).where('id', '=', row.id).execute();
  await sql`
    update outbox set lane = ${to} where lane = ${from} and state in ('pending', 'held')`.execute(tx);
  await tx.deleteFrom('conversation').where('key', '=', `${from}:${row.external_id}`).execute();
}
