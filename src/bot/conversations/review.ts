/** An owner or manager decides, from the gateway's statement, what no look-up could prove. */

import { showTime } from '../../domain/eat.ts';
import type { PaymentId } from '../../domain/ids.ts';
import { findReceipt } from '../../domain/receipt.ts';
import { may } from '../../domain/roles.ts';
import { acceptAmount, keepAsIs, type Marked, markNotPaid, markPaid } from '../../payments/review.ts';
import { loadPaymentView } from '../cards/payment-view.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit, type Kit, type Option } from '../kit.ts';
import { currentTurn, type Turn } from '../turn.ts';

export const reviewId = 'review@1';

export interface ReviewStart {
  readonly paymentId: PaymentId;
}

type Decision = 'paid' | 'not_paid' | 'accept' | 'keep' | 'later';

export function reviewConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: ReviewStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const what = await kit.act((turn) => look(deps, turn, start.paymentId));
    if (what === null) return kit.tell({ key: 'old-card' });
    const decision = await kit.choose(
      'decision',
      { key: 'review-ask', values: { gateway: what.gateway } },
      choices(kit, what),
    );
    if (decision === null || decision === 'later') return;
    const receipt = decision === 'paid' ? await askReceipt(kit) : '';
    if (receipt === null) return;
    const marked = await kit.act((turn) => carryOut(deps, turn, start.paymentId, decision, receipt));
    await tellMarked(kit, decision, marked, receipt, what.at);
  };
}

interface Looked {
  readonly gateway: string;
  readonly at: string;
  readonly flag: string;
  readonly state: string;
  readonly [key: string]: string;
}

async function look(deps: BotDeps, turn: Turn, id: PaymentId): Promise<Looked | null> {
  const view = await loadPaymentView(turn.tx, deps.vault, id);
  const { flag, state, business_id, account_id } = view.payment;
  if (flag === null || !turn.memberships.some(({ businessId }) => businessId === business_id)) return null;
  const account = await turn.tx
    .selectFrom('gateway_account')
    .select('label')
    .where('id', '=', account_id)
    .executeTakeFirstOrThrow();
  const now = deps.clock.now();
  return { flag, state, gateway: account.label, at: showTime(now, now, turn.locale) };
}

/** The yes first, the no last. */
function choices(kit: Kit, what: Looked): Option<Decision>[] {
  const option = (key: string, value: Decision) => ({ label: kit.word(key), value });
  const later = option('btn-later', 'later');
  if (what.state === 'paid') return [option('btn-keep', 'keep'), later];
  const accept = what.flag === 'amount_differs' ? [option('btn-accept-amount', 'accept')] : [];
  const paid = what.flag === 'receipt_used' ? [] : [option('btn-was-paid', 'paid')];
  return [...accept, ...paid, later, option('btn-not-paid', 'not_paid')];
}

async function askReceipt(kit: Kit): Promise<string | null> {
  return kit.ask<string>({
    id: 'receipt',
    say: { key: 'review-code' },
    read: (answer) => {
      const found = answer.kind === 'text' ? findReceipt(answer.text) : null;
      if (found !== null) return { value: found };
      const text = answer.kind === 'text' ? [...answer.text].slice(0, 40).join('') : '';
      return { again: { key: 'unread', values: { text: text, eg: 'TFH774CBH1' } } };
    },
  });
}

type Outcome = { readonly kind: Marked['kind'] | 'no_right'; readonly ref: string };

/** The role is checked here again: it may have changed while the question stood open. */
async function carryOut(
  deps: BotDeps,
  turn: Turn,
  id: PaymentId,
  decision: Exclude<Decision, 'later'>,
  receipt: string,
): Promise<Outcome> {
  const payment = await turn.tx
    .selectFrom('payment')
    .select('business_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const membership = turn.memberships.find(({ businessId }) => businessId === payment.business_id);
  if (membership === undefined || !may(membership.role, 'review')) return { kind: 'no_right', ref: '' };
  const act = {
    paid: () => markPaid(turn.tx, deps, id, turn.identity.id, receipt),
    not_paid: () => markNotPaid(turn.tx, deps, id, turn.identity.id),
    accept: () => acceptAmount(turn.tx, deps, id, turn.identity.id),
    keep: () => keepAsIs(turn.tx, deps, id),
  } satisfies Record<typeof decision, () => Promise<Marked>>;
  const marked = await act[decision]();
  return { kind: marked.kind, ref: marked.kind === 'receipt_used' ? marked.ref : '' };
}

async function tellMarked(
  kit: Kit,
  decision: Decision,
  marked: Outcome,
  receipt: string,
  at: string,
): Promise<void> {
  switch (marked.kind) {
    case 'marked': {
      const key = decision === 'not_paid' ? 'review-marked-not-paid' : 'review-marked-paid';
      const who = currentTurn().identity.name ?? '';
      return kit.tell({ key, values: { who, at } });
    }
    case 'receipt_used':
      return kit.tell({ key: 'code-used', values: { code: `M-Pesa ${receipt}`, ref: marked.ref } });
    case 'not_open':
      return kit.tell({ key: 'old-card' });
    case 'no_right':
      return kit.tell({ key: 'not-yours' });
  }
}
