/** What a command, a button's data and a plain word lead to. */

import type { WordCommand } from '../domain/entry-commands.ts';
import { onBulkPress } from './cards/bulk-press.ts';
import { onReceiptPress } from './cards/customer-press.ts';
import { onPayoutPress } from './cards/payout-press.ts';
import { onCardPress } from './cards/press.ts';
import { doorbellPress } from './cards/templates.ts';
import { onApprovals } from './commands/approvals.ts';
import { onBalance } from './commands/balance.ts';
import { onBulkPage } from './commands/bulk.ts';
import { onConnect, onDisconnect } from './commands/chats.ts';
import { onFreeze, onFreezePress } from './commands/freeze.ts';
import { onHistory, onHistoryPage } from './commands/history.ts';
import { onLink, onPayLinkPress } from './commands/link.ts';
import { chosenInMenu, menuPress } from './commands/menu.ts';
import { onLinkPress } from './commands/own-phone.ts';
import { onPayout } from './commands/payout.ts';
import { onHelp, onStart } from './commands/people.ts';
import { onRequest } from './commands/request.ts';
import { onReview } from './commands/review.ts';
import {
  onLanguage,
  onLanguagePress,
  onSettings,
  onSettingsPress,
  onSwitch,
  onSwitchPress,
} from './commands/settings.ts';
import { onStaff } from './commands/staff.ts';
import { onStatus } from './commands/status.ts';
import { onToday } from './commands/today.ts';
import { onUnaskedPress } from './commands/unasked.ts';
import { onVerify } from './commands/verify.ts';
import type { BotContext, BotDeps } from './context.ts';

export type Handler = (ctx: BotContext, deps: BotDeps, argument: string) => Promise<void>;

/** Registered with the platform and listed in /help once they work. `cancel` has its own place in the chain. */
export const commandNames = [
  'start',
  'request',
  'link',
  'payout',
  'approvals',
  'history',
  'status',
  'verify',
  'review',
  'balance',
  'today',
  'staff',
  'freeze',
  'settings',
  'language',
  'switch',
  'cancel',
  'help',
] as const;
export type CommandName = (typeof commandNames)[number];

export const commands = {
  start: onStart,
  help: onHelp,
  request: onRequest,
  link: onLink,
  payout: onPayout,
  approvals: onApprovals,
  history: onHistory,
  status: onStatus,
  verify: onVerify,
  review: onReview,
  balance: onBalance,
  today: onToday,
  staff: onStaff,
  freeze: onFreeze,
  settings: onSettings,
  language: onLanguage,
  switch: onSwitch,
} as const satisfies Record<Exclude<CommandName, 'cancel'>, Handler>;

/** What a plain word can say: every command, and what has no slash command of its own. */
export const byWord = {
  ...commands,
  connect: onConnect,
  disconnect: onDisconnect,
} as const satisfies Record<WordCommand, Handler>;

/** The first letter of a button's data says whose it is; `k` belongs to conversations. */
export const presses: Readonly<Record<string, Handler>> = {
  p: onCardPress,
  o: onPayoutPress,
  z: onFreezePress,
  b: onBulkPress,
  r: onBulkPage,
  c: onReceiptPress,
  u: onLinkPress,
  y: onPayLinkPress,
  h: onHistoryPage,
  s: onSettingsPress,
  l: onLanguagePress,
  [menuPress]: onMenuPress,
  // What waits for the person comes by itself once they have written.
  [doorbellPress]: async (ctx) => void (await ctx.answerCallbackQuery()),
  w: onSwitchPress,
  q: onUnaskedPress,
};

async function onMenuPress(ctx: BotContext, deps: BotDeps, data: string): Promise<void> {
  const chosen = chosenInMenu(data);
  await ctx.answerCallbackQuery();
  if (chosen !== null) await commands[chosen](ctx, deps, '');
}
