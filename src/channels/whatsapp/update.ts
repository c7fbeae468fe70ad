/** A stored message of WhatsApp as an update of the Bot API: the one form that the bot knows. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Tx } from '../../db/tables.ts';
import type { InboxRow } from '../../inbox/claim.ts';
import { type ChatContact, ownContact, sharedContact } from './contact.ts';
import { pressedMessage } from './press.ts';
import { messageKey } from './receive.ts';
import { type Message, messageSchema, senderSchema, timeOf, type WhatsappSender } from './wire.ts';

interface ChatUser {
  id: number;
  is_bot: false;
  first_name: string;
}

interface ChatMessage {
  message_id: number;
  date: number;
  chat: { id: number; type: 'private'; first_name: string };
  from: ChatUser;
  text?: string;
  caption?: string;
  contact?: ChatContact;
  forward_origin?: { type: 'hidden_user'; date: number; sender_user_name: string };
  document?: { file_id: string; file_unique_id: string; file_name?: string; mime_type?: string };
  photo?: { file_id: string; file_unique_id: string; width: number; height: number }[];
  voice?: { file_id: string; file_unique_id: string; duration: number };
}

/** The part of the Bot API's Update that WhatsApp fills. Neither of the two: the person is there, and wants no answer. */
export interface ChatUpdate {
  update_id: number;
  message?: ChatMessage;
  callback_query?: { id: string; from: ChatUser; chat_instance: string; data: string; message: ChatMessage };
}

export interface ReadUpdate {
  readonly update: ChatUpdate;
  readonly sender: {
    readonly channel: 'whatsapp';
    readonly externalId: string;
    readonly scopedId: string | null;
    readonly name: string | null;
    readonly languageCode: null;
  };
  readonly key: string;
  readonly keep: () => string;
}

export interface ReadDeps {
  /** As in `receive.ts`. */
  readonly laneOf: (externalId: string) => string;
}

/** The id of the button that stands for the key "share my number". */
export const ownNumberButton = '~own';

const bodySchema = z.object({ message: messageSchema, sender: senderSchema });

export function createUpdateReader(deps: ReadDeps) {
  return async (tx: Tx, row: InboxRow): Promise<ReadUpdate | null> => {
    const { message, sender } = bodySchema.parse(JSON.parse(row.body));
    const externalId = sender.waId ?? sender.scopedId;
    if (externalId === null) return null;
    const { scopedId, name } = sender;
    return {
      update: await updateOf(tx, deps, row, message, sender),
      sender: { channel: 'whatsapp', externalId, scopedId, name, languageCode: null },
      key: `whatsapp:${messageKey(message.id)}`,
      keep: () => JSON.stringify({ message: withoutWords(message), sender }),
    };
  };
}

/** Who wrote, when, and what kind of message it was. */
function withoutWords(message: Message): Partial<Message> {
  const { id, type, from, from_user_id, timestamp } = message;
  return { id, type, from, from_user_id, timestamp };
}

async function updateOf(
  tx: Tx,
  deps: ReadDeps,
  row: InboxRow,
  message: Message,
  sender: WhatsappSender,
): Promise<ChatUpdate> {
  const update_id = Number(row.id);
  const bare = bareMessage(row, message, sender);
  const press = pressOf(message);
  if (press === null) return { update_id, message: { ...bare, ...contentOf(message, sender, bare) } };
  if (press.data === '') return { update_id };
  if (press.data === ownNumberButton) {
    const own =
      sender.waId === null
        ? { text: press.label }
        : { contact: ownContact(sender.waId, sender.name, bare.from.id) };
    return { update_id, message: { ...bare, ...own } };
  }
  const lanes = [row.lane, sender.waId === null ? null : deps.laneOf(sender.waId)].filter(
    (lane) => lane !== null,
  );
  const wamid = message.context?.id;
  const pressed =
    wamid === undefined ? null : await pressedMessage(tx, { wamid, lanes, scopedId: sender.scopedId });
  const card = { ...bare, message_id: pressed ?? bare.message_id };
  const { from } = bare;
  const callback_query = { id: String(update_id), from, chat_instance: '', data: press.data, message: card };
  return { update_id, callback_query };
}

/** The row's id is the message's: it never meets one of ours, since those start at 2^40. */
function bareMessage(row: InboxRow, message: Message, sender: WhatsappSender): ChatMessage {
  const id = personNumber(sender);
  const first_name = sender.name ?? '';
  const at = timeOf(message.timestamp) ?? row.receivedAt;
  return {
    message_id: Number(row.id),
    date: Math.floor(at.getTime() / 1000),
    chat: { id, type: 'private', first_name },
    from: { id, is_bot: false, first_name },
  };
}

/** What the Bot API calls the user id; nothing decides by it but whether a contact is the sender's own. */
function personNumber({ waId, scopedId }: WhatsappSender): number {
  if (waId !== null && waId.length <= 15) return Number(waId);
  return createHash('sha256')
    .update(waId ?? scopedId ?? '')
    .digest()
    .readUIntBE(0, 6);
}

/** null: nothing was pressed. `data` is empty where the button has none: a template's then repeats its label. */
function pressOf({ button, interactive }: Message): { readonly data: string; readonly label: string } | null {
  const reply = interactive?.button_reply ?? interactive?.list_reply;
  if (reply !== undefined) return { data: reply.id, label: reply.title ?? '' };
  if (button === undefined) return null;
  const { payload = '', text = '' } = button;
  return { data: payload === text ? '' : payload, label: text };
}

/** What has no part here is a message without content: the bot answers it kindly. */
function contentOf(message: Message, sender: WhatsappSender, bare: ChatMessage): Partial<ChatMessage> {
  const { document, image, voice = message.audio } = message;
  if (message.type === 'text') return { text: message.text?.body ?? '' };
  if (message.type === 'contacts') return contactOf(message, sender, bare);
  const caption = (document ?? image ?? message.video)?.caption ?? message.order?.text;
  const said = caption === undefined ? {} : { caption };
  if (document !== undefined) {
    const { filename: file_name, mime_type } = document;
    return {
      ...said,
      document: {
        ...idsOf(document),
        ...(file_name !== undefined && { file_name }),
        ...(mime_type !== undefined && { mime_type }),
      },
    };
  }
  if (image !== undefined) return { ...said, photo: [{ ...idsOf(image), width: 0, height: 0 }] };
  if (voice !== undefined) return { voice: { ...idsOf(voice), duration: 0 } };
  return said;
}

function contactOf(message: Message, sender: WhatsappSender, bare: ChatMessage): Partial<ChatMessage> {
  const contact = sharedContact(message, sender, bare.from.id);
  if (contact === null) return {};
  const { forwarded = false, frequently_forwarded: often = false } = message.context ?? {};
  if (!forwarded && !often) return { contact };
  return { contact, forward_origin: { type: 'hidden_user', date: bare.date, sender_user_name: '' } };
}

function idsOf({ id, sha256 }: { id: string; sha256?: string | undefined }) {
  return { file_id: id, file_unique_id: sha256 ?? id };
}
