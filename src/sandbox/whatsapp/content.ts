import type { Whatsapp } from './core.ts';
import { byWamid } from './core.ts';
import { readInteractive } from './interactive.ts';
import { readMedia } from './media-use.ts';
import {
  badValue,
  type Fields,
  invalid,
  objectField,
  onlyKeys,
  optionalText,
  Refusal,
  textField,
} from './rules.ts';
import type { Content } from './said.ts';
import { readTemplate } from './templates.ts';

const maxText = 4096;
const maxCaption = 1024;

type Reader = (whatsapp: Whatsapp, message: Fields) => Content;

export const contentReaders: Readonly<Record<string, Reader>> = {
  text: readText,
  interactive: readInteractive,
  template: (whatsapp, message) => readTemplate(whatsapp.state.templates, message),
  document: (whatsapp, message) => readFile(whatsapp, message, 'document'),
  image: (whatsapp, message) => readFile(whatsapp, message, 'image'),
  reaction: readReaction,
};

export function readContent(whatsapp: Whatsapp, message: Fields): Content {
  const type = message.type ?? 'text';
  const reader = typeof type === 'string' ? contentReaders[type] : undefined;
  if (reader === undefined)
    throw new Refusal(131051, `The message type ${JSON.stringify(type)} is not known to this sandbox.`);
  for (const other of Object.keys(contentReaders))
    if (other !== type && message[other] !== undefined)
      throw invalid(`Unexpected key "${other}" on a message of type "${type}".`);
  return reader(whatsapp, message);
}

function readText(_: Whatsapp, message: Fields): Content {
  const text = objectField(message, 'text');
  onlyKeys(text, 'text', ['body', 'preview_url']);
  if (text.preview_url !== undefined && typeof text.preview_url !== 'boolean')
    throw invalid("Param text['preview_url'] must be a boolean.");
  return { kind: 'text', text: textField(text, 'body', "text['body']", maxText) };
}

function readFile(whatsapp: Whatsapp, message: Fields, type: 'document' | 'image'): Content {
  const media = readMedia(whatsapp, message, type);
  const caption = optionalText(objectField(message, type), 'caption', `${type}['caption']`, maxCaption);
  return { kind: media.kind, text: caption ?? '', media };
}

function readReaction(whatsapp: Whatsapp, message: Fields): Content {
  const reaction = objectField(message, 'reaction');
  onlyKeys(reaction, 'reaction', ['message_id', 'emoji']);
  const on = byWamid(whatsapp.state, textField(reaction, 'message_id', "reaction['message_id']", 512));
  if (on === undefined) throw badValue("Param reaction['message_id'] is not a message of this number.");
  if (typeof reaction.emoji !== 'string' || /[\p{L}\s]/u.test(reaction.emoji))
    throw badValue("Param reaction['emoji'] must be one emoji, or empty to take it back.");
  const emoji = reaction.emoji === '' ? null : reaction.emoji;
  return { kind: 'text', text: '', reaction: { on, emoji } };
}
