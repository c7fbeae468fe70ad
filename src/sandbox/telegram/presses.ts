import { apiChat, apiMessage, apiUser, type Telegram } from './core.ts';
import { CannotDo, person } from './members.ts';
import { queryLifeMs } from './methods-bot.ts';
import type { People, Where } from './people.ts';
import type { ChatRow, MessageRow } from './state.ts';

/** What people do with the keys that the bot put on their screen. */
export interface Presses {
  /** By the button's text or its data; refused where that button is not under that message now. Returns the query id. */
  pressButton(userId: number, messageId: number, textOrData: string): string;
  /** An app that did not hear of the edit: any data, also under a message that changed or is gone. */
  pressRaw(userId: number, messageId: number, data: string): string;
  /** A key of the keyboard in place of the person's own; one that asks for the phone shares it. */
  pressReplyKeyboard(userId: number, text: string, where?: Where): number;
  /** Presses that still show the waiting circle. */
  unanswered(userId: number): readonly string[];
}

/** Rows of presses nobody can answer any more are forgotten after this. */
const forgottenMs = 60 * 60 * 1000;

export function createPresses(telegram: Telegram, people: People): Presses {
  const { state } = telegram;
  return {
    pressButton: (userId, messageId, wanted) => {
      const message = messageOf(telegram, userId, messageId);
      if (message.deleted) throw new CannotDo('That message was deleted.');
      const buttons = message.markup?.kind === 'inline' ? message.markup.rows.flat() : [];
      const button =
        buttons.find((one) => one.text === wanted) ?? buttons.find((one) => one.callback_data === wanted);
      if (button === undefined)
        throw new CannotDo(
          `There is no button "${wanted}" under message ${messageId} now; there is: ${buttons.map((one) => one.text).join(', ') || 'none'}.`,
        );
      if (button.callback_data === undefined)
        throw new CannotDo(`"${wanted}" is a link; the bot hears nothing.`);
      return press(telegram, userId, message, button.callback_data);
    },
    pressRaw: (userId, messageId, data) =>
      press(telegram, userId, messageOf(telegram, userId, messageId), data),
    pressReplyKeyboard: (userId, text, where = {}) => {
      const chat = state.chats.get(where.chatId ?? userId);
      const keyboard = chat?.replyKeyboard ?? null;
      const key = keyboard?.rows.flat().find((one) => one.text === text);
      if (chat === undefined || keyboard === null || key === undefined)
        throw new CannotDo(`There is no key "${text}" on the keyboard.`);
      if (keyboard.oneTime) chat.replyKeyboard = null;
      if (key.requests === 'contact') return people.shareOwnPhone(userId);
      if (key.requests === 'location') return people.sendLocation(userId, where);
      return people.sendText(userId, text, where);
    },
    unanswered: (userId) =>
      [...state.queries.values()]
        .filter((query) => query.userId === userId && !query.answered && isFresh(telegram, query.at))
        .map((query) => query.id),
  };
}

function isFresh(telegram: Telegram, at: number, forMs = queryLifeMs): boolean {
  return telegram.scheduler.now().getTime() - at <= forMs;
}

function messageOf(telegram: Telegram, userId: number, messageId: number): MessageRow {
  const message = telegram.state.messages.get(messageId);
  const chat = message === undefined ? undefined : telegram.state.chats.get(message.chatId);
  if (message === undefined || chat === undefined || !chat.members.includes(userId))
    throw new CannotDo(`${person(telegram, userId).firstName} sees no message ${messageId}.`);
  return message;
}

function press(telegram: Telegram, userId: number, message: MessageRow, data: string): string {
  const { state } = telegram;
  const user = person(telegram, userId);
  const chat = state.chats.get(message.chatId);
  if (chat === undefined) throw new CannotDo(`There is no chat ${message.chatId}.`);
  for (const [id, query] of state.queries)
    if (!isFresh(telegram, query.at, forgottenMs)) state.queries.delete(id);
  const id = String(telegram.random.bytes(8).readBigUInt64BE(0) >> 1n);
  state.queries.set(id, { id, userId, at: telegram.scheduler.now().getTime(), answered: false });
  telegram.updates.push('callback_query', chat.id, {
    id,
    from: apiUser(user),
    message: pressedMessage(telegram, chat, message),
    chat_instance: chatInstance(chat),
    data,
  });
  return id;
}

/** A deleted message arrives as an InaccessibleMessage, whose date is 0. */
function pressedMessage(telegram: Telegram, chat: ChatRow, message: MessageRow): Record<string, unknown> {
  if (!message.deleted) return apiMessage(telegram.state, message);
  return { chat: apiChat(telegram.state, chat), message_id: message.id, date: 0 };
}

/** "Global identifier, uniquely corresponding to the chat": opaque, stable, and not the chat's id. */
function chatInstance(chat: ChatRow): string {
  return String(BigInt.asIntN(64, (BigInt(chat.id) + 7n) * 0x9e3779b97f4a7c15n));
}
