/** "connect": two chats of one person become one. Typed without a code it makes one; with a code, in the other chat, it joins. */
import { showTime } from '../../domain/eat.ts';
import { joinChats, makeChatCode, partChats, readChatCode } from '../../payments/persons.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { reply } from './reply.ts';

export async function onConnect(ctx: BotContext, deps: BotDeps, argument: string): Promise<void> {
  const { tx, identity, locale } = ctx.turn;
  if (argument === '') {
    const { code, expiresAt } = await makeChatCode(tx, deps, identity.chatId);
    const typed = `${code.slice(0, 4)}-${code.slice(4)}`;
    const end = showTime(expiresAt, deps.clock.now(), locale);
    return reply(ctx, deps, 'chat-code', { code: typed, end });
  }
  const code = readChatCode(argument);
  const joined = code === null ? 'no_code' : (await joinChats(tx, deps, identity.chatId, code)).kind;
  await reply(ctx, deps, joined === 'joined' ? 'chat-joined' : `chat-${joined.replaceAll('_', '-')}`);
}

export async function onDisconnect(ctx: BotContext, deps: BotDeps): Promise<void> {
  const parted = await partChats(ctx.turn.tx, deps, ctx.turn.identity.id);
  await reply(ctx, deps, parted ? 'chat-parted' : 'chat-alone');
}
