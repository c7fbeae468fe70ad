/**
 * What prompts cost is taken from a balance that no answer to a prompt tells. Accounts that ask customers for money are
 * read again by and by, so that their owners hear that it runs low before it ends.
 */
import { sql } from 'kysely';
import { plusSeconds } from '../domain/clock.ts';
import type { AccountId } from '../domain/ids.ts';
import { type BalanceDeps, readBalances } from './balances.ts';

/** After the first prompt since the last look, and sooner where there were many: fewer than a low balance pays for. */
const everySeconds = 3600;
const manyPrompts = 10;
const manySeconds = 120;

export function createBalanceWatcher(deps: BalanceDeps) {
  return {
    /** Reads the balances of one account that is due; false when none is. */
    async runOnce(): Promise<boolean> {
      const id = await claim(deps);
      if (id === null) return false;
      await readBalances(deps, id);
      return true;
    },
  };
}

/** Stamped before the call: a gateway that does not answer, or has no such call, is not asked at once again. */
async function claim({ db, clock }: BalanceDeps): Promise<AccountId | null> {
  const now = clock.now();
  const { rows } = await sql<{ id: AccountId }>`
    update gateway_account set balances_asked_at = ${now}
    where id = (
      select account.id
      from gateway_account account,
        lateral (select greatest(account.created_at, account.balances_at, account.balances_asked_at) as at) as last
      where account.state = 'active'
        and last.at <= ${plusSeconds(now, -manySeconds)}
        and (
          select count(*) from (
            select from attempt
            where attempt.account_id = account.id and attempt.queued_at > last.at
            limit ${manyPrompts}
          ) as recent
        ) >= case when last.at <= ${plusSeconds(now, -everySeconds)} then 1 else ${manyPrompts} end
      limit 1
      for no key update of account skip locked
    )
    returning id`.execute(db);
  return rows[0]?.id ?? null;
}
