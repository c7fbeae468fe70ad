import { parseRef } from '../../domain/refs.ts';
import { showStatus } from '../cards/status.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { statusId } from '../conversations/status.ts';
import { lead } from '../enter.ts';
import { requireRight } from './access.ts';
import { reply } from './reply.ts';

export async function onStatus(ctx: BotContext, deps: BotDeps, argument: string): Promise<void> {
  if ((await requireRight(ctx, deps, 'see_payments')) === null) return;
  if (argument === '') {
    await lead(ctx, statusId);
    return;
  }
  const ref = parseRef(argument);
  if (ref === null) {
    await reply(ctx, deps, 'unread', { text: [...argument].slice(0, 40).join(''), eg: 'P-7KQ4M' });
    return;
  }
  await showStatus(deps, ctx.turn, ref);
}
