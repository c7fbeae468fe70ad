import type { GatewayEvidence, LookupAbility, LookupKeys, LookupOutcome } from '../gateway.ts';
import type { GatewayAnswer } from '../http.ts';
import {
  type BluepayWire,
  type Body,
  readBody,
  readCode,
  readFlag,
  readId,
  readKes,
  readPhone,
  readReceipt,
  readText,
} from './wire.ts';

/**
 * BluePay's document names no limit. One look-up a second for each account is far more than the schedule asks of a busy
 * shop, and little enough for a PHP host that also has to start prompts.
 */
const budgetPerMinute = 60;

export function createLookup(wire: BluepayWire): LookupAbility {
  return {
    budgetPerMinute,
    async lookup(keys) {
      const key = bestKey(keys);
      const outcome = await wire.ask('/api/payment_status.php', { [key.name]: key.value });
      if (outcome.kind !== 'answer') return noAnswer(outcome.detail);
      return readAnswer(wire, outcome, key);
    },
  };
}

interface Key {
  readonly name: 'checkout_request_id' | 'stk_request_id' | 'account_reference';
  readonly value: string;
}

/** In the order of BluePay's own advice; a reference finds only the latest prompt that carried it. */
function bestKey(keys: LookupKeys): Key {
  if (keys.correlationId !== null) return { name: 'checkout_request_id', value: keys.correlationId };
  if (keys.requestId !== null) return { name: 'stk_request_id', value: keys.requestId };
  return { name: 'account_reference', value: keys.reference };
}

const noAnswer = (detail: string, stop = false): LookupOutcome => ({ kind: 'no_answer', detail, stop });

function readAnswer(wire: BluepayWire, answer: GatewayAnswer, key: Key): LookupOutcome {
  const body = readBody(answer.json);
  const said = body === null ? 'The answer is no JSON object.' : wire.sentence(body);
  // A firewall in front of BluePay answers 401 and 403 as well, in HTML: that is no word of BluePay about the keys.
  const refused = (answer.status === 401 || answer.status === 403) && readFlag(body?.ok) === false;
  if (answer.status !== 200 || body === null) return noAnswer(`http_${answer.status}: ${said}`, refused);
  if (readFlag(body.ok) !== true || readFlag(body.success) === false) return noAnswer(`not ok: ${said}`);
  const found = readFlag(body.found);
  const paid = readFlag(body.paid);
  const failed = body.failed === undefined ? false : readFlag(body.failed);
  if (found === null || paid === null || failed === null)
    return noAnswer('found, paid or failed is neither true nor false');
  if (paid && failed) return noAnswer('paid and failed at once');
  if (!found)
    return paid || failed ? noAnswer('paid or failed, but not found') : { kind: 'not_found', detail: said };
  const other = answersAnother(body, key);
  if (other !== null) return noAnswer(other);
  return evidenceOf(body, paid ? 'paid' : failed ? 'failed' : 'pending');
}

const referenceOf = (body: Body) => readText(body.account_reference) ?? readText(body.external_reference);

/**
 * A reference is a search ("latest STK for that ref"), so that its answer must say whose it is. The ids are exact; they
 * may be left out, but never differ.
 */
function answersAnother(body: Body, key: Key): string | null {
  const told = key.name === 'account_reference' ? referenceOf(body) : readText(body[key.name]);
  if (told === key.value) return null;
  if (told === null && key.name !== 'account_reference') return null;
  return `asked by ${key.name}, and the answer names another or none`;
}

function evidenceOf(body: Body, verdict: 'paid' | 'failed' | 'pending'): LookupOutcome {
  const payment = readBody(body.payment);
  // `payment` is the money that moved; `amount` beside it is what was asked for.
  const amountCents = readKes(payment?.amount ?? body.amount);
  if (verdict === 'paid' && amountCents === null) return noAnswer('paid, but the amount cannot be read');
  const receipt = readReceipt(payment?.mpesa_receipt_number, payment?.pending_confirmation);
  const evidence: GatewayEvidence = {
    verdict,
    ids: { correlationId: readId(body.checkout_request_id), requestId: readId(body.stk_request_id) },
    reference: referenceOf(body),
    amountCents,
    receipt: verdict === 'paid' ? receipt : null,
    msisdn: readPhone(payment?.phone ?? body.phone),
    // BluePay tells no reason for any failure.
    reason: verdict === 'failed' ? 'not_given' : null,
    rawCode: readCode(body.stk_status) ?? verdict,
  };
  return { kind: 'evidence', evidence };
}
