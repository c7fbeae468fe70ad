/** What a payment's card says where money came or is in doubt: the sentences, before anybody lays them out. */
import type { Locale } from '../../db/tables.ts';
import { receiptFollowsSeconds } from '../../domain/checks.ts';
import { plusSeconds } from '../../domain/clock.ts';
import { showMoney } from '../../domain/money.ts';
import type { Flag, Reason } from '../../domain/payment.ts';
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
  /** Whose card it is: the requester's has every button, a manager's only the review. */
  readonly kind: 'request' | 'alert';
  /** Name the business: for people who belong to several. */
  readonly namesBusiness: boolean;
  readonly held: Hold | null;
}

/** Two cards stand before or beside the money, and open with no mark. */
export type CardText = MarkedCard | 'confirm' | 'stopped';

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
      return {
        key: 'twice',
        values: { code: codes[0] ?? '', code2: codes[1] ?? '', total: showMoney(received(view)) },
      };
    case 'contradiction': {
      const at = time(view.payment.paid_at ?? view.payment.updated_at);
      return paid
        ? { key: 'contradiction', values: { at, code: codes[0] ?? '' } }
        : { key: 'unproved', values: {} };
    }
    case 'customer_says':
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
  flag: Exclude<Flag, 'twice' | 'contradiction'>,
  view: PaymentView,
  beside: boolean,
): Sentence<MarkedCard> {
  switch (flag) {
    case 'amount_differs':
      return { key: beside ? 'also-mismatch' : 'mismatch', values: { got: shownAmount(view) } };
    case 'receipt_used':
      return { key: 'receipt-used', values: { code: code(view.doubt?.receipt ?? null) } };
    case 'customer_says':
    case 'phone_differs':
    case 'unmapped':
    case 'unproved':
      return { key: beside ? 'also-unproved' : 'unproved', values: {} };
  }
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
  const lines = total === payment.amount_cents ? [] : [showMoney(total)];
  if (payment.told_before !== null) {
    const was = how.words.say(how.locale, overKey(payment.told_before as Reason), { got: shownAmount(view) });
    return { key: 'late', values: { at, code: codes, was }, lines };
  }
  const owed = view.attempts.some(({ state, receipt_final }) => state === 'paid' && receipt_final !== true);
  if (owed && how.now < plusSeconds(paidAt, receiptFollowsSeconds))
    return { key: 'follows', values: { at }, lines };
  return { key: 'paid', values: { shop: business.name, at, code: codes, note: payment.note }, lines };
}
