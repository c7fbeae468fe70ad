import type { CollectOutcome, CollectRequest, GatewayIds } from '../gateway.ts';
import { noIds } from '../gateway.ts';
import { readId } from '../stk-values.ts';
import { refusalReason } from './codes.ts';
import { fieldOf, type SmartpayAnswer, type SmartpayWire } from './wire.ts';

/** SmartPay says 300,000; M-Pesa moves 250,000 at most. */
const leastCents = 100n;
const mostCents = 250_000_00n;

/** SmartPay takes no callback URL with a prompt: the key's own is set with its destination. */
export async function collect(wire: SmartpayWire, request: CollectRequest): Promise<CollectOutcome> {
  const { amountCents, reference, description } = request;
  if (amountCents < leastCents || amountCents > mostCents || amountCents % 100n !== 0n)
    return notSent('M-Pesa takes whole shillings from 1 to 250000.');
  if (reference === '') return notSent('A prompt needs a reference.');
  const outcome = await wire.call({
    method: 'POST',
    path: '/stk/push',
    body: {
      phone: request.msisdn,
      amount: Number(amountCents / 100n),
      account_reference: reference,
      ...(description === '' ? {} : { description }),
    },
  });
  switch (outcome.kind) {
    case 'held':
      return {
        kind: 'refused',
        reason: 'gateway_busy',
        rawCode: 'held_by_rate_limit',
        detail: outcome.detail,
        wait: { seconds: outcome.seconds, scope: 'account' },
      };
    case 'not_sent':
      return notSent(outcome.detail);
    case 'unknown':
      return unknown(noIds, 'no_answer', outcome.detail);
    case 'answer':
      return readAnswer(outcome);
  }
}

const notSent = (detail: string): CollectOutcome => ({ kind: 'not_sent', detail });

const unknown = (ids: GatewayIds, rawCode: string, detail: string): CollectOutcome => ({
  kind: 'unknown',
  ids,
  rawCode,
  detail,
});

function readAnswer(answer: SmartpayAnswer): CollectOutcome {
  const { body, status, success, errorCode, rawCode, said } = answer;
  if (body === null) return unknown(noIds, rawCode, said);
  const ids = {
    correlationId: readId(fieldOf(body, 'checkout_request_id', 'CheckoutRequestID')),
    requestId: readId(fieldOf(body, 'merchant_request_id', 'MerchantRequestID')),
  };
  if (success === true && status < 300 && errorCode === null)
    return ids.correlationId === null
      ? unknown(ids, rawCode, 'success, but without a checkout id')
      : { kind: 'accepted', ids };
  // An answer that names a prompt is no proof that there is none.
  const namesPrompt = ids.correlationId !== null || ids.requestId !== null;
  const reason = success === false && !namesPrompt ? refusalReason(status, errorCode) : null;
  if (reason === null) return unknown(ids, rawCode, said);
  const wait = reason === 'gateway_busy' ? { wait: waitOf(answer) } : {};
  return { kind: 'refused', reason, rawCode, detail: said, ...wait };
}

/** A limit that came under another status than 429 names no time: a minute is the shortest of SmartPay's windows. */
function waitOf({ errorCode, waitSeconds }: SmartpayAnswer) {
  const phone = errorCode === 'PHONE_RATE_LIMIT';
  return { seconds: waitSeconds ?? (phone ? 300 : 60), scope: phone ? 'phone' : 'account' } as const;
}
