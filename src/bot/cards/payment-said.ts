/** What a payment's card says where money came or is in doubt: the sentences, before anybody lays them out. */
import type { Locale } from '../../db/tables.ts';
import { receiptFollowsSeconds } from '../../domain/checks.ts';
import { plusSeconds } from '../../domain/clock.ts';
import { showMoney } from '../../domain/money.ts';
import type { Flag, Reason } from '../../domain/payment.ts';
import type { CustomerAnswer } from '../../payments/customer-answers.ts';
import type { HeldWhy } from '../../payments/request.ts';
import type { MarkedCard } from '../marks.ts';
import type { Words } from '../words.ts';
import { overKey } from './payment-over.ts';
import type { PaymentView } from './payment-view.ts';

export interface Hold {
  readonly why: HeldWhy;
  readonly since: Date;
  readonly next: Date;
}

export interface Rendering {
  readonly words: Words;
  readonly locale: Locale;
  readonly now: Date;
  /** Whose card it is: the requester's has every button, a manager's only the review and the receipt. */
  readonly kind: 'request' | 'alert';
  /** Name the business: for people who belong to several. */
  readonly namesBusiness: boolean;
  readonly held: Hold | null;
}

/** These stand before or beside the money, and open with no mark. */
export type CardText = MarkedCard | 'confirm' | 'draft' | 'stopped';

interface Sentence<Key> {
  readonly key: Key;
  readonly values: Record<string, string>;
}

export interface Said extends Sentence<CardText> {
  readonly lines?: string[];
  /** What is in doubt beside it; the card opens with its mark. */
  readonly doubt?: Sentence<MarkedCard>;
}

type ShowTime = (at: Date) => string;

export function sayFlag(flag: Flag, view: PaymentView, how: Rendering, time: ShowTime): Said {
  const paid = view.payment.state === 'paid';
  const codes = codesOf(view, how);
  switch (flag) {
    case 'twice':
      return { ...sayTwice(view), lines: customerLine(view, how) };
    case 'contradiction': {
      const at = time(view.payment.paid_at ?? view.payment.updated_at);
      return paid
        ? { key: 'contradiction', values: { at, code: codes[0] ?? '' }, lines: customerLine(view, how) }
        : { key: 'unproved', values: {} };
    }
    case 'customer_says': {
      const [said] = view.customer;
      if (said === undefined) return sayPaid(view, how, time);
      const doubt = { key: 'told', values: { what: whatWasSaid(said.answer, how) } } as const;
      return { ...sayPaid({ ...view, customer: [] }, how, time), doubt };
    }
    case 'amount_differs':
    case 'receipt_used':
    case 'phone_differs':
    case 'unmapped':
    case 'unproved':
      return paid
        ? { ...sayPaid(view, how, time), doubt: sayDoubt(flag, view, true) }
        : sayDoubt(flag, view, false);
  }
}

/** `beside`: the payment itself is paid, and the doubt is about other money. */
function sayDoubt(
  flag: Exclude<Flag, 'twice' | 'contradiction' | 'customer_says'>,
  view: PaymentView,
  beside: boolean,
): Sentence<MarkedCard> {
  switch (flag) {
    case 'amount_differs':
      return { key: beside ? 'also-mismatch' : 'mismatch', values: { got: shownAmount(view) } };
    case 'receipt_used':
      return { key: 'receipt-used', values: { code: code(view.doubt?.receipt ?? null) } };
    case 'phone_differs':
    case 'unmapped':
    case 'unproved':
      return { key: beside ? 'also-unproved' : 'unproved', values: {} };
  }
}

const answerKeys = {
  me: 'btn-me',
  not_me: 'what-not-paid-by-me',
  amount: 'what-wrong-amount',
  goods: 'what-no-goods',
  other: 'what-else',
} as const satisfies Record<CustomerAnswer, string>;

/** A number that the gateway owes is not named: "the other one follows" reads better than where to look for it, twice. */
function sayTwice(view: PaymentView): Sentence<MarkedCard> {
  const paid = view.attempts.filter(({ state }) => state === 'paid');
  const [known, other] = paid.filter((attempt) => attempt.receipt_final === true);
  const total = showMoney(received(view));
  // One prompt of this payment was paid, and another payment of the same link.
  if (view.linkTwin !== null && paid.length < 2)
    return {
      key: 'twice-link',
      values: { ref: view.linkTwin.ref, total: showMoney(received(view) + view.linkTwin.cents) },
    };
  if (known === undefined) return { key: 'twice-none', values: { total } };
  if (other === undefined) return { key: 'twice-one', values: { code: code(known.receipt), total } };
  return { key: 'twice', values: { code: code(known.receipt), code2: code(other.receipt), total } };
}

/** The customer's answer, in the words of the button that they pressed. */
export function whatWasSaid(answer: CustomerAnswer, how: Pick<Rendering, 'words' | 'locale'>): string {
  return how.words.say(how.locale, answerKeys[answer]);
}

/** What the customer said, where it is not what the card is about. */
function customerLine(view: PaymentView, how: Rendering): string[] {
  const [said] = view.customer;
  return said === undefined
    ? []
    : [how.words.say(how.locale, 'told', { what: whatWasSaid(said.answer, how) })];
}

/** The amount that M-Pesa showed where it showed another one. */
export function shownAmount(view: PaymentView): string {
  return showMoney(view.doubt?.amount_cents ?? 0n);
}

function received(view: PaymentView): bigint {
  return view.attempts
    .filter(({ state }) => state === 'paid')
    .reduce((sum, attempt) => sum + (attempt.paid_cents ?? attempt.amount_cents), 0n);
}

/** How a receipt number reads in a sentence. */
function code(receipt: string | null): string {
  return receipt === null ? '' : `M-Pesa ${receipt}`;
}

/** The receipt numbers of what was paid; where the gateway owes one, where the customer finds it. */
function codesOf(view: PaymentView, how: Rendering): string[] {
  return view.attempts
    .filter(({ state }) => state === 'paid')
    .map(({ receipt, receipt_final }) =>
      receipt_final === true ? code(receipt) : how.words.say(how.locale, 'code-follows'),
    );
}

export function sayPaid(view: PaymentView, how: Rendering, time: ShowTime): Said {
  const { payment, business } = view;
  const paidAt = payment.paid_at ?? payment.updated_at;
  const at = time(paidAt);
  const codes = codesOf(view, how).join(', ');
  const total = received(view);
  const other = total === payment.amount_cents ? [] : [showMoney(total)];
  const lines = [...other, ...customerLine(view, how)];
  if (payment.told_before !== null) {
    const was = how.words.say(how.locale, overKey(payment.told_before as Reason), { got: shownAmount(view) });
    return { key: 'late', values: { at, code: codes, was }, lines };
  }
  const owed = view.attempts.some(({ state, receipt_final }) => state === 'paid' && receipt_final !== true);
  if (owed && how.now < plusSeconds(paidAt, receiptFollowsSeconds))
    return { key: 'follows', values: { at }, lines };
  return { key: 'paid', values: { shop: business.name, at, code: codes, note: payment.note }, lines };
}
