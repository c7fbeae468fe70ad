import type { LookupAbility, LookupKeys, LookupOutcome } from '../gateway.ts';
import { type Body, readBody } from '../stk-values.ts';
import { refusalReason } from './codes.ts';
import { correlationOf, readTransaction, referenceOf, requestIdOf } from './transaction.ts';
import {
  detailOf,
  partOf,
  refusesKey,
  type SmartpayAnswer,
  type SmartpayOutcome,
  type SmartpayWire,
} from './wire.ts';

/** A third of the 60 calls a minute that a key has; prompts, SMS and balances need the others. */
const budgetPerMinute = 20;
const mostListed = '100';

export function createLookup(wire: SmartpayWire): LookupAbility {
  return {
    budgetPerMinute,
    async lookup(keys) {
      const { correlationId } = keys;
      if (correlationId === null) {
        const listing = await wire.call({
          method: 'GET',
          path: '/transactions',
          query: { limit: mostListed },
        });
        return usable(listing, (answer) => findListed(answer, keys));
      }
      const path = `/transactions/${encodeURIComponent(correlationId)}`;
      return usable(await wire.call({ method: 'GET', path }), (answer) => readOne(answer, correlationId));
    },
  };
}

const noAnswer = (detail: string) => ({ kind: 'no_answer', detail, stop: false }) as const;

function usable(outcome: SmartpayOutcome, read: (answer: SmartpayAnswer) => LookupOutcome): LookupOutcome {
  if (outcome.kind === 'held') return { ...noAnswer(outcome.detail), waitSeconds: outcome.seconds };
  if (outcome.kind !== 'answer') return noAnswer(outcome.detail);
  const detail = detailOf(outcome);
  if (outcome.waitSeconds !== null) return { ...noAnswer(detail), waitSeconds: outcome.waitSeconds };
  if (outcome.status === 404 && outcome.errorCode === 'NOT_FOUND') return { kind: 'not_found', detail };
  if (refusesKey(outcome)) {
    const reason = refusalReason(outcome.status, outcome.errorCode);
    return { kind: 'no_answer', detail, stop: true, ...(reason !== null && { reason }) };
  }
  if (outcome.status !== 200 || outcome.success === false) return noAnswer(detail);
  return read(outcome);
}

function readOne({ body, json }: SmartpayAnswer, correlationId: string): LookupOutcome {
  const listed = listedIn(json).find((each) => correlationOf(each) === correlationId);
  const record = listed ?? (body === null ? null : partOf(partOf(body, 'data'), 'transaction', 'payment'));
  if (record === null) return noAnswer('The answer is no JSON object.');
  const told = correlationOf(record);
  if (told !== null && told !== correlationId) return noAnswer('The answer names another prompt.');
  const reading = readTransaction(record, told !== null);
  return reading.kind === 'evidence' ? reading : noAnswer(reading.detail);
}

/** A lost answer left no id. Only a transaction that carries a name of ours is ours, and only if it is alone in it. */
function findListed(answer: SmartpayAnswer, keys: LookupKeys): LookupOutcome {
  const found = listedIn(answer.json).filter(
    (record) =>
      referenceOf(record) === keys.reference ||
      (keys.requestId !== null && requestIdOf(record) === keys.requestId),
  );
  const [record] = found;
  if (record === undefined)
    return { kind: 'not_found', detail: 'None of the latest transactions names this prompt.' };
  if (found.length > 1) return noAnswer('Several transactions name this prompt.');
  const reading = readTransaction(record, true);
  return reading.kind === 'evidence' ? reading : noAnswer(reading.detail);
}

export function listedIn(json: unknown): Body[] {
  const body = readBody(json) ?? {};
  const data = readBody(body.data) ?? {};
  const list = [json, body.transactions, body.data, data.transactions].find((each) => Array.isArray(each));
  return Array.isArray(list) ? list.map(readBody).filter((each) => each !== null) : [];
}
