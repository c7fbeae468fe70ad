/** /start, /help and what is said to people who belong to no business. */

import { codeOfStart } from '../../payments/links.ts';
import { ownLink } from '../../payments/phone-links.ts';
import { tokenOfStart } from '../../payouts/invite-view.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { startId } from '../conversations/start.ts';
import { lead } from '../enter.ts';
import { onPayStart } from './link.ts';
import { sayHelp, showLink } from './own-phone.ts';
import { reply } from './reply.ts';
import { askInvited, onJoinStart } from './staff.ts';

export async function onStart(ctx: BotContext, deps: BotDeps, argument = ''): Promise<void> {
  const code = codeOfStart(argument);
  if (code !== null) return onPayStart(ctx, deps, code);
  const secret = tokenOfStart(argument);
  if (secret !== null) return onJoinStart(ctx, deps, secret);
  if (await askInvited(ctx, deps)) return;
  const { membership, locale } = ctx.turn;
  if (membership === null) {
    // Whoever linked a number has answered who they are: they see what is linked, and can change it.
    await ctx.conversation.exitAll();
    return (await showLink(ctx, deps)) ? undefined : lead(ctx, startId);
  }
  await reply(ctx, deps, 'member-hello', {
    shop: membership.businessName,
    role: deps.words.say(locale, `role-${membership.role}`),
  });
  await showLink(ctx, deps);
}

export async function onHelp(ctx: BotContext, deps: BotDeps): Promise<void> {
  await sayHelp(ctx, deps);
}

/** What was typed means nothing here: with a number linked, what it is linked for; without, how to begin. */
export async function sayNoBusiness(ctx: BotContext, deps: BotDeps): Promise<void> {
  if ((await ownLink(ctx.turn.tx, deps, ctx.turn.identity.id)) === null)
    await reply(ctx, deps, 'no-business');
  else await sayHelp(ctx, deps);
}
