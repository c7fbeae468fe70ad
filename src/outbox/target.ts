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

export async function findTarget(db: Database, row: LeasedRow): Promise<Target> {
  if (row.target_id === null) return { kind: 'none' };
  if (row.method === editText && (await hasNewerText(db, row, row.target_id))) return { kind: 'superseded' };
  const target = await db
    .selectFrom('outbox')
    .select(['state', 'external_id'])
    .where('id', '=', row.target_id)
    .executeTakeFirst();
  if (target === undefined) return { kind: 'gone', detail: 'its message is not kept any more' };
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

async function hasNewerText(db: Database, row: LeasedRow, targetId: bigint): Promise<boolean> {
  const newer = await db
    .selectFrom('outbox')
    .select('id')
    .where('lane', '=', row.lane)
    .where('state', '=', sql.lit('pending'))
    .where('target_id', '=', targetId)
    .where('method', '=', editText)
    .where('id', '>', row.id)
    .limit(1)
    .executeTakeFirst();
  return newer !== undefined;
}

/** An edit of a text says all that a new message needs. Other edits without their message mean nothing. */
export function asNewMessage(
  method: string,
  payload: Readonly<Record<string, unknown>>,
): { readonly method: string; readonly payload: Readonly<Record<string, unknown>> } | null {
  if (method !== editText) return null;
  const { message_id: _gone, inline_message_id: _inline, ...rest } = payload;
  return { method: 'sendMessage', payload: rest };
}
