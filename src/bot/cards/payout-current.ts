/** "Here is the current one": the payout's card at the end of the person's own chat, where they may still see it. */
import type { PayoutId } from '../../domain/ids.ts';
import { may } from '../../domain/roles.ts';
import type { Turn } from '../turn.ts';
import { postPayoutCard } from './payout-post.ts';
import type { CardDeps } from './post.ts';

/** The key of what to say: the card is there, or it is not theirs to see. */
export async function showCurrent(
  deps: CardDeps,
  turn: Turn,
  id: PayoutId,
): Promise<'old-card' | 'not-yours'> {
  const { tx, identity, memberships } = turn;
  const payout = await tx
    .selectFrom('payout')
    .select(['business_id', 'requested_by', 'batch_id'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const membership = memberships.find(({ businessId }) => businessId === payout.business_id);
  if (membership === undefined) return 'not-yours';
  const decides = may(membership.role, 'approve_payout') && payout.batch_id === null;
  const kind = payout.requested_by === identity.id ? 'request' : decides ? 'approval' : 'alert';
  await postPayoutCard(tx, deps, id, identity.id, kind);
  return 'old-card';
}
