/** A call's parameters as they came: JSON values, or strings from a form or a query. */
export type Params = Readonly<Record<string, unknown>>;

/**
 * What the server refuses. It is thrown, because one place (the dispatcher) turns it into the answer, and every rule
 * may end a call. Descriptions are the real server's where it was seen to print one; the documentation gives none.
 */
export class Refusal extends Error {
  readonly errorCode: number;
  readonly description: string;
  readonly retryAfter: number | null;

  constructor(errorCode: number, description: string, retryAfter: number | null = null) {
    super(description);
    this.errorCode = errorCode;
    this.description = description;
    this.retryAfter = retryAfter;
  }
}

export const badRequest = (why: string): Refusal => new Refusal(400, `Bad Request: ${why}`);
export const forbidden = (why: string): Refusal => new Refusal(403, `Forbidden: ${why}`);
export const conflict = (why: string): Refusal => new Refusal(409, `Conflict: ${why}`);
export const tooMany = (seconds: number): Refusal =>
  new Refusal(429, `Too Many Requests: retry after ${seconds}`, seconds);

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textParam(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw badRequest(`field "${name}" must be of type String`);
}

/** The real server reads many a wrong number as 0; here it is refused, so that a mistake shows where it was made. */
export function integerParam(params: Params, name: string, min: number, max: number): number | undefined {
  const text = textParam(params, name);
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!/^-?\d{1,17}$/.test(text) || !Number.isSafeInteger(value) || value < min || value > max)
    throw badRequest(`parameter "${name}" must be an integer from ${min} to ${max}`);
  return value;
}

export function flagParam(params: Params, name: string): boolean {
  const text = textParam(params, name)?.toLowerCase();
  return text === 'true' || text === 'yes' || text === '1';
}

/** An object or array: as it is in a JSON body, and as JSON text in a form. */
export function jsonParam(params: Params, name: string): unknown {
  const value = params[name];
  if (typeof value !== 'string') return value ?? undefined;
  if (value === '') return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw badRequest(`can't parse ${name.replaceAll('_', ' ')} JSON object`);
  }
}

/** Telegram counts characters, not UTF-16 units, in its limits. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Update types of the Bot API. One that is not here is refused: the real server forgets it in silence. */
const updateTypes: ReadonlySet<string> = new Set([
  'message',
  'edited_message',
  'channel_post',
  'edited_channel_post',
  'business_connection',
  'business_message',
  'edited_business_message',
  'deleted_business_messages',
  'message_reaction',
  'message_reaction_count',
  'inline_query',
  'chosen_inline_result',
  'callback_query',
  'shipping_query',
  'pre_checkout_query',
  'purchased_paid_media',
  'poll',
  'poll_answer',
  'my_chat_member',
  'chat_member',
  'chat_join_request',
  'chat_boost',
  'removed_chat_boost',
]);

/** undefined: not given, the setting before stays. null: an empty list, which means the default again. */
export function allowedUpdatesParam(params: Params): readonly string[] | null | undefined {
  const value = jsonParam(params, 'allowed_updates');
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw badRequest("can't parse allowed updates: expected an Array of String");
  const types = value.map((type: unknown) => {
    if (typeof type !== 'string' || !updateTypes.has(type))
      throw badRequest(`can't parse allowed updates: unknown update type ${JSON.stringify(type)}`);
    return type;
  });
  return types.length === 0 ? null : types;
}
