import type { SmsAbility, SmsMessage, SmsOutcome, SmsRefusal } from '../abilities.ts';
import { type Body, readCount, readText } from '../stk-values.ts';
import { fieldOf, partOf, type SmartpayAnswer, type SmartpayWire, textOf } from './wire.ts';

/** Four blocks of 160: the last line of SmartPay's price list. */
const longest = 640;

/** A lost answer may be a message that was sent: SmartPay takes no reference with it. */
export function createSms(wire: SmartpayWire): SmsAbility {
  return { idempotent: false, longest, send: (message) => send(wire, message) };
}

async function send(wire: SmartpayWire, { msisdn, text }: SmsMessage): Promise<SmsOutcome> {
  if (text === '' || text.length > longest)
    return refused('text_refused', 'own_validation', `SmartPay takes 1 to ${longest} characters.`);
  const outcome = await wire.call({
    method: 'POST',
    path: '/sms/',
    auth: 'sms',
    body: { phone: msisdn, message: text },
  });
  switch (outcome.kind) {
    case 'held':
      return { kind: 'later', detail: outcome.detail, afterSeconds: outcome.seconds };
    case 'not_sent':
    case 'unknown':
      return { kind: outcome.kind, detail: outcome.detail };
    case 'answer':
      return readAnswer(outcome);
  }
}

const refused = (reason: SmsRefusal, rawCode: string, detail: string): SmsOutcome => ({
  kind: 'refused',
  reason,
  rawCode,
  detail,
});

function readAnswer(answer: SmartpayAnswer): SmsOutcome {
  const { body, status, rawCode, said, errorCode, waitSeconds } = answer;
  if (body === null) return { kind: 'unknown', detail: `${rawCode}: ${said}` };
  const sent = saysSent(body, answer.success);
  if (sent === true && status < 300 && errorCode === null) return accepted(body);
  if (sent !== false || status >= 500) return { kind: 'unknown', detail: `${rawCode}: ${said}` };
  const reason = refusalOf(errorCode, status);
  if (reason === null) return { kind: 'later', detail: `${rawCode}: ${said}`, afterSeconds: waitSeconds };
  return refused(reason, rawCode, said);
}

/** SMS answers say `status: "success"` where all others say `success: true`. null: neither, or both at odds. */
function saysSent(body: Body, success: boolean | null): boolean | null {
  const status = readText(body.status)?.toLowerCase();
  const said = status === 'success' ? true : status === 'error' || status === 'failed' ? false : null;
  if (said === null || success === null) return said ?? success;
  return said === success ? said : null;
}

function accepted(body: Body): SmsOutcome {
  const data = partOf(body, 'data');
  return {
    kind: 'accepted',
    messageId: textOf(data, 'transaction_id'),
    parts: readCount(fieldOf(data, 'sms_parts')),
    // `cost` and `remaining_balance` count credits, not shillings.
    costCents: null,
    balanceCents: null,
  };
}

const reasons: ReadonlyMap<string, SmsRefusal> = new Map<string, SmsRefusal>([
  ['MISSING_AUTH', 'credentials_refused'],
  ['INVALID_API_KEY', 'credentials_refused'],
  ['INVALID_PHONE', 'phone_refused'],
  ['KEY_INACTIVE', 'not_configured'],
  ['LIMIT_REACHED', 'no_balance'],
  ['MISSING_FIELDS', 'text_refused'],
]);

/** null: later. The document names no error of an SMS; what is not known is SmartPay's refusal, with its own sentence. */
function refusalOf(errorCode: string | null, status: number): SmsRefusal | null {
  const known = errorCode === null ? undefined : reasons.get(errorCode);
  if (known !== undefined) return known;
  if (status === 429 && !errorCode?.startsWith('FRAUD_BLOCK')) return null;
  if (status === 401 && errorCode === null) return 'credentials_refused';
  return status === 402 ? 'no_balance' : 'provider_refused';
}
