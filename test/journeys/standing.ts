/**
 * Which messages are one card. On Telegram a card that changes stays one message; on WhatsApp each version is a new one, and
 * the outbox knows which belong together.
 */
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import type { Database } from '../../src/db/tables.ts';
import type { Chat, ChatMessage } from './chats.ts';
import { poll } from './watch.ts';

export interface Where {
  readonly chat: Chat;
  readonly db: Database;
}

async function bases({ db, chat }: Where): Promise<ReadonlyMap<string, bigint>> {
  const { channel } = chat;
  if (channel === 'telegram') return new Map();
  const rows = await db
    .selectFrom('outbox')
    .select(['id', 'target_id', 'external_id'])
    .where('channel', '=', channel)
    .where('external_id', 'is not', null)
    .execute();
  return new Map(rows.map(({ id, target_id, external_id }) => [external_id ?? '', target_id ?? id]));
}

/** The bot's messages to the person as they stand now: of each card only its newest version, where it was sent last. */
export async function standing(world: Where, person: number): Promise<SeenMessage[]> {
  const baseOf = await bases(world);
  const said: ChatMessage[] = world.chat.messages(person).filter(({ fromBot }) => fromBot);
  const known = said.map(({ wamid }) => baseOf.get(wamid ?? ''));
  return said.filter((_, i) => known[i] === undefined || known.lastIndexOf(known[i]) === i);
}

/** Is the second message the first one, changed since? */
export async function isSameCard(world: Where, one: ChatMessage, other: ChatMessage): Promise<boolean> {
  if (one.id === other.id) return true;
  // What came is written down a moment after it was sent.
  return await poll('no such messages', async () => {
    const baseOf = await bases(world);
    const [base, otherBase] = [baseOf.get(one.wamid ?? ''), baseOf.get(other.wamid ?? '')];
    return base !== undefined && otherBase !== undefined && { same: base === otherBase };
  }).then(({ same }) => same);
}

/** Nothing can be decided under it any more: its buttons are gone, or a newer version stands below it. */
export async function isSpent(world: Where, person: number, message: SeenMessage): Promise<boolean> {
  const now = world.chat.messages(person).find(({ id }) => id === message.id);
  if (now === undefined || now.buttons.length === 0) return true;
  return world.chat.channel === 'whatsapp' && !(await standing(world, person)).some(({ id }) => id === message.id);
}
