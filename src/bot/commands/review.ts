import { reviewList } from '../../payments/queries.ts';
import { postCard } from '../cards/post.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { requireRight } from './access.ts';
import { reply } from './reply.ts';

/** So many fit on a phone's screen; the next ones come when these are decided. */
const shownAtOnce = 5;

export async function onReview(ctx: BotContext, deps: BotDeps): Promise<void> {
  const membership = await requireRight(ctx, deps, 'review');
  if (membership === null) return;
  const { tx, identity } = ctx.turn;
  const waiting = await reviewList(tx, membership.businessId, 100);
  if (waiting.length === 0) return reply(ctx, deps, 'review-empty');
  await reply(ctx, deps, 'review-head', { count: String(waiting.length) });
  for (const id of waiting.slice(0, shownAtOnce)) await postCard(tx, deps, id, identity.id, 'alert');
}
