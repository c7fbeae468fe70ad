/**
 * Commit, call once, commit. An approved payout is claimed under its business's row and committed as `sending`; then the
 * gateway is called, once; then the outcome is committed. A process that dies between the two leaves `sending` with a
 * lease that runs out, which becomes `unknown`: the program never calls a second time for one approval.
 */
import type { Database, Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { BatchId } from '../domain/ids.ts';
import { token } from '../domain/random.ts';
import type { PayoutOrder, PayoutOutcome } from '../gateways/abilities.ts';
import type { OpenGateway } from '../gateways/gateway.ts';
import { audit } from '../ops/audit.ts';
import { stopAccount } from '../payments/account-state.ts';
import { openPhone, sealedAs, type Tell } from '../payments/context.ts';
import type { Gateways } from '../payments/gateways.ts';
import { holdAfter, lockFileOf } from './bulk-hold.ts';
import { pauseOrphaned } from './bulk-left.ts';
import { type ClaimedPayout, isApproved, lostApproval, nextSender, takeApproved } from './claim.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { dropApproved } from './left.ts';
import { commitOutcome } from './outcome.ts';
import type { PayoutRow } from './reserve.ts';

/** Longer than a token's and a call's time-outs together, so that a call never outlives its claim. */
export const payoutLeaseSeconds = 90;
/** A claim that is older when its call would begin (the machine slept) is not used: others may have decided meanwhile. */
const callWithinSeconds = 10;

export interface PayoutSubmitDeps extends PayoutDeps {
  readonly db: Database;
  readonly gateways: Gateways;
  readonly pause: (ms: number) => Promise<void>;
  readonly tell: Tell;
  readonly submitted?: (gateway: string, outcome: PayoutOutcome['kind'], seconds: number) => void;
}

export function createPayoutSubmitter(deps: PayoutSubmitDeps) {
  return {
    /** Sends one approved payout; false when there is none to send. */
    async runOnce(): Promise<boolean> {
      const claimed = await claim(deps);
      if (claimed === 'nothing') return false;
      if (claimed === 'put_off') return true;
      if ('pauses' in claimed) return pauseOrphaned(deps, claimed.pauses);
      const { gateway, outcome } = await call(deps, claimed);
      await keepTrying(deps, claimed, outcome);
      deps.submitted?.(gateway, outcome.kind, (deps.clock.now().getTime() - claimed.sentAt.getTime()) / 1000);
      deps.log.info({ payout: claimed.id, outcome: outcome.kind }, 'payout submitted');
      return true;
    },
  };
}

interface Called {
  readonly gateway: string;
  readonly outcome: PayoutOutcome;
}

/** Only what provably never began is "not sent": an account that does not open, or has no payouts; a claim grown old. */
async function call(deps: PayoutSubmitDeps, claimed: ClaimedPayout): Promise<Called> {
  let opened: OpenGateway | undefined;
  try {
    opened = await deps.gateways.open(deps.db, claimed.accountId);
  } catch (err) {
    deps.log.error({ err, account: claimed.accountId }, 'a gateway account does not open');
  }
  const gateway = opened?.kind ?? 'none';
  const ability = opened?.payout;
  const notSent = (detail: string): Called => ({ gateway, outcome: { kind: 'not_sent', detail } });
  if (ability === undefined) return notSent('The account cannot send payouts.');
  if (deps.clock.now() > plusSeconds(claimed.sentAt, callWithinSeconds))
    return notSent('The claim was too old when the call would have begun.');
  try {
    return { gateway, outcome: await ability.send(claimed.order) };
  } catch (err) {
    // A fault of ours after the call may have begun.
    deps.log.error({ err, payout: claimed.id }, 'a payout call broke');
    const detail = 'The call broke on our side.';
    return { gateway, outcome: { kind: 'unknown', payoutId: null, rawCode: 'broke', detail } };
  }
}

const firstPauseMs = 100;
const longestPauseMs = 5000;
const mostTries = 22;

/** The answer in hand is the only one there will be: a database that fails for a moment must not lose it. */
async function keepTrying(
  deps: PayoutSubmitDeps,
  claimed: ClaimedPayout,
  outcome: PayoutOutcome,
): Promise<void> {
  const leaseEnd = plusSeconds(claimed.sentAt, payoutLeaseSeconds);
  for (let tries = 1, ms = firstPauseMs; ; tries++, ms = Math.min(2 * ms, longestPauseMs)) {
    try {
      return await deps.db.transaction().execute((tx) => keep(tx, deps, claimed, outcome));
    } catch (err) {
      if (tries === mostTries || deps.clock.now() >= leaseEnd) throw err;
      deps.log.warn({ err, payout: claimed.id }, 'an outcome was not stored yet; it is tried again');
      await deps.pause(ms);
    }
  }
}

/** What the answer says of the row, of the rest of its file, and of the account that was refused. */
async function keep(
  tx: Tx,
  deps: PayoutSubmitDeps,
  claimed: ClaimedPayout,
  outcome: PayoutOutcome,
): Promise<void> {
  const file = await lockFileOf(tx, claimed, outcome);
  await commitOutcome(tx, deps, claimed, outcome);
  if (file !== null) await holdAfter(tx, deps, file, outcome);
  // The keys are those of prompts too. What else a gateway refuses of payouts says nothing of those.
  if (outcome.kind === 'refused' && outcome.reason === 'credentials_refused')
    await stopAccount(tx, deps.tell, claimed.accountId, outcome.reason);
}

/** `pauses`: a file whose approval is worth nothing any more. It is locked before its rows, so that nothing was locked yet. */
type Claim = ClaimedPayout | 'nothing' | 'put_off' | { readonly pauses: BatchId };

async function claim(deps: PayoutSubmitDeps): Promise<Claim> {
  return deps.db.transaction().execute(async (tx) => {
    const now = deps.clock.now();
    const sender = await nextSender(tx, now);
    if (sender === null) return 'nothing';
    // A freeze or an approval that has the row is waited for, and what it changed is seen below; one that waits for us
    // comes after this payout.
    await tx.selectFrom('business').select('id').where('id', '=', sender.businessId).forShare().execute();
    const payout = await takeApproved(tx, sender, now);
    if (payout === null) return 'nothing';
    if (!(await isApproved(tx, deps, payout))) return await stopForged(tx, deps, payout, now);
    const lost = await lostApproval(tx, payout, now);
    if (lost !== null && payout.batch_id !== null) return { pauses: payout.batch_id };
    if (lost !== null) return await dropApproved(tx, deps, payout, lost);
    if (!(await pace(tx, deps, payout, now))) return 'put_off';
    const leaseToken = uuidOf(token(deps.random));
    await tx
      .updateTable('payout')
      .set({
        state: 'sending',
        sent_at: now,
        lease_token: leaseToken,
        lease_until: plusSeconds(now, payoutLeaseSeconds),
        updated_at: now,
      })
      .where('id', '=', payout.id)
      .execute();
    // Its key is the payout and the round: one approval is one call, whatever becomes of the program.
    await tx
      .insertInto('payout_call')
      .values({
        payout_id: payout.id,
        round: payout.round,
        sent_at: now,
        outcome: null,
        gateway_payout_id: null,
      })
      .execute();
    await recordPayoutEvent(tx, now, payout.id, 'sending', {
      reference: payout.reference,
      round: payout.round,
    });
    await audit(tx, now, payout.business_id, null, 'payout_sending', {
      payout: payout.id,
      round: payout.round,
    });
    return {
      id: payout.id,
      businessId: payout.business_id,
      accountId: payout.account_id,
      batchId: payout.batch_id,
      round: payout.round,
      leaseToken,
      sentAt: now,
      order: await orderOf(tx, deps, payout),
    };
  });
}

/** Somebody changed rows behind our back: nothing is sent, the reserve stands, and a person looks. */
async function stopForged(tx: Tx, deps: PayoutSubmitDeps, payout: PayoutRow, now: Date): Promise<'put_off'> {
  deps.log.error({ payout: payout.id }, 'a payout is not what was approved; it is not sent');
  await tx
    .updateTable('payout')
    .set({ state: 'review', flag: 'contradiction', updated_at: now })
    .where('id', '=', payout.id)
    .execute();
  await recordPayoutEvent(tx, now, payout.id, 'to_review', { why: 'not what was approved' });
  await audit(tx, now, payout.business_id, null, 'payout_to_review', {
    payout: payout.id,
    round: payout.round,
    why: 'not_what_was_approved',
  });
  await deps.tellPayout.payout(tx, payout.id);
  return 'put_off';
}

async function orderOf(tx: Tx, deps: PayoutSubmitDeps, payout: PayoutRow): Promise<PayoutOrder> {
  const account = await tx
    .selectFrom('gateway_account')
    .select('callback_sealed')
    .where('id', '=', payout.account_id)
    .executeTakeFirstOrThrow();
  const own = deps.vault.open(account.callback_sealed, sealedAs.accountCallback(payout.account_id));
  const operation = deps.vault.open(payout.callback_sealed, sealedAs.payoutCallback(payout.id));
  return {
    reference: payout.reference,
    amountCents: payout.amount_cents,
    msisdn: openPhone(deps.vault, payout.phone_sealed, sealedAs.payoutPhone(payout.id)),
    description: payout.reference,
    callbackUrl: `${deps.publicUrl}/cb/${own}/${operation}`,
  };
}

/** The gateway's own limit of calls, shared by all processes. false: another one was faster, and it is not our turn. */
async function pace(tx: Tx, deps: PayoutSubmitDeps, payout: PayoutRow, now: Date): Promise<boolean> {
  const gateway = await deps.gateways.open(tx, payout.account_id).catch(() => null);
  const perMinute = gateway?.payout?.perMinute;
  if (perMinute === undefined) return true;
  const taken = await tx
    .updateTable('gateway_account')
    .set({ next_payout_at: plusSeconds(now, 60 / perMinute) })
    .where('id', '=', payout.account_id)
    .where((eb) => eb.or([eb('next_payout_at', 'is', null), eb('next_payout_at', '<=', now)]))
    .executeTakeFirst();
  return taken.numUpdatedRows === 1n;
}

function uuidOf(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
