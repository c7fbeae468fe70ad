/** An update of Telegram as a row of the inbox, and its message ids as the rest of the house knows them. */
import type { Message, Update } from 'grammy/types';
import type { Tx } from '../../db/tables.ts';
import type { InboxItem } from '../../inbox/store.ts';

/** What we ask Telegram for; anything else would be stored only to be ignored. */
export const allowedUpdates = [
  'message',
  'callback_query',
  'my_chat_member',
] as const satisfies readonly Exclude<keyof Update, 'update_id'>[];

/** Anything with an update id is kept; what is in it is the turn's business. */
export function isUpdate(value: unknown): value is Update {
  if (typeof value !== 'object' || value === null || !('update_id' in value)) return false;
  return Number.isSafeInteger(value.update_id);
}

export function toInboxItem(update: Update): InboxItem {
  return {
    source: 'telegram',
    key: String(update.update_id),
    lane: laneOf(update),
    accountId: null,
    attemptId: null,
    body: JSON.stringify(update),
  };
}

/** What a stored update says, for the turn that handles it. */
export interface ReadUpdate {
  /** Our own messages in it carry their virtual ids. */
  readonly update: Update;
  readonly sender: TelegramSender;
  /** The cause of everything that is said in answer. */
  readonly key: string;
  /** The row's body where only this may stay of the update. */
  readonly keep: (update: Update) => string;
}

interface TelegramSender {
  readonly channel: 'telegram';
  readonly externalId: string;
  readonly name: string | null;
  readonly languageCode: string | null;
}

/** null: nobody wrote whom the bot would answer. */
export async function readUpdate(tx: Tx, row: { readonly body: string }): Promise<ReadUpdate | null> {
  const update = await toVirtualIds(tx, JSON.parse(row.body) as Update);
  const sender = senderOf(update);
  if (sender === null) return null;
  return { update, sender, key: `telegram:${update.update_id}`, keep: (kept) => JSON.stringify(kept) };
}

/** Identity is the platform's user id. Bots, channels and anonymous admins are nobody to ask for money. */
function senderOf(update: Update): TelegramSender | null {
  const from = update.message?.from ?? update.callback_query?.from;
  if (from === undefined || from.is_bot) return null;
  return {
    channel: 'telegram',
    externalId: String(from.id),
    name: [from.first_name, from.last_name].filter(Boolean).join(' ').slice(0, 60) || null,
    languageCode: from.language_code ?? null,
  };
}

/** The chat; in a private chat its id is the person's. null: in no chat, so in no order. */
export function laneOf(update: Update): string | null {
  const chat = update.callback_query?.message?.chat ?? messageOf(update)?.chat ?? memberChatOf(update);
  const id = chat?.id ?? update.callback_query?.from.id;
  return id === undefined ? null : `telegram:${id}`;
}

function messageOf(update: Update): Message | undefined {
  return update.message ?? update.edited_message ?? update.channel_post ?? update.edited_channel_post;
}

function memberChatOf(update: Update) {
  return update.my_chat_member?.chat ?? update.chat_member?.chat;
}

/**
 * Gives our own messages their virtual ids, by which cards and conversations know them. A message that is not ours, or
 * is no longer kept, keeps the real id; the two never meet, since virtual ids start at 2^40.
 */
export async function toVirtualIds(tx: Tx, update: Update): Promise<Update> {
  const lane = laneOf(update);
  const copy = structuredClone(update);
  const named = ourMessagesIn(copy);
  if (lane === null || named.length === 0) return copy;
  const known = await virtualIds(tx, lane, named);
  for (const message of named)
    message.message_id = known.get(String(message.message_id)) ?? message.message_id;
  return copy;
}

interface Named {
  message_id: number;
}

function ourMessagesIn(update: Update): Named[] {
  const card = update.callback_query?.message;
  const repliedTo = messageOf(update)?.reply_to_message;
  return [card, repliedTo].filter((message) => message !== undefined);
}

/** An edit holds the same real id as its message; the message's row is the one that is meant. */
async function virtualIds(tx: Tx, lane: string, named: readonly Named[]): Promise<Map<string, number>> {
  const rows = await tx
    .selectFrom('outbox')
    .select(['id', 'target_id', 'external_id'])
    .where('lane', '=', lane)
    .where(
      'external_id',
      'in',
      named.map((message) => String(message.message_id)),
    )
    .orderBy('id', 'desc')
    .execute();
  return new Map(rows.map((row) => [row.external_id ?? '', Number(row.target_id ?? row.id)]));
}
