/** /approvals: what waits for this person's yes, then what they asked for themselves; each card is put at the end of the chat. */
import { may } from '../../domain/roles.ts';
import { waitingPayouts } from '../../payouts/queries.ts';
import { postPayoutCard } from '../cards/payout-post.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { requireRight } from './access.ts';
import { reply } from './reply.ts';

/** So many fit on a phone's screen; the next ones come when these are decided. */
const shownAtOnce = 5;

export async function onApprovals(ctx: BotContext, deps: BotDeps): Promise<void> {
  const membership = await requireRight(ctx, deps, 'request_payout');
  if (membership === null) return;
  const { tx, identity } = ctx.turn;
  const waiting = await waitingPayouts(tx, membership.businessId, deps.clock.now());
  const own = waiting.filter(({ requestedBy }) => requestedBy === identity.id);
  const decides = may(membership.role, 'approve_payout');
  const others = decides ? waiting.filter(({ requestedBy }) => requestedBy !== identity.id) : [];
  if (own.length + others.length === 0) return reply(ctx, deps, 'approvals-empty');
  await reply(ctx, deps, 'approvals-head', { count: String(others.length), own: String(own.length) });
  const shown = [
    ...others.map(({ id }) => ({ id, kind: 'approval' as const })),
    ...own.map(({ id }) => ({ id, kind: 'request' as const })),
  ];
  for (const { id, kind } of shown.slice(0, shownAtOnce))
    await postPayoutCard(tx, deps, id, identity.id, kind);
}
