/**
 * Finds out what no callback told. Prompts whose life ended and calls whose lease ran out become `unknown`; due attempts
 * are looked up inside the account's budget; what no planned look-up proved goes to a person.
 */
import type { ExpressionBuilder } from 'kysely';
import type { Database, DB, Tx } from '../db/tables.ts';
import { lostAnswerCheckSeconds, receiptFollowsSeconds } from '../domain/checks.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { PaymentId } from '../domain/ids.ts';
import { promptLifeSeconds } from '../domain/payment.ts';
import { token } from '../domain/random.ts';
import type { LookupAbility, LookupOutcome, OpenGateway } from '../gateways/gateway.ts';
import { commitLookup, handToReview } from './after-lookup.ts';
import { auditPayment } from './audited.ts';
import type { PaymentDeps } from './context.ts';
import { recordEvent } from './events.ts';
import type { Gateways } from './gateways.ts';
import { takeSlot } from './lookup-slot.ts';
import type { AttemptRow } from './match.ts';
import { refreshPayment } from './refresh.ts';
import { leaseUuid } from './submit.ts';

/** Longer than the gateway's time-out. */
const lookupLeaseSeconds = 60;
/** A gateway without look-up: its callback may still come; then a person decides. */
const withoutLookupSeconds = 300;
/** An account that does not open is tried again after this. */
const notOpenSeconds = 60;

export interface Reconciler {
  /** Does one piece of what is due; false when nothing is. */
  runOnce(): Promise<boolean>;
}

export interface ReconcileDeps extends PaymentDeps {
  readonly db: Database;
  readonly gateways: Gateways;
  readonly lookedUp?: (gateway: string, outcome: LookupOutcome['kind'], seconds: number) => void;
}

export function createReconciler(deps: ReconcileDeps): Reconciler {
  return {
    async runOnce() {
      if (await endOne(deps)) return true;
      const due = await claimDue(deps);
      if (due === 'nothing') return false;
      if (due === 'put_off') return true;
      const startedAt = deps.clock.now().getTime();
      const outcome = await due.ability.lookup({
        correlationId: due.row.correlation_id,
        requestId: due.row.request_id,
        reference: due.row.reference,
      });
      const giveUp = due.ability.giveUpAfterSeconds ?? null;
      await deps.db
        .transaction()
        .execute((tx) => commitLookup(tx, deps, due.row, due.lease, outcome, giveUp));
      deps.lookedUp?.(due.gateway, outcome.kind, (deps.clock.now().getTime() - startedAt) / 1000);
      return true;
    },
  };
}

/** A prompt's life is over, or a call outlived its claim: from here on we do not know. */
async function endOne(deps: ReconcileDeps): Promise<boolean> {
  return deps.db.transaction().execute(async (tx) => {
    const now = deps.clock.now();
    const overdue = await tx
      .selectFrom('attempt')
      .innerJoin('payment', 'payment.id', 'attempt.payment_id')
      .select('attempt.id')
      .where((eb) =>
        eb.or([
          eb.and([eb('attempt.state', '=', 'prompted'), eb('live_until', '<=', now)]),
          eb.and([eb('attempt.state', '=', 'sending'), eb('lease_until', '<=', now)]),
        ]),
      )
      .limit(1)
      .forNoKeyUpdate('payment')
      .skipLocked()
      .executeTakeFirst();
    if (overdue === undefined) return false;
    const attempt = await tx
      .selectFrom('attempt')
      .selectAll()
      .where('id', '=', overdue.id)
      .executeTakeFirstOrThrow();
    if (attempt.state === 'prompted') await endPrompt(tx, deps, attempt, now);
    else if (attempt.state === 'sending') await endLease(tx, deps, attempt, now);
    return true;
  });
}

/** false: another worker holds this payment and is at it. */
async function lockPayment(tx: Tx, id: PaymentId): Promise<boolean> {
  const locked = await tx
    .selectFrom('payment')
    .select('id')
    .where('id', '=', id)
    .forNoKeyUpdate()
    .skipLocked()
    .executeTakeFirst();
  return locked !== undefined;
}

async function endPrompt(tx: Tx, deps: ReconcileDeps, attempt: AttemptRow, now: Date): Promise<void> {
  await tx.updateTable('attempt').set({ state: 'unknown' }).where('id', '=', attempt.id).execute();
  await recordEvent(tx, now, attempt.payment_id, attempt.id, 'prompt_life_over');
  await refreshPayment(tx, deps, attempt.payment_id);
}

async function endLease(tx: Tx, deps: ReconcileDeps, attempt: AttemptRow, now: Date): Promise<void> {
  await tx
    .updateTable('attempt')
    .set({
      state: 'unknown',
      detail: 'The process ended between the call and its answer.',
      live_until: plusSeconds(now, promptLifeSeconds),
      next_check_at: plusSeconds(now, lostAnswerCheckSeconds),
    })
    .where('id', '=', attempt.id)
    .execute();
  await recordEvent(tx, now, attempt.payment_id, attempt.id, 'answer_lost');
  const facts = { attempt: attempt.id, outcome: 'lost', reason: null };
  await auditPayment(tx, now, attempt.payment_id, null, 'payment_outcome', facts);
  await refreshPayment(tx, deps, attempt.payment_id);
}

interface Due {
  readonly row: AttemptRow;
  readonly lease: string;
  readonly ability: LookupAbility;
  readonly gateway: string;
}

/** Claims one due attempt. The row's lease is not the submitter's: a `sending` attempt is never looked up. */
async function claimDue(deps: ReconcileDeps): Promise<Due | 'nothing' | 'put_off'> {
  return deps.db.transaction().execute(async (tx) => {
    const now = deps.clock.now();
    const row = await tx
      .selectFrom('attempt')
      .selectAll()
      .where('next_check_at', '<=', now)
      .where('state', 'not in', ['queued', 'sending'])
      .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)]))
      .where((eb) => eb.not(eb.exists(inFlight(eb, now))))
      .orderBy('next_check_at')
      .limit(1)
      .forNoKeyUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (row === undefined) return 'nothing';
    const gateway = await openOrPutOff(tx, deps, row, now);
    if (gateway === null) return 'put_off';
    if (gateway.lookup === undefined) {
      await withoutLookup(tx, deps, row, now);
      return 'put_off';
    }
    const slot = await takeSlot(tx, deps.clock, row.account_id, gateway.lookup.budgetPerMinute);
    if (slot !== null) {
      await tx.updateTable('attempt').set({ next_check_at: slot }).where('id', '=', row.id).execute();
      return 'put_off';
    }
    const lease = leaseUuid(token(deps.random));
    await tx
      .updateTable('attempt')
      .set({ lease_token: lease, lease_until: plusSeconds(now, lookupLeaseSeconds) })
      .where('id', '=', row.id)
      .execute();
    return { row, lease, ability: gateway.lookup, gateway: gateway.kind };
  });
}

/** One look-up of an account at a time: where its gateway hangs, the other lanes are the other accounts'. */
function inFlight(eb: ExpressionBuilder<DB, 'attempt'>, now: Date) {
  return eb
    .selectFrom('attempt as other')
    .select('other.id')
    .whereRef('other.account_id', '=', 'attempt.account_id')
    .where('other.next_check_at', '<=', now)
    .where('other.lease_until', '>', now)
    .where('other.state', 'not in', ['queued', 'sending']);
}

/** null: the account's stored configuration does not open; the others' look-ups must not wait behind it. */
async function openOrPutOff(
  tx: Tx,
  deps: ReconcileDeps,
  row: AttemptRow,
  now: Date,
): Promise<OpenGateway | null> {
  try {
    return await deps.gateways.open(tx, row.account_id);
  } catch (err) {
    deps.log.error({ err, account: row.account_id }, 'a gateway account does not open; looked up later');
    const later = plusSeconds(now, notOpenSeconds);
    await tx.updateTable('attempt').set({ next_check_at: later }).where('id', '=', row.id).execute();
    return null;
  }
}

/** Nothing can be asked here. The payment's lock comes first everywhere else, so it is only tried, never waited for. */
async function withoutLookup(tx: Tx, deps: ReconcileDeps, row: AttemptRow, now: Date): Promise<void> {
  if (row.state === 'paid') return withoutReceipt(tx, deps, row, now);
  const end = plusSeconds(row.sent_at ?? row.queued_at, withoutLookupSeconds);
  const open = row.state === 'prompted' || row.state === 'unknown';
  const over = end <= now;
  const locked = over && open && (await lockPayment(tx, row.payment_id));
  const next = !over ? end : open && !locked ? plusSeconds(now, 1) : null;
  await tx.updateTable('attempt').set({ next_check_at: next }).where('id', '=', row.id).execute();
  if (locked) await handToReview(tx, deps, row, now);
}

/** The number may still come by callback; once it is late, the card says where the customer finds it. */
async function withoutReceipt(tx: Tx, deps: ReconcileDeps, row: AttemptRow, now: Date): Promise<void> {
  const late = plusSeconds(row.ended_at ?? now, receiptFollowsSeconds);
  const locked = late <= now && (await lockPayment(tx, row.payment_id));
  const next = late > now ? late : locked ? null : plusSeconds(now, 1);
  await tx.updateTable('attempt').set({ next_check_at: next }).where('id', '=', row.id).execute();
  if (locked) await refreshPayment(tx, deps, row.payment_id);
}
