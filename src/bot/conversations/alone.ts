/** Alone: a business of one approves its own payout with a typed word; a button would be pressed too lightly. */
import type { PayoutId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { cleanText } from '../../domain/typed-text.ts';
import { approvePayout } from '../../payouts/approve.ts';
import { sayApproval } from '../cards/payout-approval.ts';
import { showCurrent } from '../cards/payout-current.ts';
import { loadPayoutView } from '../cards/payout-view.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit, type Say } from '../kit.ts';
import type { Turn } from '../turn.ts';
import { askDigits } from './digits.ts';

export const aloneId = 'alone@1';

export interface AloneStart {
  readonly payoutId: PayoutId;
}

export function aloneConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: AloneStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const seen = await kit.act((turn) => look(deps, turn, start.payoutId));
    if (seen === null) return kit.tell({ key: 'old-card' });
    const word = kit.word('alone-word');
    const say: Say = { key: 'alone', values: { limit: seen.limit, word } };
    const typed = await kit.ask<true>({
      id: 'alone',
      say,
      read: (answer) =>
        answer.kind === 'text' && isWord(answer.text, word) ? { value: true } : { again: say },
    });
    if (typed === null) return;
    const { version } = seen;
    const done = await kit.act((turn) => approve(deps, turn, start.payoutId, version));
    if (done.key === 'approved') return;
    if (done.key === 'digits') return askDigits(deps, kit, { payoutId: start.payoutId, version });
    await kit.tell({ key: done.key, values: { ...done.values } });
  };
}

function isWord(text: string, word: string): boolean {
  return cleanText(text).toLowerCase() === word.toLowerCase();
}

async function look(
  deps: BotDeps,
  turn: Turn,
  id: PayoutId,
): Promise<{ limit: string; version: number } | null> {
  const view = await loadPayoutView(turn.tx, deps.vault, id);
  const { payout, approvers, limits } = view;
  if (payout.state !== 'waiting' || payout.requested_by !== turn.identity.id || !approvers.alone) return null;
  return { limit: showMoney(limits.aloneDay), version: payout.version };
}

type Done = {
  readonly key: string;
  readonly values: { readonly [name: string]: string };
};

/** Somebody who may approve may have joined since the word was asked for: then it is theirs. */
async function approve(deps: BotDeps, turn: Turn, id: PayoutId, version: number): Promise<Done> {
  const view = await loadPayoutView(turn.tx, deps.vault, id);
  if (!view.approvers.alone) return { key: 'own', values: {} };
  const by = turn.identity.id;
  const outcome = await approvePayout(turn.tx, deps, { payoutId: id, by, version, digits: null });
  if (outcome.kind === 'approved' || outcome.kind === 'digits') return { key: outcome.kind, values: {} };
  if (outcome.kind === 'not_now') return { key: await showCurrent(deps, turn, id), values: {} };
  const { key, values } = sayApproval(outcome);
  return { key, values };
}
