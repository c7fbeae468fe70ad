import type { CollectOutcome, CollectRequest, GatewayIds } from '../gateway.ts';
import type { GatewayAnswer } from '../http.ts';
import { refusalReason } from './codes.ts';
import { type BluepayWire, type Body, readBody, readCode, readFlag, readId, readKes } from './wire.ts';

/** BluePay's own limits; they are M-Pesa's too. */
const leastCents = 100n;
const mostCents = 250_000_00n;
const longestReference = 64;

export async function collect(wire: BluepayWire, request: CollectRequest): Promise<CollectOutcome> {
  const { channelId } = wire.config;
  if (channelId === undefined) return notSent('The account names no channel id yet.');
  const { amountCents, reference } = request;
  if (amountCents < leastCents || amountCents > mostCents || amountCents % 100n !== 0n)
    return notSent('BluePay takes whole shillings from 1 to 250000.');
  if (reference === '' || reference.length > longestReference)
    return notSent(`BluePay takes a reference of 1 to ${longestReference} characters.`);
  const outcome = await wire.post('/api/stk_push.php', {
    channel_id: channelId,
    phone: request.msisdn,
    amount: Number(amountCents / 100n),
    account_reference: reference,
    callback_url: request.callbackUrl,
  });
  switch (outcome.kind) {
    case 'not_sent':
      return notSent(outcome.detail);
    case 'unknown':
      return unknown({ correlationId: null, requestId: null }, 'no_answer', outcome.detail);
    case 'answer':
      return readAnswer(wire, outcome);
  }
}

const notSent = (detail: string): CollectOutcome => ({ kind: 'not_sent', detail });

const unknown = (ids: GatewayIds, rawCode: string, detail: string): CollectOutcome => ({
  kind: 'unknown',
  ids,
  rawCode,
  detail,
});

function readAnswer(wire: BluepayWire, answer: GatewayAnswer): CollectOutcome {
  const httpCode = `http_${answer.status}`;
  const body = readBody(answer.json);
  if (body === null)
    return unknown({ correlationId: null, requestId: null }, httpCode, 'The answer is no JSON object.');
  const ids = { correlationId: readId(body.checkout_request_id), requestId: readId(body.stk_request_id) };
  const ok = readFlag(body.ok);
  if (answer.status < 300 && ok === true) return accepted(body, ids, httpCode);
  const errorCode = readCode(body.error_code);
  const rawCode = errorCode ?? httpCode;
  const detail = `${wire.sentence(body)}${tokensNeeded(body)}`;
  // An error that names a prompt is no proof that there is none: BluePay's 502 does so, and the phone may be ringing.
  const namesPrompt = ids.correlationId !== null || ids.requestId !== null;
  if (answer.status >= 500 || ok !== false || namesPrompt) return unknown(ids, rawCode, detail);
  const reason = refusalReason(answer.status, errorCode);
  return reason === null ? unknown(ids, rawCode, detail) : { kind: 'refused', reason, rawCode, detail };
}

/** Without a checkout id it is not the success that the document prints: to be looked up by our reference. */
function accepted(body: Body, ids: GatewayIds, httpCode: string): CollectOutcome {
  if (ids.correlationId === null) return unknown(ids, httpCode, 'ok, but without a checkout id');
  if (readFlag(body.success) === false) return unknown(ids, httpCode, 'ok and success contradict each other');
  return { kind: 'accepted', ids };
}

function tokensNeeded(body: Body): string {
  const required = readKes(body.required_kes);
  const balance = readKes(body.balance_kes);
  return required === null || balance === null
    ? ''
    : ` (needs ${showKes(required)}, has ${showKes(balance)})`;
}

function showKes(cents: bigint): string {
  const part = cents % 100n;
  return `KES ${cents / 100n}${part === 0n ? '' : `.${String(part).padStart(2, '0')}`}`;
}
