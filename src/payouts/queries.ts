/** What is asked of the payouts: look-up by number, what waits, who was paid before. Rows of a file are the file's. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { BusinessId, IdentityId, PayoutId } from '../domain/ids.ts';
import type { Msisdn } from '../domain/msisdn.ts';
import { openPhone, sealedAs } from '../payments/context.ts';
import { notKnownYet } from './moved.ts';
import type { PayoutRow } from './reserve.ts';

const recentMost = 4;
const recentLookBack = 60;

/** Who was paid lately, newest first. */
export async function recentPayees(
  tx: Tx,
  vault: Vault,
  businessId: BusinessId,
): Promise<{ msisdn: Msisdn; name: string | null }[]> {
  const rows = await tx
    .selectFrom('payout')
    .select(['id', 'phone_sealed', 'phone_hmac', 'payee_name'])
    .where('business_id', '=', businessId)
    .where('refund_of', 'is', null)
    .orderBy('created_at', 'desc')
    .limit(recentLookBack)
    .execute();
  const seen = new Map<string, { msisdn: Msisdn; name: string | null }>();
  for (const row of rows) {
    const phone = row.phone_hmac.toString('hex');
    if (seen.has(phone) || seen.size === recentMost) continue;
    const msisdn = openPhone(vault, row.phone_sealed, sealedAs.payoutPhone(row.id));
    seen.set(phone, { msisdn, name: row.payee_name });
  }
  return [...seen.values()];
}

export interface PaidBefore {
  readonly count: number;
  readonly lastCents: bigint;
  readonly lastAt: Date;
}

/** What this business paid to the same phone before. null: nothing. */
export async function paidBefore(
  tx: Tx,
  payout: Pick<PayoutRow, 'id' | 'business_id' | 'phone_hmac'>,
): Promise<PaidBefore | null> {
  const rows = await tx
    .selectFrom('payout')
    .select(['amount_cents', 'paid_at'])
    .select((eb) => eb.fn.countAll<bigint>().over().as('n'))
    .where('business_id', '=', payout.business_id)
    .where('phone_hmac', '=', payout.phone_hmac)
    .where('id', '!=', payout.id)
    .where('state', '=', 'paid')
    .orderBy('paid_at', 'desc')
    .limit(1)
    .execute();
  const [last] = rows;
  if (last?.paid_at == null) return null;
  return { count: Number(last.n), lastCents: last.amount_cents, lastAt: last.paid_at };
}

export interface OpenBefore {
  readonly count: number;
  /** Of the newest. */
  readonly cents: bigint;
  readonly ref: string;
}

/** What was sent to the same phone before, and nobody knows yet whether it went. null: nothing. */
export async function openBefore(
  tx: Tx,
  payout: Pick<PayoutRow, 'id' | 'business_id' | 'phone_hmac'>,
): Promise<OpenBefore | null> {
  const rows = await tx
    .selectFrom('payout')
    .select(['amount_cents', 'ref'])
    .select((eb) => eb.fn.countAll<bigint>().over().as('n'))
    .where('business_id', '=', payout.business_id)
    .where('phone_hmac', '=', payout.phone_hmac)
    .where('id', '!=', payout.id)
    .where(notKnownYet('payout'))
    .orderBy('created_at', 'desc')
    .limit(1)
    .execute();
  const [last] = rows;
  return last === undefined ? null : { count: Number(last.n), cents: last.amount_cents, ref: last.ref };
}

/** What the gateway took for the last payout of the same account inside these sums. null: it never told. */
export async function lastFee(
  tx: Tx,
  accountId: PayoutRow['account_id'],
  band: { readonly least: bigint; readonly most: bigint },
): Promise<bigint | null> {
  const row = await tx
    .selectFrom('payout')
    .select('fee_cents')
    .where('account_id', '=', accountId)
    .where('fee_cents', 'is not', null)
    .where('amount_cents', '>=', band.least)
    .where('amount_cents', '<=', band.most)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.fee_cents ?? null;
}

export async function findPayoutByRef(
  tx: Tx,
  businessId: BusinessId,
  ref: string,
): Promise<{ id: PayoutId; requestedBy: IdentityId } | null> {
  const row = await tx
    .selectFrom('payout')
    .select(['id', 'requested_by as requestedBy'])
    .where('business_id', '=', businessId)
    .where('ref', '=', ref)
    .executeTakeFirst();
  return row ?? null;
}

/** What waits for a yes, oldest first. */
export async function waitingPayouts(
  tx: Tx,
  businessId: BusinessId,
  now: Date,
): Promise<{ id: PayoutId; requestedBy: IdentityId }[]> {
  return tx
    .selectFrom('payout')
    .select(['id', 'requested_by as requestedBy'])
    .where('business_id', '=', businessId)
    .where('state', '=', 'waiting')
    .where('batch_id', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('updated_at')
    .limit(100)
    .execute();
}

/** What a person must look at, oldest first. */
export async function payoutsInReview(tx: Tx, businessId: BusinessId): Promise<PayoutId[]> {
  const rows = await tx
    .selectFrom('payout')
    .select('id')
    .where('business_id', '=', businessId)
    .where((eb) => eb.or([eb('state', '=', 'review'), eb('flag', 'is not', null)]))
    .orderBy('updated_at')
    .limit(100)
    .execute();
  return rows.map(({ id }) => id);
}

/** Approved and not sent: what a stop holds back, and an owner's word sends. */
export async function payoutsOnHold(
  tx: Tx,
  businessId: BusinessId,
): Promise<{ readonly count: number; readonly cents: bigint }> {
  const { n, cents } = await tx
    .selectFrom('payout')
    .select(sql<bigint>`count(*)`.as('n'))
    .select(sql<bigint>`coalesce(sum(amount_cents), 0)::bigint`.as('cents'))
    .where('business_id', '=', businessId)
    .where('state', '=', 'approved')
    .executeTakeFirstOrThrow();
  return { count: Number(n), cents: BigInt(cents) };
}

export interface PayoutPage {
  readonly rows: readonly PayoutRow[];
  readonly newer: PayoutId | null;
  readonly older: PayoutId | null;
}

export const payoutPageRows = 8;

/** One page of what was asked for, newest first; ids are UUID v7, and order by time of creation. */
export async function payoutPage(
  tx: Tx,
  businessId: BusinessId,
  from: { readonly side: 'older' | 'newer'; readonly id: PayoutId } | null,
): Promise<PayoutPage> {
  const towardsNewer = from?.side === 'newer';
  const rows = await tx
    .selectFrom('payout')
    .selectAll()
    .where('business_id', '=', businessId)
    .where('state', 'not in', ['draft', 'void'])
    .$if(from !== null, (query) => query.where('id', towardsNewer ? '>' : '<', from?.id as PayoutId))
    .orderBy('id', towardsNewer ? 'asc' : 'desc')
    .limit(payoutPageRows + 1)
    .execute();
  const more = rows.length > payoutPageRows;
  const shown = rows.slice(0, payoutPageRows);
  if (towardsNewer) shown.reverse();
  const hasNewer = towardsNewer ? more : from !== null;
  const hasOlder = towardsNewer ? true : more;
  return {
    rows: shown,
    newer: hasNewer ? (shown[0]?.id ?? null) : null,
    older: hasOlder ? (shown.at(-1)?.id ?? null) : null,
  };
}
