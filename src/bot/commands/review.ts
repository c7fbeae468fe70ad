import { may } from '../../domain/roles.ts';
import { reviewList } from '../../payments/queries.ts';
import { unaskedSums } from '../../payments/unasked-list.ts';
import { payoutsInReview } from '../../payouts/queries.ts';
import { postPayoutCard } from '../cards/payout-post.ts';
import { postCard } from '../cards/post.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { requireRight } from './access.ts';
import { reply } from './reply.ts';
import { showUnasked } from './unasked.ts';

/** So many fit on a phone's screen; the next ones come when these are decided. */
const shownAtOnce = 5;

export async function onReview(ctx: BotContext, deps: BotDeps): Promise<void> {
  const membership = await requireRight(ctx, deps, 'review');
  if (membership === null) return;
  const { tx, identity } = ctx.turn;
  const waiting = await reviewList(tx, membership.businessId, 100);
  const decides = may(membership.role, 'approve_payout');
  const payouts = decides ? await payoutsInReview(tx, membership.businessId) : [];
  const unasked = await unaskedSums(tx, membership.businessId);
  const count = waiting.length + payouts.length + unasked.count;
  if (count === 0) return reply(ctx, deps, 'review-empty');
  await reply(ctx, deps, 'review-head', { count: String(count) });
  for (const id of payouts.slice(0, shownAtOnce)) await postPayoutCard(tx, deps, id, identity.id, 'alert');
  for (const id of waiting.slice(0, shownAtOnce)) await postCard(tx, deps, id, identity.id, 'alert');
  await showUnasked(ctx, deps, membership.businessId);
}
