/** Everybody's chats as the page sees them, on both platforms. */
import { type Person, people } from './cast.ts';
import type { ChannelId } from './chat-names.ts';
import type { Scheduler } from './scheduler.ts';
import type { TelegramControl } from './telegram/control.ts';
import type { SeenMessage } from './telegram/view.ts';
import type { WhatsappControl } from './whatsapp/control.ts';
import type { SeenWhatsapp } from './whatsapp/view.ts';
import type { World } from './world.ts';

export interface DeskMessage {
  readonly id: number;
  readonly fromBot: boolean;
  /** Safe to be put into a page. */
  readonly html: string;
  readonly plain: string;
  /** With a menu, the rows of its list, which have their small print below them. */
  readonly buttons: readonly (readonly (SeenMessage['buttons'][number][number] & {
    readonly description?: string;
  })[])[];
  readonly date: string;
  readonly edited: boolean;
  readonly contact?: { readonly phone: string; readonly name: string };
  readonly sticker?: string;
  readonly file?: {
    readonly id: string;
    readonly name: string;
    readonly mime: string;
    readonly isPhoto: boolean;
  };
  /** WhatsApp: the word that opens the list. */
  readonly menu?: string;
  /** WhatsApp: how far it came, for the one who sent it. */
  readonly ticks?: 'waiting' | 'sent' | 'delivered' | 'read';
  /** The first line of what it answers. */
  readonly quote?: string;
}

export interface DeskChat {
  readonly botName: string;
  /** Of the business, as people see it; null where there are names only. */
  readonly number: string | null;
  readonly messages: readonly DeskMessage[];
  readonly replyKeyboard:
    | readonly (readonly { readonly text: string; readonly requestContact: boolean }[])[]
    | null;
  readonly toast: { readonly id: string; readonly text: string } | null;
  /** How many messages the bot has sent here; an edit is none. */
  readonly bell: number;
  /** How often the bot has changed a message here. */
  readonly edits: number;
  /** How many of the bot's have arrived and were not looked at; 0 where nobody is told. */
  readonly unread: number;
  /** false: the person wrote once, and more than 24 hours ago. */
  readonly windowOpen: boolean;
  readonly blocked: boolean;
}

export interface DeskPerson extends Person {
  readonly chats: Readonly<Record<ChannelId, DeskChat>>;
}

/** A page shows the end of a chat; what came before stays in the file. */
const shownMessages = 80;
const toastMs = 6000;
const botName = 'Malipo';
/** The only one that people here send. */
const sticker = '👍';
const longestQuote = 60;

export function viewPeople({ telegram, whatsapp }: World, scheduler: Scheduler): DeskPerson[] {
  return people.map((person) => ({
    ...person,
    chats: {
      telegram: viewTelegram(telegram.control, person.telegramId, scheduler),
      whatsapp: viewWhatsapp(whatsapp.server.control, Number(person.phone)),
    },
  }));
}

function viewTelegram(telegram: TelegramControl, userId: number, scheduler: Scheduler): DeskChat {
  const messages = telegram.messages(userId, { withDeleted: true });
  const keyboard = telegram.keyboard(userId);
  return {
    botName,
    number: null,
    messages: messages
      .filter(({ deleted }) => !deleted)
      .slice(-shownMessages)
      .map(viewMessage),
    replyKeyboard:
      keyboard?.map((row) =>
        row.map(({ text, requests }) => ({ text, requestContact: requests === 'contact' })),
      ) ?? null,
    toast: viewToast(telegram, userId, scheduler),
    bell: messages.filter(({ fromBot }) => fromBot).length,
    edits: messages.reduce((sum, message) => sum + message.edits, 0),
    unread: 0,
    windowOpen: true,
    blocked: telegram.users().some(({ id, blocked }) => id === userId && blocked),
  };
}

function viewToast(telegram: TelegramControl, userId: number, scheduler: Scheduler): DeskChat['toast'] {
  const toasts = telegram.toasts(userId);
  const last = toasts.at(-1);
  if (last === undefined || last.text === '') return null;
  if (scheduler.now().getTime() - last.at > toastMs) return null;
  return { id: `${userId}-${toasts.length}`, text: last.text };
}

function viewWhatsapp(whatsapp: WhatsappControl, id: number): DeskChat {
  const messages = whatsapp.messages(id);
  const person = whatsapp.users().find((user) => user.id === id);
  const shown = messages.slice(-shownMessages);
  return {
    botName,
    number: whatsapp.displayPhoneNumber,
    messages: shown.map((message) => ({
      ...viewMessage(message),
      ...viewTicks(message),
      ...viewQuote(messages, message),
      ...viewList(message),
    })),
    replyKeyboard: null,
    toast: null,
    bell: messages.filter(({ fromBot }) => fromBot).length,
    edits: 0,
    unread: messages.filter(({ fromBot, status }) => fromBot && status === 'delivered').length,
    windowOpen: whatsapp.windowOpen(id) || person?.lastWroteAt === null,
    blocked: person?.blocked === true,
  };
}

/** The person's message is delivered once the program has taken it; the bot's, once it is on the phone. */
function viewTicks({ fromBot, status, taken, readByBusiness }: SeenWhatsapp): Pick<DeskMessage, 'ticks'> {
  if (!fromBot) return { ticks: readByBusiness ? 'read' : taken ? 'delivered' : 'sent' };
  if (status === 'failed') return {};
  return { ticks: status === 'accepted' ? 'waiting' : status };
}

function viewQuote(messages: readonly SeenWhatsapp[], { replyTo }: SeenWhatsapp): Pick<DeskMessage, 'quote'> {
  const on = replyTo === null ? undefined : messages.find(({ id }) => id === replyTo);
  const line = on?.text.split('\n')[0];
  return line === undefined || line === '' ? {} : { quote: line.slice(0, longestQuote) };
}

function viewList({ menu, buttons, descriptions }: SeenWhatsapp): Partial<DeskMessage> {
  if (menu === null) return {};
  return {
    menu,
    buttons: buttons.map((row, at) =>
      row.map((button) => ({ ...button, description: descriptions[at] ?? '' })),
    ),
  };
}

function viewMessage(message: SeenMessage): DeskMessage {
  const { id, fromBot, html, text, buttons, date, edits, kind, contact, file } = message;
  return {
    id,
    fromBot,
    html,
    plain: text,
    buttons,
    date: new Date(date * 1000).toISOString(),
    edited: edits > 0,
    ...(contact === null ? {} : { contact: { phone: contact.phone, name: contact.firstName } }),
    ...(kind === 'sticker' ? { sticker } : {}),
    ...(file === null || kind === 'sticker'
      ? {}
      : { file: { id: file.id, name: file.name, mime: file.mimeType, isPhoto: kind === 'photo' } }),
  };
}

const refs = /\bP-[0-9A-HJKMNP-TV-Z]{5}\b/g;

interface Newest {
  readonly id: number;
  readonly date: number;
  readonly ref: string;
}

/** The payment that the newest message about a single one speaks of. */
export function newestRef({ telegram, whatsapp }: World): string | null {
  const there = newestIn(people.flatMap(({ telegramId }) => telegram.control.messages(telegramId)));
  const here = newestIn(people.flatMap(({ phone }) => whatsapp.server.control.messages(Number(phone))));
  if (there === null || here === null) return (there ?? here)?.ref ?? null;
  return (here.date >= there.date ? here : there).ref;
}

/** Of one platform, whose ids grow. */
function newestIn(messages: readonly SeenMessage[]): Newest | null {
  let newest: Newest | null = null;
  for (const { id, fromBot, date, text } of messages) {
    if (!fromBot || id < (newest?.id ?? 0)) continue;
    const found = new Set(text.match(refs));
    const [ref] = found;
    if (ref !== undefined && found.size === 1) newest = { id, date, ref };
  }
  return newest;
}
