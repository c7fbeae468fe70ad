import { addFile, addMessage, apiMessage, nowSeconds, type Telegram, type Upload } from './core.ts';
import { detectEntities, type Entity, type FormattedText, parseHtml, trimmed } from './html.ts';
import { inlineMarkupParam, type Markup, markupParam } from './markup.ts';
import type { Call, Methods } from './methods.ts';
import { badRequest, characters, forbidden, integerParam, isRecord, jsonParam, textParam } from './rules.ts';
import type { ChatRow, MessageRow } from './state.ts';

const maxText = 4096;
const maxCaption = 1024;
const maxMessageId = 2 ** 31 - 1;
/** "A message can only be deleted if it was sent less than 48 hours ago." */
const deletableSeconds = 48 * 60 * 60;
const maxPhotoBytes = 10 * 1024 * 1024;
const maxDocumentBytes = 50 * 1024 * 1024;

export const messageMethods: Methods = {
  sendMessage: (telegram, call) => {
    const chat = chatToWriteTo(telegram, call);
    const formatted = formattedParam(call, 'text', 'entities');
    if (formatted.text === '') throw badRequest('message text is empty');
    if (characters(formatted.text) > maxText) throw badRequest('message is too long');
    return send(telegram, call, chat, { content: { kind: 'text' }, ...formatted });
  },
  sendPhoto: (telegram, call) => sendFile(telegram, call, 'photo', maxPhotoBytes),
  sendDocument: (telegram, call) => sendFile(telegram, call, 'document', maxDocumentBytes),
  editMessageText: (telegram, call) => {
    const message = messageToEdit(telegram, call);
    const formatted = formattedParam(call, 'text', 'entities');
    const markup = inlineMarkupParam(call.params);
    if (formatted.text === '') throw badRequest('message text is empty');
    if (characters(formatted.text) > maxText) throw badRequest('message is too long');
    if (message.content.kind !== 'text') throw badRequest('there is no text in the message to edit');
    return edit(telegram, message, formatted, markup);
  },
  editMessageReplyMarkup: (telegram, call) => {
    const message = messageToEdit(telegram, call);
    return edit(telegram, message, message, inlineMarkupParam(call.params));
  },
  deleteMessage: (telegram, call) => {
    const { chat, messageId } = messageParam(telegram, call);
    const message = telegram.state.messages.get(messageId);
    if (message === undefined || message.chatId !== chat.id || message.deleted)
      throw badRequest('message to delete not found');
    const foreign = message.fromId !== telegram.state.botId && chat.type === 'group';
    if (foreign) throw badRequest("message can't be deleted");
    if (nowSeconds(telegram) - message.date >= deletableSeconds)
      throw badRequest("message can't be deleted for everyone");
    message.deleted = true;
    telegram.changed({ kind: 'message', chatId: chat.id, messageId });
    return true;
  },
};

/** The chat that the call names, where the bot knows it. */
export function chatParam(telegram: Telegram, call: Call): ChatRow {
  const text = textParam(call.params, 'chat_id');
  if (text === undefined || text === '') throw badRequest('chat_id is empty');
  const chat = /^-?\d{1,16}$/.test(text) ? telegram.state.chats.get(Number(text)) : undefined;
  if (chat === undefined) throw badRequest('chat not found');
  return chat;
}

export function chatToWriteTo(telegram: Telegram, call: Call): ChatRow {
  const chat = chatParam(telegram, call);
  const user = chat.type === 'private' ? telegram.state.users.get(chat.id) : undefined;
  if (user?.blocked) throw forbidden('bot was blocked by the user');
  if (user?.started === false) throw forbidden("bot can't initiate conversation with a user");
  return chat;
}

function messageParam(telegram: Telegram, call: Call): { chat: ChatRow; messageId: number } {
  const chat = chatToWriteTo(telegram, call);
  const messageId = integerParam(call.params, 'message_id', 1, maxMessageId);
  if (messageId === undefined) throw badRequest('message identifier is not specified');
  return { chat, messageId };
}

function messageToEdit(telegram: Telegram, call: Call): MessageRow {
  const { chat, messageId } = messageParam(telegram, call);
  const message = telegram.state.messages.get(messageId);
  if (message === undefined || message.chatId !== chat.id || message.deleted)
    throw badRequest('message to edit not found');
  // "It is currently only possible to edit messages without reply_markup or with inline keyboards."
  const otherKeyboard = message.markup !== null && message.markup.kind !== 'inline';
  if (message.fromId !== telegram.state.botId || otherKeyboard) throw badRequest("message can't be edited");
  return message;
}

/** A text with its formatting: HTML, or given entities, or what the server finds by itself. */
function formattedParam(call: Call, textName: string, entitiesName: string): FormattedText {
  // A form ends its lines with CRLF; the server drops the CR (tdlib, clean_input_string).
  const text = (textParam(call.params, textName) ?? '').replaceAll('\r', '');
  const mode = textParam(call.params, 'parse_mode') ?? '';
  if (mode !== '' && mode.toLowerCase() !== 'html')
    throw badRequest(
      /^markdown(v2)?$/i.test(mode)
        ? 'this sandbox reads no Markdown; use parse_mode HTML'
        : 'unsupported parse_mode',
    );
  if (mode !== '') return withDetected(trimmed(parseHtml(text)));
  return withDetected(trimmed({ text, entities: entitiesParam(call, entitiesName, text) }));
}

function withDetected(formatted: FormattedText): FormattedText {
  const free = detectEntities(formatted.text).filter(
    (found) =>
      !formatted.entities.some(
        (held) => found.offset < held.offset + held.length && held.offset < found.offset + found.length,
      ),
  );
  return {
    text: formatted.text,
    entities: [...formatted.entities, ...free].sort((a, b) => a.offset - b.offset),
  };
}

function entitiesParam(call: Call, name: string, text: string): Entity[] {
  const value = jsonParam(call.params, name);
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw badRequest("can't parse entities: expected an Array of MessageEntity");
  return value.map((entity: unknown) => {
    const fields = isRecord(entity) ? entity : {};
    const { type, offset, length } = fields;
    if (typeof type !== 'string' || typeof offset !== 'number' || typeof length !== 'number')
      throw badRequest("can't parse entities: MessageEntity must have type, offset and length");
    if (offset < 0 || length < 1 || offset + length > text.length)
      throw badRequest('entity beginning or end is outside the message text');
    return { ...fields, type, offset, length };
  });
}

type Body = Pick<MessageRow, 'content' | 'text' | 'entities'>;

function send(telegram: Telegram, call: Call, chat: ChatRow, body: Body): unknown {
  const markup = markupParam(call.params, chat.type);
  const replyTo = replyParam(telegram, call, chat);
  const message = addMessage(telegram, {
    ...body,
    chatId: chat.id,
    fromId: telegram.state.botId,
    markup,
    replyTo,
  });
  if (markup?.kind === 'reply') chat.replyKeyboard = { rows: markup.rows, oneTime: markup.oneTime };
  if (markup?.kind === 'remove') chat.replyKeyboard = null;
  return apiMessage(telegram.state, message);
}

function replyParam(telegram: Telegram, call: Call, chat: ChatRow): number | null {
  const value = jsonParam(call.params, 'reply_parameters');
  if (value === undefined) return null;
  if (!isRecord(value)) throw badRequest('object expected as reply parameters');
  const replyTo = integerParam(value, 'message_id', 1, maxMessageId);
  if (replyTo === undefined) throw badRequest("can't parse reply parameters: message_id is not specified");
  const message = telegram.state.messages.get(replyTo);
  if (message !== undefined && message.chatId === chat.id && !message.deleted) return replyTo;
  if (value.allow_sending_without_reply === true) return null;
  throw badRequest('message to be replied not found');
}

function edit(telegram: Telegram, message: MessageRow, to: FormattedText, markup: Markup | null): unknown {
  const before = JSON.stringify([message.text, message.entities, message.markup]);
  if (before === JSON.stringify([to.text, to.entities, markup]))
    throw badRequest(
      'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
    );
  message.text = to.text;
  message.entities = to.entities;
  message.markup = markup;
  message.editDate = nowSeconds(telegram);
  message.edits++;
  telegram.changed({ kind: 'message', chatId: message.chatId, messageId: message.id });
  return apiMessage(telegram.state, message);
}

function sendFile(telegram: Telegram, call: Call, kind: 'photo' | 'document', maxBytes: number): unknown {
  const chat = chatToWriteTo(telegram, call);
  const formatted = formattedParam(call, 'caption', 'caption_entities');
  if (characters(formatted.text) > maxCaption) throw badRequest('message caption is too long');
  const upload = uploadParam(call, kind);
  const known = textParam(call.params, kind) ?? '';
  if (upload === undefined && known === '') throw badRequest(`there is no ${kind} in the request`);
  if (upload === undefined && /^https?:/.test(known)) throw badRequest('failed to get HTTP URL content');
  if (upload === undefined && !telegram.state.files.has(known))
    throw badRequest('wrong file identifier/HTTP URL specified');
  if (upload?.bytes.length === 0) throw badRequest('file must be non-empty');
  if (upload !== undefined && upload.bytes.length > maxBytes)
    throw badRequest(kind === 'photo' ? 'file is too big for a photo' : 'file is too big');
  if (kind === 'photo' && upload !== undefined && !isPicture(upload.bytes))
    throw badRequest('IMAGE_PROCESS_FAILED');
  const fileId = upload === undefined ? known : addFile(telegram, `${kind}s`, upload);
  return send(telegram, call, chat, { content: { kind, fileId }, ...formatted });
}

/** The first bytes of PNG, JPEG, GIF and WebP. */
function isPicture(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 4).toString('latin1');
  return start === '\x89PNG' || start.startsWith('\xff\xd8\xff') || start === 'GIF8' || start === 'RIFF';
}

/** A file comes under the parameter's own name, or under the one that `attach://name` gives. */
function uploadParam(call: Call, name: string): Upload | undefined {
  const value = call.params[name];
  const attached = typeof value === 'string' ? /^attach:\/\/(.+)$/.exec(value)?.[1] : undefined;
  return call.files.get(attached ?? name);
}
