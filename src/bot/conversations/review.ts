/** An owner or manager decides, from the gateway's statement, what no look-up could prove. */

import { showTime } from '../../domain/eat.ts';
import type { PaymentId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { findReceipt, looksLikeReceipt } from '../../domain/receipt.ts';
import { may } from '../../domain/roles.ts';
import { cleanText } from '../../domain/typed-text.ts';
import { audit } from '../../ops/audit.ts';
import {
  acceptAmount,
  canBeMarked,
  keepAsIs,
  type Marked,
  markNotPaid,
  markPaid,
} from '../../payments/review.ts';
import { whatWasSaid } from '../cards/payment-said.ts';
import { loadPaymentView } from '../cards/payment-view.ts';
import type { BotConversation, BotDeps, InnerContext } from '../context.ts';
import { createKit, type Kit, type Option, type Say } from '../kit.ts';
import type { Turn } from '../turn.ts';

export const reviewId = 'review@1';

export interface ReviewStart {
  readonly paymentId: PaymentId;
}

type Decision = 'paid' | 'not_paid' | 'accept' | 'keep' | 'settle' | 'later';

export function reviewConversation(deps: BotDeps) {
  return async (conversation: BotConversation, ctx: InnerContext, start: ReviewStart): Promise<void> => {
    const kit = await createKit(conversation, ctx, {
      words: deps.words,
      nonce: () => deps.random.bytes(4).toString('hex'),
    });
    const what = await kit.act((turn) => look(deps, turn, start.paymentId));
    if (what === null) return kit.tell({ key: 'old-card' });
    const decision = await kit.choose('decision', question(what), choices(kit, what));
    if (decision === null || decision === 'later') return;
    const decide = (receipt: string) =>
      kit.act((turn) => carryOut(deps, turn, start.paymentId, { ...what, decision, receipt }));
    if (decision === 'paid') return markWithCode(kit, decide);
    const outcome = await decide('');
    await kit.tell(outcomeSay(outcome, decision, ''));
  };
}

/** How many codes may turn out to be used: a conversation has few waits. */
const mostCodes = 2;

async function markWithCode(kit: Kit, decide: (receipt: string) => Promise<Outcome>): Promise<void> {
  let say: Say = { key: 'review-code' };
  for (let code = 1; code <= mostCodes; code++) {
    const receipt = await askReceipt(kit, `receipt-${code}`, say);
    if (receipt === null) return;
    const outcome = await decide(receipt);
    say = outcomeSay(outcome, 'paid', receipt);
    if (outcome.kind !== 'receipt_used') break;
  }
  await kit.tell(say);
}

interface Looked {
  readonly gateway: string;
  readonly amount: string;
  /** What M-Pesa shows, where it shows another amount. */
  readonly got: string;
  /** The same in cents, as text: what the person is asked about is what they take. */
  readonly cents: string;
  readonly flag: string;
  /** What the customer says, and when that was said: an answer that changed meanwhile was not seen. */
  readonly what: string;
  readonly saidAt: string;
  /** mark: the attempt in doubt is not paid. keep: it is, and the doubt can only be seen. */
  readonly open: 'mark' | 'keep';
  readonly [key: string]: string;
}

async function look(deps: BotDeps, turn: Turn, id: PaymentId): Promise<Looked | null> {
  const view = await loadPaymentView(turn.tx, deps.vault, id);
  const { flag, business_id, account_id } = view.payment;
  if (flag === null || !turn.memberships.some(({ businessId }) => businessId === business_id)) return null;
  const account = await turn.tx
    .selectFrom('gateway_account')
    .select('label')
    .where('id', '=', account_id)
    .executeTakeFirstOrThrow();
  const amount = showMoney(view.payment.amount_cents);
  const cents = view.doubt?.amount_cents ?? view.payment.amount_cents;
  const open = (await canBeMarked(turn.tx, id)) ? 'mark' : 'keep';
  const [said] = view.customer;
  const words = { words: deps.words, locale: turn.locale };
  const told = {
    what: said === undefined ? '' : whatWasSaid(said.answer, words),
    saidAt: String(said?.at.getTime() ?? ''),
  };
  return { ...told, flag, open, gateway: account.label, amount, got: showMoney(cents), cents: String(cents) };
}

function question(what: Looked): Say {
  if (what.flag === 'amount_differs' && what.open === 'mark')
    return { key: 'review-accept', values: { amount: what.amount, got: what.got } };
  if (what.flag === 'customer_says') return { key: 'review-customer', values: { what: what.what } };
  return { key: 'review-ask', values: { gateway: what.gateway } };
}

/** The yes first, the no last. */
function choices(kit: Kit, what: Looked): Option<Decision>[] {
  const option = (key: string, value: Decision) => ({ label: kit.word(key), value });
  const later = option('btn-later', 'later');
  if (what.flag === 'customer_says') return [option('btn-settled', 'settle'), later];
  if (what.open === 'keep') return [option('btn-keep', 'keep'), later];
  const notPaid = option('btn-not-paid', 'not_paid');
  // What came is known there: it is that amount, or it is not this payment.
  if (what.flag === 'amount_differs') return [option('btn-accept-amount', 'accept'), later, notPaid];
  const paid = what.flag === 'receipt_used' ? [] : [option('btn-was-paid', 'paid')];
  return [...paid, later, notPaid];
}

async function askReceipt(kit: Kit, id: string, say: Say): Promise<string | null> {
  return kit.ask<string>({
    id,
    say,
    read: (answer) => {
      const found = answer.kind === 'text' ? readCode(answer.text) : null;
      if (found !== null) return { value: found };
      const text = answer.kind === 'text' ? [...answer.text].slice(0, 40).join('') : '';
      return { again: { key: 'unread', values: { text: text, eg: 'TFH774CBH1' } } };
    },
  });
}

/** The code was asked for, so that one without a digit is one too. */
function readCode(text: string): string | null {
  const alone = cleanText(text).toUpperCase();
  return looksLikeReceipt(alone) ? alone : findReceipt(text);
}

interface Decided {
  readonly decision: Exclude<Decision, 'later'>;
  readonly receipt: string;
  readonly cents: string;
  readonly saidAt: string;
}

type Outcome = {
  readonly kind: Marked['kind'] | 'no_right';
  readonly ref: string;
  readonly who: string;
  readonly at: string;
};

/** The role is checked here again: it may have changed while the question stood open. */
async function carryOut(
  deps: BotDeps,
  turn: Turn,
  id: PaymentId,
  { decision, receipt, cents, saidAt }: Decided,
): Promise<Outcome> {
  const payment = await turn.tx
    .selectFrom('payment')
    .select('business_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const now = deps.clock.now();
  const told = { ref: '', who: turn.identity.name ?? '', at: showTime(now, now, turn.locale) };
  const membership = turn.memberships.find(({ businessId }) => businessId === payment.business_id);
  if (membership === undefined || !may(membership.role, 'review')) return { ...told, kind: 'no_right' };
  const act = {
    paid: () => markPaid(turn.tx, deps, id, turn.identity.id, receipt),
    not_paid: () => markNotPaid(turn.tx, deps, id, turn.identity.id),
    accept: () => acceptAmount(turn.tx, deps, id, turn.identity.id, BigInt(cents)),
    keep: () => keepAsIs(turn.tx, deps, id),
    settle: () => settleCustomer(deps, turn, id, saidAt),
  } satisfies Record<typeof decision, () => Promise<Marked>>;
  const marked = await act[decision]();
  if (marked.kind === 'marked')
    await audit(turn.tx, now, payment.business_id, turn.identity.id, 'payment_marked', {
      payment: id,
      verdict: decision,
      ...(decision === 'accept' && { cents: Number(cents) }),
    });
  return { ...told, kind: marked.kind, ref: marked.kind === 'receipt_used' ? (marked.ref ?? '') : '' };
}

/** Only what the person was shown: the customer may have said something else meanwhile. */
async function settleCustomer(deps: BotDeps, turn: Turn, id: PaymentId, saidAt: string): Promise<Marked> {
  await turn.tx.selectFrom('payment').select('id').where('id', '=', id).forNoKeyUpdate().execute();
  const view = await loadPaymentView(turn.tx, deps.vault, id);
  const same = String(view.customer[0]?.at.getTime() ?? '') === saidAt;
  if (view.payment.flag !== 'customer_says' || !same) return { kind: 'not_open' };
  return keepAsIs(turn.tx, deps, id);
}

const markedKeys = {
  paid: 'review-marked-paid',
  accept: 'review-marked-paid',
  keep: 'review-marked-paid',
  later: 'review-marked-paid',
  not_paid: 'review-marked-not-paid',
  settle: 'review-settled',
} as const satisfies Record<Decision, string>;

function outcomeSay(outcome: Outcome, decision: Decision, receipt: string): Say {
  switch (outcome.kind) {
    case 'marked': {
      return { key: markedKeys[decision], values: { who: outcome.who, at: outcome.at } };
    }
    case 'receipt_used':
      if (outcome.ref === '') return { key: 'code-used-elsewhere', values: { code: `M-Pesa ${receipt}` } };
      return { key: 'code-used', values: { code: `M-Pesa ${receipt}`, ref: outcome.ref } };
    case 'not_open':
      return { key: 'old-card' };
    case 'no_right':
      return { key: 'not-yours' };
  }
}
