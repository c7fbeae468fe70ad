/** The SMS of a payment, and those to members, each one GSM-7 part: the shop's name gives way where the rest needs the room. */
import type { Locale } from '../../db/tables.ts';
import { receiptFollowsSeconds } from '../../domain/checks.ts';
import { plusSeconds } from '../../domain/clock.ts';
import { showSmsTime } from '../../domain/eat.ts';
import { showMoney } from '../../domain/money.ts';
import { maskMsisdn } from '../../domain/msisdn.ts';
import { fitSmsField, smsSize } from '../../domain/sms-text.ts';
import { isUnconfirmed } from '../../payments/receipt.ts';
import type { Words } from '../words.ts';
import type { PaymentView } from './payment-view.ts';

/** Septets that name and note may take; with them every usual text is one part (VOICE, "SMS length"). */
const shopMost = 40;
const noteMost = 20;
const gatewayMost = 40;
const onePart = 160;

/** A doubt may take a person days; a receipt by SMS after that would be taken for another payment. */
const worthSeconds = 4 * 24 * 3600;

/**
 * What proves the payment to its customer. null: it is not proved paid, or its number may still come. A number that the
 * gateway has not named is not printed: an SMS has no room to say so, and the customer has M-Pesa's own.
 */
export type Proof = { readonly receipt: string } | { readonly receipt: null };

export function proofOf(view: Pick<PaymentView, 'payment' | 'attempts'>, now: Date): Proof | null {
  const { state, flag, paid_at } = view.payment;
  const paid = view.attempts.find((attempt) => attempt.state === 'paid');
  // What a customer says is no doubt about the money.
  const clear = flag === null || flag === 'customer_says';
  if (state !== 'paid' || !clear || paid === undefined || paid_at === null) return null;
  if (now >= plusSeconds(paid_at, worthSeconds)) return null;
  if (paid.receipt_final === true && paid.receipt !== null)
    return isUnconfirmed(paid) ? { receipt: null } : { receipt: paid.receipt };
  return now >= plusSeconds(paid_at, receiptFollowsSeconds) ? { receipt: null } : null;
}

export function smsText(
  words: Words,
  locale: Locale,
  kind: 'customer' | 'merchant',
  view: Pick<PaymentView, 'payment' | 'attempts' | 'business' | 'msisdn'>,
  proof: Proof,
): string {
  const { payment, business, msisdn } = view;
  const paid = view.attempts.find(({ state }) => state === 'paid');
  const values = {
    amount: showMoney(paid?.paid_cents ?? payment.amount_cents),
    phone: maskMsisdn(msisdn),
    at: showSmsTime(payment.paid_at ?? payment.updated_at),
    code: proof.receipt === null ? words.say(locale, 'code-follows') : `M-Pesa ${proof.receipt}`,
    ref: payment.ref,
    note: fitSmsField(payment.note, noteMost),
  };
  // A merchant's text ends in the note; where there is none, in our number.
  return fitted(words, locale, business.name, (shop) =>
    words.say(locale, `sms-${kind}`, { ...values, shop }).replace(/,$/, ''),
  );
}

interface MoneyText {
  readonly amount: string;
  /** Masked; of a file, how many are paid. */
  readonly phone: string | { readonly rows: number };
  readonly ref: string;
}

/** What a member hears where WhatsApp took neither the card nor a template for it. */
export type MemberText =
  | ({ readonly key: 'sms-approval'; readonly end: string } & MoneyText)
  | ({ readonly key: 'sms-reversed' | 'sms-look' } & MoneyText)
  | { readonly key: 'sms-stopped'; readonly gateway: string };

export function memberSmsText(words: Words, locale: Locale, shop: string, text: MemberText): string {
  const { key } = text;
  if (key === 'sms-stopped') {
    const gateway = fitSmsField(text.gateway, gatewayMost) || '-';
    return fitted(words, locale, shop, (name) => words.say(locale, key, { gateway, shop: name }));
  }
  const { key: _, phone, ...values } = text;
  const to =
    typeof phone === 'string' ? phone : words.say(locale, 'bulk-payees', { rows: String(phone.rows) });
  return fitted(words, locale, shop, (name) => words.say(locale, key, { ...values, phone: to, shop: name }));
}

/** One part: the shop's name gives way. */
function fitted(words: Words, locale: Locale, name: string, say: (shop: string) => string): string {
  const nameless = words.say(locale, 'nameless-shop');
  const shopOf = (most: number): string => fitSmsField(name, most) || fitSmsField(nameless, most);
  const text = say(shopOf(shopMost));
  const over = smsSize(text).units - onePart;
  if (over <= 0) return text;
  const shopUnits = smsSize(fitSmsField(name, shopMost) || nameless).units;
  return say(shopOf(Math.max(shopUnits - over, 0)));
}
