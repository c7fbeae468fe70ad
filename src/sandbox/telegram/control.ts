import type { Change, Telegram } from './core.ts';
import type { Faults } from './faults.ts';
import type { Answer } from './http.ts';
import type { ReplyButton } from './markup.ts';
import { createPeople, type People } from './people.ts';
import { createPresses, type Presses } from './presses.ts';
import type { Params } from './rules.ts';
import { type CommandsRow, restoreInto, snapshotOf, type ToastRow, type UserRow } from './state.ts';
import { lastMessageOf, messagesOf, type SeenMessage } from './view.ts';

/** One Bot API call of the bot. It never holds the token, nor a webhook's secret. */
export interface CallRow {
  readonly at: Date;
  readonly method: string;
  readonly params: Params;
  /** What the server made of it; null where the connection ended before it was looked at. */
  readonly answer: Answer | null;
  /** false where the answer was lost on the way. */
  readonly answered: boolean;
}

/** The other side of the chats, in process: what people do and see, the log, and the faults. */
export interface TelegramControl extends People, Presses, Faults {
  readonly botId: number;
  users(): readonly Readonly<UserRow>[];
  chats(): readonly { readonly id: number; readonly title: string; readonly type: 'private' | 'group' }[];
  /** Oldest first. */
  messages(chatId: number, options?: { readonly withDeleted?: boolean }): SeenMessage[];
  lastMessage(chatId: number, options?: { readonly fromBot?: boolean }): SeenMessage | undefined;
  /** The keyboard on the screen now. */
  keyboard(chatId: number): readonly (readonly ReplyButton[])[] | null;
  toasts(userId: number): readonly ToastRow[];
  commands(): readonly CommandsRow[];
  file(
    fileId: string,
  ): { readonly name: string; readonly mimeType: string; readonly bytes: Buffer } | undefined;
  pendingUpdates(): number;
  /** The latest calls, oldest first. */
  calls(method?: string): readonly CallRow[];
  onChange(listener: (change: Change) => void): () => void;
  /** Resolves as soon as `find` finds something, looked at now and after each change. The caller's time-out bounds it. */
  until<T>(find: () => T | undefined | null | false): Promise<T>;
  /** Plain JSON of everything that the server remembers, the log excepted. */
  snapshot(): Record<string, unknown>;
  restore(snapshot: unknown): void;
}

export interface ControlParts {
  readonly telegram: Telegram;
  readonly faults: Faults;
  readonly calls: readonly CallRow[];
  readonly listeners: Set<(change: Change) => void>;
  readonly onRestore: () => void;
}

export function createControl({
  telegram,
  faults,
  calls,
  listeners,
  onRestore,
}: ControlParts): TelegramControl {
  const { state } = telegram;
  const people = createPeople(telegram);

  function onChange(listener: (change: Change) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  function until<T>(find: () => T | undefined | null | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        const found = find();
        if (found === undefined || found === null || found === false) return false;
        resolve(found);
        return true;
      };
      if (look()) return;
      const stop = onChange(() => {
        try {
          if (look()) stop();
        } catch (error) {
          stop();
          reject(error);
        }
      });
    });
  }

  return {
    ...people,
    ...createPresses(telegram, people),
    failNext: faults.failNext,
    dropNext: faults.dropNext,
    setDown: faults.setDown,
    slow: faults.slow,
    limit: faults.limit,
    botId: state.botId,
    users: () => [...state.users.values()],
    chats: () =>
      [...state.chats.values()].map(({ id, type, title }) => ({
        id,
        type,
        title: title ?? state.users.get(id)?.firstName ?? '',
      })),
    messages: (chatId, options = {}) => messagesOf(state, chatId, options.withDeleted ?? false),
    lastMessage: (chatId, options = {}) => lastMessageOf(state, chatId, options.fromBot),
    keyboard: (chatId) => state.chats.get(chatId)?.replyKeyboard?.rows ?? null,
    toasts: (userId) => state.toasts.filter((toast) => toast.userId === userId),
    commands: () => state.commands,
    file: (fileId) => {
      const row = state.files.get(fileId);
      return row && { name: row.name, mimeType: row.mimeType, bytes: Buffer.from(row.base64, 'base64') };
    },
    pendingUpdates: () => state.updates.length,
    calls: (method) => (method === undefined ? [...calls] : calls.filter((call) => call.method === method)),
    onChange,
    until,
    snapshot: () => snapshotOf(state),
    restore: (snapshot) => {
      restoreInto(state, snapshot);
      onRestore();
    },
  };
}
