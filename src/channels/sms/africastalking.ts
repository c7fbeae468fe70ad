/**
 * Africa's Talking on the operator's own account: SMS for businesses none of whose gateways sends one. It takes no key
 * of ours with a message, so that a lost answer stays unknown. Source of the shapes: "Send SMS" and "Application data"
 * of developers.africastalking.com, version1.
 */
import { z } from 'zod';
import type { Msisdn } from '../../domain/msisdn.ts';
import { faultText } from '../../ops/fault-text.ts';
import type { Logger } from '../../ops/log.ts';
import { createSmsAlert } from './alert.ts';
import { type Code, codeOf, type Refusal, refusalNamed } from './codes.ts';

/** The way out that `app-sms.ts` gives: https or loopback, no redirect is followed, bounded in time and size. */
export interface SmsHttp {
  request(request: {
    readonly method: 'GET' | 'POST';
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly timeoutMs: number;
  }): Promise<HttpAnswer | { readonly kind: 'not_sent' | 'unknown'; readonly detail: string }>;
}

interface HttpAnswer {
  readonly kind: 'answer';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** undefined: the text is no JSON. */
  readonly json: unknown;
}

export interface AfricasTalkingDeps {
  readonly username: string;
  readonly apiKey: string;
  /** Sender id or short code; null: Africa's Talking's own. */
  readonly from: string | null;
  /** Without a slash at the end. */
  readonly apiRoot: string;
  readonly http: SmsHttp;
  readonly log: Logger;
}

export type Outcome =
  | {
      readonly kind: 'accepted';
      readonly status: string;
      readonly messageId: string | null;
      readonly parts: number | null;
      readonly costCents: bigint | null;
      readonly balanceCents: null;
    }
  | {
      readonly kind: 'refused';
      readonly reason: Refusal;
      readonly rawCode: string;
      readonly detail: string;
    }
  | { readonly kind: 'later'; readonly detail: string; readonly afterSeconds: number | null }
  | { readonly kind: 'not_sent' | 'unknown'; readonly detail: string };

export type AppBalance =
  /** `cents`: null where the app is not paid in shillings; `shown` is its own word: "KES 1785.50". */
  | { readonly kind: 'balance'; readonly shown: string; readonly cents: bigint | null }
  | { readonly kind: 'credentials_refused' }
  | { readonly kind: 'no_answer'; readonly detail: string };

export interface AfricasTalking {
  readonly idempotent: false;
  readonly longest: number;
  send(message: { readonly msisdn: Msisdn; readonly text: string }): Promise<Outcome>;
  balance(): Promise<AppBalance>;
}

/** The document names no limit; ours never need a second part. */
const longest = 480;
const timeoutMs = 15_000;

export function createAfricasTalking(deps: AfricasTalkingDeps): AfricasTalking {
  const alert = createSmsAlert(deps.log);
  return {
    idempotent: false,
    longest,
    async send(message) {
      const outcome = await send(deps, message);
      if (outcome.kind === 'accepted') alert.works();
      if (outcome.kind === 'refused') alert.refused(outcome.reason, `${outcome.rawCode}: ${outcome.detail}`);
      return outcome;
    },
    balance: () => readBalance(deps),
  };
}

async function send(deps: AfricasTalkingDeps, message: { msisdn: Msisdn; text: string }): Promise<Outcome> {
  const form = new URLSearchParams({
    username: deps.username,
    to: `+${message.msisdn}`,
    message: message.text,
    ...(deps.from !== null && { from: deps.from }),
  });
  const answer = await deps.http.request({
    method: 'POST',
    url: `${deps.apiRoot}/version1/messaging`,
    headers: { ...ownHeaders(deps), 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    timeoutMs,
  });
  if (answer.kind !== 'answer') return { kind: answer.kind, detail: answer.detail };
  return answer.status < 300 ? readSent(answer, message.msisdn) : readRefusal(deps, answer);
}

const ownHeaders = ({ apiKey }: AfricasTalkingDeps) => ({ apiKey, accept: 'application/json' });

const refused = (reason: Refusal, rawCode: string, detail: string): Outcome => ({
  kind: 'refused',
  reason,
  rawCode,
  detail,
});
const unknown = (detail: string): Outcome => ({ kind: 'unknown', detail });

const text = z.string().optional().catch(undefined);
const recipientShape = z.object({
  statusCode: z.union([
    z.number().int(),
    z
      .string()
      .regex(/^\d{3}$/)
      .transform(Number),
  ]),
  number: z.string(),
  status: text,
  cost: text,
  messageId: text,
  /** Not in the document's table, but in answers. */
  messageParts: z.number().int().positive().optional().catch(undefined),
});
type Recipient = z.output<typeof recipientShape>;
const sentShape = z.object({
  SMSMessageData: z.object({ Message: z.string().catch(''), Recipients: z.array(recipientShape) }),
});

function readSent(answer: HttpAnswer, msisdn: Msisdn): Outcome {
  const httpCode = `http_${answer.status}`;
  const body = sentShape.safeParse(answer.json);
  if (!body.success) return unknown(`${httpCode}: The answer is not the one of the document.`);
  const { Message: sentence, Recipients: recipients } = body.data.SMSMessageData;
  const [recipient] = recipients;
  if (recipient === undefined) return readNobody(sentence, httpCode);
  if (recipients.length > 1 || recipient.number.replace(/\D/g, '') !== msisdn)
    return unknown(`${httpCode}: The answer is about another phone.`);
  return readRecipient(recipient, codeOf(recipient.statusCode));
}

function readRecipient(recipient: Recipient, { name, meaning }: Code): Outcome {
  const rawCode = String(recipient.statusCode);
  if (meaning === 'unknown') return unknown(`${rawCode}: ${name}`);
  if (meaning !== 'accepted') return refused(meaning, rawCode, name);
  const { messageId = 'None', messageParts: parts = null } = recipient;
  return {
    kind: 'accepted',
    status: name,
    // So it prints where there is none.
    messageId: messageId === 'None' || messageId === '' ? null : messageId,
    parts,
    costCents: centsOf(recipient.cost ?? ''),
    balanceCents: null,
  };
}

/** "InvalidSenderId", or "Sent to 0/1 Total Cost: 0": it went to nobody. */
function readNobody(sentence: string, httpCode: string): Outcome {
  const reason = refusalNamed(sentence) ?? (/^Sent to 0\//.test(sentence) ? 'provider_refused' : null);
  const detail = sentence === '' ? 'The answer names no recipient.' : faultText(sentence);
  return reason === null ? unknown(`${httpCode}: ${detail}`) : refused(reason, httpCode, detail);
}

/** Refusals of the whole request are one plain sentence; a page is no word of Africa's Talking. */
function readRefusal(deps: AfricasTalkingDeps, answer: HttpAnswer): Outcome {
  const { status } = answer;
  const httpCode = `http_${status}`;
  if (status === 429) return { kind: 'later', detail: httpCode, afterSeconds: retryAfter(answer) };
  const said = faultText(answer.text.trim().replaceAll(deps.apiKey, '[key]'));
  if (status >= 500 || said.startsWith('<')) return unknown(httpCode);
  return refused(status === 401 ? 'credentials_refused' : 'provider_refused', httpCode, said);
}

function retryAfter({ headers }: HttpAnswer): number | null {
  const seconds = headers['retry-after'] ?? '';
  return /^\d{1,4}$/.test(seconds) ? Number(seconds) : null;
}

/** "KES 0.8000", up to the next cent; null: not in shillings. */
function centsOf(amount: string): bigint | null {
  const [, whole, part = ''] = /^KES (\d{1,12})(?:\.(\d{1,4}))?$/.exec(amount.trim()) ?? [];
  if (whole === undefined) return null;
  return (BigInt(whole + part.padEnd(4, '0')) + 99n) / 100n;
}

const balanceShape = z.object({
  UserData: z.object({ balance: z.string().regex(/^[A-Z]{3} -?[\d.]{1,20}$/) }),
});

async function readBalance(deps: AfricasTalkingDeps): Promise<AppBalance> {
  const query = new URLSearchParams({ username: deps.username });
  const answer = await deps.http.request({
    method: 'GET',
    url: `${deps.apiRoot}/version1/user?${query}`,
    headers: ownHeaders(deps),
    timeoutMs,
  });
  if (answer.kind !== 'answer') return { kind: 'no_answer', detail: answer.detail };
  if (answer.status === 401) return { kind: 'credentials_refused' };
  const body = balanceShape.safeParse(answer.json);
  if (answer.status >= 300 || !body.success) return { kind: 'no_answer', detail: `http_${answer.status}` };
  const shown = body.data.UserData.balance;
  return { kind: 'balance', shown, cents: centsOf(shown) };
}
