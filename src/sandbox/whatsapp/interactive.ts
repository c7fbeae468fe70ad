import type { Whatsapp } from './core.ts';
import { headerMedia, type MediaUse } from './media-use.ts';
import {
  arrayField,
  badValue,
  type Fields,
  invalid,
  lengthField,
  missing,
  objectField,
  onlyKeys,
  optionalText,
} from './rules.ts';
import type { Content } from './said.ts';
import type { ButtonRow } from './state.ts';

const maxHeader = 60;
const maxFooter = 60;
/** The documents give 1,024 for buttons and links; for lists one edition says 4,096, and the lower one is kept here. */
const maxBody = 1024;
const maxTitle = 20;
const maxReplyId = 256;
const maxReplyButtons = 3;
const maxRows = 10;
const maxRowTitle = 24;
const maxRowId = 200;
const maxRowDescription = 72;
const maxSectionTitle = 24;

/**
 * "Interactive reply buttons", "Interactive list", "Interactive CTA URL" and "Request contact information" messages; every
 * other type is refused.
 */
export function readInteractive(whatsapp: Whatsapp, message: Fields): Content {
  const fields = objectField(message, 'interactive');
  onlyKeys(fields, 'interactive', ['type', 'header', 'body', 'footer', 'action']);
  const type = fields.type;
  if (type === 'request_contact_info') onlyKeys(fields, 'interactive', ['type', 'body', 'action']);
  const body = objectField(fields, 'body', "interactive['body']");
  onlyKeys(body, "interactive['body']", ['text']);
  const text = lengthField(body, 'text', 'Body text', maxBody);
  const footer = footerOf(fields);
  const action = objectField(fields, 'action', "interactive['action']");
  const { headerText, media } = headerOf(whatsapp, fields, type !== 'list');
  return {
    kind: media?.kind ?? 'text',
    media,
    text: [headerText, text, footer].filter((part) => part !== null).join('\n'),
    ...actionOf(type, action),
  };
}

function actionOf(type: unknown, action: Fields): Pick<Content, 'buttons' | 'replies' | 'menu'> {
  if (type === 'button') return { buttons: replyButtons(action), replies: 'button_reply' };
  if (type === 'list')
    return {
      buttons: listRows(action),
      replies: 'list_reply',
      menu: lengthField(action, 'button', 'Button label', maxTitle),
    };
  if (type === 'cta_url') return { buttons: [linkButton(action)] };
  if (type === 'request_contact_info')
    return { buttons: [contactButton(action)], replies: 'contact_request' };
  const known = 'button, list, cta_url, request_contact_info';
  throw invalid(`Param interactive['type'] must be one of {${known}} in this sandbox.`);
}

function footerOf(fields: Fields): string | null {
  if (fields.footer === undefined) return null;
  const footer = objectField(fields, 'footer', "interactive['footer']");
  onlyKeys(footer, "interactive['footer']", ['text']);
  return lengthField(footer, 'text', 'Footer text', maxFooter);
}

function headerOf(
  whatsapp: Whatsapp,
  fields: Fields,
  mediaAllowed: boolean,
): { readonly headerText: string | null; readonly media: MediaUse | null } {
  if (fields.header === undefined) return { headerText: null, media: null };
  const header = objectField(fields, 'header', "interactive['header']");
  const type = header.type;
  if (type === 'text') {
    onlyKeys(header, "interactive['header']", ['type', 'text']);
    return { headerText: lengthField(header, 'text', 'Header text', maxHeader), media: null };
  }
  if (!mediaAllowed || (type !== 'document' && type !== 'image'))
    throw badValue(`The header type ${JSON.stringify(type)} is not allowed for this interactive message.`);
  onlyKeys(header, "interactive['header']", ['type', type]);
  return { headerText: null, media: headerMedia(whatsapp, header, type) };
}

function replyButtons(action: Fields): ButtonRow[] {
  onlyKeys(action, "interactive['action']", ['buttons']);
  const given = arrayField(action, 'buttons', "interactive['action']['buttons']");
  if (given.length < 1 || given.length > maxReplyButtons)
    throw badValue(`Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: ${maxReplyButtons}`);
  const buttons = given.map((button) => {
    onlyKeys(button, 'buttons', ['type', 'reply']);
    if (button.type !== 'reply') throw badValue('Button type must be reply.');
    const reply = objectField(button, 'reply', "buttons['reply']");
    onlyKeys(reply, "buttons['reply']", ['id', 'title']);
    return {
      id: trimmed(lengthField(reply, 'id', 'Button id', maxReplyId), 'Button id'),
      text: lengthField(reply, 'title', 'Button title', maxTitle),
      url: null,
      description: null,
    };
  });
  unique(buttons, (button) => button.id, 'button id');
  unique(buttons, (button) => button.text, 'button title');
  return buttons;
}

function listRows(action: Fields): ButtonRow[] {
  onlyKeys(action, "interactive['action']", ['button', 'sections']);
  const sections = arrayField(action, 'sections', "interactive['action']['sections']");
  if (sections.length < 1 || sections.length > maxRows)
    throw badValue(`Invalid sections count. Min allowed sections: 1, Max allowed sections: ${maxRows}`);
  const rows = sections.flatMap((section) => {
    onlyKeys(section, 'section', ['title', 'rows']);
    const title = section.title === undefined ? null : section.title;
    if (title === null && sections.length > 1)
      throw missing('Section title is required when there is more than one section.');
    if (title !== null) lengthField(section, 'title', 'Section title', maxSectionTitle);
    const inside = arrayField(section, 'rows', "section['rows']");
    if (inside.length === 0) throw badValue('A section must have at least one row.');
    return inside.map(listRow);
  });
  if (rows.length > maxRows) throw badValue(`Total row count exceed max allowed count: ${maxRows}`);
  unique(rows, (row) => row.id, 'row id');
  return rows;
}

function listRow(row: Fields): ButtonRow {
  onlyKeys(row, 'row', ['id', 'title', 'description']);
  return {
    id: trimmed(lengthField(row, 'id', 'Row id', maxRowId), 'Row id'),
    text: lengthField(row, 'title', 'Row title', maxRowTitle),
    url: null,
    description: optionalText(row, 'description', "row['description']", maxRowDescription),
  };
}

function linkButton(action: Fields): ButtonRow {
  onlyKeys(action, "interactive['action']", ['name', 'parameters']);
  if (action.name !== 'cta_url') throw badValue('Action name must be cta_url.');
  const parameters = objectField(action, 'parameters', "interactive['action']['parameters']");
  onlyKeys(parameters, "interactive['action']['parameters']", ['display_text', 'url']);
  const url = lengthField(parameters, 'url', 'URL', 2000);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw badValue('URL is not valid.');
  return {
    id: null,
    text: lengthField(parameters, 'display_text', 'Display text', maxTitle),
    url,
    description: null,
  };
}

/** Its words are WhatsApp's own. The id is ours alone: what comes of a press is no reply but a contact. */
function contactButton(action: Fields): ButtonRow {
  onlyKeys(action, "interactive['action']", ['name']);
  if (action.name !== 'request_contact_info') throw badValue('Action name must be request_contact_info.');
  return { id: 'share', text: 'Share contact info', url: null, description: null };
}

/** "You cannot have leading or trailing spaces when setting the ID." */
function trimmed(id: string, what: string): string {
  if (id !== id.trim()) throw badValue(`${what} must not begin or end with white space.`);
  return id;
}

function unique(rows: readonly ButtonRow[], key: (row: ButtonRow) => string | null, what: string): void {
  const seen = new Set(rows.map(key));
  if (seen.size !== rows.length) throw badValue(`Duplicated ${what}.`);
}
