/**
 * An account rests where its gateway asked for it, or does not answer: new prompts are held back until then, so that no
 * customer is asked through a gateway that loses answers. What was sent stays with its account and is looked up there.
 */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { AccountId } from '../domain/ids.ts';
import type { CollectOutcome } from '../gateways/gateway.ts';
import { phoneLimitOf } from '../gateways/registry.ts';
import type { PaymentDeps } from './context.ts';

/** asked: the gateway named the time (429). failing: the last prompts were not answered. */
export type RestReason = 'asked' | 'failing';

/** So many prompts in a row without an answer are no chance. */
const failuresThatRest = 4;
const lookBackSeconds = 15 * 60;
const failingRestSeconds = 120;

/** Decides, after the outcome of a call was stored, whether the account rests. Managers are told when it begins. */
export async function restAfter(
  tx: Tx,
  deps: PaymentDeps,
  id: AccountId,
  outcome: CollectOutcome,
  now: Date,
): Promise<void> {
  if (outcome.kind === 'refused' && outcome.wait?.scope === 'account')
    return rest(tx, deps, id, plusSeconds(now, outcome.wait.seconds), 'asked');
  const silent = outcome.kind === 'not_sent' || outcome.kind === 'unknown';
  if (silent && (await keepsFailing(tx, id, now)))
    return rest(tx, deps, id, plusSeconds(now, failingRestSeconds), 'failing');
  // An answer, whatever it says, is a gateway that works.
  if (!silent)
    await tx
      .updateTable('gateway_account')
      .set({ rest_until: null, rest_reason: null })
      .where('id', '=', id)
      .where('rest_reason', '=', 'failing')
      .execute();
}

async function rest(
  tx: Tx,
  deps: PaymentDeps,
  id: AccountId,
  until: Date,
  reason: RestReason,
): Promise<void> {
  const account = await tx
    .selectFrom('gateway_account')
    .select(['rest_until', 'rest_reason'])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  if (account.rest_until !== null && account.rest_until >= until) return;
  await tx
    .updateTable('gateway_account')
    .set({ rest_until: until, rest_reason: reason })
    .where('id', '=', id)
    .execute();
  // While it goes on failing they know; a rest that the gateway asked for is short and says so on the card.
  if (reason === 'failing' && account.rest_reason !== 'failing')
    await deps.tell.accountResting(tx, id, until);
}

/** The newest prompts of the account, this one included, all ended without the gateway's answer. */
async function keepsFailing(tx: Tx, id: AccountId, now: Date): Promise<boolean> {
  const newest = await tx
    .selectFrom('attempt')
    .select(['state', 'correlation_id', 'request_id'])
    .where('account_id', '=', id)
    .where('state', 'not in', ['queued', 'sending'])
    .where('queued_at', '>', plusSeconds(now, -lookBackSeconds))
    .orderBy('queued_at', 'desc')
    .limit(failuresThatRest)
    .execute();
  return (
    newest.length === failuresThatRest &&
    newest.every(
      ({ state, correlation_id, request_id }) =>
        state === 'not_sent' || (state === 'unknown' && correlation_id === null && request_id === null),
    )
  );
}

export interface Resting {
  readonly since: Date;
  readonly next: Date;
}

/** Until when the account takes no new prompts; null: it takes them. */
export async function restOf(tx: Tx, id: AccountId, now: Date): Promise<Resting | null> {
  const account = await tx
    .selectFrom('gateway_account')
    .select('rest_until')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const until = account.rest_until;
  return until === null || until <= now ? null : { since: now, next: until };
}

/**
 * Until when the gateway would refuse another prompt to this phone: it said so, or its documented limit is reached. The
 * caller holds the phone's lock.
 */
export async function phoneRest(
  tx: Tx,
  account: { readonly id: AccountId; readonly kind: string },
  phoneHmac: Buffer,
  now: Date,
): Promise<Resting | null> {
  const told = await tx
    .selectFrom('attempt')
    .select(({ fn }) => fn.max('wait_until').as('until'))
    .where('phone_hmac', '=', phoneHmac)
    .where('account_id', '=', account.id)
    .where('wait_until', '>', now)
    .executeTakeFirst();
  if (told?.until != null) return { since: now, next: told.until };
  const limit = phoneLimitOf(account.kind);
  if (limit === null) return null;
  const counted = await tx
    .selectFrom('attempt')
    .select(sql<Date>`coalesce(sent_at, queued_at)`.as('at'))
    .where('phone_hmac', '=', phoneHmac)
    .where('account_id', '=', account.id)
    .where('state', 'not in', ['refused', 'not_sent'])
    .where('queued_at', '>', plusSeconds(now, -limit.seconds))
    .orderBy('queued_at', 'desc')
    .limit(limit.prompts)
    .execute();
  const oldest = counted[limit.prompts - 1];
  const next = oldest === undefined ? null : plusSeconds(oldest.at, limit.seconds);
  return next === null || next <= now ? null : { since: oldest?.at ?? now, next };
}
