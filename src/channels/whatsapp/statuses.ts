/**
 * What became of a message after WhatsApp took it, kept on its row. They come in any order; the first word on each counts.
 */
import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { OutboxTable, Tx } from '../../db/tables.ts';
import type { Clock } from '../../domain/clock.ts';
import { type InboxHandler, type InboxRow, NotYet } from '../../inbox/claim.ts';
import type { Logger } from '../../ops/log.ts';
import type { SendOutcome } from '../channel.ts';
import { isStatusKey } from './receive.ts';
import { timeOf } from './wire.ts';

export interface StatusDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** What follows where a message did not arrive; the outbox's. */
  readonly aftermath: {
    concerns(key: string, outcome: SendOutcome['kind']): boolean;
    settle(tx: Tx, key: string, outcome: SendOutcome): Promise<void>;
  };
}

/** Statuses are settled here; everything else is for `turns`. */
export function withStatuses(deps: StatusDeps, turns: InboxHandler): InboxHandler {
  return {
    handle: (tx, row) => (isStatusKey(row.key) ? settleStatus(deps, tx, row) : turns.handle(tx, row)),
    // Nobody waits for a status.
    buried: async (tx, row, err) => {
      if (!isStatusKey(row.key)) await turns.buried(tx, row, err);
    },
  };
}

/** A status may come before our own commit of the message's id. Later, the message is none of ours. */
const patienceMs = 30_000;
/** More than 24 hours since the person wrote. */
const windowClosed = 131047;

const bodySchema = z.object({
  id: z.string(),
  status: z.string(),
  timestamp: z.string().optional(),
  codes: z.array(z.number()),
});

type Told = Pick<
  Selectable<OutboxTable>,
  'id' | 'key' | 'lane' | 'state' | 'delivered_at' | 'read_at' | 'failed_at'
>;

async function settleStatus(deps: StatusDeps, tx: Tx, row: InboxRow): Promise<void> {
  const { id, status, timestamp, codes } = bodySchema.parse(JSON.parse(row.body));
  const message = await tx
    .selectFrom('outbox')
    .select(['id', 'key', 'lane', 'state', 'delivered_at', 'read_at', 'failed_at'])
    .where('channel', '=', 'whatsapp')
    .where('external_id', '=', id)
    .orderBy('id', 'desc')
    .limit(1)
    .forUpdate()
    .executeTakeFirst();
  if (message === undefined) {
    if (deps.clock.now().getTime() - row.receivedAt.getTime() < patienceMs)
      throw new NotYet('its message is not known yet');
    deps.log.debug({ inboxId: String(row.id), status }, 'a status of no message of ours was ignored');
    return;
  }
  const at = timeOf(timestamp) ?? row.receivedAt;
  if (status === 'failed') await settleFailed(deps, tx, message, at, codes[0] ?? null);
  else await settleArrived(tx, message, at, status === 'read');
}

/** Whoever has read it has got it. What was said to have failed before did not fail. */
async function settleArrived(tx: Tx, message: Told, at: Date, isRead: boolean): Promise<void> {
  await tx
    .updateTable('outbox')
    .set({
      delivered_at: message.delivered_at ?? at,
      ...(isRead && { read_at: message.read_at ?? at }),
      ...(message.failed_at !== null && { failed_at: null }),
      ...(message.failed_at !== null &&
        message.state === 'dropped' && { state: 'sent' as const, error: null }),
    })
    .where('id', '=', message.id)
    .execute();
}

async function settleFailed(
  deps: StatusDeps,
  tx: Tx,
  message: Told,
  at: Date,
  code: number | null,
): Promise<void> {
  const about = { outboxId: String(message.id), key: message.key, code };
  if (message.state === 'held' && message.delivered_at === null) {
    deps.log.warn(about, 'a template did not arrive; its message waits for the person');
    await tx.updateTable('outbox').set({ failed_at: at }).where('id', '=', message.id).execute();
    if (message.failed_at === null && deps.aftermath.concerns(message.key, 'held'))
      await deps.aftermath.settle(tx, message.key, { kind: 'held', detail: String(code), rung: false });
    return;
  }
  if (message.delivered_at !== null || message.read_at !== null || message.state !== 'sent') {
    deps.log.info(about, 'a failure of a message that was settled before was ignored');
    return;
  }
  const again = code === windowClosed && message.failed_at === null;
  deps.log.warn(
    about,
    again ? 'the window was closed: a message waits again' : 'a message was not delivered',
  );
  if (again) return await sendAgain(deps, tx, message, at);
  const detail = String(code ?? 'no code');
  await tx
    .updateTable('outbox')
    .set({ state: 'dropped', failed_at: at, error: `blocked: ${detail}` })
    .where('id', '=', message.id)
    .execute();
  if (deps.aftermath.concerns(message.key, 'blocked'))
    await deps.aftermath.settle(tx, message.key, { kind: 'blocked', detail });
}

/** As a template, or once the person writes: `failed_at` stays, so that a second failure ends it. */
async function sendAgain(deps: StatusDeps, tx: Tx, message: Told, at: Date): Promise<void> {
  await tx
    .updateTable('identity')
    .set({ wrote_at: null })
    .where('channel', '=', 'whatsapp')
    .where('external_id', '=', message.lane.slice(message.lane.indexOf(':') + 1))
    // Whoever has written since has opened it again.
    .where('wrote_at', '<=', at)
    .execute();
  await tx
    .updateTable('outbox')
    .set({
      state: 'pending',
      external_id: null,
      sent_at: null,
      failed_at: at,
      error: `the window was closed: ${windowClosed}`,
      tries: 0,
      due_at: deps.clock.now(),
    })
    .where('id', '=', message.id)
    .execute();
}
