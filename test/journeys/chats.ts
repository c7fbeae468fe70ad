/**
 * The emulated platforms behind one surface, so that a journey is written once. People have small numbers; on WhatsApp each
 * has a phone number of their own behind it. Where a platform has no such thing, the call throws.
 */
import type { ChatChannel } from '../../src/db/tables.ts';
import { CannotDo, type NewUser } from '../../src/sandbox/telegram/members.ts';
import type { createTelegramServer } from '../../src/sandbox/telegram/server.ts';
import type { SeenMessage } from '../../src/sandbox/telegram/view.ts';
import type { createWhatsappServer } from '../../src/sandbox/whatsapp/server.ts';
import type { SeenWhatsapp } from '../../src/sandbox/whatsapp/view.ts';

export type TelegramServer = ReturnType<typeof createTelegramServer>;
export type WhatsappServer = ReturnType<typeof createWhatsappServer>;

type Shared =
  | 'addUser'
  | 'addGroup'
  | 'sendText'
  | 'editText'
  | 'shareContact'
  | 'shareOwnPhone'
  | 'sendSticker'
  | 'sendVoice'
  | 'sendLocation'
  | 'sendPhoto'
  | 'sendDocument'
  | 'block'
  | 'unblock'
  | 'pressButton'
  | 'pressRaw'
  | 'pressReplyKeyboard'
  | 'unanswered'
  | 'messages'
  | 'lastMessage'
  | 'keyboard'
  | 'toasts'
  | 'file'
  | 'pendingUpdates'
  | 'setDown'
  | 'until';

/** `wamid`: WhatsApp's own id of the message. */
export type ChatMessage = SeenMessage & { readonly wamid?: string };

export interface Chat extends Pick<TelegramServer['control'], Shared> {
  readonly channel: ChatChannel;
  /** Whose messages the program's are. */
  readonly botId: number;
  /** The platform's own name of the person. */
  externalId(person: number): string;
}

export function telegramChat({ control }: TelegramServer): Chat {
  return { ...control, channel: 'telegram', externalId: String };
}

export interface WhatsappOptions {
  /** Somebody who wrote before this story begins, and in which language the program talks to them. */
  readonly wroteBefore: (externalId: string, user: NewUser) => void;
}

export function whatsappChat({ control }: WhatsappServer, { wroteBefore }: WhatsappOptions): Chat {
  const numbers = new Map<number, string>();
  const of = (person: number): string => numbers.get(person) ?? `2547990${String(person).padStart(5, '0')}`;
  const seen = (person: number) => (message: SeenWhatsapp) => asSeen(message, person);
  const messages = (person: number): SeenMessage[] => control.messages(of(person)).map(seen(person));
  const dataOf = (person: number, messageId: number, label: string): string => {
    const buttons =
      messages(person)
        .find(({ id }) => id === messageId)
        ?.buttons.flat() ?? [];
    return buttons.find(({ text, data }) => text === label && data !== null)?.data ?? label;
  };
  return {
    channel: 'whatsapp',
    botId: Number(control.displayPhoneNumber.replace(/\D/g, '')),
    externalId: of,
    addUser: (user) => {
      if (user.phone !== undefined) numbers.set(user.id, user.phone.replace(/^\+/, ''));
      const { firstName, started = false } = user;
      control.addPerson({ id: of(user.id), firstName, started });
      if (started || user.languageCode === 'sw') wroteBefore(of(user.id), user);
    },
    addGroup: () => none('groups'),
    sendText: (person, text, options = {}) => {
      if (options.chatId !== undefined) none('groups');
      return control.sendText(of(person), text, options);
    },
    editText: (person, messageId, text) => control.editText(of(person), messageId, text),
    shareContact: (person, { contactUserId, ...contact }) => {
      if (contactUserId === person && contact.phone.replace(/^\+/, '') !== of(person))
        none('word for a number other than the one it writes from');
      // The contact of somebody who is there carries their number there.
      const phone = contactUserId === undefined ? contact.phone : of(contactUserId);
      return control.shareContact(of(person), { ...contact, phone, onWhatsapp: contactUserId !== undefined });
    },
    shareOwnPhone: (person) => control.shareOwnPhone(of(person)),
    sendSticker: (person, emoji) => control.sendSticker(of(person), emoji),
    sendVoice: (person, seconds) => control.sendVoice(of(person), seconds),
    sendLocation: (person) => control.sendLocation(of(person)),
    sendPhoto: (person, bytes, caption) => control.sendPhoto(of(person), bytes, caption),
    sendDocument: (person, upload, caption) => control.sendDocument(of(person), upload, caption),
    block: (person) => control.block(of(person)),
    unblock: (person) => control.unblock(of(person)),
    pressButton: (person, messageId, label) =>
      control.pressButton(of(person), messageId, dataOf(person, messageId, label)),
    pressRaw: (person, messageId, data) => control.pressRaw(of(person), messageId, data),
    pressReplyKeyboard: (person, label) => {
      const on = messages(person).findLast(({ buttons }) =>
        buttons.flat().some(({ text }) => text === label),
      );
      if (on === undefined) throw new CannotDo(`There is no key "${label}".`);
      control.pressButton(of(person), on.id, dataOf(person, on.id, label));
      return control.lastMessage(of(person))?.id ?? 0;
    },
    // A press is a message here: nothing waits.
    unanswered: () => [],
    messages,
    lastMessage: (person, options) => {
      const last = control.lastMessage(of(person), options);
      return last && asSeen(last, person);
    },
    keyboard: () => null,
    toasts: (person) => control.toasts(of(person)).map((toast) => ({ ...toast, userId: person })),
    file: (id) => control.file(id),
    pendingUpdates: () => control.pendingUpdates(),
    setDown: (down) => control.setDown(down),
    until: (find) => control.until(find),
  };
}

function none(what: string): never {
  throw new CannotDo(`WhatsApp has no ${what}.`);
}

/** A label that was cut for its row is read whole below it. */
function asSeen(message: SeenWhatsapp, person: number): SeenMessage {
  const buttons = message.buttons.flat().map((button, i) => {
    const whole = message.descriptions[i] ?? null;
    return [{ ...button, text: button.text.endsWith('…') && whole !== null ? whole : button.text }];
  });
  return { ...message, chatId: person, fromId: message.fromBot ? message.fromId : person, buttons };
}
