import { renderHtml } from '../telegram/render.ts';
import type { SeenMessage } from '../telegram/view.ts';
import { type Shown, shown } from './format.ts';
import type { MessageRow, Status, WhatsappState } from './state.ts';

/** A message as a person sees it, marks rendered away; rows of a list count as buttons. */
export interface SeenWhatsapp extends SeenMessage {
  readonly wamid: string;
  readonly status: Status;
  /** The word that opens the list. */
  readonly menu: string | null;
  /** The template's name. */
  readonly template: string | null;
  readonly reaction: string | null;
  /** Small print of the list's rows, beside `buttons`. */
  readonly descriptions: readonly (string | null)[];
  readonly readByBusiness: boolean;
  /** The person's own: the webhook has taken it. */
  readonly taken: boolean;
}

interface Rendered extends Shown {
  readonly source: string;
  readonly html: string;
}

/** A chat is looked at far more often than a message in it changes. */
const rendered = new WeakMap<MessageRow, Rendered>();

function renderedOf(row: MessageRow): Rendered {
  const known = rendered.get(row);
  if (known?.source === row.text) return known;
  const source = row.text;
  const { text, entities } =
    row.fromBot || row.kind === 'text' ? shown(source) : { text: source, entities: [] };
  const fresh = { source, text, entities, html: renderHtml(text, entities) };
  rendered.set(row, fresh);
  return fresh;
}

export function seen(state: WhatsappState, row: MessageRow): SeenWhatsapp {
  const file = row.fileId === null ? undefined : state.files.get(row.fileId);
  const { text, entities, html } = renderedOf(row);
  const writer = state.people.get(row.personId);
  return {
    id: row.id,
    chatId: row.personId,
    fromBot: row.fromBot,
    fromId: row.fromBot ? Number(state.displayPhoneNumber.replace(/\D/g, '')) : row.personId,
    fromName: row.fromBot ? state.displayPhoneNumber : (writer?.firstName ?? ''),
    kind: row.kind,
    text,
    entities,
    html,
    buttons: row.buttons.map(({ text: label, id, url }) => [{ text: label, data: id, url }]),
    replyKeyboard: null,
    date: row.date,
    edits: row.edits,
    deleted: row.deleted,
    replyTo: row.replyTo,
    forwarded: row.forwarded,
    file: file === undefined ? null : { id: file.id, name: file.name, mimeType: file.mimeType },
    contact: row.contact,
    wamid: row.wamid,
    status: row.status,
    menu: row.menu,
    template: row.template,
    reaction: row.reaction,
    descriptions: row.buttons.map(({ description }) => description),
    readByBusiness: row.readByBusiness,
    taken: !state.events.some(({ message }) => message?.id === row.wamid),
  };
}

/** Oldest first. What failed never reached the person. */
export function messagesOf(state: WhatsappState, personId: number): SeenWhatsapp[] {
  return rowsOf(state, personId)
    .filter((row) => row.failsWith === null)
    .map((row) => seen(state, row));
}

/** What the business sent, with what became of it, failed ones too. */
export function sentTo(state: WhatsappState, personId: number): SeenWhatsapp[] {
  return rowsOf(state, personId)
    .filter((row) => row.fromBot)
    .map((row) => seen(state, row));
}

function rowsOf(state: WhatsappState, personId: number): MessageRow[] {
  return [...state.messages.values()].filter((row) => row.personId === personId && !row.deleted);
}
