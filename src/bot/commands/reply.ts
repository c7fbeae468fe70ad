import type { BotContext, BotDeps } from '../context.ts';

/** Answers in the person's language. Outgoing calls are outbox rows of the turn. */
export async function reply(
  ctx: BotContext,
  deps: BotDeps,
  key: string,
  values: Readonly<Record<string, string>> = {},
  buttons: readonly (readonly { text: string; callback_data: string }[])[] = [],
): Promise<void> {
  await ctx.reply(deps.words.say(ctx.turn.locale, key, values), {
    ...(buttons.length > 0 && { reply_markup: { inline_keyboard: buttons.map((row) => [...row]) } }),
  });
}

/** A short notice on the press itself; it leaves no message behind. */
export async function toast(
  ctx: BotContext,
  deps: BotDeps,
  key: string,
  values: Readonly<Record<string, string>> = {},
): Promise<void> {
  await ctx.answerCallbackQuery({ text: deps.words.say(ctx.turn.locale, key, values) });
}
