import type { Conversation, ConversationFlavor } from '@grammyjs/conversations';
import type { Context } from 'grammy';
import type { UserFromGetMe } from 'grammy/types';
import type { Doors } from '../domain/doors.ts';
import type { PaymentDeps } from '../payments/context.ts';
import type { Gateways } from '../payments/gateways.ts';
import type { PayoutTell } from '../payouts/context.ts';
import type { Turn } from './turn.ts';
import type { Words } from './words.ts';

interface TurnFlavor {
  /** Set by the bot's first middleware. */
  turn: Turn;
  /** The conversation that this update starts. */
  leadsTo?: { readonly id: string; readonly start: unknown };
  /** The question of a conversation that stands open. */
  asked?: { readonly takesDigits: boolean };
}

/** What handlers outside conversations see. */
export type BotContext = ConversationFlavor<Context & TurnFlavor>;
/** What a conversation sees: rebuilt at each replay, so it carries nothing of the turn. */
export type InnerContext = Context;
export type BotConversation = Conversation<BotContext, InnerContext>;

export interface BotDeps extends PaymentDeps {
  readonly words: Words;
  readonly tellPayout: PayoutTell;
  /** Opened in a turn to learn what an account can do; never called there. */
  readonly gateways: Gateways;
  readonly doors: Doors;
}

export type { UserFromGetMe };
