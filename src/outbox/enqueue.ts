/**
 * What is to be said, written in the transaction that decided it. A lane is a chat, and its rows are sent by id: whoever
 * writes twice about one thing holds that thing's row lock, so that the ids follow the order of events.
 */
import type { Locale, OutboxTable, Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import { type Clock, plusSeconds } from '../domain/clock.ts';

export interface OutgoingMessage {
  /** Made from what causes the message, so that the same cause says it once. */
  readonly key: string;
  readonly channel: OutboxTable['channel'];
  readonly lane: string;
  /** The Bot API method and its payload, without the message_id of a message of ours. */
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** The outbox row whose message this one edits or deletes; `deliver` fills in the real id. */
  readonly targetId?: bigint | null;
  readonly dueAt?: Date;
  /**
   * As a rule its next text comes at once. Where messages cannot be edited it waits `passingSeconds`, and is not sent where
   * that text came meanwhile.
   */
  readonly passing?: boolean;
  /** Only takes the buttons off an older message: where messages cannot be edited it is not sent. */
  readonly tidies?: true;
  /** Nobody wants it later: not held back until the person writes. */
  readonly fleeting?: true;
  /** What says it where the platform takes only templates at the moment. */
  readonly template?: MessageTemplate;
}

/** The texts of VOICE.md that WhatsApp approved in advance. */
export interface MessageTemplate {
  readonly name: 'receipt_customer' | 'receipt_merchant' | 'approval_wanted';
  readonly locale: Locale;
  /** {{1}}, {{2}}, …: plain text. */
  readonly values: readonly string[];
  /** The data of its buttons, in their order; empty: a press does no more than open the chat. */
  readonly presses: readonly string[];
}

export interface EnqueueDeps {
  readonly vault: Vault;
  readonly clock: Clock;
}

/** Whether a message that was sent can be changed there. Where it cannot, its new text is a message of its own. */
export function editsInPlace(channel: OutboxTable['channel']): boolean {
  return channel === 'telegram';
}

/** `error` of a row that was held back, since its person has written: until it is tried, a newer text may take its place. */
export const released = 'released';

/** A prompt is on the phone, or is refused, within two of them as a rule. */
export const passingSeconds = 4;

/** Answers the row's id, which is also the message's virtual id; for a known key, the id of the row that is there. */
export async function enqueue(tx: Tx, deps: EnqueueDeps, message: OutgoingMessage): Promise<bigint> {
  const now = deps.clock.now();
  const inserted = await tx
    .insertInto('outbox')
    .values({
      key: message.key,
      channel: message.channel,
      lane: message.lane,
      method: message.method,
      payload_sealed: deps.vault.seal(JSON.stringify(payloadOf(message)), payloadIdentity(message.key)),
      target_id: message.targetId ?? null,
      state: message.tidies === true && !editsInPlace(message.channel) ? 'dropped' : 'pending',
      tries: 0,
      due_at: dueAt(message, now),
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted !== undefined) {
    if (message.targetId != null && !editsInPlace(message.channel))
      await dropPassing(tx, now, message.targetId, inserted.id);
    return inserted.id;
  }
  const known = await tx
    .selectFrom('outbox')
    .select('id')
    .where('key', '=', message.key)
    .executeTakeFirstOrThrow();
  return known.id;
}

function dueAt(message: OutgoingMessage, now: Date): Date {
  const waits = message.passing === true && !editsInPlace(message.channel);
  return waits ? plusSeconds(now, passingSeconds) : (message.dueAt ?? now);
}

/** Nobody has seen it, and something newer stands in its place: also of what was held back until this turn. */
async function dropPassing(tx: Tx, now: Date, messageId: bigint, newest: bigint): Promise<void> {
  await unseenOf(tx, messageId)
    .where((eb) => eb.or([eb('due_at', '>', now), eb('error', '=', released)]))
    .where('id', '<', newest)
    .set({ state: 'dropped', error: 'superseded' })
    .execute();
}

/** What the message waited for is not to come: it goes out as it is. */
export async function sendPassing(
  tx: Tx,
  deps: Pick<EnqueueDeps, 'clock'>,
  messageId: bigint,
): Promise<void> {
  const now = deps.clock.now();
  await unseenOf(tx, messageId).where('due_at', '>', now).set({ due_at: now }).execute();
}

/** A row that was never tried, of a message that changes. */
function unseenOf(tx: Tx, messageId: bigint) {
  return (
    tx
      .updateTable('outbox')
      // By the lane there is an index, however much waits elsewhere.
      .where('lane', '=', (eb) =>
        eb.selectFrom('outbox as message').select('message.lane').where('message.id', '=', messageId),
      )
      .where((eb) => eb.or([eb('id', '=', messageId), eb('target_id', '=', messageId)]))
      .where('state', '=', 'pending')
      .where('tries', '=', 0)
  );
}

/** Only WhatsApp has templates and holds back; elsewhere nobody may find that in a payload. */
function payloadOf({ channel, payload, ...message }: OutgoingMessage): Readonly<Record<string, unknown>> {
  if (channel !== 'whatsapp') return payload;
  const { template, fleeting } = message;
  return {
    ...payload,
    ...(template !== undefined && { template }),
    ...(fleeting === true && { fleeting }),
  };
}

/** The associated data under which a payload is sealed. */
export function payloadIdentity(key: string): string {
  return `outbox:${key}`;
}
