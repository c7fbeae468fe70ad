/**
 * The only place where evidence changes a payout. The payout's row is locked, the pure rule of `domain/payout.ts` decides,
 * and evidence, entries, ledger, time line and messages are written in the caller's transaction.
 */
import type { Selectable } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { PayoutEvidenceTable } from '../db/tables-payouts.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { PayoutId } from '../domain/ids.ts';
import { applyPayoutEvidence, type PayoutChange, type PayoutEffect } from '../domain/payout.ts';
import type { PayoutFact } from '../gateways/abilities.ts';
import { audit } from './audit.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { keepPayoutEvidence, payoutReceiptUsed } from './evidence.ts';
import type { PayoutFinding } from './finding.ts';
import { lockPayout } from './hash.ts';
import { lockPayoutMatch } from './match.ts';
import { addEntry, type PayoutRow } from './reserve.ts';

export interface PayoutSettled {
  readonly effect: PayoutEffect | 'unmatched';
  readonly payoutId: PayoutId | null;
}

/** Success is looked up again: no event tells of a reversal (GATEWAYS.md, BluePay). */
export const afterPaidSeconds = [3600, 24 * 3600, 72 * 3600] as const;

export async function settlePayout(tx: Tx, deps: PayoutDeps, finding: PayoutFinding): Promise<PayoutSettled> {
  const payout = await lockPayoutMatch(tx, finding);
  if (payout === null) {
    await keepPayoutEvidence(tx, deps, finding, null, 'unmatched');
    return { effect: 'unmatched', payoutId: null };
  }
  const { effect } = await settleOne(tx, deps, payout, finding, null);
  return { effect, payoutId: payout.id };
}

async function settleOne(
  tx: Tx,
  deps: PayoutDeps,
  payout: PayoutRow,
  finding: PayoutFinding,
  kept: Selectable<PayoutEvidenceTable> | null,
): Promise<PayoutChange> {
  const { fact } = finding;
  const used = await payoutReceiptUsed(tx, finding, payout.id);
  const phone = fact.msisdn === null ? (kept?.phone_hmac ?? null) : deps.vault.hmac('phone', fact.msisdn);
  const receipt =
    payout.receipt === null
      ? null
      : { number: payout.receipt, final: payout.receipt_final === true && payout.receipt_trust !== 'person' };
  const change = applyPayoutEvidence(
    { state: payout.state, amountCents: payout.amount_cents, receipt },
    {
      verdict: fact.verdict,
      trust: finding.trust,
      amountCents: fact.amountCents,
      receipt: fact.receipt,
      phoneMatches: phone === null ? null : phone.equals(payout.phone_hmac),
      reason: fact.reason,
    },
    used,
  );
  if (kept !== null)
    await tx
      .updateTable('payout_evidence')
      .set({ payout_id: payout.id, effect: change.effect })
      .where('id', '=', kept.id)
      .execute();
  const evidenceId =
    kept?.id ??
    (fact.verdict === 'pending'
      ? null
      : await keepPayoutEvidence(tx, deps, finding, payout.id, change.effect));
  await learn(tx, payout, fact);
  await apply(tx, deps, payout, change, finding, evidenceId);
  return change;
}

async function learn(tx: Tx, payout: PayoutRow, fact: PayoutFact): Promise<void> {
  if (payout.gateway_payout_id !== null && payout.fee_cents !== null) return;
  await tx
    .updateTable('payout')
    .set({
      gateway_payout_id: payout.gateway_payout_id ?? fact.payoutId,
      fee_cents: payout.fee_cents ?? fact.feeCents,
    })
    .where('id', '=', payout.id)
    .execute();
}

async function apply(
  tx: Tx,
  deps: PayoutDeps,
  payout: PayoutRow,
  change: PayoutChange,
  finding: PayoutFinding,
  evidenceId: bigint | null,
): Promise<void> {
  const now = deps.clock.now();
  if (change.effect === 'hint') {
    await tx.updateTable('payout').set({ next_check_at: now }).where('id', '=', payout.id).execute();
    return;
  }
  if (change.effect === 'nothing_new' || (change.effect === 'still_pending' && change.to === null)) return;
  await recordPayoutEvent(tx, now, payout.id, 'evidence', {
    effect: change.effect,
    source: finding.source,
    trust: finding.trust,
    verdict: finding.fact.verdict,
    receipt: finding.fact.receipt?.number ?? null,
  });
  if (change.to !== null) await changePayoutRow(tx, payout, change.to, finding, now);
  if (change.flag !== null)
    await tx
      .updateTable('payout')
      .set({ flag: change.flag, updated_at: now })
      .where('id', '=', payout.id)
      .execute();
  if (change.entry !== null) await addEntry(tx, payout, change.entry, evidenceId, now);
  if (change.entry === 'post') await postLedger(tx, payout, finding, evidenceId, now);
  if (change.effect === 'receipt_completed')
    await tx
      .updateTable('ledger')
      .set({ receipt: finding.fact.receipt?.number ?? null, trust: finding.trust })
      .where('payout_id', '=', payout.id)
      .where('direction', '=', 'out')
      .execute();
  await audit(tx, now, payout.business_id, finding.byIdentity, 'payout_evidence', {
    payout: payout.id,
    effect: change.effect,
    entry: change.entry,
  });
  await deps.tellPayout.payout(tx, payout.id);
}

async function changePayoutRow(
  tx: Tx,
  payout: PayoutRow,
  to: NonNullable<PayoutChange['to']>,
  finding: PayoutFinding,
  now: Date,
): Promise<void> {
  const over = to.state === 'paid' || to.state === 'failed' || to.state === 'reversed';
  const firstPaid = to.state === 'paid' && payout.state !== 'paid';
  await tx
    .updateTable('payout')
    .set({
      state: to.state,
      reason: to.reason,
      receipt: to.receipt?.number ?? null,
      receipt_final: to.receipt?.final ?? null,
      receipt_trust: to.receipt === null ? null : finding.trust,
      raw_code: finding.fact.rawCode,
      updated_at: now,
      // Proof of the outcome ends a doubt about it.
      ...(over && { lease_until: null, ended_at: payout.ended_at ?? now, flag: null }),
      ...(firstPaid && { paid_at: now, checks: 0, next_check_at: plusSeconds(now, afterPaidSeconds[0]) }),
      ...(over && !firstPaid && to.state !== 'paid' && { next_check_at: null }),
    })
    .where('id', '=', payout.id)
    .execute();
}

/** Money out, once for each payout: the ledger's unique key holds it. */
async function postLedger(
  tx: Tx,
  payout: PayoutRow,
  finding: PayoutFinding,
  evidenceId: bigint | null,
  now: Date,
): Promise<void> {
  const { receipt } = finding.fact;
  await tx
    .insertInto('ledger')
    .values({
      business_id: payout.business_id,
      account_id: payout.account_id,
      payment_id: payout.refund_of,
      attempt_id: null,
      direction: 'out',
      amount_cents: payout.amount_cents,
      receipt: receipt?.final === true ? receipt.number : null,
      trust: finding.trust,
      evidence_id: null,
      payout_id: payout.id,
      payout_evidence_id: evidenceId,
      posted_at: now,
    })
    .execute();
}

/** Evidence that came before we knew the gateway's id for this payout is applied now. */
export async function settleUnmatchedPayouts(tx: Tx, deps: PayoutDeps, id: PayoutId): Promise<void> {
  const known = await lockPayout(tx, id);
  if (known.gateway_payout_id === null) return;
  const waiting = await tx
    .selectFrom('payout_evidence')
    .selectAll()
    .where('account_id', '=', known.account_id)
    .where('payout_id', 'is', null)
    .where('gateway_payout_id', '=', known.gateway_payout_id)
    .where((eb) => eb.or([eb('reference', 'is', null), eb('reference', '=', known.reference)]))
    .orderBy('id')
    .execute();
  for (const row of waiting) {
    const finding: PayoutFinding = {
      accountId: row.account_id,
      source: row.source,
      trust: row.trust,
      hint: null,
      inboxId: row.inbox_id,
      byIdentity: row.by_identity,
      fact: {
        verdict: row.verdict,
        payoutId: row.gateway_payout_id,
        reference: row.reference,
        amountCents: row.amount_cents,
        receipt: row.receipt === null ? null : { number: row.receipt, final: row.receipt_final === true },
        msisdn: null,
        feeCents: null,
        reason: row.reason as PayoutFact['reason'],
        rawCode: row.raw_code,
      },
    };
    await settleOne(tx, deps, await lockPayout(tx, id), finding, row);
  }
}
