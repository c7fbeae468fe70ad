/** What the answer of the one call makes of the payout. */
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { Reason } from '../domain/payment.ts';
import type { PayoutOutcome } from '../gateways/abilities.ts';
import { audit } from '../ops/audit.ts';
import type { ClaimedPayout } from './claim.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { lockPayout, lockRefunded } from './hash.ts';
import { addEntry, type PayoutRow } from './reserve.ts';
import { settleUnmatchedPayouts } from './unmatched.ts';

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
  await lockRefunded(tx, claimed.id);
  const payout = await lockPayout(tx, claimed.id);
  const now = deps.clock.now();
  const mine = payout.round === claimed.round && payout.lease_token === claimed.leaseToken;
  const open = mine && mayDecide(payout, outcome);
  await recordPayoutEvent(tx, now, claimed.id, eventOf[outcome.kind], detailOf(outcome));
  await audit(tx, now, claimed.businessId, null, 'payout_outcome', {
    payout: claimed.id,
    round: claimed.round,
    outcome: outcome.kind,
    counted: open,
  });
  await keepCall(tx, claimed, outcome);
  if (mine && (outcome.kind === 'accepted' || outcome.kind === 'unknown')) await learnId(tx, payout, outcome);
  if (open) await change(tx, deps, payout, outcome, now);
  if (mine && (outcome.kind === 'accepted' || outcome.kind === 'unknown'))
    await settleUnmatchedPayouts(tx, deps, claimed.id);
  if (!open && outcome.kind === 'accepted') await afterAll(tx, claimed, outcome.payoutId, mine, now);
  await deps.tellPayout.payout(tx, claimed.id);
}

/**
 * The answer decides what is open. A refusal says nothing where evidence of the gateway already contradicted it: that stays
 * with a person.
 */
function mayDecide(payout: PayoutRow, outcome: PayoutOutcome): boolean {
  if (payout.state === 'sending' || payout.state === 'unknown') return true;
  const tells = outcome.kind === 'accepted' || payout.flag === null || payout.flag === 'unproved';
  return payout.state === 'review' && tells;
}

/** Of its own round, also where a person has asked again meanwhile: its evidence is told apart by this id. */
async function keepCall(tx: Tx, claimed: ClaimedPayout, outcome: PayoutOutcome): Promise<void> {
  const payoutId = outcome.kind === 'accepted' || outcome.kind === 'unknown' ? outcome.payoutId : null;
  await tx
    .updateTable('payout_call')
    .set({ outcome: outcome.kind, ...(payoutId !== null && { gateway_payout_id: payoutId }) })
    .where('payout_id', '=', claimed.id)
    .where('round', '=', claimed.round)
    .execute();
}

/**
 * Two persons had marked it as not paid, and now the gateway says that it took it on: nothing more is sent, and they look. What
 * the gateway itself told of this call is no contradiction: it took it on, and then did not pay.
 */
async function afterAll(
  tx: Tx,
  claimed: ClaimedPayout,
  payoutId: string | null,
  mine: boolean,
  now: Date,
): Promise<void> {
  const payout = await lockPayout(tx, claimed.id);
  const ended = payout.state === 'failed' && mine;
  if (!ended && mine) return;
  if (await toldFailed(tx, claimed, payoutId, mine)) return;
  await tx
    .updateTable('payout')
    .set({
      flag: 'contradiction',
      updated_at: now,
      ...(ended && { next_check_at: now }),
      ...(payout.state === 'approved' && { state: 'review' as const }),
    })
    .where('id', '=', payout.id)
    .execute();
}

/** By this id; of the newest call also where one of the two named none. */
async function toldFailed(
  tx: Tx,
  claimed: ClaimedPayout,
  payoutId: string | null,
  mine: boolean,
): Promise<boolean> {
  const row = await tx
    .selectFrom('payout_evidence')
    .select('id')
    .where('payout_id', '=', claimed.id)
    .where('source', '!=', 'person')
    .where('verdict', '=', 'failed')
    .where('effect', 'in', ['failed', 'nothing_new'])
    .where('seen_at', '>=', claimed.sentAt)
    .where((eb) => {
      const unnamed = payoutId === null ? eb.lit(true) : eb('gateway_payout_id', 'is', null);
      return eb.or([
        eb('gateway_payout_id', '=', payoutId),
        eb.and([eb.lit(mine), unnamed, eb('effect', '=', 'failed')]),
      ]);
    })
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
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
      gateway_payout_id: outcome.payoutId ?? payout.gateway_payout_id,
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
      await set({
        next_check_at: plusSeconds(now, firstCheckSeconds),
        ...(payout.state !== 'review' && { state: 'sent_to_gateway' }),
      });
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
