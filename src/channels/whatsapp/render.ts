/**
 * A message of the Bot API as messages of the Cloud API. What is too long goes ahead as texts, so that the last message holds
 * the buttons, and its id is that of the whole.
 */
import { z } from 'zod';
import type { Locale } from '../../db/tables.ts';
import type { AttachedFile } from '../channel.ts';
import {
  type Action,
  linkButton,
  lists,
  type Markup,
  readMarkup,
  replyButtons,
  replyMarkup,
} from './buttons.ts';
import { writePlain } from './marks.ts';
import { splitText } from './split.ts';
import { readText } from './text.ts';
import { ownNumberButton } from './update.ts';

/** A message but for its recipient. `file`: to be uploaded first; `body` wants its media id. */
export interface Part {
  readonly file: AttachedFile['file'] | null;
  body(mediaId: string): Readonly<Record<string, unknown>>;
}

export interface Reader {
  /** scoped: WhatsApp's own way to ask for a number; a phone is known already, and one press shares it. */
  readonly kind: 'phone' | 'scoped';
  readonly locale: Locale;
}

/** VOICE.md, `list`: what opens a list. */
export const chooseLabels = { en: 'Choose', sw: 'Chagua' } as const satisfies Record<Locale, string>;

const longestText = 4096;
/** Of a body with buttons, and of a caption. One edition of Meta's documents allows a list 4,096. */
const longestBody = 1024;

const attached = z.object({ file: z.object({ name: z.string(), mimeType: z.string(), base64: z.string() }) });
const payloads = z.object({
  text: z.string().optional(),
  caption: z.string().optional(),
  parse_mode: z.string().optional(),
  reply_markup: replyMarkup,
  document: attached.optional(),
  photo: attached.optional(),
});

type Payload = z.infer<typeof payloads>;

/** A fault is one of ours: nothing could ever be sent for this payload. */
export type Rendering =
  | { readonly kind: 'parts'; readonly parts: readonly Part[] }
  | { readonly kind: 'fault'; readonly detail: string };

export function renderMessage(payload: unknown, reader: Reader): Rendering {
  const read = payloads.safeParse(payload);
  if (!read.success)
    return fault(`payload: ${read.error.issues[0]?.path.join('.') ?? ''} cannot be sent here`);
  const markup = readMarkup(read.data.reply_markup);
  const actions = actionsOf(markup, reader);
  const text = textOf(read.data, markup, actions);
  const file = fileOf(read.data);
  if (file !== null) return { kind: 'parts', parts: fileParts(file, text, actions, reader) };
  if (text(longestText).length === 0) return fault('there is no text in it');
  return {
    kind: 'parts',
    parts: actions.length === 0 ? texts(text(longestText)) : asking(text, actions, reader),
  };
}

const fault = (detail: string): Rendering => ({ kind: 'fault', detail });

interface Interactive {
  readonly type: 'button' | 'list' | 'cta_url' | 'request_contact_info';
  readonly action: Action;
}

/** What the person can press; one for each message that it takes. */
function actionsOf({ presses, links, ownNumber }: Markup, reader: Reader): Interactive[] {
  if (ownNumber !== null && reader.kind === 'scoped')
    return [{ type: 'request_contact_info', action: { name: 'request_contact_info' } }];
  const all = ownNumber === null ? presses : [{ id: ownNumberButton, label: ownNumber }];
  if (all.length > 0) {
    const buttons = replyButtons(all);
    if (buttons !== null) return [{ type: 'button', action: buttons }];
    return lists(all, chooseLabels[reader.locale]).map((action) => ({ type: 'list', action }));
  }
  const [link] = links;
  const action = link === undefined || links.length > 1 ? null : linkButton(link);
  return action === null ? [] : [{ type: 'cta_url', action }];
}

type Text = (mostOfLast: number) => string[];

/** An address that has no button stands below the text. */
function textOf(payload: Payload, { links }: Markup, actions: readonly Interactive[]): Text {
  const runs = [...readText(payload.text ?? payload.caption ?? '', payload.parse_mode)];
  if (actions[0]?.type !== 'cta_url')
    for (const { label, url } of links) {
      const line = `${label}: ${url}`;
      runs.push({ text: runs.length === 0 ? line : `\n${line}`, styles: [] });
    }
  return (mostOfLast) => splitText(runs, longestText, mostOfLast);
}

function texts(bodies: readonly string[]): Part[] {
  return bodies.map((body) => ({
    file: null,
    body: () => ({ type: 'text', text: { body, preview_url: false } }),
  }));
}

/** A file that stands above a question. */
interface Header {
  readonly file: AttachedFile['file'];
  of(mediaId: string): Readonly<Record<string, unknown>>;
}

/** The body goes with the first list; those after it only count themselves. */
function asking(
  text: Text,
  actions: readonly Interactive[],
  { locale }: Reader,
  header: Header | null = null,
): Part[] {
  const bodies = text(longestBody);
  const asked = actions.map(({ type, action }, i): Part => {
    const said = i === 0 ? bodies.at(-1) : `${chooseLabels[locale]} ${i + 1}/${actions.length}`;
    const whole = { type, body: { text: said }, action };
    return {
      file: header?.file ?? null,
      body: (id) => ({
        type: 'interactive',
        interactive: header === null ? whole : { ...whole, header: header.of(id) },
      }),
    };
  });
  return [...texts(bodies.slice(0, -1)), ...asked];
}

interface SentFile {
  readonly type: 'document' | 'image';
  readonly file: AttachedFile['file'];
}

/** Meta's "Supported media types" have no CSV; under its own name it opens as one all the same. */
function fileOf({ document, photo }: Payload): SentFile | null {
  if (photo !== undefined) return { type: 'image', file: photo.file };
  if (document === undefined) return null;
  const { file } = document;
  return {
    type: 'document',
    file: /^text\//.test(file.mimeType) ? { ...file, mimeType: 'text/plain' } : file,
  };
}

/** Reply buttons stand below the file in one message; what else can be pressed is asked in a message behind it. */
function fileParts(sent: SentFile, text: Text, actions: readonly Interactive[], reader: Reader): Part[] {
  const bodies = text(longestBody);
  const { type, file } = sent;
  const media = (id: string) => ({ id, ...(type === 'document' && { filename: file.name }) });
  const [first] = actions;
  if (first === undefined) {
    const caption = bodies.at(-1);
    const body = (id: string) => ({
      type,
      [type]: { ...media(id), ...(caption !== undefined && { caption }) },
    });
    return [...texts(bodies.slice(0, -1)), { file, body }];
  }
  const named: Text = bodies.length > 0 ? text : () => [writePlain(file.name)];
  if (first.type !== 'button')
    return [{ file, body: (id) => ({ type, [type]: media(id) }) }, ...asking(named, actions, reader)];
  return asking(named, actions, reader, { file, of: (id) => ({ type, [type]: media(id) }) });
}
