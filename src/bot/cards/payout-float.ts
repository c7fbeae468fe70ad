/** A look at the float that a payout's draft asked for: its answer is no message, but the card with the new figure. */
import type { Tx } from '../../db/tables.ts';
import type { PayoutId } from '../../domain/ids.ts';
import { sendPassing } from '../../outbox/enqueue.ts';
import { updatePayoutCard } from './payout-post.ts';
import { loadPayoutView } from './payout-view.ts';
import type { CardDeps } from './post.ts';

export function floatKey(id: PayoutId, cause: string): string {
  return `float:${id}:${cause}`;
}

/** Whose draft a question after balances is about; null: somebody asked with /balance. */
export function payoutOfFloatKey(key: string): PayoutId | null {
  return (/^float:([0-9a-f-]{36}):/.exec(key)?.[1] as PayoutId | undefined) ?? null;
}

export async function showFloat(tx: Tx, deps: CardDeps, id: PayoutId): Promise<void> {
  await tx.selectFrom('payout').select('id').where('id', '=', id).forNoKeyUpdate().execute();
  const view = await loadPayoutView(tx, deps.vault, id);
  if (view.payout.state !== 'draft' && view.payout.state !== 'waiting') return;
  const cards = await tx
    .selectFrom('payout_card')
    .selectAll()
    .where('payout_id', '=', id)
    .forUpdate()
    .execute();
  for (const card of cards) {
    await updatePayoutCard(tx, deps, card, view);
    await sendPassing(tx, deps, card.message_id);
  }
}
