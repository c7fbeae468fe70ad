import { CannotDo, type Change, findPerson, type PersonRef, type Whatsapp, windowOpen } from './core.ts';
import type { Endpoint, Faults } from './faults.ts';
import type { Answer } from './http.ts';
import { createPeople, type People } from './people.ts';
import { createPresses, type Presses } from './presses.ts';
import { type PersonRow, restoreInto, snapshotOf, type TemplateRow, type TemplateStatus } from './state.ts';
import { errorOf, type Statuses } from './statuses.ts';
import { messagesOf, type SeenWhatsapp, sentTo } from './view.ts';
import type { WebhookFaults, WebhookSender } from './webhook.ts';

/** One call of the business's program. It never holds the token. */
export interface CallRow {
  readonly at: Date;
  readonly method: Endpoint;
  readonly params: Readonly<Record<string, unknown>>;
  /** What the server made of it; null where the connection ended before it was looked at. */
  readonly answer: Answer | null;
  /** false where the answer was lost on the way. */
  readonly answered: boolean;
}

export interface Subscription {
  readonly verified: boolean;
  readonly status: number | null;
  readonly body: string;
}

export interface ToastRow {
  readonly userId: number;
  readonly text: string;
  readonly alert: boolean;
  readonly at: number;
}

/** The other side of the chats, in process: what people do and see, the log, and the faults. */
export interface WhatsappControl extends People, Presses, Faults, WebhookFaults {
  readonly phoneNumberId: string;
  readonly displayPhoneNumber: string;
  users(): readonly Readonly<PersonRow>[];
  chats(): readonly { readonly id: number; readonly title: string; readonly type: 'private' }[];
  /** Oldest first. */
  messages(who: PersonRef): SeenWhatsapp[];
  lastMessage(who: PersonRef, options?: { readonly fromBot?: boolean }): SeenWhatsapp | undefined;
  /** What the business sent, with what became of it; failed ones too, which `messages` does not show. */
  sent(who: PersonRef): SeenWhatsapp[];
  /** There are none here: the bot's messages without buttons, so that who waits for a toast finds its text. */
  toasts(who: PersonRef): readonly ToastRow[];
  /** WhatsApp has neither keyboards nor a list of commands. */
  keyboard(who: PersonRef): null;
  file(
    fileId: string,
  ): { readonly name: string; readonly mimeType: string; readonly bytes: Buffer } | undefined;
  /** Events that are due and that the webhook has not taken; held ones and those in a back-off are not due. */
  pendingUpdates(): number;
  /** The latest calls, oldest first. */
  calls(method?: Endpoint): readonly CallRow[];
  onChange(listener: (change: Change) => void): () => void;
  /** Resolves as soon as `find` finds something, looked at now and after each change. The caller's time-out bounds it. */
  until<T>(find: () => T | undefined | null | false): Promise<T>;
  /** "Verify and save" in the app's dashboard: asks the webhook with the verify token, and keeps it where it agrees. */
  subscribe(url: string): Promise<Subscription>;
  unsubscribe(): void;
  templates(): readonly TemplateRow[];
  /** Adds it, or takes the place of the one of that name and language. */
  putTemplate(template: TemplateRow): void;
  setTemplateStatus(name: string, language: string, status: TemplateStatus): void;
  /** Does a text reach this person? */
  windowOpen(who: PersonRef): boolean;
  tokenExpired(): boolean;
  expireToken(): void;
  /** A new token, or the first one again. */
  renewToken(token?: string): void;
  /** A message that was sent fails late. */
  failLate(messageId: number, code: number): void;
  /** An error of the whole account, in `value.errors`. */
  accountError(code: number): void;
  /** Plain JSON of everything that the server remembers, the log excepted. */
  snapshot(): Record<string, unknown>;
  restore(snapshot: unknown): void;
}

export interface ControlParts {
  readonly whatsapp: Whatsapp;
  readonly statuses: Statuses;
  readonly faults: Faults;
  readonly webhooks: WebhookSender;
  readonly calls: readonly CallRow[];
  readonly listeners: Set<(change: Change) => void>;
  readonly subscribe: (url: string) => Promise<Subscription>;
  readonly tokenExpired: () => boolean;
  readonly setToken: (token: string | null) => void;
  readonly firstToken: string;
}

export function createControl(parts: ControlParts): WhatsappControl {
  const { whatsapp, statuses, faults, webhooks, calls, listeners } = parts;
  const { state } = whatsapp;
  const idOf = (who: PersonRef): number => findPerson(state, who)?.id ?? -1;

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

  function putTemplate(template: TemplateRow): void {
    const { name, language } = template;
    state.templates = [
      ...state.templates.filter((one) => one.name !== name || one.language !== language),
      template,
    ];
    whatsapp.changed({ kind: 'templates' });
  }

  const { push: _, pump: __, pending, reset, stop: ___, ...webhookFaults } = webhooks;
  return {
    ...createPeople(whatsapp, statuses),
    ...createPresses(whatsapp),
    ...webhookFaults,
    failNext: faults.failNext,
    dropNext: faults.dropNext,
    setDown: faults.setDown,
    slow: faults.slow,
    limit: faults.limit,
    failDeliveries: faults.failDeliveries,
    windowErrors: faults.windowErrors,
    phoneNumberId: state.phoneNumberId,
    displayPhoneNumber: state.displayPhoneNumber,
    users: () => present(state.people.values()),
    chats: () =>
      present(state.people.values()).map(({ id, firstName }) => ({ id, title: firstName, type: 'private' })),
    messages: (who) => messagesOf(state, idOf(who)),
    lastMessage: (who, { fromBot } = {}) =>
      messagesOf(state, idOf(who)).findLast((one) => fromBot === undefined || one.fromBot === fromBot),
    sent: (who) => sentTo(state, idOf(who)),
    toasts: (who) =>
      messagesOf(state, idOf(who))
        .filter(({ fromBot, buttons, file }) => fromBot && buttons.length === 0 && file === null)
        .map(({ chatId, text, date }) => ({ userId: chatId, text, alert: false, at: date })),
    keyboard: () => null,
    file: (fileId) => {
      const row = state.files.get(fileId);
      return row && { name: row.name, mimeType: row.mimeType, bytes: Buffer.from(row.base64, 'base64') };
    },
    pendingUpdates: pending,
    calls: (method) => (method === undefined ? [...calls] : calls.filter((call) => call.method === method)),
    onChange,
    until,
    subscribe: parts.subscribe,
    unsubscribe: () => {
      state.webhookUrl = null;
      state.events = [];
      reset();
    },
    templates: () => state.templates,
    putTemplate,
    setTemplateStatus: (name, language, status) => {
      const template = state.templates.find((one) => one.name === name && one.language === language);
      if (template === undefined) throw new CannotDo(`There is no template ${name} in ${language}.`);
      putTemplate({ ...template, status });
    },
    windowOpen: (who) => {
      const row = findPerson(state, who);
      return row !== undefined && windowOpen(whatsapp, row);
    },
    tokenExpired: parts.tokenExpired,
    expireToken: () => parts.setToken(null),
    renewToken: (token = parts.firstToken) => parts.setToken(token),
    failLate: (messageId, code) => {
      const message = state.messages.get(messageId);
      if (message === undefined) throw new CannotDo(`There is no message ${messageId}.`);
      statuses.fail(message, code);
    },
    accountError: (code) =>
      webhooks.push({ lane: 0, contact: null, message: null, status: null, errors: [errorOf(code)] }),
    snapshot: () => snapshotOf(state),
    restore: (snapshot) => {
      statuses.stop();
      restoreInto(state, snapshot);
      reset();
      statuses.again();
    },
  };
}

/** Nobody is behind a number that is not on WhatsApp. */
function present(people: Iterable<PersonRow>): PersonRow[] {
  return [...people].filter(({ onWhatsapp }) => onWhatsapp);
}
