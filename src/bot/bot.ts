/**
 * The grammY bot: which update goes where. Order matters. What must work in the middle of a conversation (/cancel, cards,
 * commands that only show) stands between `conversations()` and the conversations; free text comes last.
 */
import { conversations, createConversation } from '@grammyjs/conversations';
import { Bot, type Middleware } from 'grammy';
import type { UserFromGetMe } from 'grammy/types';
import { asksForHelp, isOpenedLink, readCommandWord } from '../domain/entry-commands.ts';
import { readLine } from '../domain/entry-line.ts';
import { onBulkPress } from './cards/bulk-press.ts';
import { onPayoutPress } from './cards/payout-press.ts';
import { requireRight } from './commands/access.ts';
import { namesGroup, onGroupApprovals } from './commands/approvals-group.ts';
import { onBalance } from './commands/balance.ts';
import { onBulkFile, onBulkText } from './commands/bulk.ts';
import { showMenu } from './commands/menu.ts';
import { helpText, onContact } from './commands/own-phone.ts';
import { onHelp, sayNoBusiness } from './commands/people.ts';
import { reply, toast } from './commands/reply.ts';
import { onRequest, onRequestLine } from './commands/request.ts';
import { onVerifyLine } from './commands/verify.ts';
import type { BotContext, BotDeps } from './context.ts';
import { createConversationStore } from './conversation-store.ts';
import { type RefundStart, refundId } from './conversations/refund.ts';
import { enterWhatWasAsked, lead } from './enter.ts';
import { createOutgoing } from './outgoing.ts';
import { forgetPin, pinGuard } from './pin-guard.ts';
import { byWord, commands, presses } from './table.ts';
import { talksOf } from './talks.ts';
import { currentTurn } from './turn.ts';

export interface BotOptions extends BotDeps {
  /** Only to build URLs that never leave the process: deliver holds the real one. */
  readonly botInfo: UserFromGetMe;
}

/** A conversation of an older release that no code is left for: its people are told, and go on. */
const leftBehind = new WeakSet<BotContext>();

export function createBot(options: BotOptions): Bot<BotContext> {
  const deps: BotDeps = options;
  const bot = new Bot<BotContext>('0:in-process', {
    botInfo: options.botInfo,
    client: { fetch: createOutgoing(deps) as never },
  });
  bot.use((ctx, next) => {
    ctx.turn = currentTurn();
    return next();
  });
  // Money is talked about in private chats only; in a group every phone would be on show.
  bot.use((ctx, next) => (ctx.chat?.type === 'private' ? next() : inGroup(ctx, deps)));
  const talks = talksOf(deps);
  const store = createConversationStore(deps, new Set(Object.keys(talks)), (ctx) => leftBehind.add(ctx));
  bot.use(conversations({ storage: store }));
  bot.use(pinGuard(deps));
  bot.use(tellLeftBehind(deps));
  bot.on('callback_query:data', onPress(deps));
  bot.on('message:text', onCommand(deps));
  for (const [id, talk] of Object.entries(talks)) bot.use(createConversation(talk as never, { id }));
  bot.on('message:text', (ctx, next) => onWord(ctx, deps, next));
  bot.on('message:contact', onOwnContact(deps));
  bot.use(enterWhatWasAsked);
  bot.on('message:text', onText(deps));
  bot.on('callback_query', (ctx) => toast(ctx, deps, 'old-question'));
  bot.on('message', (ctx) => onOther(ctx, deps));
  return bot;
}

/** A group sees masked cards to decide on; whose press counts is asked at the press. Nothing else is answered there. */
async function inGroup(ctx: BotContext, deps: BotDeps): Promise<void> {
  const data = ctx.callbackQuery?.data ?? '';
  if (data.startsWith('o:')) return onPayoutPress(ctx, deps, data);
  if (data.startsWith('b:')) return onBulkPress(ctx, deps, data);
  if (namesGroup(ctx.message?.text ?? '')) return onGroupApprovals(ctx, deps);
  await forgetPin(ctx);
}

function tellLeftBehind(deps: BotDeps): Middleware<BotContext> {
  return async (ctx, next) => {
    if (leftBehind.has(ctx)) await reply(ctx, deps, 'stopped');
    await next();
  };
}

function onPress(deps: BotDeps): Middleware<BotContext> {
  return async (ctx, next) => {
    const data = ctx.callbackQuery?.data ?? '';
    const handler = presses[data.split(':')[0] ?? ''];
    if (handler === undefined) return next();
    await handler(ctx, deps, data);
    if (ctx.leadsTo !== undefined) await next();
  };
}

/** `/request@malipo_bot 500 …` too. Commands that start a conversation end the one that is open. */
function onCommand(deps: BotDeps): Middleware<BotContext> {
  return async (ctx, next) => {
    const text = (ctx.message?.text ?? '').trim();
    const match = /^\/([a-z0-9_]{1,32})(?:@\w+)?(?:\s+([\s\S]*))?$/i.exec(text);
    const isCancel = match?.[1]?.toLowerCase() === 'cancel' || readLine(text).kind === 'cancel';
    if (isCancel) return onCancel(ctx, deps);
    if (isOpenedLink(text)) return onWord(ctx, deps, next);
    if (match === null) return text.startsWith('/') ? unknownCommand(ctx, deps, text) : next();
    const name = (match[1] ?? '').toLowerCase();
    if (!Object.hasOwn(commands, name)) return unknownCommand(ctx, deps, text);
    await commands[name as keyof typeof commands](ctx, deps, (match[2] ?? '').trim());
    if (ctx.leadsTo !== undefined) await next();
  };
}

/** A command by its plain word; everything else goes on. */
async function onWord(ctx: BotContext, deps: BotDeps, next: () => Promise<void>): Promise<void> {
  const word = readCommandWord(ctx.message?.text ?? '');
  if (word === null) return next();
  await byWord[word.command](ctx, deps, word.argument);
  if (ctx.leadsTo !== undefined) await next();
}

async function unknownCommand(ctx: BotContext, deps: BotDeps, text: string): Promise<void> {
  await reply(ctx, deps, 'unknown-command', { text: [...(text.split(/\s/)[0] ?? '')].slice(0, 33).join('') });
}

async function onCancel(ctx: BotContext, deps: BotDeps): Promise<void> {
  const talking = Object.keys(ctx.conversation.active()).length > 0;
  await ctx.conversation.exitAll();
  await reply(ctx, deps, talking ? 'stopped' : nothingOpen(ctx));
}

function nothingOpen(ctx: BotContext): string {
  return ctx.turn.membership === null ? 'nothing-open' : 'nothing-to-cancel';
}

/** A contact outside a conversation: one that is the sender's own is no stranger to ask for money. */
function onOwnContact(deps: BotDeps): Middleware<BotContext> {
  return async (ctx, next) => {
    const done = await onContact(ctx, deps);
    if (!done || ctx.leadsTo !== undefined) await next();
  };
}

/** Free text outside a conversation. */
function onText(deps: BotDeps): Middleware<BotContext> {
  return async (ctx) => {
    const line = readLine(ctx.message?.text ?? '');
    if (line.kind === 'verify') return onVerifyLine(ctx, deps);
    if (ctx.turn.membership === null)
      return asksForHelp(ctx.message?.text ?? '') ? onHelp(ctx, deps) : sayNoBusiness(ctx, deps);
    if (await onBulkText(ctx, deps)) return;
    switch (line.kind) {
      case 'request':
      case 'ask_or_send':
        return onRequestLine(ctx, deps, line);
      case 'menu':
        return showMenu(ctx, deps);
      case 'cancel':
        return reply(ctx, deps, 'nothing-to-cancel');
      case 'balance':
        return onBalance(ctx, deps);
      case 'refund':
        return askRefund(ctx, deps);
      case 'none':
        return reply(ctx, deps, 'unread', {
          text: [...(ctx.message?.text ?? '')].slice(0, 40).join(''),
          eg: '500 0712345678',
        });
    }
  };
}

async function askRefund(ctx: BotContext, deps: BotDeps): Promise<void> {
  if ((await requireRight(ctx, deps, 'request_payout')) === null) return;
  await lead(ctx, refundId, { paymentId: null, one: false } satisfies RefundStart);
}

/** Stickers, voice notes, files: a short answer; a contact by itself is somebody to ask for money. */
async function onOther(ctx: BotContext, deps: BotDeps): Promise<void> {
  const contact = ctx.message?.contact;
  if (contact !== undefined && ctx.turn.membership !== null) {
    return onRequest(ctx, deps, contact.phone_number);
  }
  if (ctx.message?.document !== undefined && ctx.turn.membership !== null) return onBulkFile(ctx, deps);
  await reply(ctx, deps, 'not-text', { ask: await helpText(ctx, deps) });
}
