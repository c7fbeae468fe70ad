/**
 * What looks like a PIN goes no further: it is blanked in its inbox row, deleted from the chat where the channel allows,
 * and never reaches a conversation, whose replay log would keep it. The question that stands open stays open.
 */
import type { Middleware } from 'grammy';
import type { Update } from 'grammy/types';
import { pinIn } from '../domain/pin.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { isAskedNow } from '../payments/phone-links.ts';
import { reply } from './commands/reply.ts';
import type { BotContext, BotDeps } from './context.ts';

export function pinGuard(deps: BotDeps): Middleware<BotContext> {
  return async (ctx, next) => {
    if (!(await isPin(ctx, deps))) {
      await forgetQuoted(ctx);
      return next();
    }
    await ctx.turn.forget(withoutText(ctx.update));
    await deleteFromChat(ctx, deps);
    await reply(ctx, deps, 'pin-typed');
  };
}

/** In a group nobody is answered, and nothing that looks like a PIN is kept. */
export async function forgetPin(ctx: BotContext): Promise<void> {
  if (pinIn(writtenIn(ctx.update)) !== null) await ctx.turn.forget(withoutText(ctx.update));
}

/** An answer to a message carries that message with it, PIN and all; nothing here reads it. */
async function forgetQuoted(ctx: BotContext): Promise<void> {
  const { message } = ctx.update;
  const { reply_to_message: answered, quote } = message ?? {};
  const texts = [answered?.text, answered?.caption, quote?.text];
  if (message === undefined || texts.every((text) => text === undefined || pinIn(text) === null)) return;
  delete message.reply_to_message;
  delete message.quote;
  await ctx.turn.forget(ctx.update);
}

/** The update as it is kept where its text must not be: who wrote, where and when. */
export function withoutText({ update_id, message }: Update): Update {
  if (message === undefined) return { update_id };
  const { message_id, from, chat, date } = message;
  return { update_id, message: { message_id, from, chat, date, text: '' } };
}

export function writtenIn(update: Update): string {
  return update.message?.text ?? update.message?.caption ?? '';
}

/**
 * A customer's four digits are a PIN unless the question that stands open takes a number. A member's are an amount, except
 * while M-Pesa asks the member's own phone for the PIN and no question that stands open takes a number.
 */
async function isPin(ctx: BotContext, deps: BotDeps): Promise<boolean> {
  const found = pinIn(writtenIn(ctx.update));
  if (found === null) return false;
  if (found === 'named') return true;
  const { membership, tx, identity } = ctx.turn;
  if (found === 'beside') return membership === null;
  if (membership === null) return ctx.asked?.takesDigits !== true;
  return ctx.asked?.takesDigits !== true && (await isAskedNow(tx, identity.id, deps.clock.now()));
}

async function deleteFromChat(ctx: BotContext, deps: BotDeps): Promise<void> {
  const { tx, key, lane, identity } = ctx.turn;
  const messageId = ctx.message?.message_id;
  if (identity.channel !== 'telegram' || messageId === undefined) return;
  await enqueue(tx, deps, {
    key: `${key}:forget`,
    channel: 'telegram',
    lane,
    method: 'deleteMessage',
    // The person's own message: its id is the real one.
    payload: { chat_id: Number(identity.externalId), message_id: messageId },
  });
}
