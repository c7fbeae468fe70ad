import { may } from '../../domain/roles.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { findByRef } from '../../payments/queries.ts';
import { findPayoutByRef } from '../../payouts/queries.ts';
import type { BotDeps } from '../context.ts';
import type { Turn } from '../turn.ts';
import { showBatchStatus } from './bulk-status.ts';
import { postPayoutCard } from './payout-post.ts';
import { postCard } from './post.ts';

/** Shows the payment's card anew, at the end of the chat: to its requester with buttons, to others as it stands. */
export async function showStatus(deps: BotDeps, turn: Turn, ref: string): Promise<null> {
  const membership = turn.membership;
  if (ref.startsWith('W') && (await showPayout(deps, turn, ref))) return null;
  if (ref.startsWith('B') && (await showBatchStatus(deps, turn, ref))) return null;
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

/** To whoever asked and to whoever may approve with buttons, to others as it stands; false: there is no such payout. */
async function showPayout(deps: BotDeps, turn: Turn, ref: string): Promise<boolean> {
  const { membership, identity, tx } = turn;
  const payout = membership === null ? null : await findPayoutByRef(tx, membership.businessId, ref);
  if (membership === null || payout === null) return false;
  const decides = may(membership.role, 'approve_payout');
  const kind = payout.requestedBy === identity.id ? 'request' : decides ? 'approval' : 'alert';
  await postPayoutCard(tx, deps, payout.id, identity.id, kind);
  return true;
}
