/** Money that customers sent by themselves, and that nobody has compared with the gateway's statement yet. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { BusinessId, IdentityId } from '../domain/ids.ts';

export interface UnaskedMoney {
  readonly id: string;
  readonly amountCents: bigint;
  readonly receipt: string;
  readonly billReference: string;
  readonly phoneMasked: string | null;
  readonly payerName: string | null;
  /** The account's name. */
  readonly gateway: string;
  readonly seenAt: Date;
}

/** No payment here explains it: there is none, or the one that it names is over without money. */
function open(tx: Tx, businessId: BusinessId) {
  return tx
    .selectFrom('unclaimed')
    .innerJoin('gateway_account', 'gateway_account.id', 'unclaimed.account_id')
    .leftJoin('payment', 'payment.id', 'unclaimed.payment_id')
    .where('gateway_account.business_id', '=', businessId)
    .where('unclaimed.compared_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('unclaimed.payment_id', 'is', null),
        eb('payment.state', 'in', ['cancelled', 'failed', 'expired']),
      ]),
    );
}

/** The oldest first; ids order by time. */
export function openUnasked(tx: Tx, businessId: BusinessId, most: number): Promise<UnaskedMoney[]> {
  return open(tx, businessId)
    .select([
      'unclaimed.id',
      'unclaimed.amount_cents as amountCents',
      'unclaimed.receipt',
      'unclaimed.bill_reference as billReference',
      'unclaimed.phone_masked as phoneMasked',
      'unclaimed.payer_name as payerName',
      'gateway_account.name as gateway',
      'unclaimed.seen_at as seenAt',
    ])
    .orderBy('unclaimed.id')
    .limit(most)
    .execute();
}

export interface UnaskedSums {
  readonly count: number;
  readonly cents: bigint;
}

export async function unaskedSums(tx: Tx, businessId: BusinessId): Promise<UnaskedSums> {
  const { n, cents } = await open(tx, businessId)
    .select(sql<bigint>`count(*)`.as('n'))
    .select(sql<bigint>`coalesce(sum(unclaimed.amount_cents), 0)::bigint`.as('cents'))
    .executeTakeFirstOrThrow();
  return { count: Number(n), cents: BigInt(cents) };
}

/** A person has compared what they were shown, up to this one. What came since stays open. */
export async function compareUnasked(
  tx: Tx,
  businessId: BusinessId,
  upTo: string,
  by: IdentityId,
  now: Date,
): Promise<UnaskedSums> {
  const rows = await tx
    .updateTable('unclaimed')
    .set({ compared_at: now, compared_by: by })
    .where('id', 'in', open(tx, businessId).select('unclaimed.id').where('unclaimed.id', '<=', upTo))
    .where('compared_at', 'is', null)
    .returning('amount_cents')
    .execute();
  return { count: rows.length, cents: rows.reduce((sum, row) => sum + row.amount_cents, 0n) };
}
