/**
 * A business's accounts at gateways: added once their configuration was read, completed and, where the gateway allows,
 * tried with a read-only call. Calls are made before and after transactions, never inside one.
 */
import type { Database, Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import { type AccountId, type BusinessId, newId } from '../domain/ids.ts';
import { type Random, token } from '../domain/random.ts';
import type { OpenGateway } from '../gateways/gateway.ts';
import type { GatewayHttp } from '../gateways/http.ts';
import { type Opening, openGateway } from '../gateways/registry.ts';
import { audit } from '../ops/audit.ts';
import { sealedAs } from './context.ts';
import type { Gateways } from './gateways.ts';

export interface AccountDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly http: GatewayHttp;
  readonly gateways: Gateways;
  /** Where gateways reach us, without a trailing slash. */
  readonly publicUrl: string;
}

export interface NewAccount {
  readonly businessId: BusinessId;
  readonly kind: string;
  /** As `readName` gives it. */
  readonly name: string;
  readonly config: unknown;
  /** The operator names the risk of callbacks that nothing proves. */
  readonly acceptUnsigned: boolean;
}

export type AddedAccount =
  | {
      readonly kind: 'added';
      readonly accountId: AccountId;
      readonly callbackUrl: string;
      readonly label: string;
      /** false: this gateway has no read-only call to try the credentials with. */
      readonly checked: boolean;
    }
  /** Nothing was stored; a line each, without secrets. */
  | { readonly kind: 'refused'; readonly lines: readonly string[] };

type Refused = Extract<AddedAccount, { kind: 'refused' }>;
const refused = (...lines: string[]): Refused => ({ kind: 'refused', lines });

export async function addAccount(deps: AccountDeps, wanted: NewAccount): Promise<AddedAccount> {
  const taken = await nameFault(deps.db, wanted);
  if (taken !== null) return taken;
  const opening = openGateway(wanted.kind, wanted.config, deps.http, deps.clock);
  if (opening.kind !== 'open') return openingFault(opening);
  const trust = trustFault(opening.gateway, wanted.acceptUnsigned);
  if (trust !== null) return trust;
  const whole = await completeConfig(deps, wanted, opening.gateway);
  if (whole.kind === 'refused') return whole;
  const checked = await whole.gateway.check?.();
  if (checked !== undefined && checked.kind !== 'checked') return refused(checked.detail);
  const label = checked?.label ?? wanted.name;
  const setup = await whole.gateway.setup?.();
  const seen = setup?.kind === 'setup' ? setup : null;
  const stored = await storeAccount(deps, wanted, whole.config, label, seen);
  return stored.kind === 'refused' ? stored : { ...stored, label, checked: checked !== undefined };
}

async function nameFault(db: Database, wanted: NewAccount): Promise<Refused | null> {
  const business = await db
    .selectFrom('business')
    .select('id')
    .where('id', '=', wanted.businessId)
    .executeTakeFirst();
  if (business === undefined) return refused(`There is no business ${wanted.businessId}.`);
  const same = await db
    .selectFrom('gateway_account')
    .select('id')
    .where('business_id', '=', wanted.businessId)
    .where('name', '=', wanted.name)
    .executeTakeFirst();
  return same === undefined ? null : nameTaken(wanted.name);
}

const nameTaken = (name: string): Refused =>
  refused(`This business has a gateway account named "${name}" already.`);

function openingFault(opening: Exclude<Opening, { kind: 'open' }>): Refused {
  if (opening.kind === 'bad_config') return refused(...opening.faults);
  return refused(`There is no such kind of gateway; the kinds are ${opening.known.join(', ')}.`);
}

/** The risk of unproved callbacks is taken by name where it exists, and cannot be taken where it does not. */
function trustFault(gateway: OpenGateway, accepted: boolean): Refused | null {
  const unproved = gateway.callback?.trust === 'capability';
  if (unproved && !accepted)
    return refused(
      `${gateway.kind} neither signs its callbacks nor can be asked about a payment: whoever learns a callback URL could`,
      'report money that never came. If you accept that, add --accept-unsigned.',
    );
  if (!unproved && accepted)
    return refused(`--accept-unsigned is not for this account: what ${gateway.kind} reports can be proved.`);
  return null;
}

type Whole = { readonly kind: 'whole'; readonly config: unknown; readonly gateway: OpenGateway };

async function completeConfig(
  deps: AccountDeps,
  wanted: NewAccount,
  gateway: OpenGateway,
): Promise<Whole | Refused> {
  if (gateway.complete === undefined) return { kind: 'whole', config: wanted.config, gateway };
  const completed = await gateway.complete();
  if (completed.kind === 'refused') return refused(completed.detail);
  const reopened = openGateway(wanted.kind, completed.config, deps.http, deps.clock);
  if (reopened.kind !== 'open') return openingFault(reopened);
  return { kind: 'whole', config: completed.config, gateway: reopened.gateway };
}

type Stored = { readonly kind: 'added'; readonly accountId: AccountId; readonly callbackUrl: string };

async function storeAccount(
  deps: AccountDeps,
  wanted: NewAccount,
  config: unknown,
  label: string,
  seen: { readonly summary: string; readonly whole: string } | null,
): Promise<Stored | Refused> {
  const accountId = newId<AccountId>(deps.clock, deps.random);
  const callback = token(deps.random);
  const now = deps.clock.now();
  const row = {
    id: accountId,
    business_id: wanted.businessId,
    kind: wanted.kind,
    name: wanted.name,
    label,
    config_sealed: deps.vault.seal(JSON.stringify(config), sealedAs.accountConfig(accountId)),
    callback_hmac: deps.vault.hmac('callback', callback),
    callback_sealed: deps.vault.seal(callback, sealedAs.accountCallback(accountId)),
    accepts_unsigned: wanted.acceptUnsigned,
    state: 'active',
    stopped_reason: null,
    next_lookup_slot: now,
    created_at: now,
    announced_at: null,
    setup_seen: seen?.summary ?? null,
    setup_hmac: seen === null ? null : deps.vault.hmac('digest', `setup ${seen.whole}`),
    setup_seen_at: seen === null ? null : now,
  } as const;
  const added = await deps.db.transaction().execute(async (tx) => {
    const inserted = await tx
      .insertInto('gateway_account')
      .values(row)
      .onConflict((conflict) => conflict.columns(['business_id', 'name']).doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 0n) return false;
    await audit(tx, now, wanted.businessId, null, 'account_added', {
      account: accountId,
      kind: wanted.kind,
      unsigned: wanted.acceptUnsigned,
      lands: row.setup_hmac?.toString('hex') ?? null,
    });
    return true;
  });
  if (!added) return nameTaken(wanted.name);
  return { kind: 'added', accountId, callbackUrl: callbackUrl(deps.publicUrl, callback) };
}

export function callbackUrl(publicUrl: string, callbackToken: string): string {
  return `${publicUrl}/cb/${callbackToken}`;
}

export type CheckedAccount =
  | { readonly kind: 'checked'; readonly detail: string; readonly label: string }
  /** The gateway has no read-only call to try the credentials with. */
  | { readonly kind: 'not_checked' }
  | { readonly kind: 'refused' | 'no_answer'; readonly detail: string }
  | { readonly kind: 'no_account' };

/**
 * Tries the stored credentials. A stopped account takes prompts again once the check passes; where the gateway has no
 * such call, once the operator asks, since a prompt that is refused stops it again and moves no money.
 */
export async function checkAccount(
  deps: Pick<AccountDeps, 'db' | 'gateways' | 'clock'>,
  accountId: AccountId,
): Promise<CheckedAccount> {
  const account = await deps.db
    .selectFrom('gateway_account')
    .select('label')
    .where('id', '=', accountId)
    .executeTakeFirst();
  if (account === undefined) return { kind: 'no_account' };
  const gateway = await deps.gateways.open(deps.db, accountId);
  const outcome = (await gateway.check?.()) ?? ({ kind: 'not_checked' } as const);
  if (outcome.kind === 'refused' || outcome.kind === 'no_answer') return outcome;
  const label = outcome.kind === 'checked' ? outcome.label : account.label;
  await deps.db.transaction().execute((tx) => start(tx, deps, accountId, label));
  return outcome;
}

/** An account that was stopped takes prompts and payouts again, which is an operator's act. */
async function start(
  tx: Tx,
  { clock }: Pick<AccountDeps, 'clock'>,
  id: AccountId,
  label: string,
): Promise<void> {
  const { business_id, state, stopped_reason } = await tx
    .selectFrom('gateway_account')
    .select(['business_id', 'state', 'stopped_reason'])
    .where('id', '=', id)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  await tx
    .updateTable('gateway_account')
    .set({ state: 'active', stopped_reason: null, label })
    .where('id', '=', id)
    .execute();
  if (state === 'stopped')
    await audit(tx, clock.now(), business_id, null, 'account_started', { account: id, was: stopped_reason });
}
