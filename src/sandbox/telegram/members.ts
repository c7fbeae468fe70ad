import { apiBot, apiChat, apiUser, nowSeconds, type Telegram } from './core.ts';
import type { ChatRow, UserRow } from './state.ts';

/** What a person cannot do in the app either; the sentence says why. */
export class CannotDo extends Error {}

export interface NewUser {
  readonly id: number;
  readonly firstName: string;
  readonly languageCode?: string;
  /** Digits without a plus, as Telegram writes them into a contact: 254712345678. */
  readonly phone?: string;
  /** true: the person has pressed Start before this story begins. */
  readonly started?: boolean;
}

export interface NewGroup {
  readonly id: number;
  readonly title: string;
  readonly members: readonly number[];
}

export function person(telegram: Telegram, userId: number): UserRow {
  const user = telegram.state.users.get(userId);
  if (user === undefined) throw new CannotDo(`There is no person ${userId} here.`);
  return user;
}

export function addUser(telegram: Telegram, user: NewUser): void {
  const { state } = telegram;
  const before = state.users.get(user.id);
  state.users.set(user.id, {
    id: user.id,
    firstName: user.firstName,
    languageCode: user.languageCode ?? null,
    phone: user.phone?.replace(/^\+/, '') ?? null,
    started: user.started ?? before?.started ?? false,
    blocked: before?.blocked ?? false,
  });
  if (!state.chats.has(user.id)) addChat(telegram, user.id, null, [user.id]);
  telegram.changed({ kind: 'people' });
}

function addChat(telegram: Telegram, id: number, title: string | null, members: readonly number[]): ChatRow {
  const type = title === null ? 'private' : 'group';
  const chat: ChatRow = { id, type, title, members: [...members], messageIds: [], replyKeyboard: null };
  telegram.state.chats.set(id, chat);
  return chat;
}

export function addGroup(telegram: Telegram, group: NewGroup): void {
  if (group.id >= 0) throw new CannotDo("A group's id is negative.");
  for (const member of group.members) person(telegram, member);
  const known = telegram.state.chats.get(group.id);
  if (known !== undefined) {
    known.members.splice(0, known.members.length, ...group.members);
    return;
  }
  const chat = addChat(telegram, group.id, group.title, group.members);
  const adder = group.members[0];
  if (adder !== undefined) botStatus(telegram, chat, person(telegram, adder), 'left', 'member');
  telegram.changed({ kind: 'people' });
}

export function setBlocked(telegram: Telegram, userId: number, blocked: boolean): void {
  const user = person(telegram, userId);
  const chat = telegram.state.chats.get(userId);
  if (chat === undefined || user.blocked === blocked) return;
  user.blocked = blocked;
  botStatus(telegram, chat, user, blocked ? 'member' : 'kicked', blocked ? 'kicked' : 'member');
  telegram.changed({ kind: 'people' });
}

function botStatus(telegram: Telegram, chat: ChatRow, by: UserRow, before: string, after: string): void {
  const member = (status: string): Record<string, unknown> => ({
    user: apiBot(telegram.state),
    status,
    ...(status === 'kicked' ? { until_date: 0 } : {}),
  });
  telegram.updates.push('my_chat_member', chat.id, {
    chat: apiChat(telegram.state, chat),
    from: apiUser(by),
    date: nowSeconds(telegram),
    old_chat_member: member(before),
    new_chat_member: member(after),
  });
}
