/** Where a chat of WhatsApp is reached, and until when without a template. */
import type { Database, Locale, Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';

/** The associated data under which a number is sealed. */
export function addressIdentity(key: string): string {
  return `identity:${key}:address`;
}

export interface ChatAddress {
  /** phone: digits with the country's code. scoped: WhatsApp's id. */
  readonly kind: 'phone' | 'scoped';
  readonly value: string;
  readonly wroteAt: Date | null;
  /** Chosen, or of the business that the person works in; null: neither. */
  readonly locale: Locale | null;
}

/** Where a lane of WhatsApp goes; null: nobody is known there. */
export async function addressOfLane(
  tx: Pick<Tx, 'selectFrom'>,
  vault: Vault,
  lane: string,
): Promise<ChatAddress | null> {
  const key = lane.slice(lane.indexOf(':') + 1);
  const row = await tx
    .selectFrom('identity as chat')
    .innerJoin('identity as person', (join) =>
      join.on(({ eb, fn }) => eb('person.id', '=', fn.coalesce('chat.person_id', 'chat.id'))),
    )
    .leftJoin('business', 'business.id', 'person.current_business_id')
    .select(['chat.address_sealed', 'chat.scoped_id', 'chat.wrote_at', 'person.locale'])
    .select('business.locale as businessLocale')
    .where('chat.channel', '=', 'whatsapp')
    .where('chat.external_id', '=', key)
    .executeTakeFirst();
  if (row === undefined) return null;
  const about = { wroteAt: row.wrote_at, locale: row.locale ?? row.businessLocale };
  if (row.address_sealed !== null)
    return { kind: 'phone', value: vault.open(row.address_sealed, addressIdentity(key)), ...about };
  return row.scoped_id === null ? null : { kind: 'scoped', value: row.scoped_id, ...about };
}

/**
 * The platform says that the person wrote too long ago, whatever we thought. `seen`: what we thought; whoever has written since
 * has opened it again.
 */
export async function closeWindow(db: Database, lane: string, seen: Date): Promise<void> {
  await db
    .updateTable('identity')
    .set({ wrote_at: null })
    .where('channel', '=', 'whatsapp')
    .where('external_id', '=', lane.slice(lane.indexOf(':') + 1))
    .where('wrote_at', '=', seen)
    .execute();
}
