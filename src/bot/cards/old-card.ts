/** A card that was pressed in an older version: which one stands in its place, or is to be sent anew. */
import type { Tx } from '../../db/tables.ts';
import type { CardId } from '../../domain/ids.ts';
import { may, type Role } from '../../domain/roles.ts';
import type { BotContext } from '../context.ts';
import type { PayoutCard } from './payout-post.ts';
import { cardOfKey } from './post.ts';

/** null: the current one is in this very place (two taps at once, a screen that was not refreshed yet), or none is known. */
export async function replacedCard(ctx: BotContext, table: 'card' | 'payout_card'): Promise<CardId | null> {
  const { tx, lane } = ctx.turn;
  const messageId = ctx.callbackQuery?.message?.message_id;
  if (messageId === undefined || (await standsThere(tx, table, lane, BigInt(messageId)))) return null;
  const message = await tx
    .selectFrom('outbox')
    .select('key')
    .where('id', '=', BigInt(messageId))
    .executeTakeFirst();
  return cardOfKey(message?.key ?? '');
}

/** A card that asks for a yes is for who may say it. */
export function mayHold(role: Role, kind: PayoutCard['kind']): boolean {
  return kind !== 'approval' || may(role, 'approve_payout');
}

async function standsThere(
  tx: Tx,
  table: 'card' | 'payout_card',
  lane: string,
  messageId: bigint,
): Promise<boolean> {
  const card = await tx
    .selectFrom(table)
    .select('id')
    .where('lane', '=', lane)
    .where('message_id', '=', messageId)
    .executeTakeFirst();
  return card !== undefined;
}
