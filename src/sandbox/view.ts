/** The whole desk as its page sees it. */
import { showMoney } from '../domain/money.ts';
import { businessName, type Person, type PersonId, people, phones } from './cast.ts';
import type { AppState, ChildFacts } from './child.ts';
import type { ConnectionState, Connections } from './connections.ts';
import { type DeskGatewayKind, gatewayTitles, parkedKinds } from './gateway-names.ts';
import type { Mpesa } from './mpesa.ts';
import type { Scheduler } from './scheduler.ts';
import type { TelegramControl } from './telegram/control.ts';
import type { SeenMessage } from './telegram/view.ts';
import type { ShownPayment } from './timeline.ts';
import { type TroubleName, type Troubles, troubleNames } from './troubles.ts';
import { type WireEntry, wireOf } from './wire.ts';
import type { World } from './world.ts';

export interface DeskMessage {
  readonly id: number;
  readonly fromBot: boolean;
  /** Safe to be put into a page. */
  readonly html: string;
  readonly plain: string;
  readonly buttons: SeenMessage['buttons'];
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
}

export interface DeskChat {
  readonly botName: string;
  readonly messages: readonly DeskMessage[];
  readonly replyKeyboard:
    | readonly (readonly { readonly text: string; readonly requestContact: boolean }[])[]
    | null;
  readonly toast: { readonly id: string; readonly text: string } | null;
  /** How many messages the bot has sent here; an edit is none. */
  readonly bell: number;
  /** How often the bot has changed a message here. */
  readonly edits: number;
}

export interface DeskPhone {
  readonly msisdn: string;
  readonly owner: PersonId;
  readonly on: boolean;
  readonly balanceCents: number;
  readonly prompts: readonly {
    readonly id: string;
    readonly merchant: string;
    readonly amount: string;
    readonly account: string;
    readonly until: string;
  }[];
  readonly sms: readonly {
    readonly id: string;
    readonly from: string;
    readonly text: string;
    readonly at: string;
  }[];
}

export interface DeskState {
  readonly serial: number;
  readonly app: { readonly state: AppState; readonly starts: number; readonly upSince: string | null };
  readonly business: { readonly name: string };
  /** All that there are, BluePay first. */
  readonly gateways: readonly {
    readonly kind: DeskGatewayKind;
    readonly title: string;
    readonly state: ConnectionState;
  }[];
  readonly people: readonly (Person & { readonly blocked: boolean; readonly chat: DeskChat })[];
  readonly phones: readonly DeskPhone[];
  readonly faults: readonly { readonly name: TroubleName; readonly armed: boolean }[];
  readonly telegramDownUntil: string | null;
  readonly payment: ShownPayment | null;
  readonly wire: readonly WireEntry[];
}

export interface ViewParts {
  readonly serial: number;
  readonly world: World;
  readonly connections: Connections;
  readonly app: ChildFacts;
  readonly payment: ShownPayment | null;
  readonly scheduler: Scheduler;
}

/** A page shows the end of a chat; what came before stays in the file. */
const shownMessages = 80;
const toastMs = 6000;
const botName = 'Malipo';
/** The only one that people here send. */
const sticker = '👍';

export function viewDesk(parts: ViewParts): DeskState {
  const { serial, world, connections, app, payment, scheduler } = parts;
  const { telegram, mpesa, troubles, outage } = world;
  return {
    serial,
    app: { state: app.state, starts: app.starts, upSince: app.upSince?.toISOString() ?? null },
    business: { name: businessName },
    gateways: viewGateways(connections),
    people: viewPeople(telegram.control, scheduler),
    phones: phones.map(({ msisdn, owner }) => viewPhone(mpesa, msisdn, owner)),
    faults: viewFaults(troubles),
    telegramDownUntil: outage.until?.toISOString() ?? null,
    payment,
    wire: wireOf(world.gateways()),
  };
}

function viewGateways(connections: Connections): DeskState['gateways'] {
  return [
    { kind: 'bluepay', title: gatewayTitles.bluepay, state: 'connected' },
    ...parkedKinds.map((kind) => ({ kind, title: gatewayTitles[kind], state: connections.stateOf(kind) })),
  ];
}

function viewFaults(troubles: Troubles): DeskState['faults'] {
  return troubleNames.map((name) => ({ name, armed: troubles.isArmed(name) }));
}

function viewPeople(telegram: TelegramControl, scheduler: Scheduler): DeskState['people'] {
  const users = new Map(telegram.users().map((user) => [user.id, user]));
  return people.map((person) => ({
    ...person,
    blocked: users.get(person.telegramId)?.blocked === true,
    chat: viewChat(telegram, person.telegramId, scheduler),
  }));
}

function viewChat(telegram: TelegramControl, userId: number, scheduler: Scheduler): DeskChat {
  const messages = telegram.messages(userId, { withDeleted: true });
  const keyboard = telegram.keyboard(userId);
  return {
    botName,
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
  };
}

function viewToast(telegram: TelegramControl, userId: number, scheduler: Scheduler): DeskChat['toast'] {
  const toasts = telegram.toasts(userId);
  const last = toasts.at(-1);
  if (last === undefined || last.text === '') return null;
  if (scheduler.now().getTime() - last.at > toastMs) return null;
  return { id: `${userId}-${toasts.length}`, text: last.text };
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

function viewPhone(mpesa: Mpesa, msisdn: string, owner: PersonId): DeskPhone {
  const subscriber = mpesa.subscriber(msisdn);
  const inbox = mpesa.smsInbox(msisdn);
  return {
    msisdn,
    owner,
    on: subscriber?.on === true,
    balanceCents: Number(subscriber?.balanceCents ?? 0n),
    prompts: mpesa.prompts(msisdn).map(({ id, merchant, amountCents, account, endsAt }) => ({
      id,
      merchant,
      amount: showMoney(amountCents).replace('KES ', ''),
      account,
      until: endsAt.toISOString(),
    })),
    sms: inbox.map(({ from, text, at }, index) => ({
      id: `${at.getTime()}-${index}`,
      from,
      text,
      at: at.toISOString(),
    })),
  };
}

const refs = /\bP-[0-9A-HJKMNP-TV-Z]{5}\b/g;

/** The payment that the newest message about a single one speaks of. */
export function newestRef(telegram: TelegramControl): string | null {
  let newest: { readonly id: number; readonly ref: string } | null = null;
  for (const { telegramId } of people) {
    for (const message of telegram.messages(telegramId).toReversed()) {
      if (!message.fromBot || message.id < (newest?.id ?? 0)) continue;
      const found = new Set(message.text.match(refs));
      const [ref] = found;
      if (ref === undefined || found.size > 1) continue;
      newest = { id: message.id, ref };
      break;
    }
  }
  return newest?.ref ?? null;
}
