/** What an operator sees of a business's gateway accounts: what each can do, and how it has done lately. */
import { sql } from 'kysely';
import type { Database, Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import { type Clock, plusSeconds } from '../domain/clock.ts';
import type { AccountId, BusinessId } from '../domain/ids.ts';
import type { AttemptState } from '../domain/payment.ts';
import type { Balance } from '../gateways/abilities.ts';
import type { CallbackTrust, OpenGateway } from '../gateways/gateway.ts';
import { callbackUrl } from './accounts.ts';
import { seenBalances } from './balances.ts';
import { sealedAs } from './context.ts';
import { defaultAccount } from './default-account.ts';
import type { Gateways } from './gateways.ts';
import { type Unfinished, unfinishedActions } from './operate.ts';

export interface AccountListDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly gateways: Gateways;
  readonly publicUrl: string;
}

export const abilityNames = [
  'collect',
  'lookup',
  'callback',
  'check',
  'sms',
  'balances',
  'setup',
  'actions',
] as const;
export type AbilityName = (typeof abilityNames)[number];

export interface AccountHealth {
  /** Attempts of the last 24 hours, by what became of them. */
  readonly day: Readonly<Partial<Record<AttemptState, number>>>;
  /** Of the attempts of the last 24 hours that are over, how many of 100 were paid; null: none is over. */
  readonly paidPercent: number | null;
  /** The median from the call to its first callback, of the last 24 hours; null: none came. */
  readonly callbackSeconds: number | null;
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
  readonly isDefault: boolean;
  /** New prompts are held back until then. */
  readonly restsUntil: string | null;
  /** What may have happened at the gateway without us knowing. */
  readonly unfinished: readonly Unfinished[];
  readonly callbackUrl: string;
  readonly trust: CallbackTrust | null;
  readonly acceptsUnsigned: boolean;
  readonly abilities: readonly AbilityName[];
  readonly health: AccountHealth;
  /** As the gateway told it last; null: it never did, or has no such call. */
  readonly balance: ShownBalances | null;
  /** Where the money lands, as the gateway told it last; null: it has no such call. */
  readonly drift: { readonly seen: string; readonly seenAt: string | null } | null;
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
      isDefault: account.id === (await defaultAccount(deps.db, businessId)),
      restsUntil: restEnd(account.rest_until, deps.clock.now()),
      unfinished: await unfinishedActions(deps.db, account.id),
      callbackUrl: callbackUrl(deps.publicUrl, callback),
      trust: gateway.callback?.trust ?? null,
      acceptsUnsigned: account.accepts_unsigned,
      abilities: abilitiesOf(gateway),
      health: await accountHealth(deps.db, deps.clock, account.id),
      balance: showBalances(seenBalances(account.balances_seen), account.balances_at),
      drift: driftOf(account),
    });
  }
  return listed;
}

/** An ability is a member that is there. */
export function abilitiesOf(gateway: OpenGateway): readonly AbilityName[] {
  return abilityNames.filter((name) => gateway[name] !== undefined);
}

export async function accountHealth(db: Database | Tx, clock: Clock, id: AccountId): Promise<AccountHealth> {
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
  const counts: AccountHealth['day'] = Object.fromEntries(
    day.map(({ state, rows }) => [state, Number(rows)]),
  );
  return {
    day: counts,
    paidPercent: paidPercent(counts),
    callbackSeconds: await callbackSeconds(db, clock, id),
    unknown: Number(unknown.rows),
    lastCallbackAt: await lastSeen(db, id, 'callback'),
    lastLookupAt: await lastSeen(db, id, 'lookup'),
  };
}

async function lastSeen(
  db: Database | Tx,
  id: AccountId,
  source: 'callback' | 'lookup',
): Promise<string | null> {
  const last = await db
    .selectFrom('evidence')
    .select(({ fn }) => fn.max('seen_at').as('at'))
    .where('account_id', '=', id)
    .where('source', '=', source)
    .executeTakeFirst();
  return last?.at?.toISOString() ?? null;
}

function paidPercent(day: AccountHealth['day']): number | null {
  const paid = day.paid ?? 0;
  const over = paid + (day.failed ?? 0) + (day.refused ?? 0) + (day.not_sent ?? 0);
  return over === 0 ? null : Math.round((100 * paid) / over);
}

async function callbackSeconds(db: Database | Tx, clock: Clock, id: AccountId): Promise<number | null> {
  const { rows } = await sql<{ median: number | null }>`
    select percentile_cont(0.5) within group (order by extract(epoch from first.seen_at - a.sent_at)) as median
    from attempt a
    join lateral (
      select min(e.seen_at) as seen_at from evidence e where e.attempt_id = a.id and e.source = 'callback'
    ) first on first.seen_at is not null
    where a.account_id = ${id} and a.queued_at > ${plusSeconds(clock.now(), -24 * 3600)}`.execute(db);
  const median = rows[0]?.median ?? null;
  return median === null ? null : Math.round(Number(median) * 10) / 10;
}

function restEnd(until: Date | null, now: Date): string | null {
  return until === null || until <= now ? null : until.toISOString();
}

function driftOf(account: { setup_seen: string | null; setup_seen_at: Date | null }): ListedAccount['drift'] {
  if (account.setup_seen === null) return null;
  return { seen: account.setup_seen, seenAt: account.setup_seen_at?.toISOString() ?? null };
}

export interface ShownBalances {
  readonly at: string | null;
  readonly [of: string]: string | number | null;
}

/** Cents and units as JSON integers, by what they are of: `serviceCents`, `smsUnits`. */
export function showBalances(balances: readonly Balance[], at: Date | null): ShownBalances | null {
  if (balances.length === 0) return null;
  const entries = balances.flatMap(({ of, cents, units }) => [
    ...(cents === null ? [] : [[`${of}Cents`, Number(cents)] as const]),
    ...(units === null ? [] : [[`${of}Units`, units] as const]),
  ]);
  return { at: at?.toISOString() ?? null, ...Object.fromEntries(entries) };
}
