import { type CollectOutcome, type CollectRequest, type GatewayIds, noIds } from '../gateway.ts';
import type { GatewayAnswer } from '../http.ts';
import { readAcknowledgement } from '../stk-acknowledgement.ts';
import { readBody, readCount } from '../stk-values.ts';
import { refusalReason } from './codes.ts';
import type { SayapayWire } from './wire.ts';

/** The least is SayaPay's, the most M-Pesa's. */
const leastCents = 100n;
const mostCents = 250_000_00n;
/** After a 429 that does not say how long. */
const restSeconds = 60;

export async function collect(wire: SayapayWire, request: CollectRequest): Promise<CollectOutcome> {
  const { amountCents, reference } = request;
  if (amountCents < leastCents || amountCents > mostCents || amountCents % 100n !== 0n)
    return notSent('SayaPay takes whole shillings from 1 to 250000.');
  if (!/^[A-Za-z0-9-]{1,12}$/.test(reference))
    return notSent('SayaPay takes our reference of 1 to 12 letters and digits.');
  const outcome = await wire.post('/stkpush/process', {
    phone: request.msisdn,
    amount: Number(amountCents / 100n),
    reference,
    // Required, and at most 13 characters: what a member wrote may be longer, our reference never is.
    description: reference,
    callbackUrl: request.callbackUrl,
  });
  switch (outcome.kind) {
    case 'no_token':
      return outcome.refused
        ? { kind: 'refused', reason: 'credentials_refused', rawCode: 'no_token', detail: outcome.detail }
        : notSent(outcome.detail);
    case 'not_sent':
      return notSent(outcome.detail);
    case 'unknown':
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

function readAnswer(wire: SayapayWire, answer: GatewayAnswer): CollectOutcome {
  const body = readBody(answer.json);
  // A page instead of JSON proves nothing: it may be of somebody in between.
  if (body === null) return unknown(noIds, `http_${answer.status}`, 'The answer is no JSON object.');
  const { ids, accepted, namesPrompt, code } = readAcknowledgement(body);
  if (answer.status < 300 && accepted) return { kind: 'accepted', ids };
  const detail = wire.sentence(body);
  const rawCode = code ?? `http_${answer.status}`;
  const reason = namesPrompt ? null : refusalReason(answer.status);
  // Daraja's own 500.… inside is a lost answer, whatever stands around it.
  if (reason === null || code?.startsWith('500.') === true) return unknown(ids, rawCode, detail);
  const refused: CollectOutcome = { kind: 'refused', reason, rawCode, detail };
  const seconds = readCount(answer.headers['retry-after']) ?? restSeconds;
  return answer.status === 429 ? { ...refused, wait: { seconds, scope: 'account' } } : refused;
}
