/** A gateway's prepaid balance for its own services: its owner hears that it runs low, once until it is filled again. */
import type { Tx } from '../db/tables.ts';
import type { Clock } from '../domain/clock.ts';
import type { AccountId } from '../domain/ids.ts';
import type { Balance } from '../gateways/abilities.ts';
import type { TopUp } from '../gateways/gateway.ts';
import type { Tell } from './context.ts';

export interface TellBalance {
  /** `cents` are left; null: too little for what was asked. */
  balanceLow(tx: Tx, accountId: AccountId, cents: bigint | null): Promise<void>;
  /** `low`: what is counted in prompts or messages, with how many are left. */
  unitsLow(tx: Tx, accountId: AccountId, low: readonly Balance[]): Promise<void>;
}

/** Low is what about so many further SMS cost: a morning of a small shop, in which its owner can buy tokens. */
const furtherMessages = 20n;
/** BluePay's document prints KES 2.50 an SMS; a cheaper answer is no reason to warn later. */
const usualCostCents = 250n;

export function isLow(cents: bigint, costCents: bigint | null): boolean {
  const cost = costCents !== null && costCents > usualCostCents ? costCents : usualCostCents;
  return cents < furtherMessages * cost;
}

export interface SeenBalance {
  readonly cents: bigint | null;
  /** What the last message cost, where it is known. */
  readonly costCents: bigint | null;
  /** The gateway refused for want of balance. */
  readonly refused: boolean;
}

export async function learnServiceBalance(
  tx: Tx,
  deps: { readonly clock: Clock; readonly tell: TellBalance },
  accountId: AccountId,
  seen: SeenBalance,
): Promise<void> {
  if (seen.cents === null && !seen.refused) return;
  const now = deps.clock.now();
  const low = seen.refused || (seen.cents !== null && isLow(seen.cents, seen.costCents));
  const toldAt = low ? await lowToldAt(tx, accountId) : null;
  await tx
    .updateTable('gateway_account')
    .set({
      low_balance_told_at: low ? (toldAt ?? now) : null,
      ...(seen.cents !== null && { service_balance_cents: seen.cents, service_balance_at: now }),
    })
    .where('id', '=', accountId)
    .execute();
  if (low && toldAt === null) await deps.tell.balanceLow(tx, accountId, seen.cents);
}

async function lowToldAt(tx: Tx, accountId: AccountId): Promise<Date | null> {
  const { low_balance_told_at: at } = await tx
    .selectFrom('gateway_account')
    .select('low_balance_told_at')
    .where('id', '=', accountId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  return at;
}

/** So many prompts or messages are a morning of a small shop, as above. */
const lowUnits = 20;

/**
 * The same for what a plan counts. `before`: what was seen last; an account that has never had SMS has none to run low.
 */
export async function learnUnits(
  tx: Tx,
  tell: Pick<TellBalance, 'unitsLow'>,
  accountId: AccountId,
  { now, before }: { readonly now: readonly Balance[]; readonly before: readonly Balance[] },
): Promise<void> {
  const { low_units_told: told } = await tx
    .selectFrom('gateway_account')
    .select('low_units_told')
    .where('id', '=', accountId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const had = (of: Balance['of']): boolean => before.some((one) => one.of === of && (one.units ?? 0) > 0);
  const low = now.filter(
    ({ of, units }) =>
      units !== null && units < lowUnits && (units > 0 || of === 'calls' || had(of) || told.includes(of)),
  );
  const silent = told.filter((of) => !now.some((one) => one.of === of));
  await tx
    .updateTable('gateway_account')
    .set({ low_units_told: [...low.map(({ of }) => of), ...silent] })
    .where('id', '=', accountId)
    .execute();
  const news = low.filter(({ of }) => !told.includes(of));
  if (news.length > 0) await tell.unitsLow(tx, accountId, news);
}

/** The gateway says that the balance was filled: the next low one is news again. `heard`: names the delivery. */
export async function learnTopUp(
  tx: Tx,
  tell: Pick<Tell, 'toppedUp'>,
  accountId: AccountId,
  topup: TopUp,
  heard: string,
): Promise<void> {
  if (topup.of === 'service')
    await tx
      .updateTable('gateway_account')
      .set({ low_balance_told_at: null })
      .where('id', '=', accountId)
      .execute();
  const { of, amountCents, named } = topup;
  await tell.toppedUp(tx, accountId, { of, amountCents, cause: `${of}:${named ?? heard}` });
}
