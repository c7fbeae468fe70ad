import { parseRef } from '../../domain/refs.ts';
import { findByRef } from '../../payments/queries.ts';
import { postCard } from '../cards/post.ts';
import type { BotContext, BotDeps } from '../context.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { statusId } from '../conversations/status.ts';
import type { Turn } from '../turn.ts';
import { requireRight } from './access.ts';
import { reply } from './reply.ts';

export async function onStatus(ctx: BotContext, deps: BotDeps, argument: string): Promise<void> {
  if ((await requireRight(ctx, deps, 'see_payments')) === null) return;
  if (argument === '') {
    await ctx.conversation.exitAll();
    await ctx.conversation.enter(statusId);
    return;
  }
  const ref = parseRef(argument);
  if (ref === null) {
    await reply(ctx, deps, 'unread', { text: [...argument].slice(0, 40).join(''), eg: 'P-7KQ4M' });
    return;
  }
  await showStatus(deps, ctx.turn, ref);
}

/** Shows the payment's card anew, at the end of the chat: to its requester with buttons, to others as it stands. */
export async function showStatus(deps: BotDeps, turn: Turn, ref: string): Promise<null> {
  const membership = turn.membership;
  const id = membership === null ? null : await findByRef(turn.tx, membership.businessId, ref);
  if (membership === null || id === null) {
    await enqueue(turn.tx, deps, {
      key: `${turn.key}:status`,
      channel: turn.identity.channel,
      lane: turn.lane,
      method: 'sendMessage',
      payload: {
        chat_id: Number(turn.identity.externalId),
        text: deps.words.say(turn.locale, 'no-ref', { ref, shop: membership?.businessName ?? 'Malipo' }),
      },
    });
    return null;
  }
  const payment = await turn.tx
    .selectFrom('payment')
    .select('requested_by')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const mine = payment.requested_by === turn.identity.id;
  await postCard(turn.tx, deps, id, turn.identity.id, mine ? 'request' : 'alert');
  return null;
}
