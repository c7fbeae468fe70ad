/** Before one person approves alone, they read what that means. */
import type { BusinessId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { setAlone } from '../../payouts/alone.ts';
import { readLimits } from '../../payouts/reserve.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit } from '../kit.ts';

export const aloneModeId = 'alone-mode@1';

export interface AloneModeStart {
  readonly businessId: BusinessId;
}

export function aloneModeConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: AloneModeStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const limit = await kit.act(async (turn) => {
      const business = await turn.tx
        .selectFrom('business')
        .select('payout_limits')
        .where('id', '=', start.businessId)
        .executeTakeFirstOrThrow();
      return showMoney(readLimits(business.payout_limits).aloneDay);
    });
    const say = { key: 'alone-means', values: { limit } };
    if (!(await kit.confirm('alone-mode', say, 'btn-alone-on', 'btn-cancel'))) return;
    const set = await kit.act(async (turn) => {
      const done = await setAlone(turn.tx, deps, start.businessId, turn.identity.id, true);
      return { kind: done.kind, who: done.kind === 'others' ? done.who : '' };
    });
    if (set.kind === 'others') return kit.tell({ key: 'alone-others', values: { who: set.who } });
    await kit.tell(set.kind === 'no_right' ? { key: 'not-yours' } : { key: 'alone-on', values: { limit } });
  };
}
