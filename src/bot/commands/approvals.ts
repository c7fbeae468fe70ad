/** /approvals: what waits for this person's yes, then what they asked for themselves; each card is put at the end of the chat. */
import { may } from '../../domain/roles.ts';
import { waitingBatches } from '../../payouts/bulk-facts.ts';
import { waitingPayouts } from '../../payouts/queries.ts';
import { showBulkCard } from '../cards/bulk-tell.ts';
import { postPayoutCard } from '../cards/payout-post.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { requireRight } from './access.ts';
import { reply } from './reply.ts';

/** So many fit on a phone's screen; the next ones come when these are decided. */
const shownAtOnce = 5;

type Kind = 'request' | 'approval';

export async function onApprovals(ctx: BotContext, deps: BotDeps): Promise<void> {
  const membership = await requireRight(ctx, deps, 'request_payout');
  if (membership === null) return;
  const { tx, identity } = ctx.turn;
  const now = deps.clock.now();
  const batches = await waitingBatches(tx, membership.businessId, now);
  const payouts = await waitingPayouts(tx, membership.businessId, now);
  const waiting = [
    ...batches.map(({ id, requestedBy }) => ({
      requestedBy,
      post: (kind: Kind) => showBulkCard(tx, deps, id, identity.id, kind),
    })),
    ...payouts.map(({ id, requestedBy }) => ({
      requestedBy,
      post: (kind: Kind) => postPayoutCard(tx, deps, id, identity.id, kind),
    })),
  ];
  const own = waiting.filter(({ requestedBy }) => requestedBy === identity.id);
  const decides = may(membership.role, 'approve_payout');
  const others = decides ? waiting.filter(({ requestedBy }) => requestedBy !== identity.id) : [];
  if (own.length + others.length === 0) return reply(ctx, deps, 'approvals-empty');
  await reply(ctx, deps, 'approvals-head', { count: String(others.length), own: String(own.length) });
  for (const { requestedBy, post } of [...others, ...own].slice(0, shownAtOnce))
    await post(requestedBy === identity.id ? 'request' : 'approval');
}
