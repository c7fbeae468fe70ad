import { addFile, addMessage, apiMessage, nowSeconds, type Telegram, type Upload } from './core.ts';
import { detectEntities } from './html.ts';
import { addGroup, addUser, CannotDo, type NewGroup, type NewUser, person, setBlocked } from './members.ts';
import type { ChatRow, Content, ForwardedFrom, MessageRow } from './state.ts';

export interface Where {
  /** A group; without it the person's private chat with the bot. */
  readonly chatId?: number;
}

export interface TextOptions extends Where {
  /** Whose message this was: a person's or the bot's id, or only a name, where that person hides the account. */
  readonly forwardFrom?: number | string;
  readonly replyTo?: number;
}

/** What people do in their apps. Each verb returns the id of the message it made. */
export interface People {
  addUser(user: NewUser): void;
  /** The bot is a member, and sees commands, replies to it and mentions (privacy mode, which is the default). */
  addGroup(group: NewGroup): void;
  /** Longer than 4,096 characters goes out in several messages, as the apps do; the last one's id is returned. */
  sendText(userId: number, text: string, options?: TextOptions): number;
  editText(userId: number, messageId: number, text: string): void;
  shareContact(
    userId: number,
    contact: {
      readonly phone: string;
      readonly firstName: string;
      readonly contactUserId?: number;
      /** As with a text. */
      readonly forwardFrom?: number | string;
    },
    where?: Where,
  ): number;
  shareOwnPhone(userId: number): number;
  sendSticker(userId: number, emoji?: string, where?: Where): number;
  sendVoice(userId: number, durationSeconds?: number, where?: Where): number;
  sendLocation(userId: number, where?: Where): number;
  sendPhoto(userId: number, bytes: Buffer, caption?: string, where?: Where): number;
  sendDocument(userId: number, upload: Upload, caption?: string, where?: Where): number;
  block(userId: number): void;
  unblock(userId: number): void;
}

const nairobi = { latitude: -1.2921, longitude: 36.8219 };
const textPart = 4096;

export function createPeople(telegram: Telegram): People {
  const content = (userId: number, body: Content, where: Where = {}, caption = ''): number =>
    say(telegram, userId, { content: body, text: caption }, where).id;
  const file = (folder: string, upload: Upload): string => addFile(telegram, folder, upload);

  return {
    addUser: (user) => addUser(telegram, user),
    addGroup: (group) => addGroup(telegram, group),
    sendText: (userId, text, options = {}) => sendText(telegram, userId, text, options),
    editText: (userId, messageId, text) => editText(telegram, userId, messageId, text),
    shareContact: (userId, { phone, firstName, contactUserId, forwardFrom }, where = {}) => {
      const contact = { kind: 'contact', phone, firstName, userId: contactUserId ?? null } as const;
      const forwardedFrom = forwarded(telegram, forwardFrom);
      return say(telegram, userId, { content: contact, text: '', forwardedFrom }, where).id;
    },
    shareOwnPhone: (userId) => {
      const { phone, firstName } = person(telegram, userId);
      if (phone === null) throw new CannotDo('This person was given no phone number.');
      return content(userId, { kind: 'contact', phone, firstName, userId });
    },
    sendSticker: (userId, emoji = '👍', where) =>
      content(
        userId,
        { kind: 'sticker', emoji, fileId: file('stickers', made('sticker.webp', 'image/webp')) },
        where,
      ),
    sendVoice: (userId, durationSeconds = 3, where) =>
      content(
        userId,
        { kind: 'voice', durationSeconds, fileId: file('voice', made('voice.oga', 'audio/ogg')) },
        where,
      ),
    sendLocation: (userId, where) => content(userId, { kind: 'location', ...nairobi }, where),
    sendPhoto: (userId, bytes, caption, where) =>
      content(
        userId,
        { kind: 'photo', fileId: file('photos', { name: 'photo.jpg', mimeType: 'image/jpeg', bytes }) },
        where,
        caption,
      ),
    sendDocument: (userId, upload, caption, where) =>
      content(userId, { kind: 'document', fileId: file('documents', upload) }, where, caption),
    block: (userId) => setBlocked(telegram, userId, true),
    unblock: (userId) => setBlocked(telegram, userId, false),
  };
}

function made(name: string, mimeType: string): Upload {
  return { name, mimeType, bytes: Buffer.from(`made by the sandbox: ${name}`) };
}

/** The chat where the person is writing; it starts the bot when it is the private one. */
function enter(telegram: Telegram, userId: number, where: Where): ChatRow {
  const user = person(telegram, userId);
  const chat = telegram.state.chats.get(where.chatId ?? userId);
  if (chat === undefined || !chat.members.includes(userId))
    throw new CannotDo(`${user.firstName} is not in the chat ${where.chatId ?? userId}.`);
  if (chat.type === 'private') {
    if (user.blocked) throw new CannotDo(`${user.firstName} has blocked the bot, and must unblock it first.`);
    user.started = true;
  }
  return chat;
}

type Said = Pick<MessageRow, 'content' | 'text'> & Partial<Pick<MessageRow, 'forwardedFrom' | 'replyTo'>>;

function say(telegram: Telegram, userId: number, said: Said, where: Where): MessageRow {
  const chat = enter(telegram, userId, where);
  const entities = detectEntities(said.text);
  const message = addMessage(telegram, { ...said, entities, chatId: chat.id, fromId: userId });
  if (botSees(telegram, chat, message))
    telegram.updates.push('message', chat.id, apiMessage(telegram.state, message));
  return message;
}

function botSees(telegram: Telegram, chat: ChatRow, message: MessageRow): boolean {
  if (chat.type === 'private') return true;
  const { botId, botUsername, messages } = telegram.state;
  const toBot = message.replyTo !== null && messages.get(message.replyTo)?.fromId === botId;
  const ours = `@${botUsername}`.toLowerCase();
  return (
    toBot ||
    message.entities.some(({ type, offset, length }) => {
      const word = message.text.slice(offset, offset + length).toLowerCase();
      if (type === 'bot_command') return !word.includes('@') || word.endsWith(ours);
      return type === 'mention' && word === ours;
    })
  );
}

function sendText(telegram: Telegram, userId: number, text: string, options: TextOptions): number {
  if (text.trim() === '') throw new CannotDo('An empty message cannot be sent.');
  const forwardedFrom = forwarded(telegram, options.forwardFrom);
  const replyTo = options.replyTo ?? null;
  const letters = [...text.trim()];
  let last = 0;
  for (let at = 0; at < letters.length; at += textPart) {
    const part = letters.slice(at, at + textPart).join('');
    last = say(
      telegram,
      userId,
      { content: { kind: 'text' }, text: part, forwardedFrom, replyTo },
      options,
    ).id;
  }
  return last;
}

function forwarded(telegram: Telegram, from: number | string | undefined): ForwardedFrom | null {
  if (from === undefined) return null;
  const at = nowSeconds(telegram);
  if (typeof from === 'string') return { name: from, at };
  if (from !== telegram.state.botId) person(telegram, from);
  return { userId: from, at };
}

function editText(telegram: Telegram, userId: number, messageId: number, text: string): void {
  const message = telegram.state.messages.get(messageId);
  if (message === undefined || message.deleted || message.fromId !== userId)
    throw new CannotDo('Only an own message can be edited.');
  const chat = enter(telegram, userId, { chatId: message.chatId });
  message.text = text.trim();
  message.entities = detectEntities(message.text);
  message.editDate = nowSeconds(telegram);
  message.edits++;
  telegram.changed({ kind: 'message', chatId: chat.id, messageId });
  if (botSees(telegram, chat, message))
    telegram.updates.push('edited_message', chat.id, apiMessage(telegram.state, message));
}
