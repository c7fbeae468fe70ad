import type { Random } from '../../domain/random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { ChatRow, Content, MessageRow, TelegramState, UserRow } from './state.ts';
import type { Updates } from './updates.ts';

/** What just happened, for whoever shows it: a page, or a test that waits. */
export type Change =
  | { readonly kind: 'message'; readonly chatId: number; readonly messageId: number }
  | { readonly kind: 'toast'; readonly userId: number; readonly text: string; readonly alert: boolean }
  | { readonly kind: 'answered'; readonly userId: number }
  | { readonly kind: 'action'; readonly chatId: number; readonly action: string }
  | { readonly kind: 'people' }
  | { readonly kind: 'commands' | 'webhook' }
  | { readonly kind: 'call'; readonly method: string };

/** The parts that every Bot API method and everything that people do work on. */
export interface Telegram {
  readonly state: TelegramState;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly updates: Updates;
  readonly changed: (change: Change) => void;
}

export function nowSeconds(telegram: Telegram): number {
  return Math.floor(telegram.scheduler.now().getTime() / 1000);
}

type Draft = Pick<MessageRow, 'chatId' | 'fromId' | 'content' | 'text' | 'entities'> &
  Partial<Pick<MessageRow, 'markup' | 'forwardedFrom' | 'replyTo'>>;

export function addMessage(telegram: Telegram, draft: Draft): MessageRow {
  const { state } = telegram;
  const message: MessageRow = {
    markup: null,
    forwardedFrom: null,
    replyTo: null,
    ...draft,
    id: state.nextMessageId++,
    date: nowSeconds(telegram),
    editDate: null,
    edits: 0,
    deleted: false,
  };
  state.messages.set(message.id, message);
  state.chats.get(draft.chatId)?.messageIds.push(message.id);
  telegram.changed({ kind: 'message', chatId: message.chatId, messageId: message.id });
  return message;
}

export interface Upload {
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: Buffer;
}

export function addFile(telegram: Telegram, folder: string, upload: Upload): string {
  const { state } = telegram;
  const number = state.nextFileNumber++;
  const extension = /\.\w{1,8}$/.exec(upload.name)?.[0] ?? '';
  const id = `BQACAgQAAxkBAAI${telegram.random.bytes(18).toString('base64url')}`;
  state.files.set(id, {
    id,
    uniqueId: `AgAD${telegram.random.bytes(8).toString('base64url')}`,
    path: `${folder}/file_${number}${extension}`,
    name: upload.name,
    mimeType: upload.mimeType,
    base64: upload.bytes.toString('base64'),
  });
  return id;
}

export function apiUser(user: UserRow): Record<string, unknown> {
  return {
    id: user.id,
    is_bot: false,
    first_name: user.firstName,
    ...(user.languageCode === null ? {} : { language_code: user.languageCode }),
  };
}

export function apiBot(state: TelegramState): Record<string, unknown> {
  return { id: state.botId, is_bot: true, first_name: state.botUsername, username: state.botUsername };
}

function apiSender(state: TelegramState, id: number): Record<string, unknown> {
  const user = state.users.get(id);
  return user === undefined ? apiBot(state) : apiUser(user);
}

export function apiChat(state: TelegramState, chat: ChatRow): Record<string, unknown> {
  if (chat.type === 'group') return { id: chat.id, type: 'group', title: chat.title };
  return { id: chat.id, type: 'private', first_name: state.users.get(chat.id)?.firstName };
}

/** A row as the Bot API's Message. A reply is shown one level deep, as the documentation says. */
export function apiMessage(state: TelegramState, row: MessageRow, withReply = true): Record<string, unknown> {
  const chat = state.chats.get(row.chatId);
  const replied = row.replyTo === null || !withReply ? undefined : state.messages.get(row.replyTo);
  return {
    message_id: row.id,
    from: apiSender(state, row.fromId),
    chat: chat === undefined ? { id: row.chatId } : apiChat(state, chat),
    date: row.date,
    ...(row.editDate === null ? {} : { edit_date: row.editDate }),
    ...forwardOrigin(state, row),
    ...(replied === undefined || replied.deleted
      ? {}
      : { reply_to_message: apiMessage(state, replied, false) }),
    ...apiContent(state, row.content),
    ...apiText(row),
    ...(row.markup?.kind === 'inline' ? { reply_markup: { inline_keyboard: row.markup.rows } } : {}),
  };
}

function apiText(row: MessageRow): Record<string, unknown> {
  if (row.text === '') return {};
  const [text, entities] =
    row.content.kind === 'text' ? ['text', 'entities'] : ['caption', 'caption_entities'];
  return { [text]: row.text, ...(row.entities.length === 0 ? {} : { [entities]: row.entities }) };
}

function forwardOrigin(state: TelegramState, row: MessageRow): Record<string, unknown> {
  const from = row.forwardedFrom;
  if (from === null) return {};
  return {
    forward_origin:
      'userId' in from
        ? { type: 'user', sender_user: apiSender(state, from.userId), date: from.at }
        : { type: 'hidden_user', sender_user_name: from.name, date: from.at },
  };
}

export function apiFile(state: TelegramState, fileId: string): Record<string, unknown> {
  const file = state.files.get(fileId);
  return {
    file_id: fileId,
    file_unique_id: file?.uniqueId,
    file_size: file === undefined ? 0 : Buffer.byteLength(file.base64, 'base64'),
  };
}

function apiContent(state: TelegramState, content: Content): Record<string, unknown> {
  switch (content.kind) {
    case 'text':
      return {};
    case 'contact':
      return {
        contact: {
          phone_number: content.phone,
          first_name: content.firstName,
          ...(content.userId === null ? {} : { user_id: content.userId }),
        },
      };
    case 'sticker':
      return {
        sticker: {
          ...apiFile(state, content.fileId),
          type: 'regular',
          width: 512,
          height: 512,
          is_animated: false,
          is_video: false,
          emoji: content.emoji,
        },
      };
    case 'voice':
      return {
        voice: {
          ...apiFile(state, content.fileId),
          duration: content.durationSeconds,
          mime_type: 'audio/ogg',
        },
      };
    case 'location':
      return { location: { latitude: content.latitude, longitude: content.longitude } };
    case 'photo':
      return { photo: [{ ...apiFile(state, content.fileId), width: 1280, height: 960 }] };
    case 'document': {
      const file = state.files.get(content.fileId);
      return {
        document: { ...apiFile(state, content.fileId), file_name: file?.name, mime_type: file?.mimeType },
      };
    }
  }
}
