/** Whose evidence is it? Finds and locks the attempt that a finding is about. */
import { type Selectable, sql } from 'kysely';
import type { AttemptTable, Tx } from '../db/tables.ts';
import type { AccountId, AttemptId, BusinessId } from '../domain/ids.ts';
import type { GatewayIds } from '../gateways/gateway.ts';
import type { Finding } from './finding.ts';

export type AttemptRow = Selectable<AttemptTable>;

/** With the payment's row locked. */
export type LockedAttempt = AttemptRow & { readonly business_id: BusinessId };

/**
 * Nothing but an unguessable URL stands behind a capability gateway's word. "Paid" must name an amount and M-Pesa's own
 * number there, beside the prompt's id, to be more than a reason for a person to look.
 */
export function believed(finding: Finding): Finding {
  const { verdict, amountCents, receipt } = finding.evidence;
  const whole = amountCents !== null && receipt?.final === true;
  const doubted = finding.trust === 'accepted_unsigned' && verdict === 'paid' && !whole;
  return doubted ? { ...finding, trust: 'hint' } : finding;
}

/**
 * Finds the attempt by what the evidence itself names, the gateway's ids first. The hint serves only where it names
 * nothing that we know, or agrees: a callback to one attempt's URL that names another one belongs to neither. An unsigned
 * word that is to count names the very id that the gateway gave us.
 */
export async function lockMatch(tx: Tx, finding: Finding): Promise<LockedAttempt | null> {
  const { reference, ids } = finding.evidence;
  // Before anything is read: the gateway's own answer may be teaching us its ids for this attempt right now.
  const hinted = finding.attemptHint === null ? null : await lockAttempt(tx, finding.attemptHint);
  const found = await namedBy(tx, finding.accountId, ids, reference);
  if (found.size === 0 && hinted !== null && mayBe(hinted, finding)) found.add(hinted.id);
  const [id, ...others] = found;
  if (id === undefined || others.length > 0) return null;
  if (finding.attemptHint !== null && finding.attemptHint !== id) return null;
  const attempt = hinted?.id === id ? hinted : await lockAttempt(tx, id);
  return finding.trust === 'accepted_unsigned' && !namesCheckout(attempt, finding) ? null : attempt;
}

/** One attempt for each name; a name that is null is nobody's. */
async function namedBy(
  tx: Tx,
  accountId: AccountId,
  { correlationId, requestId }: GatewayIds,
  reference: string | null,
): Promise<Set<AttemptId>> {
  const { rows } = await sql<{ id: AttemptId }>`
    (select id from attempt where account_id = ${accountId} and correlation_id = ${correlationId} limit 1)
    union (select id from attempt where account_id = ${accountId} and request_id = ${requestId} limit 1)
    union (select id from attempt where account_id = ${accountId} and reference = ${reference} limit 1)`.execute(
    tx,
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * A callback can overtake the gateway's own answer, and neither transaction sees what the other has not committed: the
 * evidence would wait for a name that was learnt a moment before it was kept. Whoever learns or waits for these names
 * takes them first, so that the second of the two sees the first.
 */
export async function lockNames(tx: Tx, accountId: AccountId, ids: GatewayIds): Promise<void> {
  for (const id of [ids.correlationId, ids.requestId])
    if (id !== null)
      await sql`select pg_advisory_xact_lock(hashtextextended(${`${accountId} ${id}`}, 0))`.execute(tx);
}

function namesCheckout(attempt: AttemptRow, finding: Finding): boolean {
  const { correlationId } = finding.evidence.ids;
  return correlationId !== null && attempt.correlation_id === correlationId;
}

/** Kept evidence waited for one name of this attempt; another name in it may tell of another one. */
export function agrees(attempt: AttemptRow, finding: Finding): boolean {
  if (finding.trust === 'accepted_unsigned' && !namesCheckout(attempt, finding)) return false;
  const { reference, ids } = finding.evidence;
  const same = (ours: string | null, told: string | null) => ours === null || told === null || ours === told;
  return (
    same(attempt.reference, reference) &&
    same(attempt.correlation_id, ids.correlationId) &&
    same(attempt.request_id, ids.requestId)
  );
}

/** The names that the evidence carries are unknown to us: they may be this attempt's, whose own were never told. */
function mayBe(hinted: AttemptRow, finding: Finding): boolean {
  const { reference, ids } = finding.evidence;
  const unnamed = reference === null && ids.correlationId === null && ids.requestId === null;
  if (unnamed) return true;
  const sameRequest = ids.requestId === null || hinted.request_id === null;
  return hinted.correlation_id === null && reference === null && sameRequest;
}

/** Locks the payment, then reads the attempt: every change of a payment takes this lock first. */
export async function lockAttempt(tx: Tx, id: AttemptId): Promise<LockedAttempt> {
  const { business_id } = await tx
    .selectFrom('payment')
    .innerJoin('attempt', 'attempt.payment_id', 'payment.id')
    .select('payment.business_id')
    .where('attempt.id', '=', id)
    .forNoKeyUpdate('payment')
    .executeTakeFirstOrThrow();
  const attempt = await tx.selectFrom('attempt').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  return { ...attempt, business_id };
}

/** The gateway's names for this attempt, where they were not known yet. true: something was learnt. */
export async function learnIds(tx: Tx, attempt: AttemptRow, finding: Finding): Promise<boolean> {
  const { correlationId, requestId } = finding.evidence.ids;
  const correlation = attempt.correlation_id ?? correlationId;
  const request = attempt.request_id ?? requestId;
  if (correlation === attempt.correlation_id && request === attempt.request_id) return false;
  await lockNames(tx, attempt.account_id, finding.evidence.ids);
  await tx
    .updateTable('attempt')
    .set({ correlation_id: correlation, request_id: request })
    .where('id', '=', attempt.id)
    .execute();
  return true;
}
