/** What a finding changes, where a payout may have had several calls. The pure rule of one call is in `domain/payout.ts`. */
import {
  applyPayoutEvidence,
  doubted,
  mayHaveMoved,
  type PayoutChange,
  type PayoutEvidence,
  type PayoutView,
} from '../domain/payout.ts';
import type { PayoutMatch } from './match.ts';

const nothingNew: PayoutChange = { effect: 'nothing_new', to: null, flag: null, entry: null };

/** `round`: whose entries the change writes. */
export interface Judgement {
  readonly change: PayoutChange;
  readonly round: number;
}

/**
 * An earlier round had ended without money when a person asked again: told so once more, nothing changes. Told that it moved
 * money after all, that is this payout's money where nothing was sent since; otherwise both may have moved it, and a person
 * looks. Where nobody can tell which round is meant, no reserve is set free; nor by what the gateway tells of a payout that
 * no call of ours made.
 */
export function judge(
  { payout, about, round, sentSince }: PayoutMatch,
  view: PayoutView,
  evidence: PayoutEvidence,
  receiptUsed: boolean,
): Judgement {
  const current = (): Judgement => ({
    change: applyPayoutEvidence(view, evidence, receiptUsed),
    round: payout.round,
  });
  if (about === 'current' || evidence.trust === 'hint') return current();
  if (about === 'another') {
    const known = evidence.verdict === 'pending' || (evidence.verdict === 'failed' && neverPaid(view));
    return {
      change: known ? nothingNew : doubted(view, 'contradiction'),
      round: payout.round,
    };
  }
  if (about === 'either') {
    const frees = evidence.verdict === 'failed' || evidence.verdict === 'reversed';
    if (evidence.verdict === 'pending') return { change: nothingNew, round };
    return frees && mayHaveMoved(view.state)
      ? { change: doubted(view, 'contradiction'), round: payout.round }
      : current();
  }
  if (evidence.verdict !== 'paid') return { change: nothingNew, round };
  const over = view.state === 'paid' || view.state === 'reversed';
  return over || (sentSince && mayHaveMoved(view.state))
    ? { change: doubted(view, 'contradiction'), round }
    : { change: applyPayoutEvidence({ ...view, state: 'failed' }, evidence, receiptUsed), round };
}

/** No money is said to have gone, and that is what is told. */
function neverPaid({ state }: PayoutView): boolean {
  return !mayHaveMoved(state) && state !== 'paid' && state !== 'reversed';
}
