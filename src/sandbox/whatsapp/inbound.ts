import { addFile, addMessage, contactOf, nowMs, nowSeconds, type Upload, type Whatsapp } from './core.ts';
import type { FileRow, MessageRow, PersonRow } from './state.ts';

type Said = Pick<MessageRow, 'kind' | 'text'> &
  Partial<Pick<MessageRow, 'fileId' | 'contact' | 'replyTo' | 'forwarded'>>;

/** A person's message: shown in the chat, the window opened, and told to the webhook as `payload` of that type. */
export function say(
  whatsapp: Whatsapp,
  person: PersonRow,
  said: Said,
  payload: Readonly<Record<string, unknown>>,
): MessageRow {
  person.lastWroteAt = nowMs(whatsapp);
  const message = addMessage(whatsapp, { ...said, personId: person.id, fromBot: false });
  tell(whatsapp, person, message.wamid, { ...contextOf(whatsapp, person, message), ...payload });
  return message;
}

export function tell(
  whatsapp: Whatsapp,
  person: PersonRow,
  wamid: string,
  payload: Readonly<Record<string, unknown>>,
  withContact = true,
): void {
  whatsapp.push({
    lane: person.id,
    contact: withContact ? contactOf(person) : null,
    message: {
      ...(person.waId === null ? {} : { from: person.waId }),
      ...(person.userId === null ? {} : { from_user_id: person.userId }),
      id: wamid,
      timestamp: String(nowSeconds(whatsapp)),
      ...payload,
    },
    status: null,
    errors: null,
  });
}

function contextOf(whatsapp: Whatsapp, person: PersonRow, message: MessageRow): Record<string, unknown> {
  if (message.forwarded) return { context: { forwarded: true } };
  const on = message.replyTo === null ? undefined : whatsapp.state.messages.get(message.replyTo);
  if (on === undefined) return {};
  const from = on.fromBot ? whatsapp.state.displayPhoneNumber.replace(/\D/g, '') : person.waId;
  return { context: { ...(from === null ? {} : { from }), id: on.wamid } };
}

/** A file that a person sends, and what the event says of it. */
export function received(
  whatsapp: Whatsapp,
  upload: Upload,
): { readonly file: FileRow; readonly media: Record<string, unknown> } {
  const file = addFile(whatsapp, upload, false);
  const sha256 = Buffer.from(file.sha256, 'hex').toString('base64');
  return { file, media: { mime_type: file.mimeType, sha256, id: file.id } };
}
