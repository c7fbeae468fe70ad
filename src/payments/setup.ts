/**
 * Where an account lands the money is kept at the gateway, and a key of the gateway can change it. It is read at set-up and
 * every few hours; a change is told to the owners, whoever made it.
 */
import type { Database } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { AccountId } from '../domain/ids.ts';
import type { PaymentDeps } from './context.ts';
import type { Gateways } from './gateways.ts';

const everySeconds = 6 * 3600;
/** A gateway that did not answer is asked again sooner; one without such a call, after a new version may have come. */
const againSeconds = 900;
const noCallSeconds = 24 * 3600;

export interface SetupDeps extends PaymentDeps {
  readonly db: Database;
  readonly gateways: Gateways;
}

export function createSetupWatcher(deps: SetupDeps) {
  return {
    /** Looks at one account that is due; false when none is. */
    async runOnce(): Promise<boolean> {
      const id = await claim(deps);
      if (id === null) return false;
      await lookAtSetup(deps, id);
      return true;
    },
  };
}

async function claim(deps: SetupDeps): Promise<AccountId | null> {
  const now = deps.clock.now();
  return deps.db.transaction().execute(async (tx) => {
    const due = await tx
      .selectFrom('gateway_account')
      .select('id')
      .where((eb) => eb.or([eb('setup_due_at', 'is', null), eb('setup_due_at', '<=', now)]))
      .limit(1)
      .forNoKeyUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (due === undefined) return null;
    await tx
      .updateTable('gateway_account')
      .set({ setup_due_at: plusSeconds(now, againSeconds) })
      .where('id', '=', due.id)
      .execute();
    return due.id;
  });
}

export interface Drift {
  readonly before: string | null;
  readonly now: string;
  readonly changed: boolean;
}

/** null: the gateway has no such call, or did not answer. */
export async function lookAtSetup(
  deps: Pick<SetupDeps, 'db' | 'gateways' | 'clock' | 'vault'> & Partial<Pick<SetupDeps, 'tell'>>,
  id: AccountId,
): Promise<Drift | null> {
  const gateway = await deps.gateways.open(deps.db, id).catch(() => null);
  if (gateway !== null && gateway.setup === undefined) {
    await plan(deps, id, noCallSeconds);
    return null;
  }
  const outcome = await gateway?.setup?.();
  if (outcome === undefined || outcome.kind !== 'setup') return null;
  return deps.db.transaction().execute(async (tx) => {
    const account = await tx
      .selectFrom('gateway_account')
      .select(['setup_seen', 'setup_hmac'])
      .where('id', '=', id)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    const before = account.setup_seen;
    const hmac = deps.vault.hmac('digest', `setup ${outcome.whole}`);
    const changed = account.setup_hmac === null || !account.setup_hmac.equals(hmac);
    // Without somebody to tell (an operator's command) the watcher finds the change again, and tells it.
    const keep = !changed || deps.tell !== undefined;
    if (changed) await deps.tell?.setupChanged(tx, id, before, outcome.summary);
    const now = deps.clock.now();
    await tx
      .updateTable('gateway_account')
      .set({
        ...(keep && { setup_seen: outcome.summary, setup_hmac: hmac, setup_seen_at: now }),
        setup_due_at: keep ? plusSeconds(now, everySeconds) : null,
      })
      .where('id', '=', id)
      .execute();
    return { before, now: outcome.summary, changed: before !== null && changed };
  });
}

async function plan(deps: Pick<SetupDeps, 'db' | 'clock'>, id: AccountId, seconds: number): Promise<void> {
  await deps.db
    .updateTable('gateway_account')
    .set({ setup_due_at: plusSeconds(deps.clock.now(), seconds) })
    .where('id', '=', id)
    .execute();
}
