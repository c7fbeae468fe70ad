/** Hands a leased row to its channel: the message itself, an edit of one that is there, or anew what was to be edited. */
import type { ChannelMessage, ChannelSender, SendOutcome } from '../channels/channel.ts';
import type { Vault } from '../db/vault.ts';
import { faultText } from '../ops/fault-text.ts';
import type { Logger } from '../ops/log.ts';
import { payloadIdentity } from './enqueue.ts';
import type { LeasedRow } from './lease.ts';
import { asNewMessage, type Target } from './target.ts';

export interface CallDeps {
  readonly vault: Vault;
  readonly sender: ChannelSender;
  readonly log: Logger;
}

/** A sender that throws has a fault of ours; after so many tries its row leaves the lane to the rows behind. */
const mostThrows = 10;

export async function outcomeOf(deps: CallDeps, row: LeasedRow, target: Target): Promise<SendOutcome> {
  switch (target.kind) {
    case 'superseded':
      return { kind: 'drop', detail: 'superseded' };
    case 'waiting':
      return { kind: 'retry', afterSeconds: null, scope: 'lane', detail: 'its message is not sent yet' };
    case 'gone':
      return await callSender(deps, row, (payload) => sendAnew(deps, row, payload, target.detail));
    case 'known':
      return await callSender(deps, row, (payload) => sendOrAnew(deps, row, payload, target.externalId));
    case 'none':
      return await callSender(deps, row, (payload) => sendOrAnew(deps, row, payload, null));
  }
}

/** A sender answers by value; what it throws, and a payload that does not open, are faults of ours. */
async function callSender(
  deps: CallDeps,
  row: LeasedRow,
  send: (payload: ChannelMessage['payload']) => Promise<SendOutcome>,
): Promise<SendOutcome> {
  try {
    return await send(JSON.parse(deps.vault.open(row.payload_sealed, payloadIdentity(row.key))));
  } catch (err) {
    deps.log.error({ err, ...about(row) }, 'a message could not be handed to its channel');
    if (row.tries >= mostThrows) return { kind: 'dead', detail: faultText(err) };
    return { kind: 'retry', afterSeconds: null, scope: 'lane', detail: faultText(err) };
  }
}

async function sendOrAnew(
  deps: CallDeps,
  row: LeasedRow,
  payload: ChannelMessage['payload'],
  targetExternalId: string | null,
): Promise<SendOutcome> {
  const outcome = await deps.sender.send({ ...of(row), method: row.method, payload, targetExternalId });
  return outcome.kind === 'target_gone' ? await sendAnew(deps, row, payload, outcome.detail) : outcome;
}

async function sendAnew(
  deps: CallDeps,
  row: LeasedRow,
  payload: ChannelMessage['payload'],
  detail: string,
): Promise<SendOutcome> {
  const anew = asNewMessage(row.method, payload);
  if (anew === null) return { kind: 'drop', detail };
  return await deps.sender.send({ ...of(row), ...anew, targetExternalId: null });
}

const of = ({ id, lane }: LeasedRow) => ({ rowId: String(id), lane });

/** Where a lane is the fingerprint of a phone, its beginning tells lanes apart in a log. */
export function about(row: LeasedRow) {
  const lane = row.lane.length > 32 ? row.lane.slice(0, 18) : row.lane;
  return { outboxId: String(row.id), key: row.key, lane, method: row.method, tries: row.tries };
}
