/** A customer pays by a link: a payment of the link's maker, with its prompt queued, or the reason why there is none. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { IdentityId, PaymentId } from '../domain/ids.ts';
import { isPayable } from '../domain/money.ts';
import type { Msisdn } from '../domain/msisdn.ts';
import type { PaymentDeps } from './context.ts';
import { activeAccount } from './default-account.ts';
import { findLink, type LinkState, type LinkView } from './links.ts';
import { type Asker, limitedUntil, lockCounts, quietUntil } from './links-limits.ts';
import { draftPayment, type HeldWhy, sendPrompt } from './request.ts';

export interface PayByLink {
  readonly code: string;
  readonly msisdn: Msisdn;
  /** What the customer named; a link that names the sum itself does not look at it. */
  readonly amountCents: bigint | null;
  /**
   * `address`: the network address that asks, as `addressKey` gives it. `identity`: a person in a chat, with a phone that the
   * platform vouches for. `typedBy`: a person in a chat who typed the phone; they count as an address does.
   */
  readonly from:
    | { readonly address: string | null }
    | { readonly identity: IdentityId }
    | { readonly typedBy: IdentityId };
}

export type LinkRefusal =
  | { readonly kind: 'no_link' }
  | { readonly kind: 'expired' | 'closed' | 'paid' | 'open_prompt' }
  | { readonly kind: 'out_of_range' }
  /** This phone, or the gateway account, has to wait first. */
  | { readonly kind: 'held'; readonly why: HeldWhy; readonly next: Date }
  | { readonly kind: 'limited' | 'quiet'; readonly next: Date }
  /** The shop's gateway account takes no prompts until somebody acts. */
  | { readonly kind: 'account_stopped' };

export type LinkOutcome = { readonly kind: 'queued'; readonly paymentId: PaymentId } | LinkRefusal;

export async function payByLink(tx: Tx, deps: PaymentDeps, what: PayByLink): Promise<LinkOutcome> {
  if (!(await lockLink(tx, deps, what.code))) return { kind: 'no_link' };
  const link = await findLink(tx, deps, what.code);
  if (link === null) return { kind: 'no_link' };
  if (link.state !== 'open') return { kind: link.state satisfies Exclude<LinkState, 'open'> };
  const amountCents = link.amountCents ?? what.amountCents;
  if (amountCents === null || !isPayable(amountCents)) return { kind: 'out_of_range' };
  const asker = askerOf(deps, link, what);
  await lockCounts(tx, asker);
  const now = deps.clock.now();
  const quiet = await quietUntil(tx, asker, now);
  if (quiet !== null) return { kind: 'quiet', next: quiet };
  const limited = await limitedUntil(tx, asker, now);
  if (limited !== null) return { kind: 'limited', next: limited };
  const outcome = await orNothing(tx, () => ask(tx, deps, link, what, amountCents));
  if (outcome.kind !== 'queued') return outcome;
  await recordUse(tx, asker, outcome.paymentId, now);
  await deps.tell.askedByLink(tx, outcome.paymentId);
  deps.log.info({ link: link.id, payment: outcome.paymentId }, 'a link was used');
  return outcome;
}

/** Two who open a once-link at the same moment come one after the other: the second one sees the first one's prompt. */
async function lockLink(tx: Tx, deps: PaymentDeps, code: string): Promise<boolean> {
  const locked = await tx
    .selectFrom('pay_link')
    .select('id')
    .where('code_hmac', '=', deps.vault.hmac('pay_link', code))
    .forNoKeyUpdate()
    .executeTakeFirst();
  return locked !== undefined;
}

function askerOf(deps: PaymentDeps, link: LinkView, { msisdn, from }: PayByLink): Asker {
  const typed = 'typedBy' in from ? `chat ${from.typedBy}` : null;
  const address = 'address' in from ? from.address : typed;
  return {
    linkId: link.id,
    businessId: link.businessId,
    phoneHmac: deps.vault.hmac('phone', msisdn),
    addressHmac: address === null ? null : deps.vault.hmac('address', address),
    vouched: 'identity' in from,
  };
}

async function ask(
  tx: Tx,
  deps: PaymentDeps,
  link: LinkView,
  { msisdn, from }: PayByLink,
  amountCents: bigint,
): Promise<LinkOutcome> {
  const account = await activeAccount(tx, link.businessId);
  if (account === null) return { kind: 'account_stopped' };
  const paymentId = await draftPayment(tx, deps, {
    businessId: link.businessId,
    accountId: account.id,
    requestedBy: link.createdBy,
    amountCents,
    msisdn,
    note: link.note,
    payerName: null,
  });
  await tx.updateTable('payment').set({ link_id: link.id }).where('id', '=', paymentId).execute();
  const inChat = 'identity' in from ? from.identity : 'typedBy' in from ? from.typedBy : null;
  const sent = await sendPrompt(tx, deps, paymentId, inChat);
  switch (sent.kind) {
    case 'queued':
      return { kind: 'queued', paymentId };
    case 'held':
      return { kind: 'held', why: sent.why, next: sent.next };
    case 'account_stopped':
      return { kind: 'account_stopped' };
    case 'not_now':
      throw new Error('A draft that was just made cannot be sent.');
  }
}

/** A prompt that may not be sent leaves no payment behind: nobody asked the shop for one. */
async function orNothing(tx: Tx, run: () => Promise<LinkOutcome>): Promise<LinkOutcome> {
  await sql`savepoint by_link`.execute(tx);
  const outcome = await run();
  if (outcome.kind !== 'queued') await sql`rollback to savepoint by_link`.execute(tx);
  await sql`release savepoint by_link`.execute(tx);
  return outcome;
}

async function recordUse(tx: Tx, asker: Asker, paymentId: PaymentId, at: Date): Promise<void> {
  await tx
    .insertInto('link_use')
    .values({
      link_id: asker.linkId,
      payment_id: paymentId,
      phone_hmac: asker.phoneHmac,
      address_hmac: asker.addressHmac,
      vouched: asker.vouched,
      at,
    })
    .execute();
}
