/** One account's look-ups, of payments and of payouts, share one budget: the gateway counts them for its one key. */
import type { Tx } from '../db/tables.ts';
import { type Clock, plusSeconds } from '../domain/clock.ts';
import type { AccountId } from '../domain/ids.ts';

/** How far ahead of its budget an account may run before look-ups are put off. */
export const budgetBurstSeconds = 10;

/** Spaces an account's look-ups evenly. null: the slot is ours; otherwise when to come again. */
export async function takeSlot(
  tx: Tx,
  clock: Clock,
  accountId: AccountId,
  perMinute: number,
): Promise<Date | null> {
  const now = clock.now();
  const account = await tx
    .selectFrom('gateway_account')
    .select('next_lookup_slot')
    .where('id', '=', accountId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const slot = new Date(Math.max(account.next_lookup_slot.getTime(), now.getTime()));
  if (slot > plusSeconds(now, budgetBurstSeconds)) return plusSeconds(slot, -budgetBurstSeconds + 1);
  await tx
    .updateTable('gateway_account')
    .set({ next_lookup_slot: plusSeconds(slot, 60 / perMinute) })
    .where('id', '=', accountId)
    .execute();
  return null;
}

/** After a look-up without an answer. */
const noAnswerRestSeconds = 30;
/** So many look-ups in a row without an answer are the gateway's, not one prompt's. */
const missesThatRest = 3;

/** `missed`: there was no answer, and when to come again where the gateway said it. null: it answered. */
export async function countMisses(
  tx: Tx,
  id: AccountId,
  missed: { readonly waitSeconds?: number } | null,
  now: Date,
): Promise<void> {
  const { lookup_misses: misses } = await tx
    .updateTable('gateway_account')
    .set((eb) => ({ lookup_misses: missed === null ? 0 : eb('lookup_misses', '+', 1) }))
    .where('id', '=', id)
    .returning('lookup_misses')
    .executeTakeFirstOrThrow();
  if (missed === null) return;
  if (missed.waitSeconds !== undefined) await restLookups(tx, id, plusSeconds(now, missed.waitSeconds));
  else if (misses >= missesThatRest) await restLookups(tx, id, plusSeconds(now, noAnswerRestSeconds));
}

/** A gateway that hangs would hold every lane: its account waits, and the others' look-ups go on. */
async function restLookups(tx: Tx, id: AccountId, until: Date): Promise<void> {
  await tx
    .updateTable('gateway_account')
    .set({ next_lookup_slot: until })
    .where('id', '=', id)
    .where('next_lookup_slot', '<', until)
    .execute();
}
