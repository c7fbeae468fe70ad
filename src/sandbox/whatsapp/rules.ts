/** A call's fields as they came in the JSON body. */
export type Fields = Readonly<Record<string, unknown>>;

interface KnownError {
  readonly title: string;
  readonly status: number;
}

/**
 * Meta's error codes, titles and HTTP statuses ("Error codes", Cloud API, 2026). The throttling codes were printed there
 * with 429 and, in other editions, with 400: programs are told to go by the code, which is the same in both.
 */
const known: Readonly<Record<number, KnownError>> = {
  1: { title: 'API Unknown', status: 400 },
  2: { title: 'API Service', status: 503 },
  4: { title: 'API Too Many Calls', status: 429 },
  10: { title: 'Permission Denied', status: 403 },
  100: { title: 'Invalid parameter', status: 400 },
  190: { title: 'Access token has expired', status: 401 },
  368: { title: 'Temporarily blocked for policies violations', status: 403 },
  80007: { title: 'Rate limit issues', status: 429 },
  130429: { title: 'Rate limit hit', status: 429 },
  131000: { title: 'Something went wrong', status: 500 },
  131005: { title: 'Access denied', status: 403 },
  131008: { title: 'Required parameter is missing', status: 400 },
  131009: { title: 'Parameter value is not valid', status: 400 },
  131016: { title: 'Service unavailable', status: 500 },
  131026: { title: 'Message undeliverable', status: 400 },
  131031: { title: 'Account has been locked', status: 403 },
  131042: { title: 'Business eligibility payment issue', status: 400 },
  131047: { title: 'Re-engagement message', status: 400 },
  131048: { title: 'Spam rate limit hit', status: 429 },
  131051: { title: 'Unsupported message type', status: 400 },
  131052: { title: 'Media download error', status: 400 },
  131053: { title: 'Media upload error', status: 400 },
  131056: { title: '(Business Account, Consumer Account) pair rate limit hit', status: 429 },
  131057: { title: 'Account in maintenance mode', status: 500 },
  132000: { title: 'Number of parameters does not match the expected number of params', status: 400 },
  132001: { title: 'Template name does not exist in the translation', status: 404 },
  132005: { title: 'Translated text too long', status: 400 },
  132007: { title: 'Template format character policy violated', status: 400 },
  132012: { title: 'Parameter format does not match format in the created template', status: 400 },
  132015: { title: 'Template is paused', status: 400 },
  132016: { title: 'Template is disabled', status: 400 },
  132018: { title: "There's an issue with the parameters in your template", status: 400 },
};

const usualDetails: Readonly<Record<number, string>> = {
  2: 'Temporary due to downtime or due to being overloaded.',
  80007: 'The WhatsApp Business Account has reached its rate limit.',
  130429:
    'Message failed to send because there were too many messages sent from this phone number in a short period of time',
  131000: 'Message failed to send due to an unknown error.',
  131026: 'Message Undeliverable.',
  131047:
    'Message failed to send because more than 24 hours have passed since the customer last replied to this number.',
  131053: 'Unable to upload the media used in the message.',
  131056:
    'Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.',
};

export const titleOf = (code: number): string => known[code]?.title ?? 'Unknown error';
export const detailsOf = (code: number): string => usualDetails[code] ?? titleOf(code);

export interface RefusalOptions {
  readonly status?: number;
  readonly subcode?: number;
  readonly type?: 'OAuthException' | 'GraphMethodException';
  /** In place of `(#code) title`. */
  readonly message?: string;
}

/** What the API refuses. It is thrown, because one place (the dispatcher) turns it into the answer. */
export class Refusal extends Error {
  readonly code: number;
  readonly details: string | null;
  readonly status: number;
  readonly subcode: number | null;
  readonly type: string;
  readonly says: string;

  constructor(code: number, details: string | null = detailsOf(code), options: RefusalOptions = {}) {
    super(details ?? titleOf(code));
    this.code = code;
    this.details = details;
    this.status = options.status ?? known[code]?.status ?? 400;
    this.subcode = options.subcode ?? null;
    this.type = options.type ?? 'OAuthException';
    this.says = options.message ?? `(#${code}) ${titleOf(code)}`;
  }
}

export const invalid = (details: string): Refusal => new Refusal(100, details);
export const missing = (details: string): Refusal => new Refusal(131008, details);
export const badValue = (details: string): Refusal => new Refusal(131009, details);

/** A path whose object is not there, as the Graph API says it. */
export const noObject = (method: string, id: string): Refusal =>
  new Refusal(100, null, {
    subcode: 33,
    type: 'GraphMethodException',
    message: `Unsupported ${method.toLowerCase()} request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api`,
  });

export const badToken = (why: 'expired' | 'wrong'): Refusal =>
  why === 'expired'
    ? new Refusal(190, null, {
        subcode: 463,
        message: 'Error validating access token: Session has expired.',
      })
    : new Refusal(190, null, { message: 'Invalid OAuth access token - Cannot parse access token' });

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Characters as a person counts code points: how Meta counts is not documented. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

export function onlyKeys(fields: Fields, param: string, allowed: readonly string[]): void {
  for (const key of Object.keys(fields))
    if (!allowed.includes(key)) throw invalid(`Unexpected key "${key}" on param "${param}".`);
}

export function objectField(fields: Fields, name: string, param = name): Fields {
  const value = fields[name];
  if (value === undefined || value === null) throw missing(`The parameter ${param} is required.`);
  if (!isRecord(value)) throw invalid(`Param ${param} must be a JSON object.`);
  return value;
}

export function arrayField(fields: Fields, name: string, param: string): readonly Fields[] {
  const value = fields[name];
  if (value === undefined || value === null) throw missing(`The parameter ${param} is required.`);
  if (!Array.isArray(value)) throw invalid(`Param ${param} must be an array.`);
  return value.map((one: unknown, index) => {
    if (!isRecord(one)) throw invalid(`Param ${param}[${index}] must be a JSON object.`);
    return one;
  });
}

/** Required text of `min` to `max` characters, where white space alone is as good as nothing. */
export function textField(fields: Fields, name: string, param: string, max: number): string {
  const value = fields[name];
  if (value === undefined || value === null) throw missing(`The parameter ${param} is required.`);
  if (typeof value !== 'string') throw invalid(`Param ${param} must be a string.`);
  if (value.trim() === '') throw missing(`The parameter ${param} is required.`);
  if (characters(value) > max) throw invalid(`Param ${param} must be at most ${max} characters long.`);
  return value;
}

export function optionalText(fields: Fields, name: string, param: string, max: number): string | null {
  return fields[name] === undefined || fields[name] === null ? null : textField(fields, name, param, max);
}

/** As `textField`, refused the way interactive messages are: code 131009 and "… length invalid". */
export function lengthField(fields: Fields, name: string, what: string, max: number): string {
  const value = fields[name];
  if (value === undefined || value === null) throw missing(`${what} is required.`);
  if (typeof value !== 'string') throw invalid(`${what} must be a string.`);
  if (value.trim() === '' || characters(value) > max)
    throw badValue(`${what} length invalid. Min length: 1, Max length: ${max}`);
  return value;
}
