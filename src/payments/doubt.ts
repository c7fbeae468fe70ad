/** What is in doubt about a payment, read from its evidence. A doubt that was settled once is not raised again. */
import type { Selectable } from 'kysely';
import type { EvidenceTable, Tx } from '../db/tables.ts';
import { nextCheck } from '../domain/checks.ts';
import type { AttemptId, PaymentId } from '../domain/ids.ts';
import type { Effect, Flag } from '../domain/payment.ts';
import type { GatewayEvidence } from '../gateways/gateway.ts';

/** Flags that a piece of evidence raises; `twice` and `unproved` follow from the attempts alone. */
export const doubts = [
  'amount_differs',
  'phone_differs',
  'receipt_used',
  'unmapped',
  'contradiction',
] as const satisfies readonly (Effect & Flag)[];
type Doubt = (typeof doubts)[number];

const isDoubt = (effect: string): effect is Doubt => (doubts as readonly string[]).includes(effect);

/** The evidence behind a flag: the newest that nobody has decided about, otherwise the newest of all. */
export async function doubtEvidence(
  tx: Tx,
  paymentId: PaymentId,
  flag: Flag,
): Promise<Selectable<EvidenceTable> | null> {
  if (!isDoubt(flag)) return null;
  const row = await tx
    .selectFrom('evidence')
    .innerJoin('attempt', 'attempt.id', 'evidence.attempt_id')
    .selectAll('evidence')
    .where('attempt.payment_id', '=', paymentId)
    .where('effect', '=', flag)
    .orderBy((eb) => eb('decided_at', 'is', null), 'desc')
    .orderBy('evidence.id', 'desc')
    .executeTakeFirst();
  return row ?? null;
}

/** The same fact about the same attempt has been decided, whoever told it first. */
export async function wasDecided(
  tx: Tx,
  attemptId: AttemptId,
  flag: Flag,
  told: Pick<GatewayEvidence, 'verdict' | 'amountCents' | 'receipt'>,
): Promise<boolean> {
  if (!isDoubt(flag)) return false;
  const row = await tx
    .selectFrom('evidence')
    .select('id')
    .where('attempt_id', '=', attemptId)
    .where('effect', '=', flag)
    .where('verdict', '=', told.verdict)
    .where('amount_cents', 'is not distinct from', told.amountCents)
    .where('receipt', 'is not distinct from', told.receipt?.number ?? null)
    .where('decided_at', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Told again in other words: it goes the way of what was decided. */
export async function decideAgain(tx: Tx, evidenceId: bigint, now: Date): Promise<void> {
  await tx
    .updateTable('evidence')
    .set({ decided_at: now })
    .where('id', '=', evidenceId)
    .where('decided_at', 'is', null)
    .execute();
}

/** `flags`: which doubts about the attempt are settled. */
export async function decide(tx: Tx, attemptId: AttemptId, flags: readonly Flag[], now: Date): Promise<void> {
  const effects = flags.filter(isDoubt);
  if (effects.length === 0) return;
  await tx
    .updateTable('evidence')
    .set({ decided_at: now })
    .where('attempt_id', '=', attemptId)
    .where('effect', 'in', effects)
    .where('decided_at', 'is', null)
    .execute();
}

/** A customer said that something is wrong, and nobody has closed it. */
async function customerDoubts(tx: Tx, paymentId: PaymentId): Promise<boolean> {
  const row = await tx
    .selectFrom('customer_answer')
    .select('answer')
    .where('payment_id', '=', paymentId)
    .where('answer', '!=', 'me')
    .where('decided_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** The shop has seen what its customers said. */
export async function closeCustomerDoubts(tx: Tx, paymentId: PaymentId, now: Date): Promise<void> {
  await tx
    .updateTable('customer_answer')
    .set({ decided_at: now })
    .where('payment_id', '=', paymentId)
    .where('answer', '!=', 'me')
    .where('decided_at', 'is', null)
    .execute();
}

/** The flag that stands once the one before it is settled: one doubt must not hide another. */
export async function nextDoubt(tx: Tx, paymentId: PaymentId, now: Date): Promise<Flag | null> {
  const row = await tx
    .selectFrom('evidence')
    .innerJoin('attempt', 'attempt.id', 'evidence.attempt_id')
    .select('effect')
    .where('attempt.payment_id', '=', paymentId)
    .where('effect', 'in', doubts)
    .where('decided_at', 'is', null)
    .orderBy('evidence.id', 'desc')
    .executeTakeFirst();
  if (row !== undefined) return row.effect as Doubt;
  if (await customerDoubts(tx, paymentId)) return 'customer_says';
  const attempts = await tx.selectFrom('attempt').selectAll().where('payment_id', '=', paymentId).execute();
  if (attempts.some(({ state }) => state === 'paid')) return null;
  const overdue = attempts.some(
    (attempt) =>
      (attempt.state === 'prompted' || attempt.state === 'unknown') &&
      (attempt.next_check_at === null || nextCheck(attempt.sent_at ?? attempt.queued_at, now).toReview),
  );
  return overdue ? 'unproved' : null;
}
