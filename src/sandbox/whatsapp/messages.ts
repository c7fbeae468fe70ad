import { contentReaders, readContent } from './content.ts';
import { addFile, addMessage, byWamid, findPerson, nowMs, type Whatsapp, windowOpen } from './core.ts';
import type { FaultPlan } from './faults.ts';
import { fetchLink } from './media-use.ts';
import {
  badValue,
  type Fields,
  invalid,
  missing,
  objectField,
  onlyKeys,
  Refusal,
  textField,
} from './rules.ts';
import type { Content } from './said.ts';
import type { PersonRow } from './state.ts';
import type { Statuses } from './statuses.ts';

export interface Sending {
  readonly whatsapp: Whatsapp;
  readonly statuses: Statuses;
  readonly faults: FaultPlan;
}

/** POST /{phone-number-id}/messages: a message, or the mark that one was read. */
export async function postMessages(sending: Sending, body: Fields): Promise<unknown> {
  if (body.messaging_product !== 'whatsapp')
    throw body.messaging_product === undefined
      ? invalid('The parameter messaging_product is required.')
      : invalid('Param messaging_product must be one of {WHATSAPP}.');
  return body.status === undefined ? send(sending, body) : markRead(sending.whatsapp, body);
}

function markRead(whatsapp: Whatsapp, body: Fields): unknown {
  onlyKeys(body, 'message', ['messaging_product', 'status', 'message_id', 'typing_indicator']);
  if (body.status !== 'read') throw invalid('Param status must be one of {read}.');
  const message = byWamid(whatsapp.state, textField(body, 'message_id', 'message_id', 512));
  if (message === undefined || message.fromBot)
    throw badValue('Param message_id is not a message that came to this number.');
  if (body.typing_indicator !== undefined) {
    const indicator = objectField(body, 'typing_indicator');
    onlyKeys(indicator, 'typing_indicator', ['type']);
    if (indicator.type !== 'text') throw invalid("Param typing_indicator['type'] must be one of {text}.");
  }
  // "Messages sent earlier in the conversation are marked read too."
  for (const row of whatsapp.state.messages.values())
    if (row.personId === message.personId && !row.fromBot && row.id <= message.id) row.readByBusiness = true;
  if (body.typing_indicator !== undefined)
    whatsapp.changed({ kind: 'action', chatId: message.personId, action: 'typing' });
  return { success: true };
}

async function send(sending: Sending, body: Fields): Promise<unknown> {
  const { whatsapp, faults, statuses } = sending;
  onlyKeys(body, 'message', [
    ...['messaging_product', 'recipient_type', 'to', 'recipient', 'type', 'context'],
    ...['biz_opaque_callback_data', ...Object.keys(contentReaders)],
  ]);
  if (body.recipient_type !== undefined && body.recipient_type !== 'individual')
    throw invalid('Param recipient_type must be one of {INDIVIDUAL}.');
  const { input, person } = recipientOf(whatsapp, body);
  const content = readContent(whatsapp, body);
  const replyTo = contextOf(whatsapp, body, person);
  const callbackData =
    body.biz_opaque_callback_data === undefined
      ? null
      : textField(body, 'biz_opaque_callback_data', 'biz_opaque_callback_data', 512);
  const limit = faults.takeRoom(person.id);
  if (limit !== null) throw new Refusal(limit);
  const fails = faults.takeUndelivered(person.id) ?? failureOf(whatsapp, person, content);
  if (fails === 131047 && !faults.windowIsAsync()) throw new Refusal(131047);
  const { media, reaction, ...said } = content;
  const file = await fileFor(whatsapp, content);
  const failsWith = fails ?? (file === null ? 131053 : null);
  if (reaction !== undefined) {
    if (failsWith === null) reaction.on.reaction = reaction.emoji;
    whatsapp.changed({ kind: 'message', chatId: person.id, messageId: reaction.on.id });
  }
  const message = addMessage(whatsapp, {
    ...said,
    ...{ personId: person.id, fromBot: true, fileId: file?.id ?? null, replyTo, callbackData, failsWith },
    inWindow: windowOpen(whatsapp, person),
    // A reaction has an id and statuses, and is seen on the other message only.
    ...(reaction === undefined ? {} : { deleted: true }),
  });
  statuses.begin(message);
  return {
    messaging_product: 'whatsapp',
    contacts: [{ input, ...(body.to === undefined ? { user_id: person.userId } : { wa_id: person.waId }) }],
    messages: [{ id: message.wamid, ...(said.template === undefined ? {} : { message_status: 'accepted' }) }],
  };
}

/** `to` is a phone, with or without a plus; `recipient` a business-scoped user id. The phone wins. */
function recipientOf(
  whatsapp: Whatsapp,
  body: Fields,
): { readonly input: string; readonly person: PersonRow } {
  if (body.to === undefined && body.recipient === undefined) throw invalid('The parameter to is required.');
  if (body.to === undefined) {
    const input = textField(body, 'recipient', 'recipient', 160);
    if (!/^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/.test(input))
      throw invalid('Param recipient is not a business-scoped user ID.');
    return { input, person: findPerson(whatsapp.state, input) ?? nobody(whatsapp, input) };
  }
  const input = textField(body, 'to', 'to', 40);
  const digits = input.replace(/^\+/, '').replace(/[\s()-]/g, '');
  if (!/^[1-9]\d{6,14}$/.test(digits)) throw invalid('Param to is not a phone number.');
  const known = findPerson(whatsapp.state, digits);
  return { input, person: known ?? nobody(whatsapp, digits) };
}

/** A number that nobody uses on WhatsApp: the message is accepted and then cannot be delivered. */
function nobody(whatsapp: Whatsapp, input: string): PersonRow {
  const { state } = whatsapp;
  const isPhone = /^\d+$/.test(input);
  const row: PersonRow = {
    id: isPhone ? Number(input) : state.nextGuestId++,
    waId: isPhone ? input : null,
    userId: isPhone ? null : input,
    ...{ firstName: '', username: null, phone: null, languageCode: null, onWhatsapp: false },
    ...{ lastWroteAt: null, blocked: false, unreachable: true },
  };
  state.people.set(row.id, row);
  return row;
}

function failureOf(whatsapp: Whatsapp, person: PersonRow, content: Content): number | null {
  if (person.unreachable || person.blocked || !person.onWhatsapp) return 131026;
  return content.template === undefined && !windowOpen(whatsapp, person) ? 131047 : null;
}

function contextOf(whatsapp: Whatsapp, body: Fields, person: PersonRow): number | null {
  if (body.context === undefined) return null;
  const context = objectField(body, 'context');
  onlyKeys(context, 'context', ['message_id']);
  const on = byWamid(whatsapp.state, textField(context, 'message_id', "context['message_id']", 512));
  if (on === undefined || on.personId !== person.id)
    throw badValue("Param context['message_id'] is not a message of this conversation.");
  return on.id;
}

/** undefined: the message carries none. null: its address gave none. */
async function fileFor(whatsapp: Whatsapp, content: Content): Promise<{ id: string } | null | undefined> {
  const media = content.media;
  if (media === undefined || media === null) return undefined;
  if ('link' in media) {
    const upload = await fetchLink(media.link, media.kind);
    return upload && addFile(whatsapp, { ...upload, name: media.filename ?? upload.name }, true);
  }
  const file = whatsapp.state.files.get(media.fileId);
  if (file === undefined) throw missing('The media is gone.');
  if (media.filename === null || media.filename === file.name) return file;
  // The same upload may go out under other names.
  const again = { ...file, id: `${file.id}:${media.filename}`, name: media.filename, at: nowMs(whatsapp) };
  whatsapp.state.files.set(again.id, again);
  return again;
}
