import { CannotDo, type PersonRef, type Whatsapp } from './core.ts';
import { say } from './inbound.ts';
import { able, messageOf, shareAsAsked } from './people.ts';
import type { ButtonRow, MessageRow, PersonRow } from './state.ts';

/** What people do with the buttons and lists that came. Each press is a message of theirs, whose wamid is returned. */
export interface Presses {
  /** By what is read on it or its id: a reply button, a row of the list (which opens for it), a template's quick reply. */
  pressButton(who: PersonRef, messageId: number, textOrData: string): string;
  /** Any id, as an app might send it that nobody wrote: under that message, in the shape of its replies. */
  pressRaw(who: PersonRef, messageId: number, data: string): string;
}

export function createPresses(whatsapp: Whatsapp): Presses {
  return {
    pressButton: (who, messageId, wanted) => {
      const writer = able(whatsapp, who);
      const message = messageOf(whatsapp, writer, messageId);
      const { buttons } = message;
      const button = buttons.find((one) => one.text === wanted) ?? buttons.find((one) => one.id === wanted);
      if (button === undefined)
        throw new CannotDo(
          `There is no button "${wanted}" under message ${messageId}; there is: ${buttons.map((one) => one.text).join(', ') || 'none'}.`,
        );
      if (button.id === null) throw new CannotDo(`"${wanted}" is a link; the business hears nothing.`);
      return press(whatsapp, writer, message, button, button.id);
    },
    pressRaw: (who, messageId, data) => {
      const writer = able(whatsapp, who);
      const message = messageOf(whatsapp, writer, messageId);
      const button = message.buttons.find((one) => one.id === data);
      const made = { id: data, text: button?.text ?? data.slice(0, 20), url: null, description: null };
      return press(whatsapp, writer, message, button ?? made, data);
    },
  };
}

function press(
  whatsapp: Whatsapp,
  writer: PersonRow,
  message: MessageRow,
  { text, description }: ButtonRow,
  id: string,
): string {
  if (message.replies === 'contact_request') return shareAsAsked(whatsapp, writer).wamid;
  const said = { kind: 'text', text, replyTo: message.id } as const;
  if (message.replies === 'template')
    return say(whatsapp, writer, said, { type: 'button', button: { payload: id, text } }).wamid;
  const type = message.replies ?? 'button_reply';
  const reply = { id, title: text, ...(description === null ? {} : { description }) };
  return say(whatsapp, writer, said, { type: 'interactive', interactive: { type, [type]: reply } }).wamid;
}
