import type { PayoutAbility, PayoutOrder, PayoutOutcome } from '../abilities.ts';
import type { GatewayAnswer } from '../http.ts';
import { readBody, readId, readText } from '../stk-values.ts';
import { refusalReason } from './codes.ts';
import type { SayapayWire } from './wire.ts';

/** M-Pesa's own limits; SayaPay tells none. */
const leastCents = 10_00n;
const mostCents = 250_000_00n;
/** The document names no limit. */
const perMinute = 60;

/**
 * The fields are those of its SDK's sample; neither the path nor the answer is in any document. There is no key and no
 * look-up, and where a result would come is not told: from "accepted" on a person compares with SayaPay's own statement.
 */
export function createPayout(wire: SayapayWire, path: string): PayoutAbility {
  return { leastCents, mostCents, perMinute, send: (order) => send(wire, path, order) };
}

async function send(wire: SayapayWire, path: string, order: PayoutOrder): Promise<PayoutOutcome> {
  const { amountCents } = order;
  if (amountCents < leastCents || amountCents > mostCents || amountCents % 100n !== 0n)
    return { kind: 'not_sent', detail: 'M-Pesa sends whole shillings from 10 to 250000.' };
  const fields = {
    phone: order.msisdn,
    amount: Number(amountCents / 100n),
    // What the statement will show beside the money: our reference finds it there.
    remarks: order.reference,
  };
  const outcome = await wire.post(path, fields, true);
  switch (outcome.kind) {
    case 'no_token':
      return outcome.refused
        ? { kind: 'refused', reason: 'credentials_refused', rawCode: 'no_token', detail: outcome.detail }
        : { kind: 'not_sent', detail: outcome.detail };
    case 'not_sent':
      return { kind: 'not_sent', detail: outcome.detail };
    case 'unknown':
      return { kind: 'unknown', payoutId: null, rawCode: 'no_answer', detail: outcome.detail };
    case 'answer':
      return readAnswer(wire, outcome);
  }
}

/**
 * Accepted is Daraja's acknowledgement, which SayaPay's other calls answer with. Refused is what HTTP itself says about a
 * request that was not carried out, beside a JSON object that names no payout.
 */
function readAnswer(wire: SayapayWire, answer: GatewayAnswer): PayoutOutcome {
  const rawCode = `http_${answer.status}`;
  const body = readBody(answer.json);
  if (body === null)
    return { kind: 'unknown', payoutId: null, rawCode, detail: 'The answer is no JSON object.' };
  const payoutId = readId(body.ConversationID) ?? readId(body.OriginatorConversationID);
  const detail = wire.sentence(body);
  if (answer.status < 300 && readText(body.ResponseCode) === '0' && payoutId !== null)
    return { kind: 'accepted', payoutId, feeCents: null };
  const reason = payoutId === null ? refusalReason(answer.status) : null;
  return reason === null
    ? { kind: 'unknown', payoutId, rawCode, detail }
    : { kind: 'refused', reason, rawCode, detail };
}
