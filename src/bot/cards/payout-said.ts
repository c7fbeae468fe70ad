/** What a payout's card says in every state: the sentences, before anybody lays them out. Pure. */
import type { Locale } from '../../db/tables.ts';
import { plusSeconds } from '../../domain/clock.ts';
import { showTime } from '../../domain/eat.ts';
import { showMoney } from '../../domain/money.ts';
import type { Reason } from '../../domain/payment.ts';
import { tariffOf } from '../../domain/tariff.ts';
import type { MarkedCard } from '../marks.ts';
import type { Words } from '../words.ts';
import { overKeys, whyKey } from './payment-over.ts';
import { chargeOffer } from './payout-charge.ts';
import type { PayoutView } from './payout-view.ts';

export interface PayoutRendering {
  readonly words: Words;
  readonly locale: Locale;
  readonly now: Date;
  /** request: of whoever asked. approval: of whoever may approve. alert: of whoever only looks. */
  readonly kind: 'request' | 'approval' | 'alert';
  readonly namesBusiness: boolean;
  /** Others than members may stand by: phones are masked. */
  readonly group: boolean;
}

export interface Line {
  readonly key: string;
  readonly values: Record<string, string>;
}

export interface PayoutSaid {
  /** Opens the card; null: before anything is asked, and after it was stopped. */
  readonly mark: MarkedCard | null;
  readonly lines: readonly Line[];
}

const one = (mark: MarkedCard, values: Record<string, string> = {}): PayoutSaid => ({
  mark,
  lines: [{ key: mark, values }],
});

export function sayPayout(view: PayoutView, how: PayoutRendering): PayoutSaid {
  const { payout } = view;
  switch (payout.state) {
    case 'draft':
      return sayDraft(view, how);
    case 'waiting':
      return payout.flag === null ? sayWaiting(view, how) : sayDoubt(view, how);
    case 'approved':
    case 'sending':
      return sayApproved(view, how);
    case 'sent_to_gateway':
      return one('po-taken', { at: time(payout.sent_at ?? payout.updated_at, how) });
    case 'unknown':
      return view.marked === null
        ? one('po-unknown', { next: time(payout.next_check_at ?? plusSeconds(how.now, 60), how) })
        : sayMarked(how, view.marked);
    case 'review':
      return sayDoubt(view, how);
    case 'paid':
      return sayPaid(view, how);
    case 'reversed':
      return one('reversed', {
        sent: time(payout.paid_at ?? payout.sent_at ?? payout.created_at, how),
        at: time(view.told?.seen_at ?? payout.updated_at, how),
      });
    case 'failed':
      return payout.flag === null ? sayFailed(view, how) : sayDoubt(view, how);
    case 'rejected':
      return over(one('rejected', { who: view.decided?.who ?? '–', why: view.decided?.why ?? '' }));
    case 'expired':
      return over(one('lapsed', { end: time(payout.ended_at ?? payout.updated_at, how) }));
    case 'void':
      return sayVoid(view, how);
  }
}

const leftKeys = {
  approver: 'po-approver-left',
  approval: 'po-approval-lapsed',
  asker: 'po-asker-left',
} as const;

function sayVoid(view: PayoutView, how: PayoutRendering): PayoutSaid {
  const { dropped, payout } = view;
  const line = (key: string, values: Line['values']): PayoutSaid =>
    over({ mark: 'po-withdrawn', lines: [{ key, values }] });
  if (dropped !== null && dropped.left !== null) return line(leftKeys[dropped.left], { who: dropped.who });
  const own = dropped === null || dropped.by === payout.requested_by;
  if (how.kind === 'request' && own) return { mark: null, lines: [{ key: 'stopped', values: {} }] };
  return line('po-withdrawn', { by: dropped?.who ?? view.requester });
}

/** No money moved: said wherever that is proved. */
function over(said: PayoutSaid): PayoutSaid {
  return { mark: said.mark, lines: [...said.lines, { key: 'none', values: {} }] };
}

function sayDraft(view: PayoutView, how: PayoutRendering): PayoutSaid {
  if (how.kind !== 'request') return over(one('voided'));
  const offer = chargeOffer(view);
  const without: Line[] =
    offer?.action === 'charge'
      ? [
          {
            key: 'po-charge-off',
            values: { charge: showMoney(offer.charge), total: showMoney(offer.amount) },
          },
        ]
      : [];
  return { mark: null, lines: [...asked(view, how), ...without] };
}

function sayWaiting(view: PayoutView, how: PayoutRendering): PayoutSaid {
  const end = time(view.payout.expires_at ?? how.now, how);
  const again = view.payout.resend_reason;
  const why: Line[] = again === null ? [] : [{ key: 'po-again', values: { why: again } }];
  if (how.kind === 'approval')
    return {
      mark: 'approval',
      lines: [...asked(view, how), ...why, { key: 'approval', values: { by: view.requester, end } }],
    };
  // Who never wrote here has no name yet.
  const others = view.approvers.others.map(
    ({ name, role }) => name ?? how.words.say(how.locale, `role-${role}`),
  );
  const who = view.approvers.alone ? [view.requester] : others;
  return {
    mark: 'waiting',
    lines: [{ key: 'waiting', values: { who: who.join(', ') || '–', end } }],
  };
}

/** What is asked, what it costs and what went to the phone before. */
export function asked(view: PayoutView, how: PayoutRendering): Line[] {
  const { payout, float, fee } = view;
  const say = (key: string, values?: Record<string, string>) => how.words.say(how.locale, key, values);
  const why = [payout.payee_name ?? '', payout.note].filter((text) => text !== '').join(': ');
  const values = {
    why,
    fee: fee === null ? say('po-fee-later') : showMoney(fee),
    was: sayBefore(view, how),
  };
  const charge = payout.charge_cents;
  const split: Line[] =
    charge === 0n
      ? []
      : [
          {
            key: 'po-charge',
            values: {
              net: showMoney(payout.amount_cents - charge),
              charge: showMoney(charge),
              of: tariffOf,
            },
          },
        ];
  if (float === null) return [{ key: 'po-confirm-bare', values }, ...split];
  const whole = (cents: bigint): string => showMoney(cents - (cents % 100n));
  const after = float - payout.amount_cents - (fee ?? 0n);
  return [{ key: 'po-confirm', values: { ...values, float: whole(float), after: whole(after) } }, ...split];
}

/** `1, last KES 550 14:32; not known yet: KES 500, W-3F9TD` */
function sayBefore({ before, open }: PayoutView, how: PayoutRendering): string {
  const say = (key: string, values?: Record<string, string>) => how.words.say(how.locale, key, values);
  const said: string[] = [];
  if (before !== null)
    said.push(
      say('po-was', {
        count: String(before.count),
        amount: showMoney(before.lastCents),
        at: time(before.lastAt, how),
      }),
    );
  if (open !== null)
    said.push(
      say(open.count === 1 ? 'po-was-open' : 'po-was-opens', {
        count: String(open.count),
        amount: showMoney(open.cents),
        ref2: open.ref,
      }),
    );
  return said.length === 0 ? say('po-was-none') : said.join('; ');
}

function sayApproved(view: PayoutView, how: PayoutRendering): PayoutSaid {
  const at = time(view.decided?.at ?? view.payout.updated_at, how);
  const held = view.payout.state === 'approved' && view.business.frozen_at !== null;
  return one(held ? 'po-held' : 'approved', { who: view.decided?.who ?? '–', at });
}

function sayPaid(view: PayoutView, how: PayoutRendering): PayoutSaid {
  const at = time(view.payout.paid_at ?? view.payout.updated_at, how);
  const values = { at, code: codeOf(view, how) };
  if (view.payout.flag !== null) return one('po-contradiction', values);
  return one('sent', { ...values, by: view.requester, who: view.decided?.who ?? '–' });
}

export function codeOf(
  view: Pick<PayoutView, 'payout'>,
  how: Pick<PayoutRendering, 'words' | 'locale'>,
): string {
  const { receipt, receipt_final } = view.payout;
  return receipt !== null && receipt_final === true
    ? `M-Pesa ${receipt}`
    : how.words.say(how.locale, 'po-code-follows');
}

function sayFailed(view: PayoutView, how: PayoutRendering): PayoutSaid {
  const key = whyOf(view.payout.reason ?? 'not_given');
  if (key === 'limit') return over(one('limit'));
  return over(one('refused', { why: how.words.say(how.locale, key) }));
}

/** The sentences of payments speak of prompts and PINs; a payout has neither. */
export function whyOf(reason: Reason): string {
  if (reason === 'over_limit') return 'limit';
  if (reason === 'insufficient_funds') return 'why-float-too-low';
  if (reason === 'gateway_busy') return 'po-why-busy';
  const says = overKeys[reason] === 'refused' || reason === 'provider_down';
  if (reason === 'marked_not_paid' || says) return whyKey(reason);
  return 'why-not-given';
}

function sayDoubt(view: PayoutView, how: PayoutRendering): PayoutSaid {
  return view.marked === null ? sayReview(view) : sayMarked(how, view.marked);
}

function sayReview(view: PayoutView): PayoutSaid {
  const { payout, told } = view;
  if (payout.state === 'review' && payout.sent_at === null) return one('po-forged');
  if (payout.flag === 'amount_differs')
    return one('po-differs', { got: told?.amount_cents == null ? '–' : showMoney(told.amount_cents) });
  if (payout.flag === 'receipt_used')
    return one('po-code-used', { code: told?.receipt == null ? '–' : `M-Pesa ${told.receipt}` });
  if (payout.state === 'failed') return one('po-doubt-failed', {});
  return one('unproved');
}

function sayMarked(how: PayoutRendering, marked: NonNullable<PayoutView['marked']>): PayoutSaid {
  const key = marked.verdict === 'paid' ? 'btn-was-paid' : 'btn-not-paid';
  return one('po-marked', { who: marked.who, what: how.words.say(how.locale, key) });
}

export function time(at: Date, how: Pick<PayoutRendering, 'now' | 'locale'>): string {
  return showTime(at, how.now, how.locale);
}
