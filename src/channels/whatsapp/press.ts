/**
 * Which message of ours was pressed. Nothing is edited on WhatsApp: a card that changed is a new message, and every older
 * one keeps its buttons on the screen.
 */
import { sql } from 'kysely';
import type { Tx } from '../../db/tables.ts';

export interface Pressed {
  /** WhatsApp's id of the message. */
  readonly wamid: string;
  /** Where the person is known; by `scopedId` also under the number of their first message. */
  readonly lanes: readonly string[];
  readonly scopedId: string | null;
}

/**
 * The virtual id: the message's own where it says the newest, else that of the newest edit, so that no card stands there
 * and the current one is sent. null: it is none of ours, or is not kept any more.
 */
export async function pressedMessage(tx: Tx, { wamid, lanes, scopedId }: Pressed): Promise<number | null> {
  const row = await tx
    .selectFrom('outbox')
    .select(['id', 'target_id'])
    .where('channel', '=', 'whatsapp')
    .where('external_id', '=', wamid)
    .where((where) =>
      where.or([
        where('lane', 'in', lanes),
        where(
          'lane',
          '=',
          where
            .selectFrom('identity')
            .select(sql<string>`'whatsapp:' || external_id`.as('lane'))
            .where('channel', '=', 'whatsapp')
            .where('scoped_id', '=', scopedId),
        ),
      ]),
    )
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  const base = row.target_id ?? row.id;
  const newest = await tx
    .selectFrom('outbox')
    .select(['id', 'state'])
    .where('channel', '=', 'whatsapp')
    .where('target_id', '=', base)
    .where('method', '=', 'editMessageText')
    // Not what only takes buttons off. One that did not arrive counts: what was pressed is not the newest all the same.
    .where((where) => where.or([where('state', '!=', 'dropped'), where('error', 'is not', null)]))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  // One that is on its way comes by itself.
  const stands = newest === undefined || newest.id <= row.id || newest.state === 'pending';
  return Number(stands ? base : newest.id);
}
