/** Whose evidence is it? Finds and locks the attempt that a finding is about. */
import type { Selectable } from 'kysely';
import type { AttemptTable, Tx } from '../db/tables.ts';
import type { AttemptId } from '../domain/ids.ts';
import type { Finding } from './finding.ts';

export type AttemptRow = Selectable<AttemptTable>;

/**
 * Finds the attempt by what the evidence itself names, the gateway's ids first. The hint serves only where it names
 * nothing, or agrees: a callback to one attempt's URL that names another one belongs to neither.
 */
export async function lockMatch(tx: Tx, finding: Finding): Promise<AttemptRow | null> {
  const { reference, ids } = finding.evidence;
  const names: [column: 'correlation_id' | 'request_id' | 'reference', value: string | null][] = [
    ['correlation_id', ids.correlationId],
    ['request_id', ids.requestId],
    ['reference', reference],
  ];
  const found = new Set<AttemptId>();
  for (const [column, value] of names) {
    if (value === null) continue;
    const row = await tx
      .selectFrom('attempt')
      .select('id')
      .where('account_id', '=', finding.accountId)
      .where(column, '=', value)
      .executeTakeFirst();
    if (row !== undefined) found.add(row.id);
  }
  const unnamed = names.every(([, value]) => value === null);
  if (unnamed && finding.attemptHint !== null) found.add(finding.attemptHint);
  const [id, ...others] = found;
  if (id === undefined || others.length > 0) return null;
  if (finding.attemptHint !== null && finding.attemptHint !== id) return null;
  return lockAttempt(tx, id);
}

/** Locks the payment, then reads the attempt: every change of a payment takes this lock first. */
export async function lockAttempt(tx: Tx, id: AttemptId): Promise<AttemptRow> {
  await tx
    .selectFrom('payment')
    .innerJoin('attempt', 'attempt.payment_id', 'payment.id')
    .select('payment.id')
    .where('attempt.id', '=', id)
    .forNoKeyUpdate('payment')
    .execute();
  return tx.selectFrom('attempt').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

/** The gateway's names for this attempt, where they were not known yet. */
export async function learnIds(tx: Tx, attempt: AttemptRow, finding: Finding): Promise<void> {
  const { correlationId, requestId } = finding.evidence.ids;
  const correlation = attempt.correlation_id ?? correlationId;
  const request = attempt.request_id ?? requestId;
  if (correlation === attempt.correlation_id && request === attempt.request_id) return;
  await tx
    .updateTable('attempt')
    .set({ correlation_id: correlation, request_id: request })
    .where('id', '=', attempt.id)
    .execute();
}
