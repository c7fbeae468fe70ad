/** The same sum to the same phone within a day, or while an earlier one is open: somebody writes why, and the approver reads it. */
import { showTime } from '../../domain/eat.ts';
import type { PayoutId } from '../../domain/ids.ts';
import { may } from '../../domain/roles.ts';
import { askApproval } from '../../payouts/request.ts';
import { showCurrent } from '../cards/payout-current.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit } from '../kit.ts';
import type { Turn } from '../turn.ts';
import { readReason } from './reason.ts';

export const resendId = 'resend@1';

export interface ResendStart {
  readonly payoutId: PayoutId;
  /** The earlier one. */
  readonly ref2: string;
  /** false: it was asked for, and not sent yet. */
  readonly sent: boolean;
  /** When it was sent or asked for, ISO. */
  readonly at: string;
}

export function resendConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: ResendStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const { key, at } = await kit.act(async (turn) => ({
      key: start.sent ? await sentKey(turn, start) : 'resend-open',
      at: showTime(new Date(start.at), deps.clock.now(), turn.locale),
    }));
    const say = { key, values: { at, ref2: start.ref2 } };
    const why = await kit.ask<string>({ id: 'resend', say, read: (answer) => readReason(answer, say) });
    if (why === null) return;
    const done = await kit.act((turn) => ask(deps, turn, start.payoutId, why));
    if (done !== 'waiting') await kit.tell({ key: done });
  };
}

/** Of the earlier one, that was sent: whether its money went. */
async function sentKey(turn: Turn, { ref2 }: ResendStart): Promise<'resend' | 'resend-unknown'> {
  const { state } = await turn.tx
    .selectFrom('payout')
    .select('state')
    .where('ref', '=', ref2)
    .executeTakeFirstOrThrow();
  return state === 'paid' ? 'resend' : 'resend-unknown';
}

/** The role is checked here again: it may have changed while the question stood open. */
async function ask(
  deps: BotDeps,
  turn: Turn,
  id: PayoutId,
  why: string,
): Promise<'waiting' | 'old-card' | 'not-yours' | 'po-not-refundable'> {
  const { business_id } = await turn.tx
    .selectFrom('payout')
    .select('business_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const membership = turn.memberships.find(({ businessId }) => businessId === business_id);
  if (membership === undefined || !may(membership.role, 'request_payout')) return 'not-yours';
  const outcome = await askApproval(turn.tx, deps, id, turn.identity.id, why);
  if (outcome.kind === 'not_refundable') return 'po-not-refundable';
  return outcome.kind === 'waiting' ? 'waiting' : showCurrent(deps, turn, id);
}
