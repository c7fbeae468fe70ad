import type { LookupAbility, LookupOutcome } from '../gateway.ts';
import type { GatewayAnswer } from '../http.ts';
import { stkVerdict } from '../stk-results.ts';
import {
  type Body,
  readBody,
  readCode,
  readCount,
  readId,
  readKes,
  readPhone,
  readReceipt,
} from '../stk-values.ts';
import type { SayapayWire } from './wire.ts';

/** Safaricom's sandbox allows 5 queries a minute; no limit is named for the live one. */
const budgetPerMinute = { sandbox: 5, live: 60 } as const;

export function createLookup(wire: SayapayWire, path: string): LookupAbility {
  const sandbox = new URL(wire.config.baseUrl).hostname.startsWith('sandbox.');
  return {
    budgetPerMinute: sandbox ? budgetPerMinute.sandbox : budgetPerMinute.live,
    needsIds: true,
    async lookup(keys) {
      if (keys.correlationId === null)
        return { kind: 'not_found', detail: 'SayaPay gave no checkout id, and has no other name for it.' };
      const outcome = await wire.post(path, { CheckoutRequestID: keys.correlationId });
      if (outcome.kind === 'no_token') return noAnswer(outcome.detail, outcome.refused);
      if (outcome.kind !== 'answer') return noAnswer(outcome.detail);
      return readAnswer(wire, outcome, keys.correlationId);
    },
  };
}

const noAnswer = (detail: string, stop = false): LookupOutcome => ({ kind: 'no_answer', detail, stop });

/** No sentence of the document says how a query answers: these are the shapes of Daraja's. */
function readAnswer(wire: SayapayWire, answer: GatewayAnswer, asked: string): LookupOutcome {
  const whole = readBody(answer.json);
  if (whole === null) return noAnswer(`http_${answer.status}: no JSON object`);
  const body = readBody(whole.data) ?? readBody(whole.response) ?? whole;
  const said = `http_${answer.status}: ${wire.sentence(body)}`;
  if (answer.status === 429) {
    const waitSeconds = readCount(answer.headers['retry-after']);
    return { kind: 'no_answer', detail: said, stop: false, ...(waitSeconds !== null && { waitSeconds }) };
  }
  if (answer.status === 401 || answer.status === 403) return noAnswer(said, true);
  const told = readId(body.CheckoutRequestID);
  if (told !== null && told !== asked) return noAnswer('asked for one prompt, and the answer names another');
  if (isUnderWay(body)) return evidence(body, asked, '4999');
  // ResultCode 0 also stands in answers about other things; only Daraja's own shape, about this very prompt, is a result.
  const code = readCode(body.ResultCode);
  const answered = told === asked && readCode(body.ResponseCode) === '0' && body.errorCode === undefined;
  if (answer.status >= 300 || code === null || !answered) return noAnswer(said);
  return evidence(body, asked, code);
}

/**
 * Daraja's query answers HTTP 500 while the prompt is open. The same code also means "unable to lock subscriber" and
 * "wrong credentials", so that the sentence decides.
 */
function isUnderWay(body: Body): boolean {
  const sentence = typeof body.errorMessage === 'string' ? body.errorMessage : '';
  return readCode(body.errorCode) === '500.001.1001' && /\bbeing processed\b/i.test(sentence);
}

/** A query names neither amount nor receipt: the number stays owed, and is not taken from an unsigned callback. */
function evidence(body: Body, correlationId: string, code: string): LookupOutcome {
  const { verdict, reason } = stkVerdict(code);
  return {
    kind: 'evidence',
    evidence: {
      verdict,
      ids: { correlationId, requestId: readId(body.MerchantRequestID) },
      reference: null,
      amountCents: readKes(body.Amount),
      receipt: verdict === 'paid' ? readReceipt(body.MpesaReceiptNumber) : null,
      msisdn: readPhone(body.PhoneNumber),
      reason,
      rawCode: code,
    },
  };
}
