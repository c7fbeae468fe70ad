import { type CollectOutcome, type CollectRequest, type GatewayIds, noIds } from '../gateway.ts';
import type { GatewayAnswer } from '../http.ts';
import { readAcknowledgement } from '../stk-acknowledgement.ts';
import { readBody } from '../stk-values.ts';
import { refusalReason } from './codes.ts';
import { type DarajaPhpWire, inner, statusOf } from './wire.ts';

/** The least is the platform's, the most M-Pesa's. */
const leastCents = 100n;
const mostCents = 250_000_00n;

export async function collect(wire: DarajaPhpWire, request: CollectRequest): Promise<CollectOutcome> {
  const { amountCents, reference } = request;
  if (amountCents < leastCents || amountCents > mostCents || amountCents % 100n !== 0n)
    return notSent('The platform takes whole shillings from 1 to 250000.');
  if (!/^[A-Za-z0-9]{1,12}$/.test(reference))
    return notSent('The platform takes a reference of 1 to 12 letters and digits.');
  const outcome = await wire.post('/api/stk_push.php', {
    phone: request.msisdn,
    amount: Number(amountCents / 100n),
    reference,
    // Our reference again: what a member wrote may hold what Daraja refuses, and Daraja takes 13 characters.
    description: reference,
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

/** Both layers must say yes: the platform's `status` and Daraja's ResponseCode under `response`. */
function readAnswer(wire: DarajaPhpWire, answer: GatewayAnswer): CollectOutcome {
  const body = readBody(answer.json);
  const status = statusOf(answer, body);
  // A page instead of JSON proves nothing: it may be of somebody in between.
  if (body === null) return unknown(noIds, `http_${answer.status}`, 'The answer is no JSON object.');
  const { ids, accepted, namesPrompt, code } = readAcknowledgement(inner(body));
  if (answer.status === 200 && readBody(body.response) !== null && Number(body.status) === 200 && accepted)
    return { kind: 'accepted', ids };
  const detail = wire.sentence(body);
  const rawCode = code ?? `http_${status}`;
  const reason = answer.status >= 500 || namesPrompt ? null : refusalReason(status);
  // Daraja's own 500.… inside is a lost answer, whatever the platform says around it.
  return reason === null || code?.startsWith('500.') === true
    ? unknown(ids, rawCode, detail)
    : { kind: 'refused', reason, rawCode, detail };
}
