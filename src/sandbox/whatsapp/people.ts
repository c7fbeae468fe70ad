import { addMessage, CannotDo, type PersonRef, person, type Upload, type Whatsapp } from './core.ts';
import { received, say, tell } from './inbound.ts';
import {
  addPerson,
  changeNumber,
  closeWindow,
  type NewPerson,
  setBlocked,
  setUnreachable,
} from './members.ts';
import type { MessageRow, PersonRow } from './state.ts';
import type { Statuses } from './statuses.ts';

export interface TextOptions {
  /** Anything: the message is a forwarded one, and WhatsApp does not say whose it was. */
  readonly forwardFrom?: number | string;
  readonly replyTo?: number;
}

/** What people do in their apps. Each verb returns the id of the message it made. */
export interface People {
  /** Returns the number by which the person is known here. */
  addPerson(person: NewPerson): number;
  addUser(person: NewPerson): void;
  sendText(who: PersonRef, text: string, options?: TextOptions): number;
  /** WhatsApp tells a business that something it cannot read happened: an edit is an "unsupported" message. */
  editText(who: PersonRef, messageId: number, text: string): void;
  shareContact(
    who: PersonRef,
    contact: {
      readonly phone: string;
      readonly firstName: string;
      readonly forwardFrom?: number | string;
      /** false: the number is not on WhatsApp. */
      readonly onWhatsapp?: boolean;
    },
  ): number;
  shareOwnPhone(who: PersonRef): number;
  sendSticker(who: PersonRef, emoji?: string): number;
  sendVoice(who: PersonRef, durationSeconds?: number): number;
  sendLocation(who: PersonRef): number;
  sendPhoto(who: PersonRef, bytes: Buffer, caption?: string): number;
  sendDocument(who: PersonRef, upload: Upload, caption?: string): number;
  /** A poll, an event, a picture that shows once: the Cloud API names the type at best. */
  sendUnsupported(who: PersonRef, type?: string): number;
  /** An emoji on a message; an empty one takes it back. */
  react(who: PersonRef, messageId: number, emoji: string): void;
  /** Looks at the chat: what was sent is read. */
  open(who: PersonRef): void;
  block(who: PersonRef): void;
  unblock(who: PersonRef): void;
  /** Messages are accepted, and fail with 131026. */
  setUnreachable(who: PersonRef, unreachable: boolean): void;
  changeNumber(who: PersonRef, newWaId: string): number;
  /** 24 hours go by for this chat at Meta: from now on templates only, until the person writes. */
  closeWindow(who: PersonRef): void;
}

const nairobi = { latitude: -1.2921, longitude: 36.8219 };
/** What the app takes. */
const longestText = 65_536;

export function createPeople(whatsapp: Whatsapp, statuses: Statuses): People {
  const media = (
    who: PersonRef,
    kind: MessageRow['kind'],
    type: string,
    upload: Upload,
    more: Readonly<Record<string, unknown>> = {},
    caption = '',
  ): number => {
    const writer = able(whatsapp, who);
    const { file, media: told } = received(whatsapp, upload);
    const payload = { ...(caption === '' ? {} : { caption }), ...told, ...more };
    return say(whatsapp, writer, { kind, text: caption, fileId: file.id }, { type, [type]: payload }).id;
  };

  return {
    addPerson: (fresh) => addPerson(whatsapp, fresh),
    addUser: (fresh) => void addPerson(whatsapp, fresh),
    sendText: (who, text, { replyTo, forwardFrom } = {}) => {
      const body = text.trim();
      if (body === '' || body.length > longestText) throw new CannotDo('That text cannot be sent.');
      const said = { kind: 'text', text: body, replyTo: replyTo ?? null } as const;
      const forwarded = forwardFrom !== undefined;
      return say(whatsapp, able(whatsapp, who), { ...said, forwarded }, { type: 'text', text: { body } }).id;
    },
    editText: (who, messageId, text) => {
      const writer = able(whatsapp, who);
      const message = messageOf(whatsapp, writer, messageId);
      if (message.fromBot) throw new CannotDo('Only an own message can be edited.');
      message.text = text.trim();
      message.edits++;
      whatsapp.changed({ kind: 'message', chatId: writer.id, messageId });
      unsupported(whatsapp, writer, 'edit');
    },
    shareContact: (who, { phone, firstName, forwardFrom, onWhatsapp }) =>
      share(whatsapp, able(whatsapp, who), phone, firstName, forwardFrom !== undefined, {}, onWhatsapp).id,
    shareOwnPhone: (who) => {
      const writer = able(whatsapp, who);
      if (writer.phone === null) throw new CannotDo('This person was given no phone number.');
      return share(whatsapp, writer, writer.phone, writer.firstName, false).id;
    },
    sendSticker: (who) =>
      media(who, 'sticker', 'sticker', made('sticker.webp', 'image/webp'), { animated: false }),
    sendVoice: (who) =>
      media(who, 'voice', 'audio', made('voice.ogg', 'audio/ogg; codecs=opus'), { voice: true }),
    sendLocation: (who) =>
      say(
        whatsapp,
        able(whatsapp, who),
        { kind: 'location', text: '' },
        { type: 'location', location: nairobi },
      ).id,
    sendPhoto: (who, bytes, caption) =>
      media(who, 'photo', 'image', { name: 'photo.jpg', mimeType: 'image/jpeg', bytes }, {}, caption),
    sendDocument: (who, upload, caption) =>
      media(who, 'document', 'document', upload, { filename: upload.name }, caption),
    sendUnsupported: (who, type = 'poll_creation') => unsupported(whatsapp, able(whatsapp, who), type),
    react: (who, messageId, emoji) => {
      const writer = able(whatsapp, who);
      const on = messageOf(whatsapp, writer, messageId);
      on.reaction = emoji === '' ? null : emoji;
      const reaction = { message_id: on.wamid, ...(emoji === '' ? {} : { emoji }) };
      const hidden = { kind: 'text', text: '', deleted: true, personId: writer.id, fromBot: false } as const;
      tell(whatsapp, writer, addMessage(whatsapp, hidden).wamid, { type: 'reaction', reaction });
    },
    open: (who) => statuses.read(person(whatsapp, who)),
    block: (who) => setBlocked(whatsapp, who, true),
    unblock: (who) => setBlocked(whatsapp, who, false),
    setUnreachable: (who, unreachable) => setUnreachable(whatsapp, who, unreachable),
    changeNumber: (who, newWaId) => changeNumber(whatsapp, who, newWaId),
    closeWindow: (who) => closeWindow(whatsapp, who),
  };
}

export function able(whatsapp: Whatsapp, who: PersonRef): PersonRow {
  const writer = person(whatsapp, who);
  if (writer.blocked)
    throw new CannotDo(`${writer.firstName} has blocked the business, and must unblock it first.`);
  return writer;
}

export function messageOf(whatsapp: Whatsapp, writer: PersonRow, messageId: number): MessageRow {
  const message = whatsapp.state.messages.get(messageId);
  if (
    message === undefined ||
    message.personId !== writer.id ||
    message.failsWith !== null ||
    message.deleted
  )
    throw new CannotDo(`${writer.firstName} sees no message ${messageId}.`);
  return message;
}

function unsupported(whatsapp: Whatsapp, writer: PersonRow, type: string): number {
  const title = 'Message type unknown';
  const details = 'Message type is currently not supported.';
  const errors = [{ code: 131051, title, message: title, error_data: { details } }];
  const payload = { type: 'unsupported', unsupported: { type }, errors };
  return say(whatsapp, writer, { kind: 'text', text: `[${type}]` }, payload).id;
}

/**
 * A press on the business's own request for the number: WhatsApp fills in the card, and vouches for it with the contact's
 * `origin` (docs.kapso.ai, "Request contact info"; docs.wati.io, "Contact request response").
 */
export function shareAsAsked(whatsapp: Whatsapp, writer: PersonRow): MessageRow {
  const { phone, firstName } = writer;
  if (phone === null) throw new CannotDo('This person was given no phone number.');
  return share(whatsapp, writer, phone, firstName, false, { origin: 'contact_request' });
}

function share(
  whatsapp: Whatsapp,
  writer: PersonRow,
  phone: string,
  firstName: string,
  forwarded: boolean,
  more: Readonly<Record<string, unknown>> = {},
  onWhatsapp = true,
): MessageRow {
  const digits = phone.replace(/\D/g, '');
  const contact = {
    name: { formatted_name: firstName, first_name: firstName },
    // A card from the phone's own book has no wa_id where that number is not on WhatsApp.
    phones: [{ phone: `+${digits}`, type: 'CELL', ...(onWhatsapp ? { wa_id: digits } : {}) }],
    ...more,
  };
  const said = { kind: 'contact', text: '', contact: { phone: digits, firstName }, forwarded } as const;
  return say(whatsapp, writer, said, { type: 'contacts', contacts: [contact] });
}

function made(name: string, mimeType: string): Upload {
  return { name, mimeType, bytes: Buffer.from(`made by the sandbox: ${name}`) };
}
