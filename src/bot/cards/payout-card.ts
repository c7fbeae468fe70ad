/** What a payout's card says and which buttons it holds, for every state. Pure: the same view gives the same card. */
import { showMoney } from '../../domain/money.ts';
import { maskMsisdn, showMsisdn } from '../../domain/msisdn.ts';
import { type MarkedCard, marks } from '../marks.ts';
import { escapeHtml } from '../words.ts';
import { type ChargeAction, chargeOffer } from './payout-charge.ts';
import { type PayoutRendering, sayPayout } from './payout-said.ts';
import type { PayoutView } from './payout-view.ts';

export type PayoutAction =
  | ChargeAction
  | 'ask'
  | 'change'
  | 'cancel'
  | 'withdraw'
  | 'approve'
  | 'details'
  | 'reject'
  | 'open';

export interface RenderedPayout {
  /** Telegram HTML. */
  readonly text: string;
  readonly buttons: readonly Button[];
}

interface Button {
  readonly action: PayoutAction;
  readonly label: string;
}

export function renderPayoutCard(view: PayoutView, how: PayoutRendering): RenderedPayout {
  const said = sayPayout(view, how);
  const lines = [
    `${said.mark === null ? '' : `${marks[said.mark]} `}<b>${payoutHead(view, how.group)}</b>`,
    ...(how.namesBusiness ? [escapeHtml(view.business.name)] : []),
    ...said.lines.map(({ key, values }) => {
      const escaped = Object.entries(values).map(([name, value]) => [name, escapeHtml(value)]);
      return how.words.say(how.locale, key, Object.fromEntries(escaped));
    }),
  ];
  return { text: lines.filter((line) => line !== '').join('\n'), buttons: buttonsOf(view, how) };
}

/** `KES 500 → 0712 345 678 · W-3F9TD` */
export function payoutHead(view: Pick<PayoutView, 'payout' | 'msisdn'>, masked: boolean): string {
  const phone = masked ? maskMsisdn(view.msisdn) : showMsisdn(view.msisdn);
  return `${showMoney(view.payout.amount_cents)} → ${phone} · ${view.payout.ref}`;
}

const markOfState = {
  draft: null,
  waiting: 'waiting',
  approved: 'approved',
  sending: 'approved',
  sent_to_gateway: 'po-taken',
  unknown: 'po-unknown',
  review: 'unproved',
  paid: 'sent',
  failed: 'refused',
  reversed: 'reversed',
  rejected: 'rejected',
  expired: 'lapsed',
  void: null,
} as const satisfies Record<PayoutView['payout']['state'], MarkedCard | null>;

/** The mark that the payout's card opens with, for lists. */
export function payoutMark(payout: Pick<PayoutView['payout'], 'state' | 'flag'>): string {
  const key = payout.flag === null ? markOfState[payout.state] : 'unproved';
  return key === null ? '·' : marks[key];
}

/** The first button is the yes, the last one the no. */
function buttonsOf(view: PayoutView, how: PayoutRendering): RenderedPayout['buttons'] {
  const values = { charge: showMoney(chargeOffer(view)?.charge ?? 0n) };
  return actionsOf(view, how).map((action) => ({
    action,
    label: how.words.say(how.locale, `btn-${action}`, values),
  }));
}

/** What the card offers now; nothing else may be pressed on it. */
export function actionsOf(view: PayoutView, how: Pick<PayoutRendering, 'kind' | 'group'>): PayoutAction[] {
  const { state, flag, batch_id, refund_of } = view.payout;
  if (how.group) return state === 'waiting' && flag === null ? ['approve', 'details', 'reject'] : [];
  if (flag !== null || state === 'review') return ['open'];
  if (state === 'unknown' && view.marked !== null) return ['open'];
  if (how.kind === 'approval') return ofApprover(state);
  if (how.kind === 'alert' || batch_id !== null) return [];
  switch (state) {
    case 'draft':
      // A refund goes back to whom it came from, and is asked for on the payment's card.
      return refund_of === null ? ['ask', ...chargeActions(view), 'change', 'cancel'] : ['ask', 'cancel'];
    case 'waiting':
      return view.approvers.alone ? ['approve', 'withdraw'] : ['withdraw'];
    case 'approved':
      return ['withdraw'];
    case 'failed':
      return ['ask'];
    case 'expired':
      return refund_of === null ? ['ask'] : [];
    case 'void':
      return lostYes(view) && refund_of === null ? ['ask'] : [];
    default:
      return [];
  }
}

/** Whatever can be changed can be sent with the charge or without. */
function chargeActions(view: PayoutView): PayoutAction[] {
  const offer = chargeOffer(view);
  return offer === null ? [] : [offer.action];
}

/** It was approved, and that was worth nothing any more: whoever asked may ask anew. */
function lostYes({ dropped }: PayoutView): boolean {
  return dropped?.left === 'approver' || dropped?.left === 'approval';
}

/** What was approved can be dropped until a sender takes it, such as while payouts are stopped. */
function ofApprover(state: PayoutView['payout']['state']): PayoutAction[] {
  if (state === 'waiting') return ['approve', 'details', 'reject'];
  return state === 'approved' ? ['withdraw'] : [];
}
