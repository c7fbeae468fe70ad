import { type CollectOutcome, type CollectRequest, type GatewayIds, noIds } from '../gateway.ts';
import type { GatewayAnswer } from '../http.ts';
import { readId, readText } from '../stk-values.ts';
import { isRefusal, refusalReason } from './codes.ts';
import { type BosmiWire, readAnswerBody } from './wire.ts';

/** BOSMI names no limits; these are M-Pesa's. */
const leastCents = 100n;
const mostCents = 250_000_00n;

export async function collect(wire: BosmiWire, request: CollectRequest): Promise<CollectOutcome> {
  const { amountCents, msisdn } = request;
  if (amountCents < leastCents || amountCents > mostCents || amountCents % 100n !== 0n)
    return notSent('BOSMI takes whole shillings from 1 to 250000.');
  const phone = `0${msisdn.slice(3)}`;
  if (!phone.startsWith('07') && !wire.config.allow01)
    return {
      kind: 'refused',
      reason: 'phone_refused',
      rawCode: 'not_07',
      detail: 'BOSMI documents 07… numbers only; set allow01 for this account if it takes 01… numbers too.',
    };
  const outcome = await wire.post('/processrequest', { phone, amount: Number(amountCents / 100n) });
  switch (outcome.kind) {
    case 'not_sent':
      return notSent(outcome.detail);
    case 'unknown':
      // Never again in the other encoding: the first one may be on the phone.
      return unknown(noIds, 'no_answer', outcome.detail);
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

/** `transaction_id` is what BOSMI's query asks for. It sends no callbacks, so that no id of theirs is known. */
function readAnswer(wire: BosmiWire, answer: GatewayAnswer): CollectOutcome {
  const httpCode = `http_${answer.status}`;
  const body = readAnswerBody(answer);
  if (body === null) return unknown(noIds, httpCode, 'The answer is neither JSON nor a printed array.');
  const ids = { correlationId: null, requestId: readId(body.transaction_id) ?? readId(body.B0smi_Id) };
  const status = readText(body.status);
  if (answer.status < 300 && status === '0')
    return ids.requestId === null
      ? unknown(ids, httpCode, 'status 0, but without a transaction id')
      : { kind: 'accepted', ids };
  const detail = wire.sentence(body);
  if (answer.status >= 500 || status !== 'error' || ids.requestId !== null)
    return unknown(ids, httpCode, detail);
  if (isRefusal(body.message)) return { kind: 'refused', reason: refusalReason, rawCode: 'error', detail };
  // The document states no HTTP status; these two mean one thing wherever they stand beside BOSMI's own error.
  if (answer.status === 401 || answer.status === 403)
    return { kind: 'refused', reason: 'credentials_refused', rawCode: httpCode, detail };
  return unknown(ids, httpCode, detail);
}
