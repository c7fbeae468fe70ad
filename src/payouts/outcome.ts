/** What the answer of the one call makes of the payout. */
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { Reason } from '../domain/payment.ts';
import type { PayoutOutcome } from '../gateways/abilities.ts';
import { audit } from './audit.ts';
import type { ClaimedPayout } from './claim.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { lockPayout } from './hash.ts';
import { addEntry, type PayoutRow } from './reserve.ts';
import { settleUnmatchedPayouts } from './settle.ts';

/** After the call: the answer usually comes within seconds. */
const firstCheckSeconds = 10;

const eventOf = {
  accepted: 'accepted',
  refused: 'refused',
  not_sent: 'not_sent',
  unknown: 'answer_lost',
} as const;

/**
 * There was one call in this round, so that its answer counts even after its lease ran out; a callback that was faster
 * has decided already, and the answer then only teaches the gateway's id.
 */
export async function commitOutcome(
  tx: Tx,
  deps: PayoutDeps,
  claimed: ClaimedPayout,
  outcome: PayoutOutcome,
): Promise<void> {
  const payout = await lockPayout(tx, claimed.id);
  const now = deps.clock.now();
  const mine = payout.round === claimed.round && payout.lease_token === claimed.leaseToken;
  const open =
    mine && (payout.state === 'sending' || payout.state === 'unknown' || payout.state === 'review');
  await recordPayoutEvent(tx, now, claimed.id, eventOf[outcome.kind], detailOf(outcome));
  await audit(tx, now, claimed.businessId, null, 'payout_outcome', {
    payout: claimed.id,
    round: claimed.round,
    outcome: outcome.kind,
    counted: open,
  });
  if (outcome.kind === 'accepted' || outcome.kind === 'unknown') await learnId(tx, payout, outcome);
  if (open) await change(tx, deps, payout, outcome, now);
  if (outcome.kind === 'accepted' || outcome.kind === 'unknown')
    await settleUnmatchedPayouts(tx, deps, claimed.id);
  await deps.tellPayout.payout(tx, claimed.id);
}

function detailOf(outcome: PayoutOutcome): Record<string, string | number | null> {
  switch (outcome.kind) {
    case 'accepted':
      return {
        payoutId: outcome.payoutId,
        feeCents: outcome.feeCents === null ? null : Number(outcome.feeCents),
      };
    case 'refused':
      return { reason: outcome.reason, rawCode: outcome.rawCode, detail: outcome.detail };
    case 'not_sent':
      return { detail: outcome.detail };
    case 'unknown':
      return { rawCode: outcome.rawCode, detail: outcome.detail };
  }
}

async function learnId(
  tx: Tx,
  payout: PayoutRow,
  outcome: Extract<PayoutOutcome, { kind: 'accepted' | 'unknown' }>,
): Promise<void> {
  const fee = outcome.kind === 'accepted' ? outcome.feeCents : null;
  await tx
    .updateTable('payout')
    .set({
      gateway_payout_id: payout.gateway_payout_id ?? outcome.payoutId,
      fee_cents: payout.fee_cents ?? fee,
    })
    .where('id', '=', payout.id)
    .execute();
}

async function change(
  tx: Tx,
  deps: PayoutDeps,
  payout: PayoutRow,
  outcome: PayoutOutcome,
  now: Date,
): Promise<void> {
  const set = (columns: object) =>
    tx
      .updateTable('payout')
      .set({ lease_until: null, updated_at: now, ...columns })
      .where('id', '=', payout.id)
      .execute();
  switch (outcome.kind) {
    case 'accepted':
      if (payout.state !== 'review')
        await set({ state: 'sent_to_gateway', next_check_at: plusSeconds(now, firstCheckSeconds) });
      return;
    case 'unknown':
      if (payout.state === 'sending')
        await set({
          state: 'unknown',
          raw_code: outcome.rawCode,
          detail: outcome.detail,
          next_check_at: plusSeconds(now, firstCheckSeconds),
        });
      return;
    case 'refused':
    case 'not_sent': {
      const reason: Reason = outcome.kind === 'refused' ? outcome.reason : 'gateway_unreachable';
      await set({
        state: 'failed',
        reason,
        flag: null,
        raw_code: outcome.kind === 'refused' ? outcome.rawCode : null,
        detail: outcome.detail,
        ended_at: now,
        next_check_at: null,
      });
      await addEntry(tx, payout, 'void', null, now);
      deps.log.info({ payout: payout.id, reason }, 'payout not sent');
    }
  }
}
