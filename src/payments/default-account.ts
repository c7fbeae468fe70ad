/** Which account a new request uses, and which others there are. */
import type { Database, Tx } from '../db/tables.ts';
import type { AccountId, BusinessId } from '../domain/ids.ts';

export interface AccountChoice {
  readonly id: AccountId;
  readonly name: string;
  /** What members see, such as "Paybill 123456". */
  readonly label: string;
  /** It takes prompts; a resting one does so again by itself. */
  readonly active: boolean;
}

/** The default first, then those that take prompts, the oldest before the newer. */
export async function accountChoices(db: Database | Tx, businessId: BusinessId): Promise<AccountChoice[]> {
  const rows = await db
    .selectFrom('gateway_account')
    .innerJoin('business', 'business.id', 'gateway_account.business_id')
    .select([
      'gateway_account.id',
      'gateway_account.name',
      'gateway_account.label',
      'gateway_account.state',
      'business.default_account_id',
    ])
    .where('business_id', '=', businessId)
    .orderBy('gateway_account.created_at')
    .orderBy('gateway_account.id')
    .execute();
  const rank = (row: (typeof rows)[number]): number => {
    if (row.state === 'stopped') return 2;
    return row.id === row.default_account_id ? 0 : 1;
  };
  return rows
    .toSorted((a, b) => rank(a) - rank(b))
    .map(({ id, name, label, state }) => ({ id, name, label, active: state === 'active' }));
}

/** The account that a new request uses: the default where it takes prompts, otherwise the first that does. */
export async function activeAccount(
  db: Database | Tx,
  businessId: BusinessId,
): Promise<AccountChoice | null> {
  return (await accountChoices(db, businessId))[0] ?? null;
}

/** The one that was chosen, or, where none was, the oldest. null: the business has no account. */
export async function defaultAccount(db: Database | Tx, businessId: BusinessId): Promise<AccountId | null> {
  const row = await db
    .selectFrom('gateway_account')
    .innerJoin('business', 'business.id', 'gateway_account.business_id')
    .select('gateway_account.id')
    .where('business_id', '=', businessId)
    .orderBy((eb) => eb('gateway_account.id', '=', eb.ref('business.default_account_id')), 'desc')
    .orderBy('gateway_account.created_at')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** false: the business has no such account. */
export async function setDefaultAccount(tx: Tx, businessId: BusinessId, id: AccountId): Promise<boolean> {
  const changed = await tx
    .updateTable('business')
    .set({ default_account_id: id })
    .where('id', '=', businessId)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('gateway_account')
          .select('gateway_account.id')
          .where('gateway_account.id', '=', id)
          .where('gateway_account.business_id', '=', businessId),
      ),
    )
    .executeTakeFirst();
  return changed.numUpdatedRows > 0n;
}
