/**
 * What no look-up could prove of a payout, two persons decide from the gateway's statement: each sees the evidence and says
 * what the statement shows; only where both say the same does it count.
 */
import { showTime } from '../../domain/eat.ts';
import type { PayoutId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { mayHaveMoved } from '../../domain/payout.ts';
import { findReceipt, looksLikeReceipt } from '../../domain/receipt.ts';
import { may } from '../../domain/roles.ts';
import { cleanText } from '../../domain/typed-text.ts';
import { keepPayout } from '../../payouts/keep.ts';
import { markPayout, type PayoutMarking } from '../../payouts/review.ts';
import { payoutHead } from '../cards/payout-card.ts';
import { showCurrent } from '../cards/payout-current.ts';
import { loadPayoutView } from '../cards/payout-view.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit, type Kit, type Say } from '../kit.ts';
import type { Turn } from '../turn.ts';
import { unread } from './request-read.ts';

export const poReviewId = 'po-review@1';

export interface PoReviewStart {
  readonly payoutId: PayoutId;
}

export function poReviewConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: PoReviewStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const seen = await kit.act((turn) => look(deps, turn, start.payoutId));
    if (seen === null) return kit.tell({ key: 'old-card' });
    if (seen.open === 'keep') return keep(deps, kit, start, seen);
    const values = { head: seen.head, gateway: seen.gateway, evidence: seen.evidence };
    const key = seen.markedBy === '' ? 'po-review' : 'po-review-second';
    const decision = await kit.choose<'paid' | 'failed' | 'later'>(
      'po-decision',
      { key, values: { ...values, who: seen.markedBy } },
      [
        { label: kit.word('btn-was-paid'), value: 'paid' },
        { label: kit.word('btn-later'), value: 'later' },
        { label: kit.word('btn-not-paid'), value: 'failed' },
      ],
    );
    if (decision === null || decision === 'later') return;
    const receipt = decision === 'paid' ? await askCode(kit) : null;
    if (decision === 'paid' && receipt === null) return;
    await kit.tell(
      await kit.act((turn) => mark(deps, turn, { ...start, round: seen.round, verdict: decision, receipt })),
    );
  };
}

async function keep(deps: BotDeps, kit: Kit, start: PoReviewStart, seen: Seen): Promise<void> {
  const values = { head: seen.head, evidence: seen.evidence };
  const decision = await kit.choose<'keep' | 'later'>('po-keep', { key: 'po-review-keep', values }, [
    { label: kit.word('btn-keep'), value: 'keep' },
    { label: kit.word('btn-later'), value: 'later' },
  ]);
  if (decision !== 'keep') return;
  const kept = await kit.act((turn) => keepPayout(turn.tx, deps, start.payoutId, turn.identity.id));
  if (kept === 'no_right') await kit.tell({ key: 'po-owner-only' });
  if (kept === 'not_open') await kit.tell({ key: 'old-card' });
}

type Seen = {
  readonly head: string;
  readonly gateway: string;
  /** What was told, one line each. */
  readonly evidence: string;
  /** Who said something first; '': nobody. */
  readonly markedBy: string;
  readonly round: number;
  /** mark: the money may have moved. keep: it is known, and the doubt can only be seen. */
  readonly open: 'mark' | 'keep';
};

const mostEvidence = 4;

async function look(deps: BotDeps, turn: Turn, id: PayoutId): Promise<Seen | null> {
  const view = await loadPayoutView(turn.tx, deps.vault, id);
  const { payout } = view;
  const membership = turn.memberships.find(({ businessId }) => businessId === payout.business_id);
  if (membership === undefined || !may(membership.role, 'approve_payout')) return null;
  const ended = payout.state === 'failed' || payout.state === 'waiting';
  const unproved = payout.state === 'review' || payout.state === 'unknown' || (ended && payout.flag !== null);
  const open = unproved ? 'mark' : 'keep';
  if (open === 'keep' && (payout.flag === null || mayHaveMoved(payout.state))) return null;
  const rows = await turn.tx
    .selectFrom('payout_evidence')
    .selectAll()
    .where('payout_id', '=', id)
    .orderBy('id', 'desc')
    .limit(mostEvidence)
    .execute();
  const say = (key: string) => deps.words.say(turn.locale, key);
  const lines = rows.map((row) =>
    [
      showTime(row.seen_at, deps.clock.now(), turn.locale),
      say(`told-${row.source}`),
      say(`said-${row.verdict}`),
      row.amount_cents === null ? '' : showMoney(row.amount_cents),
      row.receipt ?? '',
      row.raw_code,
    ]
      .filter((part) => part !== '')
      .join(' · '),
  );
  return {
    head: payoutHead(view, false),
    gateway: view.account,
    evidence: lines.join('\n') || say('po-no-evidence'),
    markedBy: view.marked?.who ?? '',
    round: payout.round,
    open,
  };
}

async function askCode(kit: Kit): Promise<string | null> {
  const say: Say = { key: 'review-code' };
  return kit.ask<string>({
    id: 'po-code',
    say,
    read: (answer) => {
      if (answer.kind !== 'text') return { again: say };
      // The code was asked for, so that one without a digit is one too.
      const alone = cleanText(answer.text).toUpperCase();
      const receipt = looksLikeReceipt(alone) ? alone : findReceipt(answer.text);
      return receipt === null ? { again: unread(answer.text, 'TFH774CBH1') } : { value: receipt };
    },
  });
}

type Told = { readonly key: string; readonly values: { readonly [name: string]: string } };

async function mark(deps: BotDeps, turn: Turn, found: Omit<PayoutMarking, 'by'>): Promise<Told> {
  const { payoutId, verdict } = found;
  const marked = await markPayout(turn.tx, deps, { ...found, by: turn.identity.id });
  const now = deps.clock.now();
  const values = { who: turn.identity.name ?? '–', at: showTime(now, now, turn.locale) };
  switch (marked.kind) {
    case 'first':
      return { key: 'po-first', values: {} };
    case 'marked':
      // The code may belong to another payout: then it is still open, and the card says so.
      if (await stillOpen(deps, turn, payoutId)) return { key: 'po-still-open', values: {} };
      return { key: verdict === 'paid' ? 'review-marked-paid' : 'review-marked-not-paid', values };
    case 'differs':
      return { key: 'po-marks-differ', values: {} };
    case 'own':
      return { key: 'po-mark-own', values: {} };
    case 'not_open':
      return { key: await showCurrent(deps, turn, payoutId), values: {} };
    case 'no_right':
      return { key: 'po-mark-owner', values: {} };
  }
}

async function stillOpen(deps: BotDeps, turn: Turn, id: PayoutId): Promise<boolean> {
  const { payout } = await loadPayoutView(turn.tx, deps.vault, id);
  return payout.state === 'review' || payout.flag !== null;
}
