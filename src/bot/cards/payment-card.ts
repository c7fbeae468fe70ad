/** What a payment's card says and which buttons it holds, for every state. Pure: the same view gives the same card. */
import type { Selectable } from 'kysely';
import type { AttemptTable, Locale } from '../../db/tables.ts';
import { receiptFollowsSeconds } from '../../domain/checks.ts';
import { plusSeconds } from '../../domain/clock.ts';
import { showTime } from '../../domain/eat.ts';
import { showMoney } from '../../domain/money.ts';
import { showMsisdn } from '../../domain/msisdn.ts';
import type { Flag, PaymentState, Reason } from '../../domain/payment.ts';
import type { HeldWhy } from '../../payments/request.ts';
import { type MarkedCard, marks } from '../marks.ts';
import { escapeHtml, type Words } from '../words.ts';
import type { PaymentView } from './payment-view.ts';

export type CardAction = 'send' | 'change' | 'cancel' | 'again' | 'open' | 'both';

export interface RenderedCard {
  /** Telegram HTML. */
  readonly text: string;
  readonly buttons: readonly { readonly action: CardAction; readonly label: string }[];
}

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

type Attempt = Selectable<AttemptTable>;
/** Two cards stand before or beside the money, and open with no mark. */
type CardText = MarkedCard | 'confirm' | 'stopped';
type Mark = (typeof marks)[MarkedCard] | null;
type Said = { readonly key: CardText; readonly values: Record<string, string>; readonly lines?: string[] };

export function renderPaymentCard(view: PaymentView, how: Rendering): RenderedCard {
  const said = say(view, how);
  const mark = markOf(said.key);
  const { payment } = view;
  const head = `${showMoney(payment.amount_cents)} · ${showMsisdn(view.msisdn)} · ${payment.ref}`;
  const escaped = Object.fromEntries(
    Object.entries(said.values).map(([name, value]) => [name, escapeHtml(value)]),
  );
  const body = how.words.say(how.locale, said.key, escaped);
  const over = mark === '⚪' ? [how.words.say(how.locale, 'none')] : [];
  const lines = [
    `${mark === null ? '' : `${mark} `}<b>${head}</b>`,
    ...(how.kind === 'alert'
      ? [how.words.say(how.locale, 'alert-head', { by: escapeHtml(view.requester.name ?? '') })]
      : []),
    ...(how.namesBusiness ? [escapeHtml(view.business.name)] : []),
    ...(said.lines ?? []).map(escapeHtml),
    body,
    ...over,
  ];
  return { text: lines.filter((line) => line !== '').join('\n'), buttons: buttonsOf(view, how, said.key) };
}

function markOf(key: CardText): Mark {
  return key === 'confirm' || key === 'stopped' ? null : marks[key];
}

/** The mark that the payment's card opens with, for lists. */
export function paymentMark(view: PaymentView): Mark {
  const { state, flag, stopped, reason } = view.payment;
  if (flag !== null) return markOf('unproved');
  if (state === 'failed') return markOf(overKeys[reason ?? 'not_given']);
  if (state === 'cancelled') return markOf(stopped ? 'stopped' : 'cancelled');
  return markOf(markOfState[state]);
}

const markOfState = {
  created: 'confirm',
  sending: 'sending',
  prompted: 'prompted',
  paid: 'paid',
  expired: 'expired',
  unknown: 'unknown',
  review: 'unproved',
} as const satisfies Record<Exclude<PaymentState, 'failed' | 'cancelled'>, CardText>;

function say(view: PaymentView, how: Rendering): Said {
  const { payment, attempts } = view;
  const time = (at: Date): string => showTime(at, how.now, how.locale);
  if (how.held !== null)
    return { key: heldKey[how.held.why], values: { at: time(how.held.since), next: time(how.held.next) } };
  if (payment.flag !== null) return sayFlag(payment.flag, view, how, time);
  const last = attempts.at(-1);
  switch (payment.state) {
    case 'created':
      return { key: 'confirm', values: { note: payment.note } };
    case 'sending':
      return { key: 'sending', values: {} };
    case 'prompted':
      return { key: 'prompted', values: { at: time(last?.prompted_at ?? how.now) } };
    case 'unknown':
      return { key: 'unknown', values: { next: time(last?.next_check_at ?? plusSeconds(how.now, 60)) } };
    case 'review':
      return { key: 'unproved', values: {} };
    case 'paid':
      return sayPaid(view, how, time);
    case 'cancelled':
      return { key: payment.stopped ? 'stopped' : 'cancelled', values: {} };
    case 'expired':
    case 'failed':
      return sayOver(last, how);
  }
}

const heldKey = { locked: 'locked', soon: 'soon', duplicate: 'duplicate' } as const satisfies Record<
  HeldWhy,
  CardText
>;

function sayFlag(flag: Flag, view: PaymentView, how: Rendering, time: (at: Date) => string): Said {
  const codes = codesOf(view, how);
  const paidAt = time(view.payment.paid_at ?? view.payment.updated_at);
  switch (flag) {
    case 'amount_differs':
      return { key: 'mismatch', values: { got: showMoney(view.doubt?.amount_cents ?? 0n) } };
    case 'receipt_used':
      return { key: 'receipt-used', values: { code: code(view.doubt?.receipt ?? null) } };
    case 'twice':
      return {
        key: 'twice',
        values: { code: codes[0] ?? '', code2: codes[1] ?? '', total: showMoney(received(view)) },
      };
    case 'contradiction':
      return { key: 'contradiction', values: { at: paidAt, code: codes[0] ?? '' } };
    case 'phone_differs':
    case 'unmapped':
    case 'unproved':
      return { key: 'unproved', values: {} };
  }
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

function sayPaid(view: PaymentView, how: Rendering, time: (at: Date) => string): Said {
  const { payment, business } = view;
  const paidAt = payment.paid_at ?? payment.updated_at;
  const at = time(paidAt);
  const codes = codesOf(view, how).join(', ');
  const total = received(view);
  const lines = total === payment.amount_cents ? [] : [showMoney(total)];
  if (payment.told_before !== null) {
    const was = how.words.say(how.locale, overKey(payment.told_before as Reason));
    return { key: 'late', values: { at, code: codes, was }, lines };
  }
  const owed = view.attempts.some(({ state, receipt_final }) => state === 'paid' && receipt_final !== true);
  if (owed && how.now < plusSeconds(paidAt, receiptFollowsSeconds))
    return { key: 'follows', values: { at }, lines };
  return { key: 'paid', values: { shop: business.name, at, code: codes, note: payment.note }, lines };
}

/** The sentence for each way an attempt ends without money. `refused` ones carry their own reason and action. */
const overKeys = {
  cancelled: 'cancelled',
  wrong_pin: 'wrong-pin',
  insufficient_funds: 'no-funds',
  over_limit: 'limit',
  unreachable: 'off',
  expired: 'expired',
  not_given: 'not-paid',
  marked_not_paid: 'not-paid',
  provider_down: 'down',
  duplicate: 'refused',
  busy: 'refused',
  misconfigured: 'refused',
  no_service_tokens: 'refused',
  reference_refused: 'refused',
  phone_refused: 'refused',
  channel_inactive: 'refused',
  credentials_refused: 'refused',
  request_refused: 'refused',
  gateway_unreachable: 'refused',
} as const satisfies Record<Reason, CardText>;

/** In "Earlier we said", a refusal is named by its reason alone. */
function overKey(reason: Reason): string {
  return overKeys[reason] === 'refused' ? whyKey(reason) : overKeys[reason];
}

export function whyKey(reason: Reason): string {
  return `why-${reason.replaceAll('_', '-')}`;
}

function sayOver(last: Attempt | undefined, how: Rendering): Said {
  const reason = last?.reason ?? 'not_given';
  const key = overKeys[reason];
  if (key !== 'refused') return { key, values: {} };
  return { key, values: { why: how.words.say(how.locale, whyKey(reason)) } };
}

/** The first button is the yes, the last one the no. */
function buttonsOf(view: PaymentView, how: Rendering, key: CardText): RenderedCard['buttons'] {
  const make = (...actions: CardAction[]) =>
    actions.map((action) => ({ action, label: how.words.say(how.locale, `btn-${action}`) }));
  if (view.payment.flag === 'twice') return make('both');
  if (view.payment.flag !== null) return make('open');
  if (how.kind === 'alert') return [];
  if (how.held !== null) return make('again', 'cancel');
  if (key === 'confirm') return make('send', 'change', 'cancel');
  const over = view.payment.state === 'failed' || view.payment.state === 'expired';
  const cancelled = view.payment.state === 'cancelled' && !view.payment.stopped;
  return over || cancelled ? make('again') : [];
}
