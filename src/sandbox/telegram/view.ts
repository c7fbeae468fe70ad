import type { Entity } from './html.ts';
import { renderHtml } from './render.ts';
import type { Content, MessageRow, TelegramState } from './state.ts';

export interface SeenButton {
  readonly text: string;
  readonly data: string | null;
  readonly url: string | null;
}

/** A message as a person sees it now, edits applied. */
export interface SeenMessage {
  readonly id: number;
  readonly chatId: number;
  readonly fromBot: boolean;
  readonly fromId: number;
  readonly fromName: string;
  readonly kind: Content['kind'];
  /** The text, or the caption. */
  readonly text: string;
  readonly entities: readonly Entity[];
  /** The text as HTML that is safe to put into a page. */
  readonly html: string;
  readonly buttons: readonly (readonly SeenButton[])[];
  /** The keyboard that came with this message; what is on the screen now is `keyboard(chatId)`. */
  readonly replyKeyboard: readonly (readonly string[])[] | null;
  /** Unix seconds. */
  readonly date: number;
  readonly edits: number;
  readonly deleted: boolean;
  readonly replyTo: number | null;
  readonly forwarded: boolean;
  readonly file: { readonly id: string; readonly name: string; readonly mimeType: string } | null;
  readonly contact: { readonly phone: string; readonly firstName: string } | null;
}

interface Rendered {
  readonly text: string;
  readonly entities: readonly Entity[];
  readonly html: string;
}

/** A chat is looked at far more often than a message in it changes. */
const rendered = new WeakMap<MessageRow, Rendered>();

function htmlOf(row: MessageRow): string {
  const known = rendered.get(row);
  if (known?.text === row.text && known.entities === row.entities) return known.html;
  const { text, entities } = row;
  const html = renderHtml(text, entities);
  rendered.set(row, { text, entities, html });
  return html;
}

export function seen(state: TelegramState, row: MessageRow): SeenMessage {
  const fromBot = row.fromId === state.botId;
  const { markup, content } = row;
  const file = 'fileId' in content ? state.files.get(content.fileId) : undefined;
  return {
    id: row.id,
    chatId: row.chatId,
    fromBot,
    fromId: row.fromId,
    fromName: fromBot ? state.botUsername : (state.users.get(row.fromId)?.firstName ?? ''),
    kind: content.kind,
    text: row.text,
    entities: row.entities,
    html: htmlOf(row),
    buttons: markup?.kind === 'inline' ? markup.rows.map((buttons) => buttons.map(seenButton)) : [],
    replyKeyboard: markup?.kind === 'reply' ? markup.rows.map((keys) => keys.map((key) => key.text)) : null,
    date: row.date,
    edits: row.edits,
    deleted: row.deleted,
    replyTo: row.replyTo,
    forwarded: row.forwardedFrom !== null,
    file: file === undefined ? null : { id: file.id, name: file.name, mimeType: file.mimeType },
    contact: content.kind === 'contact' ? { phone: content.phone, firstName: content.firstName } : null,
  };
}

function seenButton(button: { text: string; callback_data?: string; url?: string }): SeenButton {
  return { text: button.text, data: button.callback_data ?? null, url: button.url ?? null };
}

export function messagesOf(state: TelegramState, chatId: number, withDeleted: boolean): SeenMessage[] {
  const ids = state.chats.get(chatId)?.messageIds ?? [];
  return ids.flatMap((id) => {
    const row = state.messages.get(id);
    return row === undefined || (row.deleted && !withDeleted) ? [] : [seen(state, row)];
  });
}

/** From the end, so that a long chat costs nothing. */
export function lastMessageOf(
  state: TelegramState,
  chatId: number,
  fromBot: boolean | undefined,
): SeenMessage | undefined {
  const id = state.chats.get(chatId)?.messageIds.findLast((candidate) => {
    const row = state.messages.get(candidate);
    return (
      row !== undefined && !row.deleted && (fromBot === undefined || (row.fromId === state.botId) === fromBot)
    );
  });
  const row = id === undefined ? undefined : state.messages.get(id);
  return row === undefined ? undefined : seen(state, row);
}
