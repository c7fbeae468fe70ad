/** /staff, and what its invitations lead to. */
import { findInvite, inviteFor } from '../../payouts/invite-view.ts';
import { inviteRefusal } from '../cards/invite-refusal.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { type JoinStart, joinId } from '../conversations/join.ts';
import { type StaffStart, staffId } from '../conversations/staff.ts';
import { lead } from '../enter.ts';
import { requireRight } from './access.ts';
import { reply } from './reply.ts';

export async function onStaff(ctx: BotContext, deps: BotDeps): Promise<void> {
  const membership = await requireRight(ctx, deps, 'manage_staff');
  if (membership === null) return;
  await lead(ctx, staffId, { businessId: membership.businessId } satisfies StaffStart);
}

/** Somebody opened the link of an invitation. */
export async function onJoinStart(ctx: BotContext, deps: BotDeps, secret: string): Promise<void> {
  const { tx, identity, locale } = ctx.turn;
  const view = await findInvite(tx, deps, secret, identity.id);
  const refusal = inviteRefusal(view, deps.clock.now(), locale);
  if (view !== null && refusal === null) return lead(ctx, joinId, { inviteId: view.id } satisfies JoinStart);
  await ctx.conversation.exitAll();
  if (refusal !== null) await reply(ctx, deps, refusal.key, refusal.values);
}

/** /start by whoever was invited by name: they are asked at once. false: nobody did. */
export async function askInvited(ctx: BotContext, deps: BotDeps): Promise<boolean> {
  const view = await inviteFor(ctx.turn.tx, deps, ctx.turn.identity.id);
  if (view !== null) await lead(ctx, joinId, { inviteId: view.id } satisfies JoinStart);
  return view !== null;
}
