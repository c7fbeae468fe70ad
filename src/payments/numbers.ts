/**
 * A number of WhatsApp changes hands, or turns out to be somebody's who was known without it. The number leads to whoever
 * writes with it now; what belonged to a person stays with the person, and so does what waits to be sent to them.
 */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import type { IdentityId } from '../domain/ids.ts';
import { parseMsisdn } from '../domain/msisdn.ts';
import { audit } from '../ops/audit.ts';
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

/** `externalId`: digits with the country's code, as WhatsApp writes a number. null: no Kenyan mobile number. */
export function numberHmac(vault: Vault, externalId: string): Buffer | null {
  const reading = parseMsisdn(`+${externalId}`);
  return reading.kind === 'msisdn' ? vault.hmac('phone', reading.msisdn) : null;
}

/** Whoever writes with the number and an id has it, and nobody else who is known by an id; `id` null: their row is not there yet. */
export async function holdNumber(
  tx: Tx,
  id: IdentityId | null,
  scopedId: string,
  phone: Buffer | null,
): Promise<void> {
  if (phone !== null)
    await sql`
      update identity set phone_hmac = null
      where channel = 'whatsapp' and phone_hmac = ${phone} and scoped_id <> ${scopedId}`.execute(tx);
  if (id !== null)
    await sql`
      update identity set phone_hmac = ${phone}
      where id = ${id} and phone_hmac is distinct from ${phone}`.execute(tx);
}

/** The person is reached by their own id from now on. */
export async function letGoOfNumber(tx: Tx, row: NumberRow, scopedId: string): Promise<void> {
  await rename(tx, row, scopedId);
  await tx
    .updateTable('identity')
    .set({ address_sealed: null, phone_hmac: null })
    .where('id', '=', row.id)
    .execute();
}

/** Nobody has shown an id with this number before. Whoever was added by the number is this person from now on. */
export async function claimNumber(
  tx: Tx,
  { clock }: Pick<NumberDeps, 'clock'>,
  id: IdentityId,
  scopedId: string,
): Promise<void> {
  await tx.updateTable('identity').set({ scoped_id: scopedId }).where('id', '=', id).execute();
  for (const business of await businessesOf(tx, id))
    await audit(tx, clock.now(), business, id, 'chat_claimed', { chat: id });
}

/**
 * One person under two names: `scoped`, who wrote without a number, and `numbered`, whom nobody has claimed by an id: added by
 * an operator, or written to before Meta sent ids. One of the two becomes an older name of the other; whoever works for a
 * business stays. Where both do, or both have a second chat, they stay two, and never count as two people. Answers who stays.
 */
export async function meetNumber(
  tx: Tx,
  deps: NumberDeps,
  scopedRow: IdentityId,
  numberedRow: IdentityId,
): Promise<IdentityId> {
  // As in `persons.ts`: nobody is made a member of either meanwhile, or joined to a chat.
  const rows = await tx
    .selectFrom('identity')
    .select(['id', 'external_id', 'scoped_id', 'person_id'])
    .where('id', 'in', [scopedRow, numberedRow])
    .orderBy('id')
    .forUpdate()
    .execute();
  const scoped = rows.find(({ id }) => id === scopedRow);
  const numbered = rows.find(({ id }) => id === numberedRow);
  if (scoped === undefined || numbered === undefined) throw new Error('There is no such identity.');
  const scopedWorks = await isSomebody(tx, scoped);
  if (scopedWorks && (await isSomebody(tx, numbered))) {
    if (await keepPair(tx, deps, scoped.id, numbered.id)) await auditPair(tx, deps, scoped.id, numbered.id);
    return scoped.id;
  }
  const [stays, goes] = scopedWorks ? [scoped, numbered] : [numbered, scoped];
  await rename(tx, goes, `was:${goes.id}`, stays.external_id);
  await tx
    .updateTable('identity')
    .set({ scoped_id: null, address_sealed: null, phone_hmac: null, wrote_at: null })
    .where('id', '=', goes.id)
    .execute();
  await tx.updateTable('identity').set({ scoped_id: scoped.scoped_id }).where('id', '=', stays.id).execute();
  await joinTo(tx, deps, stays.person_id ?? stays.id, goes.id);
  return stays.id;
}

async function auditPair(
  tx: Tx,
  { clock }: Pick<NumberDeps, 'clock'>,
  person: IdentityId,
  chat: IdentityId,
): Promise<void> {
  const businesses = [...(await businessesOf(tx, person)), ...(await businessesOf(tx, chat))];
  for (const business of new Set(businesses))
    await audit(tx, clock.now(), business, person, 'chat_paired', { person, chat });
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
