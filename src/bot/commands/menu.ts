/** "hi", "msaada": what works here, with the commands to choose from. */
import { may, type Right, type Role } from '../../domain/roles.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { helpText } from './own-phone.ts';

/** The first letter of the data of its buttons. */
export const menuPress = 'm';

/** VOICE.md's menu, in its order, and who may use what. null: everybody in the business. */
const entries = [
  ['ask', 'request', 'request_payment'],
  ['send', 'payout', 'request_payout'],
  ['approvals', 'approvals', 'approve_payout'],
  ['check', 'verify', null],
  ['today', 'today', null],
  ['history', 'history', 'see_payments'],
  ['balance', 'balance', null],
  ['settings', 'settings', null],
  ['help', 'help', null],
] as const satisfies readonly (readonly [label: string, command: string, right: Right | null])[];

export type MenuCommand = (typeof entries)[number][1];

export async function showMenu(ctx: BotContext, deps: BotDeps): Promise<void> {
  const { membership } = ctx.turn;
  const text = await helpText(ctx, deps);
  if (membership === null) return void (await ctx.reply(text));
  await ctx.reply(text, { reply_markup: { inline_keyboard: rowsFor(ctx, deps, membership.role) } });
}

function rowsFor(ctx: BotContext, deps: BotDeps, role: Role) {
  const buttons = entries
    .filter(([, , right]) => right === null || may(role, right))
    .map(([label, command]) => ({
      text: deps.words.say(ctx.turn.locale, `menu-${label}`),
      callback_data: `${menuPress}:${command}`,
    }));
  const rows: (typeof buttons)[] = [];
  for (let i = 0; i < buttons.length; i += 2) rows.push(buttons.slice(i, i + 2));
  return rows;
}

/** What was chosen; null: nothing of ours. The right is asked for by the command itself. */
export function chosenInMenu(data: string): MenuCommand | null {
  const named = data.split(':')[1];
  return entries.find(([, command]) => command === named)?.[1] ?? null;
}
