/**
 * Which messages are one card. On Telegram a card that changes stays one message; on WhatsApp each version is a new one, and
 * the outbox knows which belong together.
 */

import { expect } from 'vitest';
import type { Database } from '../../src/db/tables.ts';
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import type { Chat, ChatMessage } from './chats.ts';
import { poll } from './watch.ts';
import type { World } from './world.ts';

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

/** What was sent is written down a moment after it came; a template that only rings never is. */
async function basesWith(
  world: Where,
  newest: ChatMessage | undefined,
): Promise<ReadonlyMap<string, bigint>> {
  for (let looks = 0; ; looks++) {
    const known = await bases(world);
    if (newest?.wamid === undefined || known.has(newest.wamid) || looks === 20) return known;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The bot's messages to the person as they stand now: of each card only its newest version, where it was sent last. */
export async function standing(world: Where, person: number): Promise<SeenMessage[]> {
  const said: ChatMessage[] = world.chat.messages(person).filter(({ fromBot }) => fromBot);
  const baseOf = await basesWith(world, said.at(-1));
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

/** Nothing can be decided under a payment's card any more: its buttons are gone, or no card answers to them. */
export async function isSpent(world: Where, person: number, message: SeenMessage): Promise<boolean> {
  const now = world.chat.messages(person).find(({ id }) => id === message.id);
  if (now === undefined || now.buttons.length === 0) return true;
  if (world.chat.channel === 'telegram') return false;
  const nonces = now.buttons.flat().map(({ data }) => data?.split(':')[1] ?? '');
  const card = await world.db.selectFrom('card').select('id').where('nonce', 'in', nonces).executeTakeFirst();
  return card === undefined;
}

/** A card that lost its buttons; where it keeps them on the screen, its first one is refused, and says why. */
export async function expectDisarmed(
  world: Pick<World, 'chat' | 'quiet'>,
  person: number,
  card: SeenMessage,
): Promise<void> {
  const now = world.chat.messages(person).find(({ id }) => id === card.id);
  const [first] = now?.buttons.flat() ?? [];
  if (world.chat.channel === 'telegram') return expect(first).toBeUndefined();
  const before = world.chat.lastMessage(person)?.id ?? 0;
  world.chat.pressRaw(person, card.id, first?.data ?? '');
  await world.quiet();
  const said = world.chat.messages(person).filter(({ id, fromBot }) => fromBot && id > before);
  const refusal = /^This (?:card is|is for)|^You are in no business|^The link is closed/;
  expect(said.map(({ text }) => text)).toContainEqual(expect.stringMatching(refusal));
}
