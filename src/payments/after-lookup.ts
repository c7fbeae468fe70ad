/** Commits what a look-up answered, and plans the next one. */
import type { Tx } from '../db/tables.ts';
import { nextCheck, nextReceiptCheck } from '../domain/checks.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { LookupOutcome } from '../gateways/gateway.ts';
import { audit } from '../ops/audit.ts';
import { stopAccount } from './account-state.ts';
import type { PaymentDeps } from './context.ts';
import { recordEvent } from './events.ts';
import { countMisses } from './lookup-slot.ts';
import type { AttemptRow } from './match.ts';
import { refreshPayment } from './refresh.ts';
import { settle } from './settle.ts';

export async function commitLookup(
  tx: Tx,
  deps: PaymentDeps,
  claimed: AttemptRow,
  lease: string,
  outcome: LookupOutcome,
  giveUpAfterSeconds: number | null,
): Promise<void> {
  await tx.selectFrom('payment').select('id').where('id', '=', claimed.payment_id).forNoKeyUpdate().execute();
  const now = deps.clock.now();
  deps.log.info({ payment: claimed.payment_id, outcome: outcome.kind }, 'payment looked up');
  await recordEvent(tx, now, claimed.payment_id, claimed.id, 'checked', checkedDetail(outcome));
  if (outcome.kind === 'evidence')
    await settle(tx, deps, {
      accountId: claimed.account_id,
      source: 'lookup',
      trust: 'lookup',
      evidence: outcome.evidence,
      attemptHint: claimed.id,
      inboxId: null,
      byIdentity: null,
    });
  if (outcome.kind === 'no_answer' && outcome.stop)
    await stopAccount(tx, deps.tell, claimed.account_id, outcome.reason ?? 'credentials_refused');
  await countMisses(tx, claimed.account_id, outcome.kind === 'no_answer' ? outcome : null, now);
  await planNext(tx, deps, claimed, lease, now, giveUpAfterSeconds);
}

function checkedDetail(outcome: LookupOutcome): Record<string, string | boolean> {
  switch (outcome.kind) {
    case 'evidence':
      return { found: true, verdict: outcome.evidence.verdict };
    case 'not_found':
      return { found: false, detail: outcome.detail };
    case 'no_answer':
      return { answered: false, detail: outcome.detail };
  }
}

/** Plans the look-up after this one from what the attempt is now, and hands it to a person after the last. */
async function planNext(
  tx: Tx,
  deps: PaymentDeps,
  claimed: AttemptRow,
  lease: string,
  now: Date,
  giveUpAfterSeconds: number | null,
): Promise<void> {
  const attempt = await tx
    .selectFrom('attempt')
    .selectAll()
    .where('id', '=', claimed.id)
    .executeTakeFirstOrThrow();
  if (attempt.lease_token !== lease && attempt.lease_token !== null) return;
  const open = attempt.state === 'prompted' || attempt.state === 'unknown';
  const receiptOwed = attempt.state === 'paid' && attempt.receipt_final !== true;
  const plan = nextCheck(attempt.sent_at ?? attempt.queued_at, now);
  const next = open ? plan.at : receiptOwed ? nextReceiptCheck(attempt.ended_at ?? now, now) : null;
  await tx
    .updateTable('attempt')
    .set({ checks: attempt.checks + 1, next_check_at: next, lease_token: null, lease_until: null })
    .where('id', '=', attempt.id)
    .execute();
  if (!open) return receiptOwed ? refreshPayment(tx, deps, attempt.payment_id) : undefined;
  const sentAt = attempt.sent_at ?? attempt.queued_at;
  const givenUp = giveUpAfterSeconds !== null && now >= plusSeconds(sentAt, giveUpAfterSeconds);
  if (plan.toReview || givenUp) await handToReview(tx, deps, attempt, now);
  else if (attempt.state === 'unknown') await refreshPayment(tx, deps, attempt.payment_id);
}

/** No planned look-up proved anything: a person compares with the gateway's statement. */
export async function handToReview(tx: Tx, deps: PaymentDeps, attempt: AttemptRow, now: Date): Promise<void> {
  const payment = await tx
    .selectFrom('payment')
    .select(['flag', 'state', 'business_id'])
    .where('id', '=', attempt.payment_id)
    .executeTakeFirstOrThrow();
  if (payment.flag !== null || payment.state === 'paid') return;
  await recordEvent(tx, now, attempt.payment_id, attempt.id, 'to_review');
  const facts = { payment: attempt.payment_id, attempt: attempt.id, why: 'unproved' };
  await audit(tx, now, payment.business_id, null, 'payment_to_review', facts);
  await refreshPayment(tx, deps, attempt.payment_id, {
    flag: 'unproved',
    credited: false,
    proved: null,
    toldBefore: null,
  });
}
