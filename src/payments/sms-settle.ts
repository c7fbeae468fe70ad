/** What became of an SMS, recorded in the transaction that records what became of its outbox row. */
import { sql } from 'kysely';
import type { SmsTable, Tx } from '../db/tables.ts';
import type { Clock } from '../domain/clock.ts';
import type { SmsId } from '../domain/ids.ts';
import { recordEvent } from './events.ts';
import { learnServiceBalance, type SeenBalance } from './service-balance.ts';
import { type SmsTell, smsOfKey } from './sms.ts';

/** What delivery tells of an SMS, in the outbox's own words and the gateway's. */
export interface SmsEnd {
  readonly kind: string;
  readonly detail?: string;
  readonly told?: {
    readonly reason?: string;
    readonly status?: string;
    readonly messageId?: string | null;
    readonly parts?: number | null;
    readonly costCents?: bigint | null;
    readonly balanceCents?: bigint | null;
    readonly passed?: { readonly reason: string; readonly balanceCents: bigint | null };
  };
}

export async function settleSms(
  tx: Tx,
  deps: { readonly clock: Clock; readonly tell: Omit<SmsTell, 'memberMissed'> },
  key: string,
  end: SmsEnd,
): Promise<void> {
  const id = smsOfKey(key);
  if (id === null) return;
  if (!(await lockAbout(tx, id, 'payment'))) await lockAbout(tx, id, 'payout');
  const row = await tx.selectFrom('sms').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (row?.state !== 'waiting') return;
  const now = deps.clock.now();
  const state = stateOf(end.kind);
  if (state === 'waiting') {
    // Provably not sent, or safe to be sent again under its reference.
    await tx
      .updateTable('sms')
      .set({ called_at: null, detail: end.detail ?? null })
      .where('id', '=', id)
      .execute();
    return;
  }
  const told = end.told ?? {};
  await tx
    .updateTable('sms')
    .set({
      state,
      // It went past its account.
      ...(told.passed !== undefined && { account_id: null }),
      reason: told.reason ?? null,
      detail: end.detail ?? (told.status === undefined ? null : `status ${told.status}`),
      message_id: told.messageId ?? null,
      parts: told.parts ?? null,
      cost_cents: told.costCents ?? null,
      ended_at: now,
    })
    .where('id', '=', id)
    .execute();
  if (row.payment_id !== null)
    await recordEvent(tx, now, row.payment_id, null, 'sms', {
      to: row.kind,
      state,
      ...(told.reason !== undefined && { reason: told.reason }),
      ...(told.passed !== undefined && { instead: told.passed.reason }),
      ...(told.parts != null && { parts: told.parts }),
      ...(told.costCents != null && { costCents: Number(told.costCents) }),
    });
  if (row.account_id !== null) await learnServiceBalance(tx, deps, row.account_id, seenBalance(told));
  // One that was accepted has arrived: there is nothing to tell.
  if (row.kind === 'customer' && row.payment_id !== null && state !== 'accepted')
    await deps.tell.receiptEnded(tx, row.payment_id);
}

/** What the account itself said; where it was passed over, the rest is about somebody else's money. */
function seenBalance({ passed, ...told }: NonNullable<SmsEnd['told']>): SeenBalance {
  const { reason, balanceCents: cents = null } = passed ?? told;
  const costCents = passed === undefined ? (told.costCents ?? null) : null;
  return { cents, costCents, refused: reason === 'no_balance' };
}

/** Locks what the message is about, before the message. false: it is about none. */
async function lockAbout(tx: Tx, id: SmsId, table: 'payment' | 'payout'): Promise<boolean> {
  const { rows } = await sql`
    select from ${sql.table(table)} about
    where about.id = (select ${sql.ref(`sms.${table}_id`)} from sms where sms.id = ${id})
    for no key update of about`.execute(tx);
  return rows.length === 1;
}

function stateOf(kind: string): SmsTable['state'] {
  if (kind === 'sent') return 'accepted';
  if (kind === 'retry') return 'waiting';
  return kind === 'unknown' ? 'unknown' : 'refused';
}
