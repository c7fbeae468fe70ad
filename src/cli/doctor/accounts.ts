import { VaultError } from '../../db/vault.ts';
import type { CheckOutcome } from '../../gateways/gateway.ts';
import type { Session } from '../session.ts';
import { type Finding, hint, ok, wrong } from './finding.ts';

/** Every account is asked, one after the other; nothing is changed, also where a stopped one would pass now. */
export async function checkAccounts(session: Session): Promise<readonly Finding[]> {
  const accounts = await session.db
    .selectFrom('gateway_account')
    .innerJoin('business', 'business.id', 'gateway_account.business_id')
    .select([
      'gateway_account.id',
      'gateway_account.name',
      'gateway_account.state',
      'gateway_account.stopped_reason as reason',
      'business.name as business',
    ])
    .orderBy('gateway_account.created_at')
    .execute();
  if (accounts.length === 0)
    return [hint('gateways', 'no business has an account', 'run gateway add, so that prompts can be sent')];
  const findings: Finding[] = [];
  for (const account of accounts) {
    const name = `gateway ${account.name} of ${account.business}`;
    const tried = await tryAccount(session, account.id, name);
    const stopped = account.state === 'stopped' && tried.state !== 'wrong';
    findings.push(
      stopped
        ? wrong(
            name,
            `stopped (${account.reason ?? 'no reason kept'})`,
            `run gateway check --account ${account.id}`,
          )
        : tried,
    );
  }
  return findings;
}

async function tryAccount(
  session: Session,
  id: Parameters<Session['gateways']['open']>[1],
  name: string,
): Promise<Finding> {
  let outcome: CheckOutcome | undefined;
  try {
    const gateway = await session.gateways.open(session.db, id);
    outcome = await gateway.check?.();
  } catch (cause) {
    if (!(cause instanceof VaultError)) throw cause;
    return wrong(name, cause.message, 'put back the MASTER_KEY, or add the account again');
  }
  if (outcome === undefined) return ok(name, 'not checked: this gateway has no call to try credentials with');
  const todo = {
    refused: 'correct it at the gateway, or add the account again',
    no_answer: 'see that this server reaches the gateway',
  } as const;
  return outcome.kind === 'checked'
    ? ok(name, `${outcome.label}: ${outcome.detail}`)
    : wrong(name, outcome.detail, todo[outcome.kind]);
}
