/**
 * The only place where evidence changes a payout. The payout's row is locked, the pure rule of `domain/payout.ts` decides,
 * and evidence, entries, ledger, time line and messages are written in the caller's transaction.
 */
import type { Selectable } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { PayoutEvidenceTable } from '../db/tables-payouts.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { PayoutId } from '../domain/ids.ts';
import { holdsReserve, type PayoutChange, type PayoutEffect, type PayoutView } from '../domain/payout.ts';
import type { PayoutFact } from '../gateways/abilities.ts';
import { audit } from '../ops/audit.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { keepPayoutEvidence, payoutReceiptUsed } from './evidence.ts';
import type { PayoutFinding } from './finding.ts';
import { lockPayout } from './hash.ts';
import { type Judgement, judge } from './judge.ts';
import { completeLedger, postLedger } from './ledger.ts';
import { afterPaidSeconds } from './look-plan.ts';
import { lockPayoutMatch, type PayoutMatch } from './match.ts';
import { addEntry, type PayoutRow } from './reserve.ts';

export interface PayoutSettled {
  readonly effect: PayoutEffect | 'unmatched';
  readonly payoutId: PayoutId | null;
}

/** After evidence that a person must look at. */
const doubtCheckSeconds = 60;

export async function settlePayout(tx: Tx, deps: PayoutDeps, told: PayoutFinding): Promise<PayoutSettled> {
  const finding = believed(told);
  const match = await lockPayoutMatch(tx, finding);
  if (match === null) {
    await keepPayoutEvidence(tx, deps, finding, null, 'unmatched');
    return { effect: 'unmatched', payoutId: null };
  }
  const { effect } = await settleOne(tx, deps, match, finding, null);
  return { effect, payoutId: match.payout.id };
}

/** Only an unguessable URL stands behind it: "paid" must name an amount and M-Pesa's own number to be more than a hint. */
function believed(finding: PayoutFinding): PayoutFinding {
  const { verdict, amountCents, receipt } = finding.fact;
  const whole = amountCents !== null && receipt?.final === true;
  const doubted = finding.trust === 'accepted_unsigned' && verdict === 'paid' && !whole;
  return doubted ? { ...finding, trust: 'hint' } : finding;
}

/** The caller holds the payout's row. `kept`: the evidence that waited for it. */
export async function settleOne(
  tx: Tx,
  deps: PayoutDeps,
  match: PayoutMatch,
  finding: PayoutFinding,
  kept: Selectable<PayoutEvidenceTable> | null,
): Promise<PayoutChange> {
  const { payout } = match;
  const { fact } = finding;
  const used = await payoutReceiptUsed(tx, finding, payout.id);
  const phone = fact.msisdn === null ? (kept?.phone_hmac ?? null) : deps.vault.hmac('phone', fact.msisdn);
  const evidence = {
    verdict: fact.verdict,
    trust: finding.trust,
    amountCents: fact.amountCents,
    receipt: fact.receipt,
    phoneMatches: phone === null ? null : phone.equals(payout.phone_hmac),
    reason: fact.reason,
  };
  const { change, round } = judge(match, viewOf(payout), evidence, used);
  if (kept !== null)
    await tx
      .updateTable('payout_evidence')
      .set({ payout_id: payout.id, effect: change.effect })
      .where('id', '=', kept.id)
      .execute();
  const pending = fact.verdict === 'pending';
  const evidenceId =
    kept?.id ??
    (pending ? null : await keepPayoutEvidence(tx, deps, finding, { payout, round }, change.effect));
  await apply(tx, deps, payout, { change, round }, finding, evidenceId);
  const ours = match.about !== 'another' && finding.trust !== 'hint';
  if (change.flag === null && ours) await learn(tx, payout.id, round, fact);
  return change;
}

function viewOf(payout: PayoutRow): PayoutView {
  const final = payout.receipt_final === true && payout.receipt_trust !== 'person';
  const receipt = payout.receipt === null ? null : { number: payout.receipt, final };
  return { state: payout.state, amountCents: payout.amount_cents, receipt };
}

/** What believed evidence told beside its verdict. A doubted one's id may be another payout's. */
async function learn(tx: Tx, id: PayoutId, round: number, fact: PayoutFact): Promise<void> {
  const payout = await lockPayout(tx, id);
  if (payout.round !== round) return;
  if (payout.gateway_payout_id !== null && payout.fee_cents !== null) return;
  const gatewayPayoutId = payout.gateway_payout_id ?? fact.payoutId;
  await tx
    .updateTable('payout')
    .set({ gateway_payout_id: gatewayPayoutId, fee_cents: payout.fee_cents ?? fact.feeCents })
    .where('id', '=', id)
    .execute();
  await tx
    .updateTable('payout_call')
    .set({ gateway_payout_id: gatewayPayoutId })
    .where('payout_id', '=', id)
    .where('round', '=', round)
    .execute();
}

async function apply(
  tx: Tx,
  deps: PayoutDeps,
  payout: PayoutRow,
  { change, round }: Judgement,
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
  if (round !== payout.round && change.entry === 'post') await backTo(tx, payout, round, now);
  const counted = { ...payout, round };
  if (change.entry !== null) await addEntry(tx, counted, change.entry, evidenceId, now);
  if (change.entry === 'post') await postLedger(tx, payout, finding, evidenceId, now);
  if (change.effect === 'receipt_completed') await completeLedger(tx, payout, finding);
  await audit(tx, now, payout.business_id, finding.byIdentity, 'payout_evidence', {
    payout: payout.id,
    round,
    effect: change.effect,
    entry: change.entry,
  });
  await deps.tellPayout.payout(tx, payout.id);
}

/** An earlier round moved the money after all: it is the one that counts, and what was asked again is not sent. */
async function backTo(tx: Tx, payout: PayoutRow, round: number, now: Date): Promise<void> {
  if (holdsReserve(payout.state)) {
    await addEntry(tx, payout, 'void', null, now);
    await audit(tx, now, payout.business_id, null, 'payout_evidence', {
      payout: payout.id,
      round: payout.round,
      effect: 'earlier_round_paid',
      entry: 'void',
    });
  }
  const call = await tx
    .selectFrom('payout_call')
    .select('gateway_payout_id')
    .where('payout_id', '=', payout.id)
    .where('round', '=', round)
    .executeTakeFirst();
  await tx
    .updateTable('payout')
    .set({
      round,
      version: payout.version + 1,
      hash: null,
      gateway_payout_id: call?.gateway_payout_id ?? null,
    })
    .where('id', '=', payout.id)
    .execute();
}

async function changePayoutRow(
  tx: Tx,
  payout: PayoutRow,
  to: NonNullable<PayoutChange['to']>,
  finding: PayoutFinding,
  now: Date,
): Promise<void> {
  const over = to.state === 'paid' || to.state === 'failed' || to.state === 'reversed';
  const moved = to.state !== payout.state;
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
      ...(over &&
        moved && { lease_until: null, expires_at: null, ended_at: now, flag: null, next_check_at: null }),
      ...(to.state === 'paid' &&
        moved && { paid_at: now, checks: 0, next_check_at: plusSeconds(now, afterPaidSeconds[0]) }),
      ...(to.state === 'review' &&
        payout.next_check_at === null && { next_check_at: plusSeconds(now, doubtCheckSeconds) }),
    })
    .where('id', '=', payout.id)
    .execute();
}
