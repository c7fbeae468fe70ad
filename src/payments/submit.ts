/**
 * Commit, call, commit. A queued attempt is claimed and committed as `sending`; then the gateway is called, outside any
 * transaction; then the outcome is committed. A process that dies between the two leaves `sending` with a lease that
 * runs out, which the reconciler turns into `unknown`: never into another call.
 */
import { sql } from 'kysely';
import type { Database, Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { AccountId, AttemptId, PaymentId } from '../domain/ids.ts';
import type { Msisdn } from '../domain/msisdn.ts';
import { promptLifeSeconds } from '../domain/payment.ts';
import { token } from '../domain/random.ts';
import type { CollectOutcome, CollectRequest, OpenGateway } from '../gateways/gateway.ts';
import { restAfter } from './account-rest.ts';
import { stopAccount, stopsAccount } from './account-state.ts';
import { auditPayment } from './audited.ts';
import { openPhone, type PaymentDeps, sealedAs } from './context.ts';
import { recordEvent } from './events.ts';
import type { Gateways } from './gateways.ts';
import { lockNames } from './match.ts';
import { refreshPayment } from './refresh.ts';
import { settleUnmatched } from './settle.ts';
import { endUnsent, notAnyMore, takeQueued } from './submit-claim.ts';
import { changeBy, detailOf, eventOf, reasonOf } from './submit-outcome.ts';

/** Longer than the gateway's time-out, so that a call never outlives its claim. */
export const submitLeaseSeconds = 90;

export interface Submitter {
  /** Sends one queued attempt; false when there is none. */
  runOnce(): Promise<boolean>;
}

export interface SubmitDeps extends PaymentDeps {
  readonly db: Database;
  readonly gateways: Gateways;
  /** Resolves after so many milliseconds, or earlier where the program stops. */
  readonly pause: (ms: number) => Promise<void>;
  readonly submitted?: (gateway: string, outcome: CollectOutcome['kind'], seconds: number) => void;
}

interface Claimed {
  readonly id: AttemptId;
  readonly paymentId: PaymentId;
  readonly accountId: AccountId;
  readonly reference: string;
  readonly leaseToken: string;
  readonly sentAt: Date;
  readonly request: CollectRequest;
}

export function createSubmitter(deps: SubmitDeps): Submitter {
  return {
    async runOnce() {
      const claimed = await claim(deps);
      if (claimed === 'nothing') return false;
      if (claimed === 'not_sent') return true;
      const { gateway, outcome } = await call(deps, claimed);
      await keepTrying(deps, claimed, () =>
        deps.db.transaction().execute((tx) => commitOutcome(tx, deps, claimed, outcome)),
      );
      deps.submitted?.(gateway, outcome.kind, (deps.clock.now().getTime() - claimed.sentAt.getTime()) / 1000);
      deps.log.info(
        { payment: claimed.paymentId, reference: claimed.reference, outcome: outcome.kind },
        'prompt submitted',
      );
      return true;
    },
  };
}

const firstPauseMs = 100;
const longestPauseMs = 5000;
/** With these pauses as many as a lease lasts, and an end where the clock stands still. */
const mostTries = 22;

/** The answer in hand is the only one there will be: a database that fails for a moment must not lose it. */
async function keepTrying(deps: SubmitDeps, claimed: Claimed, commit: () => Promise<void>): Promise<void> {
  const leaseEnd = plusSeconds(claimed.sentAt, submitLeaseSeconds);
  for (let tries = 1, ms = firstPauseMs; ; tries++, ms = Math.min(2 * ms, longestPauseMs)) {
    try {
      return await commit();
    } catch (err) {
      if (tries === mostTries || deps.clock.now() >= leaseEnd) throw err;
      deps.log.warn({ err, payment: claimed.paymentId }, 'an outcome was not stored yet; it is tried again');
      await deps.pause(ms);
    }
  }
}

/** An account that cannot be opened has sent nothing; once the gateway has the request, only its answer counts. */
async function call(
  deps: SubmitDeps,
  claimed: Claimed,
): Promise<{ gateway: string; outcome: CollectOutcome }> {
  let gateway: OpenGateway;
  try {
    gateway = await deps.gateways.open(deps.db, claimed.accountId);
  } catch (err) {
    deps.log.error({ err, account: claimed.accountId }, 'a gateway account does not open');
    const detail = 'The gateway account does not open; see the log.';
    return { gateway: 'none', outcome: { kind: 'not_sent', detail } };
  }
  return { gateway: gateway.kind, outcome: await gateway.collect(claimed.request) };
}

async function claim(deps: SubmitDeps): Promise<Claimed | 'nothing' | 'not_sent'> {
  return deps.db.transaction().execute(async (tx) => {
    const row = await takeQueued(tx);
    if (typeof row === 'string') return row;
    const now = deps.clock.now();
    const why = await notAnyMore(tx, row, now);
    if (why !== null) {
      await endUnsent(tx, deps, row, why);
      return 'not_sent';
    }
    const leaseToken = leaseUuid(token(deps.random));
    await tx
      .updateTable('attempt')
      .set({
        state: 'sending',
        sent_at: now,
        live_until: plusSeconds(now, promptLifeSeconds),
        lease_token: leaseToken,
        lease_until: plusSeconds(now, submitLeaseSeconds),
      })
      .where('id', '=', row.id)
      .execute();
    await recordEvent(tx, now, row.payment_id, row.id, 'sending', { reference: row.reference });
    const callback = deps.vault.open(row.callback_sealed, sealedAs.attemptCallback(row.id));
    return {
      id: row.id,
      paymentId: row.payment_id,
      accountId: row.account_id,
      reference: row.reference,
      leaseToken,
      sentAt: now,
      request: {
        reference: row.reference,
        amountCents: row.amount_cents,
        msisdn: openPhone(deps.vault, row.phone_sealed, sealedAs.attemptPhone(row.id)) as Msisdn,
        description: row.reference,
        callbackUrl: await callbackUrl(tx, deps, row.account_id, callback),
      },
    };
  });
}

/** A lease token is a UUID column; 32 hex digits read as one. */
export function leaseUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

async function callbackUrl(
  tx: Tx,
  deps: SubmitDeps,
  accountId: AccountId,
  operation: string,
): Promise<string> {
  const account = await tx
    .selectFrom('gateway_account')
    .select('callback_sealed')
    .where('id', '=', accountId)
    .executeTakeFirstOrThrow();
  const accountToken = deps.vault.open(account.callback_sealed, sealedAs.accountCallback(accountId));
  return `${deps.publicUrl}/cb/${accountToken}/${operation}`;
}

/** What each outcome makes of an attempt that is still ours to change. */
async function commitOutcome(
  tx: Tx,
  deps: SubmitDeps,
  claimed: Claimed,
  outcome: CollectOutcome,
): Promise<void> {
  await sql`select 1 from payment where id = ${claimed.paymentId} for no key update`.execute(tx);
  const attempt = await tx
    .selectFrom('attempt')
    .select(['state', 'lease_token'])
    .where('id', '=', claimed.id)
    .executeTakeFirstOrThrow();
  const now = deps.clock.now();
  await recordEvent(tx, now, claimed.paymentId, claimed.id, eventOf[outcome.kind], detailOf(outcome));
  await learnIds(tx, claimed, outcome);
  // A callback that came before the gateway's own answer, or a lease that ran out, has decided already.
  const ours = attempt.state === 'sending' && attempt.lease_token === claimed.leaseToken;
  const late = attempt.state === 'unknown' && outcome.kind !== 'unknown';
  if (ours || late) {
    await tx
      .updateTable('attempt')
      .set(changeBy(outcome, claimed.sentAt, now))
      .where('id', '=', claimed.id)
      .execute();
    // That the prompt was made says nothing about money yet.
    if (outcome.kind !== 'accepted') {
      const facts = { attempt: claimed.id, outcome: outcome.kind, reason: reasonOf(outcome) };
      await auditPayment(tx, now, claimed.paymentId, null, 'payment_outcome', facts);
    }
  }
  if (outcome.kind === 'accepted' || outcome.kind === 'unknown') await settleUnmatched(tx, deps, claimed.id);
  await refreshPayment(tx, deps, claimed.paymentId);
  if (outcome.kind === 'refused' && stopsAccount(outcome.reason))
    await stopAccount(tx, deps.tell, claimed.accountId, outcome.reason);
  else await restAfter(tx, deps, claimed.accountId, outcome, now);
}

async function learnIds(tx: Tx, { id, accountId }: Claimed, outcome: CollectOutcome): Promise<void> {
  if (outcome.kind !== 'accepted' && outcome.kind !== 'unknown') return;
  await lockNames(tx, accountId, outcome.ids);
  const { correlationId, requestId } = outcome.ids;
  await tx
    .updateTable('attempt')
    .set((eb) => ({
      correlation_id: eb.fn.coalesce('correlation_id', eb.val(correlationId)),
      request_id: eb.fn.coalesce('request_id', eb.val(requestId)),
    }))
    .where('id', '=', id)
    .execute();
}
