import { badRequest, isRecord, jsonParam, type Params } from './rules.ts';

/** A button under a message, kept as it was sent: the fields are the Bot API's InlineKeyboardButton. */
export interface InlineButton {
  readonly text: string;
  readonly callback_data?: string;
  readonly url?: string;
  readonly [field: string]: unknown;
}

/** A button of the keyboard that takes the place of a person's own. */
export interface ReplyButton {
  readonly text: string;
  readonly requests: 'contact' | 'location' | null;
}

export type Markup =
  | { readonly kind: 'inline'; readonly rows: readonly (readonly InlineButton[])[] }
  | { readonly kind: 'reply'; readonly rows: readonly (readonly ReplyButton[])[]; readonly oneTime: boolean }
  | { readonly kind: 'remove' }
  | { readonly kind: 'force' };

const inlineActions = [
  'url',
  'callback_data',
  'web_app',
  'login_url',
  'switch_inline_query',
  'switch_inline_query_current_chat',
  'switch_inline_query_chosen_chat',
  'copy_text',
  'callback_game',
  'pay',
] as const;

const maxButtons = 100;
const maxCallbackBytes = 64;

/** Reads `reply_markup` by the rules of InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyKeyboardRemove and ForceReply. */
export function markupParam(params: Params, chatType: 'private' | 'group'): Markup | null {
  const value = jsonParam(params, 'reply_markup');
  if (value === undefined) return null;
  if (!isRecord(value)) throw badRequest('object expected as reply markup');
  if (value.inline_keyboard !== undefined) return inlineKeyboard(value.inline_keyboard);
  if (value.keyboard !== undefined) return replyKeyboard(value, chatType);
  if (value.remove_keyboard === true) return { kind: 'remove' };
  if (value.force_reply === true) return { kind: 'force' };
  if (Object.keys(value).length === 0) return null;
  throw badRequest("can't parse reply keyboard markup JSON object");
}

/** Edits take inline keyboards only. */
export function inlineMarkupParam(params: Params): Markup | null {
  const markup = markupParam(params, 'private');
  if (markup !== null && markup.kind !== 'inline') throw badRequest('inline keyboard expected');
  return markup;
}

function rowsOf(value: unknown, field: string): unknown[][] {
  if (!Array.isArray(value)) throw badRequest(`field "${field}" of the reply markup must be of type Array`);
  const rows = value.map((row: unknown) => {
    if (!Array.isArray(row)) throw badRequest(`field "${field}" must be an Array of Arrays`);
    return row as unknown[];
  });
  if (rows.flat().length > maxButtons) throw badRequest('reply markup is too long');
  return rows.filter((row) => row.length > 0);
}

function inlineKeyboard(value: unknown): Markup | null {
  const rows = rowsOf(value, 'inline_keyboard').map((row) => row.map(inlineButton));
  return rows.length === 0 ? null : { kind: 'inline', rows };
}

function inlineButton(value: unknown): InlineButton {
  if (!isRecord(value))
    throw badRequest("can't parse inline keyboard button: InlineKeyboardButton must be an Object");
  const text = value.text;
  if (typeof text !== 'string')
    throw badRequest('can\'t parse inline keyboard button: can\'t find field "text"');
  if (text.trim() === '') throw badRequest('BUTTON_TEXT_INVALID');
  const actions = inlineActions.filter((action) => value[action] !== undefined);
  if (actions.length === 0)
    throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
  if (actions.length > 1)
    throw badRequest("can't parse inline keyboard button: exactly one of the optional fields must be used");
  checkAction(value);
  return { ...value, text };
}

function checkAction(button: Readonly<Record<string, unknown>>): void {
  const data = button.callback_data;
  if (data !== undefined) {
    const bytes = typeof data === 'string' ? Buffer.byteLength(data) : 0;
    if (bytes < 1 || bytes > maxCallbackBytes) throw badRequest('BUTTON_DATA_INVALID');
  }
  if (button.url !== undefined) checkUrl(button.url);
  if (button.callback_game !== undefined || button.pay !== undefined) throw badRequest('BUTTON_TYPE_INVALID');
}

/** A host without a dot (localhost) is no link to the real server; an address of numbers is. */
function checkUrl(value: unknown): void {
  const text = String(value);
  const url = URL.canParse(text) ? new URL(text) : null;
  const fine =
    url !== null &&
    (url.protocol === 'tg:' || (/^https?:$/.test(url.protocol) && url.hostname.includes('.')));
  if (!fine) throw badRequest(`inline keyboard button URL '${text}' is invalid: Wrong HTTP URL`);
}

function replyKeyboard(value: Readonly<Record<string, unknown>>, chatType: 'private' | 'group'): Markup {
  const rows = rowsOf(value.keyboard, 'keyboard').map((row) =>
    row.map((button) => replyButton(button, chatType)),
  );
  if (rows.length === 0) throw badRequest('reply keyboard must have at least one button');
  return { kind: 'reply', rows, oneTime: value.one_time_keyboard === true };
}

function replyButton(value: unknown, chatType: 'private' | 'group'): ReplyButton {
  if (typeof value === 'string') return { text: buttonText(value), requests: null };
  if (!isRecord(value)) throw badRequest("can't parse keyboard button: KeyboardButton must be an Object");
  const text = buttonText(value.text);
  const wanted = Object.keys(value).filter((field) => field.startsWith('request_') || field === 'web_app');
  if (wanted.filter((field) => value[field] !== false).length > 1)
    throw badRequest("can't parse keyboard button: at most one of the optional fields may be used");
  if (value.request_contact === true) {
    if (chatType !== 'private') throw badRequest('phone number can be requested in private chats only');
    return { text, requests: 'contact' };
  }
  if (value.request_location === true) {
    if (chatType !== 'private') throw badRequest('location can be requested in private chats only');
    return { text, requests: 'location' };
  }
  return { text, requests: null };
}

function buttonText(value: unknown): string {
  if (typeof value !== 'string') throw badRequest('can\'t parse keyboard button: can\'t find field "text"');
  if (value.trim() === '') throw badRequest('keyboard button text must be non-empty');
  return value;
}
