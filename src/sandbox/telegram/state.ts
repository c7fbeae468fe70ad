import type { Random } from '../../domain/random.ts';
import type { Entity } from './html.ts';
import type { Markup, ReplyButton } from './markup.ts';

/** Everything the emulated server remembers. Rows are plain JSON, so that a snapshot is these rows written out. */
export interface TelegramState {
  readonly botId: number;
  readonly botUsername: string;
  nextMessageId: number;
  nextUpdateId: number;
  nextFileNumber: number;
  users: Map<number, UserRow>;
  chats: Map<number, ChatRow>;
  /** By message id, which this server counts over all chats of the bot; a message is asked for with its chat. */
  messages: Map<number, MessageRow>;
  files: Map<string, FileRow>;
  queries: Map<string, QueryRow>;
  /** Not yet confirmed, oldest first. */
  updates: UpdateRow[];
  /** null: every type that is delivered by default. */
  allowedUpdates: readonly string[] | null;
  webhook: WebhookRow | null;
  commands: CommandsRow[];
  toasts: ToastRow[];
}

export interface UserRow {
  readonly id: number;
  readonly firstName: string;
  readonly languageCode: string | null;
  /** As Telegram gives it in a contact: digits, no plus. */
  readonly phone: string | null;
  /** The bot may write to a person only after the person wrote to it. */
  started: boolean;
  blocked: boolean;
}

export interface ReplyKeyboardRow {
  readonly rows: readonly (readonly ReplyButton[])[];
  readonly oneTime: boolean;
}

export interface ChatRow {
  /** A private chat has its person's id, a group a negative one. */
  readonly id: number;
  readonly type: 'private' | 'group';
  readonly title: string | null;
  readonly members: number[];
  readonly messageIds: number[];
  replyKeyboard: ReplyKeyboardRow | null;
}

export type Content =
  | { readonly kind: 'text' }
  | {
      readonly kind: 'contact';
      readonly phone: string;
      readonly firstName: string;
      readonly userId: number | null;
    }
  | { readonly kind: 'sticker'; readonly fileId: string; readonly emoji: string }
  | { readonly kind: 'voice'; readonly fileId: string; readonly durationSeconds: number }
  | { readonly kind: 'location'; readonly latitude: number; readonly longitude: number }
  | { readonly kind: 'photo'; readonly fileId: string }
  | { readonly kind: 'document'; readonly fileId: string };

/** A person with an id, or a name only where that person hides the account. */
export type ForwardedFrom =
  | { readonly userId: number; readonly at: number }
  | { readonly name: string; readonly at: number };

export interface MessageRow {
  readonly id: number;
  readonly chatId: number;
  readonly fromId: number;
  /** Unix seconds, as all of Telegram's times. */
  readonly date: number;
  readonly content: Content;
  /** The text, or the caption of what carries one. */
  text: string;
  entities: readonly Entity[];
  markup: Markup | null;
  readonly forwardedFrom: ForwardedFrom | null;
  readonly replyTo: number | null;
  editDate: number | null;
  edits: number;
  deleted: boolean;
}

export interface FileRow {
  readonly id: string;
  readonly uniqueId: string;
  readonly path: string;
  readonly name: string;
  readonly mimeType: string;
  readonly base64: string;
}

export interface QueryRow {
  readonly id: string;
  readonly userId: number;
  readonly at: number;
  answered: boolean;
}

export interface UpdateRow {
  readonly id: number;
  readonly at: number;
  /** Updates of one chat are delivered one after the other. */
  readonly lane: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface WebhookRow {
  readonly url: string;
  readonly secretToken: string;
  readonly maxConnections: number;
  lastErrorDate: number | null;
  lastErrorMessage: string;
}

export interface CommandsRow {
  readonly scope: string;
  readonly languageCode: string;
  readonly commands: readonly { readonly command: string; readonly description: string }[];
}

export interface ToastRow {
  readonly userId: number;
  readonly text: string;
  readonly alert: boolean;
  readonly at: number;
}

export function createState(botId: number, botUsername: string, random: Random): TelegramState {
  return {
    botId,
    botUsername,
    nextMessageId: 1 + (random.bytes(2).readUInt16BE(0) % 900),
    nextUpdateId: 100_000_000 + (random.bytes(4).readUInt32BE(0) % 800_000_000),
    nextFileNumber: 0,
    users: new Map(),
    chats: new Map(),
    messages: new Map(),
    files: new Map(),
    queries: new Map(),
    updates: [],
    allowedUpdates: null,
    webhook: null,
    commands: [],
    toasts: [],
  };
}

const rowMaps = ['users', 'chats', 'messages', 'files', 'queries'] as const;
const snapshotVersion = 1;

/** Plain JSON. It holds what people wrote and the webhook's secret: as private as the server itself. */
export function snapshotOf(state: TelegramState): Record<string, unknown> {
  const rows = Object.fromEntries(rowMaps.map((name) => [name, [...state[name].values()]]));
  return structuredClone({ version: snapshotVersion, ...state, ...rows });
}

/** Puts a snapshot in the place of everything. The bot's identity stays the one that the server was made with. */
export function restoreInto(state: TelegramState, snapshot: unknown): void {
  const taken = structuredClone(snapshot) as { version?: unknown } & Record<string, unknown>;
  if (taken?.version !== snapshotVersion)
    throw new Error('This snapshot is of another version of the sandbox.');
  const { version: _, botId: __, botUsername: ___, ...rest } = taken;
  const maps = Object.fromEntries(
    rowMaps.map((name) => [
      name,
      new Map((rest[name] as { id: number | string }[]).map((row) => [row.id, row])),
    ]),
  );
  Object.assign(state, rest, maps);
}
