/** What a payment's card says and which buttons it holds, for every state. Pure: the same view gives the same card. */
import type { Selectable } from 'kysely';
import type { AttemptTable } from '../../db/tables.ts';
import { plusSeconds } from '../../domain/clock.ts';
import { showTime } from '../../domain/eat.ts';
import { showMoney } from '../../domain/money.ts';
import { showMsisdn } from '../../domain/msisdn.ts';
import type { PaymentState } from '../../domain/payment.ts';
import type { HeldWhy } from '../../payments/request.ts';
import type { Refund } from '../../payouts/refund.ts';
import { type MarkedCard, marks } from '../marks.ts';
import { escapeHtml } from '../words.ts';
import { overKeys, whyKey } from './payment-over.ts';
import { type CardText, type Rendering, type Said, sayFlag, sayPaid, shownAmount } from './payment-said.ts';
import type { PaymentView } from './payment-view.ts';

export type CardAction =
  | 'account'
  | 'send'
  | 'change'
  | 'cancel'
  | 'again'
  | 'open'
  | 'both'
  | 'receipt'
  | 'refund'
  | 'one';

export interface RenderedCard {
  /** Telegram HTML. */
  readonly text: string;
  readonly buttons: readonly { readonly action: CardAction; readonly label: string }[];
}

type Attempt = Selectable<AttemptTable>;
type Mark = (typeof marks)[MarkedCard] | null;
export function renderPaymentCard(view: PaymentView, how: Rendering): RenderedCard {
  const said = say(view, how);
  const mark = markOf(said.doubt?.key ?? said.key);
  const { payment } = view;
  const head = `${showMoney(payment.amount_cents)} · ${showMsisdn(view.msisdn)} · ${payment.ref}`;
  const sentence = ({ key, values }: Pick<Said, 'key' | 'values'>): string => {
    const escaped = Object.entries(values).map(([name, value]) => [name, escapeHtml(value)]);
    return how.words.say(how.locale, key, Object.fromEntries(escaped));
  };
  const moved = view.attempts.some(({ reason }) => reason === 'amount_refused');
  const over = mark === '⚪' && !moved ? [how.words.say(how.locale, 'none')] : [];
  const buttons = buttonsOf(view, how, said.key);
  const lines = [
    `${mark === null ? '' : `${mark} `}<b>${head}</b>`,
    ...(how.kind === 'alert'
      ? [how.words.say(how.locale, 'alert-head', { by: escapeHtml(view.requester.name ?? '') })]
      : []),
    ...(how.namesBusiness ? [escapeHtml(view.business.name)] : []),
    ...byLink(view, how),
    ...throughWhich(view, how, buttons),
    ...(said.lines ?? []).map(escapeHtml),
    sentence(said),
    ...view.refunds.map((refund) => sayRefund(refund, how)),
    ...(said.doubt === undefined ? [] : [sentence(said.doubt)]),
    ...over,
  ];
  return { text: lines.filter((line) => line !== '').join('\n'), buttons };
}

function sayRefund({ amountCents, at, receipt, ref }: Refund, how: Rendering): string {
  return how.words.say(how.locale, 'refunded', {
    done: showMoney(amountCents),
    at: showTime(at, how.now, how.locale),
    code: receipt === null ? ref : `M-Pesa ${escapeHtml(receipt)}`,
  });
}

/** Where a person can still choose; afterwards it is in the time line. */
function throughWhich(view: PaymentView, how: Rendering, buttons: RenderedCard['buttons']): string[] {
  const open = buttons.some(({ action }) => action === 'account');
  return open && view.via !== null
    ? [how.words.say(how.locale, 'via', { account: escapeHtml(view.via) })]
    : [];
}

/** Nobody of the shop asked for it just now, so the card says where it comes from; once paid, it names the note itself. */
function byLink({ payment }: PaymentView, how: Rendering): string[] {
  if (payment.link_id === null) return [];
  const note = payment.state === 'paid' ? [] : [escapeHtml(payment.note)];
  return [how.words.say(how.locale, 'by-link'), ...note];
}

function markOf(key: CardText): Mark {
  return key === 'confirm' || key === 'draft' || key === 'stopped' ? null : marks[key];
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
      // The question is the requester's: others are told whose button it is.
      return how.kind === 'alert'
        ? { key: 'draft', values: { note: payment.note, by: view.requester.name ?? '' } }
        : { key: 'confirm', values: { note: payment.note } };
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
      return sayOver(view, last, how);
  }
}

const heldKey = {
  locked: 'locked',
  soon: 'soon',
  duplicate: 'duplicate',
  often: 'often',
  resting: 'resting',
  link_paid: 'link-paid',
  link_open: 'link-open',
} as const satisfies Record<HeldWhy, CardText>;

function sayOver(view: PaymentView, last: Attempt | undefined, how: Rendering): Said {
  const reason = last?.reason ?? 'not_given';
  const key = overKeys[reason];
  if (key === 'amount-refused') return { key, values: { got: shownAmount(view) } };
  if (key !== 'refused') return { key, values: {} };
  return { key, values: { why: how.words.say(how.locale, whyKey(reason)) } };
}

/** The first button is the yes, the last one the no. Whoever sees the payment may have its receipt. */
function buttonsOf(view: PaymentView, how: Rendering, key: CardText): RenderedCard['buttons'] {
  const make = (...actions: CardAction[]) =>
    actions.map((action) => ({ action, label: how.words.say(how.locale, `btn-${action}`) }));
  const back = view.refundableCents > 0n ? (['refund'] as const) : [];
  if (view.payment.flag === 'twice') return make(...(back.length > 0 ? (['one'] as const) : []), 'both');
  if (view.payment.flag === 'customer_says') return make('open', ...back);
  if (view.payment.flag !== null) return make('open');
  if (key === 'paid' || key === 'late') return make('receipt', ...back);
  if (how.kind === 'alert') return [];
  const other = view.via === null ? [] : (['account'] as const);
  if (how.held?.why === 'link_paid') return [];
  if (how.held !== null) return make('again', ...other, 'cancel');
  if (key === 'confirm') return make('send', ...other, 'change', 'cancel');
  const over = view.payment.state === 'failed' || view.payment.state === 'expired';
  const cancelled = view.payment.state === 'cancelled' && !view.payment.stopped;
  return over || cancelled ? make('again', ...other) : [];
}
