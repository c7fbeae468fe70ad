/**
 * Meta's error codes and what each means to us. Source: "Error codes" of the WhatsApp Business Platform
 * (developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes, May 2026), which tells programs to go
 * by the code: titles and HTTP statuses changed from edition to edition.
 */

export type Meaning =
  /** The access token is expired, revoked or lacks a permission: nothing goes until the operator replaces it. */
  | 'token'
  /** The account or its number is locked, restricted, not registered or not there. */
  | 'account'
  /** Meta wants to be paid first. Answers inside the window are free, so these codes come with templates. */
  | 'unpaid'
  /** Too fast, for everyone. */
  | 'busy'
  /** Too many messages of ours were reported; it lasts longer. */
  | 'spam'
  /** Too fast for this person. */
  | 'pair'
  /** Meta's own trouble. */
  | 'outage'
  /** Meta's trouble or a request that it cannot read: the code is the same. */
  | 'doubtful'
  /** More than 24 hours since the person wrote. */
  | 'window'
  /** The template is not there, not approved, paused, or takes other values. */
  | 'template'
  /** This person gets no messages from us. */
  | 'blocked'
  /** A fault of ours. */
  | 'ours';

const meanings: Readonly<Record<number, Meaning>> = {
  0: 'token', // AuthException
  3: 'token', // API Method: capability or permissions
  10: 'token', // Permission denied
  190: 'token', // Access token has expired
  131005: 'token', // Access denied
  33: 'account', // The business phone number has been deleted
  368: 'account', // Temporarily blocked for policy violations
  130497: 'blocked', // Restricted from messaging users in this person's country
  131031: 'account', // Account has been locked
  131037: 'account', // The display name waits for approval
  131045: 'account', // The number's certificate or registration
  133010: 'account', // The number is not registered
  131042: 'unpaid', // Business eligibility payment issue
  134011: 'unpaid', // Terms of payments not accepted
  4: 'busy', // The app's calls an hour
  80007: 'busy', // The business account's calls an hour
  130429: 'busy', // Messages a second
  133016: 'busy', // Registrations of the number
  131048: 'spam', // Spam rate limit hit
  131056: 'pair', // Business and person pair rate limit hit
  2: 'outage', // API Service
  131016: 'outage', // Service unavailable
  131057: 'outage', // Account in maintenance mode
  1: 'doubtful', // API Unknown: "invalid request or possible server error"
  131000: 'doubtful', // Something went wrong
  135000: 'doubtful', // Generic user error
  131047: 'window', // Re-engagement message
  130472: 'blocked', // The person's number is part of an experiment
  131021: 'blocked', // Sender and recipient are the same
  131026: 'blocked', // Message undeliverable: no WhatsApp, an old one, or its terms not accepted
  131030: 'blocked', // Not among the numbers that a test number may write to
  131049: 'blocked', // Not delivered "to maintain healthy ecosystem engagement"
  131050: 'blocked', // The person stopped these messages
  100: 'ours', // Invalid parameter
  131008: 'ours', // Required parameter is missing
  131009: 'ours', // Parameter value is not valid
  131051: 'ours', // Unsupported message type
  131052: 'ours', // Media download error
  131053: 'ours', // Media upload error
  131055: 'ours', // Method not allowed
  131062: 'ours', // This kind of message takes no business-scoped id
};

export interface Refused {
  /** The HTTP status. */
  readonly status: number;
  /** null: a page of something in front of the API, or an answer that is not Meta's. */
  readonly code: number | null;
  readonly subcode: number | null;
}

/** "Object with ID … does not exist": behind a code 100, it means the number's id in our path, or a media id. */
const noObject = 33;

export function meaningOf({ status, code, subcode }: Refused): Meaning {
  if (code === null) return ofStatus(status);
  if (code === 100 && subcode === noObject) return 'account';
  const known = meanings[code];
  if (known !== undefined) return known;
  if (code >= 200 && code <= 299) return 'token';
  if (code >= 132000 && code <= 132999) return 'template';
  return status === 429 || status >= 500 || status === 401 ? ofStatus(status) : 'ours';
}

function ofStatus(status: number): Meaning {
  if (status === 401) return 'token';
  if (status === 429) return 'busy';
  return status >= 500 ? 'outage' : 'ours';
}

/** What an operator does about it; null: nothing, it passes or concerns one message. */
export const remedies = {
  token:
    'replace WHATSAPP_ACCESS_TOKEN with a system user token that has whatsapp_business_messaging, and start again; messages wait until then',
  account:
    'compare WHATSAPP_PHONE_NUMBER_ID with the number in WhatsApp Manager and look there for restrictions; messages wait until then',
  // What needs no template still goes: told where a template was refused.
  unpaid: null,
  busy: null,
  spam: null,
  pair: null,
  outage: null,
  doubtful: null,
  window: null,
  template: null,
  blocked: null,
  ours: null,
} as const satisfies Record<Meaning, string | null>;
