/** What holds a prompt back for a while, although the payment may be asked for. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { AccountId, LinkId, PaymentId } from '../domain/ids.ts';
import { promptLifeSeconds, sameAmountSeconds } from '../domain/payment.ts';
import { phoneRest, restOf } from './account-rest.ts';
import type { PaymentDeps } from './context.ts';
import { otherUse } from './links.ts';

/**
 * locked: a prompt stands open. soon: M-Pesa wants a minute between prompts. duplicate: it refuses the same amount.
 * often: the gateway takes no more prompts to this phone. resting: it takes none of this account. link_paid: it is a
 * payment of a link for one payment, which another one has paid. link_open: another prompt of that link is not over.
 */
export type HeldWhy = 'locked' | 'soon' | 'duplicate' | 'often' | 'resting' | 'link_paid' | 'link_open';

export interface Held {
  readonly kind: 'held';
  readonly why: HeldWhy;
  readonly since: Date;
  readonly next: Date;
}

/** The link is locked before the phone, as where a customer pays by it. */
export async function heldByLink(
  tx: Tx,
  deps: PaymentDeps,
  payment: { readonly id: PaymentId; readonly link_id: LinkId | null },
): Promise<Held | null> {
  const other = await otherUse(tx, payment);
  if (other === null) return null;
  const now = deps.clock.now();
  const next = plusSeconds(now, promptLifeSeconds);
  return { kind: 'held', why: other === 'paid' ? 'link_paid' : 'link_open', since: now, next };
}

/**
 * One live prompt per phone, across all businesses: the phone has one screen. The advisory lock makes two presses at
 * once wait for each other; the loser sees the winner's row.
 */
export async function heldBack(
  tx: Tx,
  deps: PaymentDeps,
  account: { readonly id: AccountId; readonly kind: string },
  phoneHmac: Buffer,
  amountCents: bigint,
): Promise<Held | null> {
  await sql`select pg_advisory_xact_lock(${phoneHmac.readBigInt64BE(0)})`.execute(tx);
  const now = deps.clock.now();
  const resting = await restOf(tx, account.id, now);
  if (resting !== null) return { kind: 'held', why: 'resting', ...resting };
  const recent = await tx
    .selectFrom('attempt')
    .select(['state', 'amount_cents', 'live_until'])
    .where('phone_hmac', '=', phoneHmac)
    .where((eb) =>
      eb.or([
        eb('queued_at', '>', plusSeconds(now, -sameAmountSeconds)),
        eb('live_until', '>', plusSeconds(now, promptLifeSeconds - sameAmountSeconds)),
        eb('state', 'in', ['queued', 'sending']),
      ]),
    )
    .where('state', 'not in', ['refused', 'not_sent'])
    .orderBy('queued_at', 'desc')
    .execute();
  for (const attempt of recent) {
    const since = madeBy(attempt.live_until, now);
    const open = attempt.state !== 'failed' && attempt.state !== 'paid';
    const minute = plusSeconds(since, promptLifeSeconds);
    if (open && minute > now) return { kind: 'held', why: 'locked', since, next: minute };
    if (attempt.amount_cents !== amountCents && minute > now)
      return { kind: 'held', why: 'soon', since, next: minute };
  }
  const same = recent.find((attempt) => attempt.amount_cents === amountCents);
  if (same !== undefined) {
    const since = madeBy(same.live_until, now);
    const next = plusSeconds(since, sameAmountSeconds);
    if (next > now) return { kind: 'held', why: 'duplicate', since, next };
  }
  const often = await phoneRest(tx, account, phoneHmac, now);
  return often === null ? null : { kind: 'held', why: 'often', ...often };
}

/** When M-Pesa made the prompt, at the latest: one that waits in our queue is yet to be made. */
function madeBy(liveUntil: Date | null, now: Date): Date {
  return liveUntil === null ? now : plusSeconds(liveUntil, -promptLifeSeconds);
}
