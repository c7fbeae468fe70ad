/** /balance: what is left at each gateway. The question is a row of the turn; the gateways are asked outside of it. */
import type { Database, Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import { type AccountId, type BusinessId, type IdentityId, newId } from '../domain/ids.ts';
import type { Balance } from '../gateways/abilities.ts';
import type { PaymentDeps } from './context.ts';
import type { Gateways } from './gateways.ts';
import { learnServiceBalance, learnUnits, type TellBalance } from './service-balance.ts';

export type { Balance };

/** Longer than the time-outs of a few gateways in a row. */
const leaseSeconds = 120;

export interface BalanceQuestion {
  readonly identityId: IdentityId;
  readonly businessId: BusinessId;
  /** Of the turn that asked, so that a turn asks once. */
  readonly key: string;
}

export async function askBalances(
  tx: Tx,
  deps: Pick<PaymentDeps, 'clock' | 'random'>,
  asked: BalanceQuestion,
): Promise<void> {
  await tx
    .insertInto('balance_question')
    .values({
      id: newId(deps.clock, deps.random),
      business_id: asked.businessId,
      identity_id: asked.identityId,
      key: asked.key,
      asked_at: deps.clock.now(),
    } as never)
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
}

export interface BalanceDeps extends PaymentDeps {
  readonly tell: PaymentDeps['tell'] & TellBalance;
  readonly db: Database;
  readonly gateways: Gateways;
}

export function createBalanceTeller(deps: BalanceDeps) {
  return {
    /** Answers one question; false when there is none. */
    async runOnce(): Promise<boolean> {
      const question = await claim(deps);
      if (question === null) return false;
      const accounts = await deps.db
        .selectFrom('gateway_account')
        .select('id')
        .where('business_id', '=', question.business_id)
        .orderBy('created_at')
        .execute();
      const silent: AccountId[] = [];
      for (const { id } of accounts)
        if ((await readBalances(deps, id)) === null && (await tellsBalances(deps, id))) silent.push(id);
      await deps.db.transaction().execute(async (tx) => {
        const gone = await tx.deleteFrom('balance_question').where('id', '=', question.id).executeTakeFirst();
        if (gone.numDeletedRows === 0n) return;
        const { identity_id: identityId, business_id: businessId, key } = question;
        await deps.tell.balances(tx, { identityId, businessId, key, silent });
      });
      return true;
    },
  };
}

async function claim(deps: BalanceDeps) {
  const now = deps.clock.now();
  return deps.db.transaction().execute(async (tx) => {
    const question = await tx
      .selectFrom('balance_question')
      .selectAll()
      .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)]))
      .orderBy('asked_at')
      .limit(1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (question === undefined) return null;
    await tx
      .updateTable('balance_question')
      .set({ lease_until: plusSeconds(now, leaseSeconds) })
      .where('id', '=', question.id)
      .execute();
    return question;
  });
}

type ReadDeps = Pick<BalanceDeps, 'db' | 'gateways' | 'clock'> & Partial<Pick<BalanceDeps, 'tell'>>;

/**
 * Asks the gateway and keeps what it said; with somebody to tell, a prepaid balance that runs low or was filled is told.
 * null: it has no such call, or did not answer.
 */
export async function readBalances(deps: ReadDeps, id: AccountId): Promise<readonly Balance[] | null> {
  const gateway = await deps.gateways.open(deps.db, id).catch(() => null);
  const outcome = await gateway?.balances?.();
  if (outcome === undefined || outcome.kind !== 'balances') return null;
  const { balances } = outcome;
  const { clock, tell } = deps;
  const service = balances.find(({ of }) => of === 'service')?.cents ?? null;
  await deps.db.transaction().execute(async (tx) => {
    const { balances_seen: before } = await tx
      .selectFrom('gateway_account')
      .select('balances_seen')
      .where('id', '=', id)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    await tx
      .updateTable('gateway_account')
      .set({ balances_seen: writeBalances(balances), balances_at: clock.now() })
      .where('id', '=', id)
      .execute();
    if (tell === undefined) return;
    await learnServiceBalance(tx, { clock, tell }, id, { cents: service, costCents: null, refused: false });
    await learnUnits(tx, tell, id, { now: balances, before: seenBalances(before) });
  });
  return balances;
}

/** One that does not open might. */
async function tellsBalances(deps: ReadDeps, id: AccountId): Promise<boolean> {
  const gateway = await deps.gateways.open(deps.db, id).catch(() => null);
  return gateway === null || gateway.balances !== undefined;
}

function writeBalances(balances: readonly Balance[]): string {
  return JSON.stringify(
    balances.map(({ of, cents, units }) => ({ of, cents: cents === null ? null : String(cents), units })),
  );
}

/** What `gateway_account.balances_seen` holds. */
export function seenBalances(stored: string | null): Balance[] {
  if (stored === null) return [];
  const rows = JSON.parse(stored) as { of: Balance['of']; cents: string | null; units: number | null }[];
  return rows.map(({ of, cents, units }) => ({ of, cents: cents === null ? null : BigInt(cents), units }));
}
