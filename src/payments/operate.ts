/**
 * What only an operator does at a gateway. Whatever changes something there is a committed row before the call: after a
 * crash the row says that it may have happened, since a key that the gateway told once is lost with the process.
 */
import type { z } from 'zod';
import type { Database, Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import { type AccountId, newId } from '../domain/ids.ts';
import { type Random, token } from '../domain/random.ts';
import type { CallbackOperation, OperatorAction, OperatorOutcome } from '../gateways/abilities.ts';
import { audit } from '../ops/audit.ts';
import { callbackUrl } from './accounts.ts';
import { sealedAs } from './context.ts';
import type { Gateways } from './gateways.ts';

export interface OperateDeps {
  readonly db: Database;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly gateways: Gateways;
  readonly publicUrl: string;
}

export type Operated =
  | { readonly kind: 'no_account' }
  /** `known`: what can be done at this gateway, with its summary. */
  | { readonly kind: 'no_action'; readonly known: readonly { name: string; summary: string }[] }
  /** One line per fault: the key and what is expected, never the value. */
  | { readonly kind: 'bad_config'; readonly faults: readonly string[] }
  | OperatorOutcome;

export async function operate(
  deps: OperateDeps,
  id: AccountId,
  name: string,
  config: unknown,
): Promise<Operated> {
  const account = await deps.db
    .selectFrom('gateway_account')
    .select('callback_sealed')
    .where('id', '=', id)
    .executeTakeFirst();
  if (account === undefined) return { kind: 'no_account' };
  const { actions = {} } = await deps.gateways.open(deps.db, id);
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined)
    return {
      kind: 'no_action',
      known: Object.entries(actions).map(([each, { summary }]) => ({ name: each, summary })),
    };
  const read = readConfig(action, config);
  if (read.kind === 'bad_config') return read;
  const account_token = deps.vault.open(account.callback_sealed, sealedAs.accountCallback(id));
  const own = callbackUrl(deps.publicUrl, account_token);
  const urls = await operationUrls(deps, id, own);
  const around = {
    callbackUrl: own,
    operationUrl: (operation: CallbackOperation) => urls[operation],
  };
  const intent = action.changes ? await commitIntent(deps, id, name) : null;
  const outcome = await action.run(read.value, around);
  if (intent !== null) await keepOutcome(deps, id, intent, outcome);
  return outcome;
}

function readConfig(
  action: OperatorAction,
  config: unknown,
): { kind: 'value'; value: unknown } | { kind: 'bad_config'; faults: string[] } {
  if (action.config === undefined)
    return config === null || config === undefined
      ? { kind: 'value', value: null }
      : { kind: 'bad_config', faults: ['--config: this action takes none'] };
  const parsed = action.config.safeParse(config ?? {});
  if (parsed.success) return { kind: 'value', value: parsed.data };
  return { kind: 'bad_config', faults: parsed.error.issues.map(faultLine) };
}

function faultLine(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.map((key) => key.replace(/[^\w.-]/g, '?').slice(0, 40)).join(', ')}: no such key`;
  return issue.path.length === 0 ? `--config: ${issue.message}` : `${issue.path.join('.')}: ${issue.message}`;
}

/** URLs of callbacks that are of one kind, made once for each account. */
async function operationUrls(
  deps: OperateDeps,
  id: AccountId,
  own: string,
): Promise<Readonly<Record<CallbackOperation, string>>> {
  const urlOf = async (operation: CallbackOperation): Promise<string> =>
    `${own}/${await operationToken(deps, id, operation)}`;
  return { confirmation: await urlOf('confirmation'), validation: await urlOf('validation') };
}

async function operationToken(
  deps: OperateDeps,
  id: AccountId,
  operation: CallbackOperation,
): Promise<string> {
  const rowId = newId(deps.clock, deps.random) as string;
  const fresh = token(deps.random);
  await deps.db
    .insertInto('account_token')
    .values({
      id: rowId,
      account_id: id,
      operation,
      token_hmac: deps.vault.hmac('callback', fresh),
      token_sealed: deps.vault.seal(fresh, sealedAs.accountToken(rowId)),
      created_at: deps.clock.now(),
    })
    .onConflict((conflict) => conflict.columns(['account_id', 'operation']).doNothing())
    .execute();
  const row = await deps.db
    .selectFrom('account_token')
    .select(['id', 'token_sealed'])
    .where('account_id', '=', id)
    .where('operation', '=', operation)
    .executeTakeFirstOrThrow();
  return deps.vault.open(row.token_sealed, sealedAs.accountToken(row.id));
}

async function commitIntent(deps: OperateDeps, accountId: AccountId, action: string): Promise<string> {
  const id = newId(deps.clock, deps.random) as string;
  await deps.db.transaction().execute(async (tx) => {
    await tx
      .insertInto('account_action')
      .values({
        id,
        account_id: accountId,
        action,
        state: 'started',
        detail: null,
        secret_sealed: null,
        started_at: deps.clock.now(),
        ended_at: null,
      })
      .execute();
    await auditAction(tx, deps, accountId, { act: id, action, state: 'started' });
  });
  return id;
}

async function auditAction(
  tx: Tx,
  deps: OperateDeps,
  account: AccountId,
  facts: { readonly act: string; readonly action: string; readonly state: string },
): Promise<void> {
  const { business_id } = await tx
    .selectFrom('gateway_account')
    .select('business_id')
    .where('id', '=', account)
    .executeTakeFirstOrThrow();
  await audit(tx, deps.clock.now(), business_id, null, 'account_action', { account, ...facts });
}

const outcomeTries = 5;

/**
 * The answer in hand is the only one there will be: a database that fails must not keep the operator from a key that was
 * told once. The intent then stays as "started", which says that it may have happened.
 */
async function keepOutcome(
  deps: OperateDeps,
  accountId: AccountId,
  id: string,
  outcome: OperatorOutcome,
): Promise<void> {
  for (let tries = 1; tries <= outcomeTries; tries++)
    try {
      return await commitOutcome(deps, accountId, id, outcome);
    } catch (cause) {
      if (tries === outcomeTries && outcome.kind !== 'done') throw cause;
    }
}

async function commitOutcome(
  deps: OperateDeps,
  accountId: AccountId,
  id: string,
  outcome: OperatorOutcome,
): Promise<void> {
  const secret = outcome.kind === 'done' ? outcome.secret : undefined;
  await deps.db.transaction().execute(async (tx) => {
    await tx
      .updateTable('account_action')
      .set({
        state: outcome.kind,
        detail: outcome.kind === 'done' ? null : outcome.detail,
        secret_sealed: secret === undefined ? null : deps.vault.seal(secret, sealedAs.accountAction(id)),
        ended_at: deps.clock.now(),
      })
      .where('id', '=', id)
      .execute();
    const { action } = await tx
      .selectFrom('account_action')
      .select('action')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    await auditAction(tx, deps, accountId, { act: id, action, state: outcome.kind });
    // It may have moved where the money lands: looked at again at once, and told.
    await tx.updateTable('gateway_account').set({ setup_due_at: null }).where('id', '=', accountId).execute();
  });
}

export interface Unfinished {
  readonly action: string;
  readonly startedAt: string;
  readonly state: 'started' | 'unknown';
}

/** What may have happened at the gateway without us knowing. */
export async function unfinishedActions(db: Database, id: AccountId): Promise<Unfinished[]> {
  const rows = await db
    .selectFrom('account_action')
    .select(['action', 'started_at', 'state'])
    .where('account_id', '=', id)
    .where('state', 'in', ['started', 'unknown'])
    .orderBy('started_at')
    .execute();
  return rows.map(({ action, started_at, state }) => ({
    action,
    startedAt: started_at.toISOString(),
    state: state as Unfinished['state'],
  }));
}
