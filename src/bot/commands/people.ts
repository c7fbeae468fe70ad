/** /start, /help and what is said to people who belong to no business. */

import type { BotContext, BotDeps } from '../context.ts';
import { startId } from '../conversations/start.ts';
import { lead } from '../enter.ts';
import { reply } from './reply.ts';

export async function onStart(ctx: BotContext, deps: BotDeps): Promise<void> {
  const { membership, locale } = ctx.turn;
  if (membership === null) {
    return lead(ctx, startId);
  }
  await reply(ctx, deps, 'member-hello', {
    shop: membership.businessName,
    role: deps.words.say(locale, `role-${membership.role}`),
  });
}

export async function onHelp(ctx: BotContext, deps: BotDeps): Promise<void> {
  await reply(ctx, deps, ctx.turn.membership === null ? 'no-business' : 'help-member');
}
