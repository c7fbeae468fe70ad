import type { BotContext } from './context.ts';

/**
 * Leaves what is open and asks for a conversation. It starts once the update has passed the conversations: they are known
 * to the plugin only from then on, and commands stand before them, so as to work inside a conversation too.
 */
export async function lead(ctx: BotContext, id: string, start: unknown = null): Promise<void> {
  await ctx.conversation.exitAll();
  ctx.leadsTo = { id, start };
}

/** Stands behind the conversations: does what was asked for before it, or by a handler after it. */
export async function enterWhatWasAsked(ctx: BotContext, next: () => Promise<void>): Promise<void> {
  if (ctx.leadsTo === undefined) await next();
  if (ctx.leadsTo === undefined) return;
  const { id, start } = ctx.leadsTo;
  await ctx.conversation.enter(id, ...(start === null ? [] : [start]));
}
