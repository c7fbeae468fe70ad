/**
 * What became of a message after WhatsApp took it, kept on its row. They come in any order; the first word on each counts.
 */
import { type Expression, type ExpressionBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import { z } from 'zod';
import type { DB, OutboxTable, Tx } from '../../db/tables.ts';
import { type Clock, plusSeconds } from '../../domain/clock.ts';
import { type InboxHandler, type InboxRow, NotYet } from '../../inbox/claim.ts';
import type { Logger } from '../../ops/log.ts';
import type { SendOutcome } from '../channel.ts';
import { type Meaning, meaningOf } from './codes.ts';
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
/** Meta's own trouble, or too fast: the same message a little later may arrive. */
const passing: ReadonlySet<Meaning> = new Set(['busy', 'pair', 'outage', 'doubtful']);
const againSeconds = 30;
/** `error` of a message of which only the rest arrived. */
const partMissing = 'a part did not arrive';

const bodySchema = z.object({
  id: z.string(),
  status: z.string(),
  timestamp: z.string().optional(),
  codes: z.array(z.number()),
});

type Told = Pick<
  Selectable<OutboxTable>,
  'id' | 'key' | 'lane' | 'state' | 'delivered_at' | 'read_at' | 'failed_at' | 'earlier_ids' | 'sent_at'
> & { readonly base: bigint | null };

async function settleStatus(deps: StatusDeps, tx: Tx, row: InboxRow): Promise<void> {
  const { id, status, timestamp, codes } = bodySchema.parse(JSON.parse(row.body));
  const message = await told(tx, (eb) => eb('external_id', '=', id));
  const whole = message ?? (await told(tx, () => sql<boolean>`earlier_ids @> array[${id}]`));
  if (whole === undefined) {
    if (deps.clock.now().getTime() - row.receivedAt.getTime() < patienceMs)
      throw new NotYet('its message is not known yet');
    deps.log.debug({ inboxId: String(row.id), status }, 'a status of no message of ours was ignored');
    return;
  }
  const at = timeOf(timestamp) ?? row.receivedAt;
  const code = codes[0] ?? null;
  if (message === undefined) {
    // That the last part arrived is told by its own status.
    if (status === 'failed') await settlePartFailed(deps, tx, whole, at, code);
  } else if (status === 'failed') await settleFailed(deps, tx, message, at, code);
  else await settleArrived(tx, message, at, status === 'read');
}

async function told(
  tx: Tx,
  which: (eb: ExpressionBuilder<DB, 'outbox'>) => Expression<SqlBool>,
): Promise<Told | undefined> {
  return await tx
    .selectFrom('outbox')
    .select(['id', 'key', 'lane', 'state', 'delivered_at', 'read_at', 'failed_at', 'earlier_ids', 'sent_at'])
    .select('target_id as base')
    .where('channel', '=', 'whatsapp')
    .where(which)
    .orderBy('id', 'desc')
    .limit(1)
    .forUpdate()
    .executeTakeFirst();
}

/** What went ahead did not arrive: all of it is sent once more where that may help; else the row says so. */
async function settlePartFailed(
  deps: StatusDeps,
  tx: Tx,
  message: Told,
  at: Date,
  code: number | null,
): Promise<void> {
  const about = { outboxId: String(message.id), key: message.key, code };
  deps.log.warn(about, 'a part of a message did not arrive');
  if (message.state !== 'sent') return;
  const passes = message.failed_at === null && code !== null && passing.has(meaningOfStatus(code));
  if (passes && !(await isReplaced(tx, message)))
    return await sendAgain(
      tx,
      message,
      at,
      `did not arrive: ${code}`,
      plusSeconds(deps.clock.now(), againSeconds),
    );
  await tx
    .updateTable('outbox')
    .set({ failed_at: at, error: `${partMissing}: ${code ?? 'no code'}` })
    .where('id', '=', message.id)
    .execute();
}

/** Whoever has read it has got it. What was said to have failed before did not fail. */
async function settleArrived(tx: Tx, message: Told, at: Date, isRead: boolean): Promise<void> {
  await tx
    .updateTable('outbox')
    .set({
      delivered_at: message.delivered_at ?? at,
      ...(isRead && { read_at: message.read_at ?? at }),
      // The last of several parts says nothing of those ahead of it; and what failed once is not sent for ever.
      ...(message.failed_at !== null && message.earlier_ids === null && { failed_at: null }),
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
  // Once: `failed_at` stays, so that a second failure ends it.
  const meaning = message.failed_at === null && code !== null ? meaningOfStatus(code) : null;
  if (meaning === 'window') {
    deps.log.warn(about, 'the window was closed: a message waits again');
    await closeWindow(tx, message, message.sent_at ?? at);
    return await sendAgain(tx, message, at, `the window was closed: ${code}`, deps.clock.now());
  }
  if (meaning !== null && passing.has(meaning) && !(await isReplaced(tx, message))) {
    deps.log.warn(about, 'a message did not arrive for a passing reason: it is sent once more');
    const later = plusSeconds(deps.clock.now(), againSeconds);
    return await sendAgain(tx, message, at, `did not arrive: ${code}`, later);
  }
  deps.log.warn(about, 'a message was not delivered');
  const detail = String(code ?? 'no code');
  await tx
    .updateTable('outbox')
    .set({ state: 'dropped', failed_at: at, error: `blocked: ${detail}` })
    .where('id', '=', message.id)
    .execute();
  if (deps.aftermath.concerns(message.key, 'blocked'))
    await deps.aftermath.settle(tx, message.key, { kind: 'blocked', detail });
}

const meaningOfStatus = (code: number): Meaning => meaningOf({ status: 200, code, subcode: null });

/** Something newer about it stands in the chat already, or is on its way; or only its buttons went, as another took its place. */
async function isReplaced(tx: Tx, { id, base }: Told): Promise<boolean> {
  const newer = await tx
    .selectFrom('outbox')
    .select('id')
    .where('target_id', '=', base ?? id)
    .where('id', '>', id)
    .where((where) =>
      where.or([
        where('state', 'in', ['pending', 'held', 'sent']),
        where.and([where('state', '=', 'dropped'), where('error', 'is', null)]),
      ]),
    )
    .limit(1)
    .executeTakeFirst();
  return newer !== undefined;
}

/** It was closed as the message was sent, however late that is told. */
async function closeWindow(tx: Tx, { lane }: Told, sentAt: Date): Promise<void> {
  await tx
    .updateTable('identity')
    .set({ wrote_at: null })
    .where('channel', '=', 'whatsapp')
    .where('external_id', '=', lane.slice(lane.indexOf(':') + 1))
    // Whoever has written since has opened it again.
    .where('wrote_at', '<=', sentAt)
    .execute();
}

/** Where the window is closed, as a template, or once the person writes. */
async function sendAgain(tx: Tx, { id }: Told, at: Date, error: string, due: Date): Promise<void> {
  await tx
    .updateTable('outbox')
    .set({
      ...{ state: 'pending', external_id: null, earlier_ids: null, sent_at: null, tries: 0 },
      ...{ delivered_at: null, read_at: null },
      ...{ failed_at: at, error, due_at: due },
    })
    .where('id', '=', id)
    .execute();
}
