import type { LookupAbility, LookupOutcome } from '../gateway.ts';
import type { GatewayAnswer } from '../http.ts';
import { type Body, readId, readKes, readPhone, readReceipt, readText } from '../stk-values.ts';
import { isUnderWay } from './codes.ts';
import { type BosmiWire, readAnswerBody } from './wire.ts';

/** The document names no limit. A query is the only news of a payment here, so that it may be asked for often. */
const budgetPerMinute = 60;

/** "processed or failed" is one sentence: after five minutes it tells nothing that a person does not know better. */
const giveUpAfterSeconds = 300;

export function createLookup(wire: BosmiWire): LookupAbility {
  return {
    budgetPerMinute,
    needsIds: true,
    giveUpAfterSeconds,
    async lookup(keys) {
      if (keys.requestId === null)
        return { kind: 'not_found', detail: 'BOSMI gave no transaction id, and has no other name.' };
      // The table of the document asks for the user name, its samples for the e-mail: all four are sent.
      const outcome = await wire.post('/query', { transaction_id: keys.requestId });
      if (outcome.kind !== 'answer') return noAnswer(outcome.detail);
      return readAnswer(wire, outcome, keys.requestId);
    },
  };
}

const noAnswer = (detail: string, stop = false): LookupOutcome => ({ kind: 'no_answer', detail, stop });

function readAnswer(wire: BosmiWire, answer: GatewayAnswer, asked: string): LookupOutcome {
  const body = readAnswerBody(answer);
  if (body === null) return noAnswer(`http_${answer.status}: neither JSON nor a printed array`);
  const told = readId(body.transaction_id) ?? readId(body.B0smi_Id);
  if (told !== null && told !== asked)
    return noAnswer('asked for one transaction, and the answer names another');
  const status = readText(body.status);
  const said = `http_${answer.status}: ${wire.sentence(body)}`;
  if (status === 'error' && answer.status < 500 && isUnderWay(body.message)) return pending(asked);
  if (status === 'error') return noAnswer(said, answer.status === 401 || answer.status === 403);
  if (status !== '0' || answer.status >= 300) return noAnswer(said);
  return paid(body, asked);
}

const pending = (requestId: string): LookupOutcome => ({
  kind: 'evidence',
  evidence: {
    verdict: 'pending',
    ids: { correlationId: null, requestId },
    reference: null,
    amountCents: null,
    receipt: null,
    msisdn: null,
    reason: null,
    rawCode: 'error',
  },
});

/** Status 0 also stands in the answer to a new prompt: only with amount and receipt is it the success that is printed. */
function paid(body: Body, requestId: string): LookupOutcome {
  const amountCents = readKes(body.amount);
  const receipt = readReceipt(body.mpesa_receipt);
  if (amountCents === null || receipt === null)
    return noAnswer('status 0, but the amount or the receipt cannot be read');
  return {
    kind: 'evidence',
    evidence: {
      verdict: 'paid',
      ids: { correlationId: null, requestId },
      reference: null,
      amountCents,
      receipt,
      msisdn: readPhone(body.phone),
      reason: null,
      rawCode: '0',
    },
  };
}
