/** A no has a reason, which whoever asked will read. */
import type { PayoutId } from '../../domain/ids.ts';
import { rejectPayout } from '../../payouts/approve.ts';
import { showCurrent } from '../cards/payout-current.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit } from '../kit.ts';
import { readReason } from './reason.ts';

export const rejectId = 'reject@1';

export interface RejectStart {
  readonly payoutId: PayoutId;
  /** Of what the person saw on the card that they pressed. */
  readonly version: number;
  /** Who asked, by name. */
  readonly by: string;
}

export function rejectConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: RejectStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const say = { key: 'why', values: { by: start.by } };
    const why = await kit.ask<string>({ id: 'why', say, read: (answer) => readReason(answer, say) });
    if (why === null) return;
    const { payoutId, version } = start;
    const done = await kit.act(async (turn) => {
      const { kind } = await rejectPayout(turn.tx, deps, { payoutId, version, by: turn.identity.id, why });
      if (kind === 'not_now') return showCurrent(deps, turn, payoutId);
      return kind === 'no_right' ? 'not-yours' : kind;
    });
    if (done !== 'rejected') await kit.tell({ key: done });
  };
}
