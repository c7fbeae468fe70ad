/**
 * Finds out what no callback told. Calls whose claim ran out become unknown; what the gateway can be asked about is asked at
 * widening steps; what nothing proved goes to two persons. A reserve is never set free by time.
 */
import type { Database, Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import { mayHaveMoved } from '../domain/payout.ts';
import type { PayoutLookup } from '../gateways/abilities.ts';
import type { OpenGateway } from '../gateways/gateway.ts';
import { audit } from '../ops/audit.ts';
import type { Gateways } from '../payments/gateways.ts';
import { budgetBurstSeconds, countMisses, takeSlot } from '../payments/lookup-slot.ts';
import { endLostCall } from './claim.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { lockPayout, lockRefunded } from './hash.ts';
import { afterPaidSeconds, type Missed, nextLook, openSeconds, toReviewSeconds } from './look-plan.ts';
import type { PayoutRow } from './reserve.ts';
import { settlePayout } from './settle.ts';

export interface PayoutReconcileDeps extends PayoutDeps {
  readonly db: Database;
  readonly gateways: Gateways;
  readonly lookedUp?: (
    gateway: string,
    outcome: 'evidence' | 'not_found' | 'no_answer',
    seconds: number,
  ) => void;
}

/** Longer than the gateway's time-out. */
const lookupLeaseSeconds = 60;

export function createPayoutReconciler(deps: PayoutReconcileDeps) {
  return {
    /** Does one piece of what is due; false when nothing is. */
    async runOnce(): Promise<boolean> {
      if (await deps.db.transaction().execute((tx) => endLostCall(tx, deps))) return true;
      if (await deps.db.transaction().execute((tx) => expireOne(tx, deps))) return true;
      return lookAtOne(deps);
    },
  };
}

/** Nobody approved it in time: it is asked again, or not at all. */
async function expireOne(tx: Tx, deps: PayoutDeps): Promise<boolean> {
  const now = deps.clock.now();
  const due = await tx
    .selectFrom('payout')
    .select('id')
    .where('state', '=', 'waiting')
    .where('batch_id', 'is', null)
    // In doubt about an earlier round: persons settle that first.
    .where('flag', 'is', null)
    .where('expires_at', '<=', now)
    .limit(1)
    .executeTakeFirst();
  if (due === undefined) return false;
  await lockRefunded(tx, due.id);
  const lapsed = await lockPayout(tx, due.id);
  // Somebody who held it has decided.
  if (lapsed.state !== 'waiting' || lapsed.flag !== null || (lapsed.expires_at ?? now) > now) return true;
  await tx
    .updateTable('payout')
    .set({ state: 'expired', version: lapsed.version + 1, ended_at: now, updated_at: now })
    .where('id', '=', lapsed.id)
    .execute();
  await recordPayoutEvent(tx, now, lapsed.id, 'expired');
  await audit(tx, now, lapsed.business_id, null, 'payout_expired', { payout: lapsed.id });
  await deps.tellPayout.payout(tx, lapsed.id);
  return true;
}

async function lookAtOne(deps: PayoutReconcileDeps): Promise<boolean> {
  const claimed = await claimDue(deps);
  if (claimed === null) return false;
  const { due } = claimed;
  const outcome = await ask(deps, claimed);
  await deps.db.transaction().execute((tx) => commitLook(tx, deps, due, outcome));
  return true;
}

/** Of an account whose payments cannot be looked up. */
const budgetPerMinute = 30;

interface Claimed {
  readonly due: PayoutRow;
  /** null: its account does not open. */
  readonly gateway: OpenGateway | null;
}

/**
 * The plan's next time is written at once, so that a process that dies here is not waited for. What its account has no
 * budget left for stays due, and the oldest goes first: thousands that are not known wait for their turn.
 */
async function claimDue(deps: PayoutReconcileDeps): Promise<Claimed | null> {
  return deps.db.transaction().execute(async (tx) => {
    const now = deps.clock.now();
    const due = await tx
      .selectFrom('payout')
      .innerJoin('gateway_account', 'gateway_account.id', 'payout.account_id')
      .selectAll('payout')
      .where('next_check_at', '<=', now)
      // Failed ones are due only where the gateway contradicted that.
      .where('payout.state', 'in', ['sent_to_gateway', 'unknown', 'review', 'paid', 'failed'])
      .where((eb) =>
        eb.or([
          // The gateway is not asked without an id of its own.
          eb('payout.gateway_payout_id', 'is', null),
          eb('gateway_account.next_lookup_slot', '<=', plusSeconds(now, budgetBurstSeconds)),
        ]),
      )
      .orderBy('next_check_at')
      .limit(1)
      .forNoKeyUpdate('payout')
      .skipLocked()
      .executeTakeFirst();
    if (due === undefined) return null;
    const gateway = await opened(tx, deps, due);
    const asks = gateway?.payout?.lookup !== undefined && due.gateway_payout_id !== null;
    const perMinute = gateway?.lookup?.budgetPerMinute ?? budgetPerMinute;
    // Another lane has just taken the last one.
    if (asks && (await takeSlot(tx, deps.clock, due.account_id, perMinute)) !== null) return null;
    await tx
      .updateTable('payout')
      .set({ next_check_at: plusSeconds(now, lookupLeaseSeconds), checks: due.checks + 1 })
      .where('id', '=', due.id)
      .execute();
    return { due, gateway };
  });
}

async function opened(tx: Tx, deps: PayoutReconcileDeps, payout: PayoutRow): Promise<OpenGateway | null> {
  try {
    return await deps.gateways.open(tx, payout.account_id);
  } catch (err) {
    deps.log.error({ err, account: payout.account_id }, 'a gateway account does not open; looked up later');
    return null;
  }
}

/** null: this gateway cannot be asked about this payout; only a callback or a person tells. */
async function ask(
  deps: PayoutReconcileDeps,
  { due: payout, gateway }: Claimed,
): Promise<PayoutLookup | null> {
  if (gateway === null) return { kind: 'no_answer', detail: 'The account does not open.', stop: false };
  const lookup = gateway.payout?.lookup;
  if (lookup === undefined) return null;
  const startedAt = deps.clock.now().getTime();
  const keys = { payoutId: payout.gateway_payout_id, reference: payout.reference };
  const outcome = await lookup(keys);
  const told = outcome.kind === 'fact' ? 'evidence' : outcome.kind;
  deps.lookedUp?.(gateway.kind, told, (deps.clock.now().getTime() - startedAt) / 1000);
  return outcome;
}

async function commitLook(
  tx: Tx,
  deps: PayoutDeps,
  due: PayoutRow,
  outcome: PayoutLookup | null,
): Promise<void> {
  await lockRefunded(tx, due.id);
  const before = await lockPayout(tx, due.id);
  if (outcome !== null && due.gateway_payout_id !== null)
    await countMisses(tx, due.account_id, outcome.kind === 'no_answer' ? outcome : null, deps.clock.now());
  // Asked again meanwhile: this answer is about the round before, and its own evidence will tell of it.
  if (before.round !== due.round) return;
  const now = deps.clock.now();
  if (outcome !== null)
    await recordPayoutEvent(tx, now, due.id, 'checked', {
      answer: outcome.kind,
      verdict: outcome.kind === 'fact' ? outcome.fact.verdict : null,
    });
  if (outcome?.kind === 'fact')
    await settlePayout(tx, deps, {
      accountId: before.account_id,
      source: 'lookup',
      trust: 'lookup',
      hint: due.id,
      inboxId: null,
      byIdentity: null,
      fact: { ...outcome.fact, payoutId: outcome.fact.payoutId ?? due.gateway_payout_id },
    });
  const missed = outcome?.kind === 'no_answer' ? outcome : null;
  await planNext(tx, deps, await lockPayout(tx, due.id), now, missed);
}

async function planNext(
  tx: Tx,
  deps: PayoutDeps,
  payout: PayoutRow,
  now: Date,
  missed: Missed | null,
): Promise<void> {
  const next = (at: Date | null) =>
    tx.updateTable('payout').set({ next_check_at: at }).where('id', '=', payout.id).execute();
  if (payout.state === 'paid')
    return void (await next(nextLook(payout.paid_at ?? now, afterPaidSeconds, now, missed)));
  const contradicted = payout.state === 'failed' && payout.flag !== null;
  if (!mayHaveMoved(payout.state) && !contradicted) return void (await next(null));
  const sentAt = payout.sent_at ?? payout.updated_at;
  await next(nextLook(sentAt, openSeconds, now, missed));
  if (payout.state !== 'sent_to_gateway' && payout.state !== 'unknown') return;
  if (now >= plusSeconds(sentAt, toReviewSeconds)) await handToReview(tx, deps, payout, now);
  else if (payout.state === 'unknown') await deps.tellPayout.payout(tx, payout.id);
}

/** No look-up proved anything: an owner compares with the gateway's statement, and a second person agrees. */
async function handToReview(tx: Tx, deps: PayoutDeps, payout: PayoutRow, now: Date): Promise<void> {
  await tx
    .updateTable('payout')
    .set({ state: 'review', flag: payout.flag ?? 'unproved', updated_at: now })
    .where('id', '=', payout.id)
    .execute();
  await recordPayoutEvent(tx, now, payout.id, 'to_review');
  await audit(tx, now, payout.business_id, null, 'payout_to_review', {
    payout: payout.id,
    round: payout.round,
    why: 'unproved',
  });
  await deps.tellPayout.payout(tx, payout.id);
}
