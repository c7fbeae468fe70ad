/**
 * Which real message an edit means. An edit names the outbox row of our message; its real id is known once that row was
 * sent. Where the message is gone, the text is said anew and later edits follow the new one.
 */
import { sql } from 'kysely';
import type { Database, OutboxTable } from '../db/tables.ts';
import type { LeasedRow } from './lease.ts';

export type Target =
  /** No message of ours is meant; the payload is complete. */
  | { readonly kind: 'none' }
  | { readonly kind: 'known'; readonly externalId: string }
  /** It is not sent yet: only where it was requeued, or is in another lane. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'gone'; readonly detail: string }
  /** A newer text for the same message waits behind this one. */
  | { readonly kind: 'superseded' };

const editText = 'editMessageText';

/** `state` is null where the message's row is pruned. */
interface Found {
  readonly state: OutboxTable['state'] | null;
  readonly external_id: string | null;
  readonly has_newer_text: boolean;
}

export async function findTarget(db: Database, row: LeasedRow): Promise<Target> {
  if (row.target_id === null) return { kind: 'none' };
  const { rows } = await sql<Found>`
    select target.state, target.external_id, exists (
      select from outbox newer
      where newer.lane = ${row.lane} and newer.state = 'pending' and newer.target_id = ${row.target_id}
        and newer.method = ${editText} and newer.id > ${row.id}) as has_newer_text
    from (select) as one left join outbox target on target.id = ${row.target_id}`.execute(db);
  const [target] = rows;
  if (row.method === editText && target?.has_newer_text === true) return { kind: 'superseded' };
  if (target === undefined || target.state === null)
    return { kind: 'gone', detail: 'its message is not kept any more' };
  if (target.external_id !== null) return { kind: 'known', externalId: target.external_id };
  return fateOf[target.state];
}

const fateOf = {
  pending: { kind: 'waiting' },
  held: { kind: 'gone', detail: 'its message is held back' },
  sent: { kind: 'gone', detail: 'its message has no id on the platform' },
  dropped: { kind: 'gone', detail: 'its message was dropped' },
  dead: { kind: 'gone', detail: 'its message could not be sent' },
} satisfies Record<OutboxTable['state'], Target>;

/** An edit of a text says all that a new message needs. Other edits without their message mean nothing. */
export function asNewMessage(
  method: string,
  payload: Readonly<Record<string, unknown>>,
): { readonly method: string; readonly payload: Readonly<Record<string, unknown>> } | null {
  if (method !== editText) return null;
  const { message_id: _gone, inline_message_id: _inline, ...rest } = payload;
  return { method: 'sendMessage', payload: rest };
}
