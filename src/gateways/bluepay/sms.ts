import type { SmsAbility, SmsMessage, SmsOutcome, SmsRefusal } from '../abilities.ts';
import type { GatewayAnswer } from '../http.ts';
import {
  type BluepayWire,
  type Body,
  readBody,
  readCode,
  readFlag,
  readId,
  readKes,
  readText,
} from './wire.ts';

/** "Max 480 chars." */
const longestMessage = 480;
const referenceShape = /^[A-Za-z0-9._-]{1,64}$/;

/** "Re-posting a successful reference returns the same result": a lost answer is asked for again by sending it again. */
export function createSms(wire: BluepayWire): SmsAbility {
  return { idempotent: true, longest: longestMessage, send: (message) => send(wire, message) };
}

async function send(wire: BluepayWire, message: SmsMessage): Promise<SmsOutcome> {
  const length = [...message.text].length;
  if (length === 0 || length > longestMessage)
    return refused('text_refused', 'own_check', `BluePay takes 1 to ${longestMessage} characters.`);
  if (!referenceShape.test(message.reference))
    return refused('text_refused', 'own_check', 'BluePay takes A-Z, a-z, 0-9, ._- as reference, at most 64.');
  const outcome = await wire.post('/api/v1/sms/send', {
    phone: message.msisdn,
    message: message.text,
    reference: message.reference,
  });
  if (outcome.kind !== 'answer') return { kind: outcome.kind, detail: outcome.detail };
  return readAnswer(wire, outcome, message.reference);
}

const refused = (reason: SmsRefusal, rawCode: string, detail: string) => ({
  kind: 'refused' as const,
  reason,
  rawCode,
  detail,
});
const unknown = (detail: string): SmsOutcome => ({ kind: 'unknown', detail });

function readAnswer(wire: BluepayWire, answer: GatewayAnswer, reference: string): SmsOutcome {
  const httpCode = `http_${answer.status}`;
  const afterSeconds = retryAfter(answer);
  if (answer.status === 429) return { kind: 'later', detail: httpCode, afterSeconds };
  const body = readBody(answer.json);
  // A firewall or a proxy in front of BluePay answers as well: what is no JSON object is no word of BluePay.
  if (body === null) return unknown(`${httpCode}: The answer is no JSON object.`);
  const ok = readFlag(body.ok);
  if (answer.status < 300 && ok === true) return accepted(body, reference);
  const errorCode = readCode(body.error_code);
  const rawCode = errorCode ?? httpCode;
  const detail = wire.sentence(body);
  if (ok !== false) return unknown(`${rawCode}: ${detail}`);
  const meaning = meaningOf(answer.status, errorCode);
  if (meaning === null) return unknown(`${rawCode}: ${detail}`);
  if (meaning === 'later') return { kind: 'later', detail: `${rawCode}: ${detail}`, afterSeconds };
  return { ...refused(meaning, rawCode, detail), balanceCents: readKes(body.balance_kes) };
}

/** Sent, by BluePay's own word. It has no delivery reports: nothing tells whether the phone showed it. */
function accepted(body: Body, reference: string): SmsOutcome {
  const status = readText(body.status)?.toUpperCase() ?? null;
  if (status === 'PENDING') return { kind: 'later', detail: 'status PENDING', afterSeconds: null };
  if (readFlag(body.success) === false || status !== 'SENT')
    return unknown(`ok, but with status ${status ?? 'none'}`);
  const told = readText(body.reference);
  if (told !== null && told !== reference) return unknown('the answer names another reference');
  const parts = Number(readText(body.segments));
  return {
    kind: 'accepted',
    status,
    messageId: readId(body.message_id) ?? readId(body.sms_id),
    parts: Number.isSafeInteger(parts) && parts > 0 ? parts : null,
    costCents: readKes(body.fee_kes),
    balanceCents: readKes(body.balance_kes),
  };
}

/** The document's table, and MERCHANT_INACTIVE, which it prints for payouts ("Active merchant account required"). */
const meaningOfCode: Readonly<Record<string, SmsRefusal | 'later'>> = {
  INSUFFICIENT_PREPAID: 'no_balance',
  REFERENCE_IN_USE: 'later',
  // Message and reference were checked before they were sent.
  SMS_VALIDATION_FAILED: 'phone_refused',
  SMS_PROVIDER_REJECTED: 'provider_refused',
  SMS_NOT_CONFIGURED: 'not_configured',
  MERCHANT_INACTIVE: 'not_configured',
};

/** Where there is no `error_code`. 5xx are not here: without their code nobody knows what became of the message. */
const meaningOfStatus: Readonly<Record<number, SmsRefusal | 'later'>> = {
  400: 'text_refused',
  401: 'credentials_refused',
  402: 'no_balance',
  403: 'credentials_refused',
  405: 'text_refused',
  409: 'later',
  422: 'phone_refused',
};

/** null: nobody has decided what this means. */
function meaningOf(status: number, errorCode: string | null): SmsRefusal | 'later' | null {
  if (errorCode === null) return meaningOfStatus[status] ?? null;
  return Object.hasOwn(meaningOfCode, errorCode) ? (meaningOfCode[errorCode] ?? null) : null;
}

function retryAfter(answer: GatewayAnswer): number | null {
  const seconds = answer.headers['retry-after'] ?? '';
  return /^\d{1,4}$/.test(seconds) ? Number(seconds) : null;
}
