/** Which queued attempt is next, and whether it may still be sent: much can have happened since it was queued. */
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import { queueLifeSeconds, type Reason } from '../domain/payment.ts';
import { auditPayment } from './audited.ts';
import type { PaymentDeps } from './context.ts';
import { recordEvent } from './events.ts';
import type { AttemptRow } from './match.ts';
import { refreshPayment } from './refresh.ts';

/** The payment is locked first, as everywhere: nothing settles between the question and the claim. */
export async function takeQueued(tx: Tx): Promise<AttemptRow | 'nothing' | 'not_sent'> {
  const next = await tx
    .selectFrom('attempt')
    .innerJoin('payment', 'payment.id', 'attempt.payment_id')
    .select('attempt.id')
    .where('attempt.state', '=', 'queued')
    .orderBy('attempt.queued_at')
    .limit(1)
    .forNoKeyUpdate('payment')
    .skipLocked()
    .executeTakeFirst();
  if (next === undefined) return 'nothing';
  const row = await tx
    .selectFrom('attempt')
    .selectAll()
    .where('id', '=', next.id)
    .where('state', '=', 'queued')
    .forUpdate()
    .executeTakeFirst();
  // Another worker had taken it while this one looked.
  return row ?? 'not_sent';
}

/** Why this attempt must not reach a phone any more; null: it may. */
export async function notAnyMore(tx: Tx, row: AttemptRow, now: Date): Promise<Reason | null> {
  const { flag, state, why } = await tx
    .selectFrom('payment')
    .innerJoin('gateway_account', 'gateway_account.id', 'payment.account_id')
    .select(['payment.flag', 'gateway_account.state', 'gateway_account.stopped_reason as why'])
    .where('payment.id', '=', row.payment_id)
    .executeTakeFirstOrThrow();
  const paid = await tx
    .selectFrom('attempt')
    .select('id')
    .where('payment_id', '=', row.payment_id)
    .where('state', '=', 'paid')
    .executeTakeFirst();
  if (paid !== undefined || flag !== null) return 'too_late';
  if (state === 'stopped') return (why as Reason | null) ?? 'too_late';
  return plusSeconds(row.queued_at, queueLifeSeconds) <= now ? 'too_late' : null;
}

export async function endUnsent(tx: Tx, deps: PaymentDeps, row: AttemptRow, reason: Reason): Promise<void> {
  const now = deps.clock.now();
  await tx
    .updateTable('attempt')
    .set({ state: 'not_sent', reason, ended_at: now, next_check_at: null })
    .where('id', '=', row.id)
    .execute();
  await recordEvent(tx, now, row.payment_id, row.id, 'not_sent', { reason });
  const facts = { attempt: row.id, outcome: 'not_sent', reason };
  await auditPayment(tx, now, row.payment_id, null, 'payment_outcome', facts);
  await refreshPayment(tx, deps, row.payment_id);
  deps.log.info({ payment: row.payment_id, reference: row.reference, reason }, 'prompt not sent any more');
}
