/** What an operator sees of a business's gateway accounts: what each can do, and how it has done lately. */
import type { Database } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import { type Clock, plusSeconds } from '../domain/clock.ts';
import type { AccountId, BusinessId } from '../domain/ids.ts';
import type { AttemptState } from '../domain/payment.ts';
import type { CallbackTrust, OpenGateway } from '../gateways/gateway.ts';
import { callbackUrl } from './accounts.ts';
import { sealedAs } from './context.ts';
import type { Gateways } from './gateways.ts';

export interface AccountListDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly gateways: Gateways;
  readonly publicUrl: string;
}

export const abilityNames = ['collect', 'lookup', 'callback', 'check'] as const;
export type AbilityName = (typeof abilityNames)[number];

export interface AccountHealth {
  /** Attempts of the last 24 hours, by what became of them. */
  readonly day: Readonly<Partial<Record<AttemptState, number>>>;
  /** Attempts of any age about whose money nobody knows. */
  readonly unknown: number;
  readonly lastCallbackAt: string | null;
  readonly lastLookupAt: string | null;
}

export interface ListedAccount {
  readonly accountId: AccountId;
  readonly kind: string;
  readonly name: string;
  readonly label: string;
  readonly state: 'active' | 'stopped';
  readonly stoppedReason: string | null;
  readonly callbackUrl: string;
  readonly trust: CallbackTrust | null;
  readonly acceptsUnsigned: boolean;
  readonly abilities: readonly AbilityName[];
  readonly health: AccountHealth;
  /** null: the gateway's adapter reads none. */
  readonly balance: null;
  /** null: the gateway's adapter has no set-up that could drift. */
  readonly drift: null;
}

/** null: there is no such business. */
export async function listAccounts(
  deps: AccountListDeps,
  businessId: BusinessId,
): Promise<readonly ListedAccount[] | null> {
  const business = await deps.db
    .selectFrom('business')
    .select('id')
    .where('id', '=', businessId)
    .executeTakeFirst();
  if (business === undefined) return null;
  const accounts = await deps.db
    .selectFrom('gateway_account')
    .selectAll()
    .where('business_id', '=', businessId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const listed: ListedAccount[] = [];
  for (const account of accounts) {
    const gateway = await deps.gateways.open(deps.db, account.id);
    const callback = deps.vault.open(account.callback_sealed, sealedAs.accountCallback(account.id));
    listed.push({
      accountId: account.id,
      kind: account.kind,
      name: account.name,
      label: account.label,
      state: account.state,
      stoppedReason: account.stopped_reason,
      callbackUrl: callbackUrl(deps.publicUrl, callback),
      trust: gateway.callback?.trust ?? null,
      acceptsUnsigned: account.accepts_unsigned,
      abilities: abilitiesOf(gateway),
      health: await accountHealth(deps.db, deps.clock, account.id),
      balance: null,
      drift: null,
    });
  }
  return listed;
}

/** An ability is a member that is there. */
export function abilitiesOf(gateway: OpenGateway): readonly AbilityName[] {
  return abilityNames.filter((name) => gateway[name] !== undefined);
}

export async function accountHealth(db: Database, clock: Clock, id: AccountId): Promise<AccountHealth> {
  const day = await db
    .selectFrom('attempt')
    .select(['state', ({ fn }) => fn.countAll<bigint>().as('rows')])
    .where('account_id', '=', id)
    .where('queued_at', '>', plusSeconds(clock.now(), -24 * 3600))
    .groupBy('state')
    .execute();
  const unknown = await db
    .selectFrom('attempt')
    .select(({ fn }) => fn.countAll<bigint>().as('rows'))
    .where('account_id', '=', id)
    .where('state', '=', 'unknown')
    .executeTakeFirstOrThrow();
  return {
    day: Object.fromEntries(day.map(({ state, rows }) => [state, Number(rows)])),
    unknown: Number(unknown.rows),
    lastCallbackAt: await lastSeen(db, id, 'callback'),
    lastLookupAt: await lastSeen(db, id, 'lookup'),
  };
}

async function lastSeen(db: Database, id: AccountId, source: 'callback' | 'lookup'): Promise<string | null> {
  const last = await db
    .selectFrom('evidence')
    .select(({ fn }) => fn.max('seen_at').as('at'))
    .where('account_id', '=', id)
    .where('source', '=', source)
    .executeTakeFirst();
  return last?.at?.toISOString() ?? null;
}
