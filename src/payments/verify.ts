/**
 * Is this M-Pesa code good? Answered from one business's ledger and evidence; a text that somebody shows is only compared
 * with them and never credits anything.
 *
 * Genuine is said once for a payment. The first check of it is kept (`receipt_check`), and whoever of the business checks
 * a code of the same payment after that hears that it was used, with the time and our number: the goods went out on the
 * first check. One exception: within a minute of the first check the same person gets the first answer again, with the
 * time of it, since a double tap or a message sent again on a poor network is no second customer. The minute does not
 * grow with further checks, and another member is warned at once: two tills may have been shown the same SMS. The card of
 * the payment is such a till as well: where it was somebody else's, or a while ago, the answer says who saw it paid.
 */
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import { eatDay } from '../domain/eat.ts';
import type { BusinessId, IdentityId, PaymentId } from '../domain/ids.ts';
import { type Claim, looksLikeReceipt } from '../domain/receipt.ts';
import type { PaymentDeps } from './context.ts';
import { type AskedAbout, askAbout } from './verify-ask.ts';
import {
  type CardHolder,
  findNear,
  findPaid,
  findTold,
  type Known,
  type Paid,
  shownTo,
} from './verify-find.ts';

export type Verdict =
  /**
   * `again`: when the same person got this answer a moment ago. `shown`: whose card said paid, where the goods may have
   * gone out on it. `old`: that was long ago.
   */
  | {
      readonly kind: 'genuine';
      readonly known: Known;
      readonly again: Date | null;
      readonly shown: CardHolder | null;
      readonly old: boolean;
    }
  /** `at`: when it was checked first. */
  | { readonly kind: 'used'; readonly known: Known; readonly at: Date }
  /** `used`: it was checked before, too. */
  | { readonly kind: 'differs'; readonly known: Known; readonly used: Date | null }
  /** The amount agrees; the phone or the day in the text is not the payment's. */
  | { readonly kind: 'unlike'; readonly known: Known }
  /** In the ledger, and the gateway itself has not named it: a person typed it, or the message was not signed. */
  | { readonly kind: 'unnamed'; readonly by: 'person' | 'unsigned'; readonly known: Known }
  /** A stand-in of the gateway, no code of M-Pesa. */
  | { readonly kind: 'stand_in'; readonly known: Known }
  /** `cents`: so much of it was given back. */
  | { readonly kind: 'given_back'; readonly known: Known; readonly cents: bigint }
  | { readonly kind: 'doubt'; readonly ref: string }
  /** Told to us, and it belongs to nothing that was asked. */
  | { readonly kind: 'unmatched' }
  | ({ readonly kind: 'asking' } & AskedAbout)
  /** A code of this business that looks like it on paper; only suggested. */
  | { readonly kind: 'near'; readonly code: string }
  | { readonly kind: 'stranger' };

export interface Checker {
  readonly businessId: BusinessId;
  readonly identityId: IdentityId;
}

/** The same person asking again for so long is no second customer. */
const sameCheckSeconds = 60;
/** Whoever asked for the money looks at their own card for so long; after that it may have served another customer. */
const ownCardSeconds = 120;
/** A payment that stood longer than this when it was first checked was shown on its card long ago. */
const freshSeconds = 3600;

export async function verifyClaim(tx: Tx, deps: PaymentDeps, who: Checker, claim: Claim): Promise<Verdict> {
  const paid = await findPaid(tx, deps, who.businessId, claim.code);
  if (paid !== null) return verifyPaid(tx, deps, who, claim, paid);
  const told = await findTold(tx, who.businessId, claim.code);
  if (told !== null) return told.ref === null ? { kind: 'unmatched' } : { kind: 'doubt', ref: told.ref };
  const near = await findNear(tx, who.businessId, claim.code);
  if (near !== null) return { kind: 'near', code: near };
  // The gateway is not bothered with a word that is no code.
  const asked = looksLikeReceipt(claim.code) ? await askAbout(tx, deps, who.businessId, claim) : null;
  return asked === null ? { kind: 'stranger' } : { kind: 'asking', ...asked };
}

/** A payment of the person's own phone, for those who are in no business. It tells them what their receipt told, and keeps nothing. */
export async function verifyOwn(
  tx: Tx,
  deps: PaymentDeps,
  identityId: IdentityId,
  code: string,
): Promise<(Known & { readonly shop: string }) | 'not_linked' | null> {
  const link = await tx
    .selectFrom('phone_link')
    .select('phone_hmac')
    .where('identity_id', '=', identityId)
    .executeTakeFirst();
  if (link === undefined) return 'not_linked';
  const own = await tx
    .selectFrom('attempt')
    .innerJoin('payment', 'payment.id', 'attempt.payment_id')
    .innerJoin('business', 'business.id', 'payment.business_id')
    .select(['business.id', 'business.name'])
    .where('attempt.receipt', '=', code)
    .where('attempt.state', '=', 'paid')
    .where('attempt.phone_hmac', '=', link.phone_hmac)
    .executeTakeFirst();
  if (own === undefined) return null;
  const paid = await findPaid(tx, deps, own.id, code);
  if (paid === null || paid.flag !== null || paid.backCents > 0n || paid.namedBy !== 'gateway') return null;
  return { ...paid.known, shop: own.name };
}

async function verifyPaid(
  tx: Tx,
  deps: PaymentDeps,
  who: Checker,
  claim: Claim,
  paid: Paid,
): Promise<Verdict> {
  const { known } = paid;
  if (paid.namedBy === 'stand_in') return { kind: 'stand_in', known };
  if (paid.backCents > 0n) return { kind: 'given_back', known, cents: paid.backCents };
  const first = await firstCheck(tx, paid.paymentId);
  if (claim.cents !== null && claim.cents !== known.cents)
    return { kind: 'differs', known, used: first?.at ?? null };
  const now = deps.clock.now();
  const mine = first?.identity_id === who.identityId && now <= plusSeconds(first.at, sameCheckSeconds);
  if (first !== null && !mine) return { kind: 'used', known, at: first.at };
  if (isUnlike(claim, paid)) return { kind: 'unlike', known };
  if (paid.flag !== null) return { kind: 'doubt', ref: known.ref };
  if (first === null)
    await tx
      .insertInto('receipt_check')
      .values({ payment_id: paid.paymentId, identity_id: who.identityId, at: now })
      .execute();
  if (paid.namedBy !== 'gateway') return { kind: 'unnamed', by: paid.namedBy, known };
  const old = now > plusSeconds(known.at, freshSeconds);
  return {
    kind: 'genuine',
    known,
    again: first?.at ?? null,
    shown: await shownBefore(tx, who, paid, now),
    old,
  };
}

/** Every proved payment was shown on a card: one SMS must not fetch goods at the till that saw it and at another one. */
async function shownBefore(tx: Tx, who: Checker, paid: Paid, now: Date): Promise<CardHolder | null> {
  const holder = await shownTo(tx, paid);
  const fresh = now <= plusSeconds(paid.known.at, ownCardSeconds);
  return holder === null || (fresh && holder.id === who.identityId) ? null : holder;
}

async function firstCheck(tx: Tx, paymentId: PaymentId) {
  const row = await tx
    .selectFrom('receipt_check')
    .select(['identity_id', 'at'])
    .where('payment_id', '=', paymentId)
    .executeTakeFirst();
  return row ?? null;
}

/** A day is left on both sides: a code may reach us late, and midnight lies between a message and its record. */
function isUnlike(claim: Claim, paid: Paid): boolean {
  if (claim.payer !== null && claim.payer !== paid.known.msisdn) return true;
  if (claim.day === null) return false;
  const aDay = 24 * 3600;
  const earliest = eatDay(plusSeconds(paid.askedAt, -aDay));
  return claim.day < earliest || claim.day > eatDay(plusSeconds(paid.known.at, aDay));
}
