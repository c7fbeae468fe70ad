/** What says a receipt or a wanted approval where WhatsApp takes only texts that it approved in advance: plain text, no marks. */
import type { Locale } from '../../db/tables.ts';
import { showTime } from '../../domain/eat.ts';
import { showMoney } from '../../domain/money.ts';
import { maskMsisdn } from '../../domain/msisdn.ts';
import type { MessageTemplate } from '../../outbox/enqueue.ts';
import type { Words } from '../words.ts';
import { askedOf, type BulkView } from './bulk-view.ts';
import type { PaymentView } from './payment-view.ts';
import type { PayoutView } from './payout-view.ts';

interface Reader {
  readonly locale: Locale;
}

interface TemplateDeps {
  readonly words: Words;
  readonly clock: { now(): Date };
}

/** The data of a button that only opens the chat: what waits for the person comes by itself. */
export const doorbellPress = 'n';
const opens = [`${doorbellPress}:open`];

/** `presses`: of the receipt's own buttons, the yes first. */
export function customerReceiptTemplate(
  deps: TemplateDeps,
  view: PaymentView,
  { locale }: Reader,
  presses: readonly string[],
): MessageTemplate {
  const [amount, at, code] = paidFacts(deps, view, locale);
  const values = [amount, view.business.name, at, code, view.payment.ref];
  return { name: 'receipt_customer', locale, values, presses };
}

/** null: the card says no receipt. */
export function merchantReceiptTemplate(
  deps: TemplateDeps,
  view: PaymentView,
  { locale }: Reader,
): MessageTemplate | null {
  if (view.payment.state !== 'paid') return null;
  const [amount, at, code] = paidFacts(deps, view, locale);
  const values = [amount, maskMsisdn(view.msisdn), at, code, view.payment.ref];
  return { name: 'receipt_merchant', locale, values, presses: opens };
}

function paidFacts(deps: TemplateDeps, view: PaymentView, locale: Locale) {
  const paid = view.attempts.find(({ state }) => state === 'paid');
  const code =
    paid?.receipt_final === true ? `M-Pesa ${paid.receipt}` : deps.words.say(locale, 'code-follows');
  const at = showTime(view.payment.paid_at ?? view.payment.updated_at, deps.clock.now(), locale);
  return [showMoney(paid?.paid_cents ?? view.payment.amount_cents), at, code] as const;
}

/** null: nobody is asked. */
export function approvalTemplate(
  deps: TemplateDeps,
  { payout, msisdn, requester }: PayoutView,
  { locale }: Reader,
): MessageTemplate | null {
  if (payout.state !== 'waiting' || payout.expires_at === null) return null;
  const end = showTime(payout.expires_at, deps.clock.now(), locale);
  const values = [showMoney(payout.amount_cents), maskMsisdn(msisdn), requester, payout.ref, end];
  return { name: 'approval_wanted', locale, values, presses: opens };
}

/** For a file, whose payees are many. null: nobody is asked. */
export function bulkApprovalTemplate(
  deps: TemplateDeps,
  view: BulkView,
  { locale }: Reader,
): MessageTemplate | null {
  const now = deps.clock.now();
  const asked = askedOf(view, now);
  if (asked === null) return null;
  const payees = deps.words.say(locale, 'bulk-payees', { rows: String(asked.rows) });
  const end = showTime(asked.end, now, locale);
  const values = [showMoney(asked.cents), payees, view.requester, view.batch.ref, end];
  return { name: 'approval_wanted', locale, values, presses: opens };
}
