import { askBalances } from '../../payments/balances.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { requireRight } from './access.ts';
import { reply } from './reply.ts';

/** The gateways are asked after the turn; the answer is a message of its own. */
export async function onBalance(ctx: BotContext, deps: BotDeps): Promise<void> {
  const membership = await requireRight(ctx, deps, 'review');
  if (membership === null) return;
  const { tx, identity, key } = ctx.turn;
  await askBalances(tx, deps, { identityId: identity.id, businessId: membership.businessId, key });
  await reply(ctx, deps, 'balance-asking');
}
