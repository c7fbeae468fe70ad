/** What is asked of the payments: history, look-up by number, who paid before. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { BusinessId, PaymentId } from '../domain/ids.ts';
import type { Msisdn } from '../domain/msisdn.ts';
import { openPhone, sealedAs } from './context.ts';

const recentMost = 4;
const recentLookBack = 40;

/** Who was asked lately, newest first; with a name given, those whose name starts so. */
export async function recentPayers(
  tx: Tx,
  vault: Vault,
  businessId: BusinessId,
  name: string | null,
): Promise<{ msisdn: Msisdn; name: string | null }[]> {
  const rows = await tx
    .selectFrom('payment')
    .select(['id', 'phone_sealed', 'phone_hmac', 'payer_name'])
    .where('business_id', '=', businessId)
    .$if(name !== null, (query) => query.where(sql`lower(payer_name)`, 'like', likePrefix(name ?? '')))
    .orderBy('created_at', 'desc')
    .limit(recentLookBack)
    .execute();
  const seen = new Set<string>();
  const payers: { msisdn: Msisdn; name: string | null }[] = [];
  for (const row of rows) {
    const phone = row.phone_hmac.toString('hex');
    if (seen.has(phone) || payers.length === recentMost) continue;
    seen.add(phone);
    payers.push({
      msisdn: openPhone(vault, row.phone_sealed, sealedAs.paymentPhone(row.id)),
      name: row.payer_name,
    });
  }
  return payers;
}

function likePrefix(name: string): string {
  return `${name.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
}

export async function findByRef(tx: Tx, businessId: BusinessId, ref: string): Promise<PaymentId | null> {
  const row = await tx
    .selectFrom('payment')
    .select('id')
    .where('business_id', '=', businessId)
    .where('ref', '=', ref)
    .executeTakeFirst();
  return row?.id ?? null;
}

export interface HistoryPage {
  readonly ids: readonly PaymentId[];
  readonly newer: PaymentId | null;
  readonly older: PaymentId | null;
}

export const historyPageRows = 8;

/**
 * One page of what was sent, newest first. `from` is the payment at the edge that was shown: ids are UUID v7, so they
 * order by time of creation.
 */
export async function historyPage(
  tx: Tx,
  businessId: BusinessId,
  from: { readonly side: 'older' | 'newer'; readonly id: PaymentId } | null,
): Promise<HistoryPage> {
  const towardsNewer = from?.side === 'newer';
  const rows = await tx
    .selectFrom('payment')
    .select('id')
    .where('business_id', '=', businessId)
    .where('state', '!=', 'created')
    .where('stopped', '=', false)
    .$if(from !== null, (query) => query.where('id', towardsNewer ? '>' : '<', from?.id as PaymentId))
    .orderBy('id', towardsNewer ? 'asc' : 'desc')
    .limit(historyPageRows + 1)
    .execute();
  const more = rows.length > historyPageRows;
  const ids = rows.slice(0, historyPageRows).map((row) => row.id);
  if (towardsNewer) ids.reverse();
  const hasNewer = towardsNewer ? more : from !== null;
  const hasOlder = towardsNewer ? true : more;
  return { ids, newer: hasNewer ? (ids[0] ?? null) : null, older: hasOlder ? (ids.at(-1) ?? null) : null };
}

/** What waits for a person, oldest first. */
export async function reviewList(tx: Tx, businessId: BusinessId, most: number): Promise<PaymentId[]> {
  const rows = await tx
    .selectFrom('payment')
    .select('id')
    .where('business_id', '=', businessId)
    .where('flag', 'is not', null)
    .orderBy('updated_at')
    .limit(most)
    .execute();
  return rows.map((row) => row.id);
}
