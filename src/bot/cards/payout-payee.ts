/** Whoever was paid hears it: by SMS, and in the chat that the phone is linked to. Once for each payout. */
import type { Locale, Tx } from '../../db/tables.ts';
import { plusSeconds } from '../../domain/clock.ts';
import { showSmsTime, showTime } from '../../domain/eat.ts';
import { showMoney } from '../../domain/money.ts';
import { fitSmsField, smsSize } from '../../domain/sms-text.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { linkedTo } from '../../payments/phone-links.ts';
import { queueSms } from '../../payments/sms.ts';
import { recordPayoutEvent } from '../../payouts/events.ts';
import { marks } from '../marks.ts';
import { escapeHtml, type Words } from '../words.ts';
import type { PayoutView } from './payout-view.ts';
import { laneOf, loadReader } from './post.ts';
import type { SmsDeps } from './sms.ts';

/** A doubt may take a person days; a receipt after that would be taken for other money. */
const worthSeconds = 4 * 24 * 3600;

/** The caller holds the payout's row. */
export async function tellPayee(tx: Tx, deps: SmsDeps, view: PayoutView): Promise<void> {
  const { payout } = view;
  if (payout.state !== 'paid' || payout.flag !== null || payout.paid_at === null) return;
  if (deps.clock.now() >= plusSeconds(payout.paid_at, worthSeconds)) return;
  await tellInChat(tx, deps, view);
  await tellBySms(tx, deps, view);
}

function codeFor(words: Words, locale: Locale, view: PayoutView): string {
  const { receipt, receipt_final } = view.payout;
  return receipt !== null && receipt_final === true ? `M-Pesa ${receipt}` : words.say(locale, 'code-follows');
}

async function tellInChat(tx: Tx, deps: SmsDeps, view: PayoutView): Promise<void> {
  const { payout, business } = view;
  for (const id of await linkedTo(tx, payout.phone_hmac)) {
    const reader = await loadReader(tx, id, business.locale);
    const text = deps.words.say(reader.locale, 'sms-payee', {
      amount: showMoney(payout.amount_cents),
      shop: escapeHtml(business.name),
      at: showTime(payout.paid_at ?? payout.updated_at, deps.clock.now(), reader.locale),
      code: codeFor(deps.words, reader.locale, view),
      note: escapeHtml(payout.note),
      ref: payout.ref,
    });
    await enqueue(tx, deps, {
      key: `payout:${payout.id}:payee:${payout.round}:${id}`,
      channel: reader.channel,
      lane: laneOf(reader),
      method: 'sendMessage',
      payload: { chat_id: Number(reader.chatId), text: `${marks.sent} ${text}`, parse_mode: 'HTML' },
    });
  }
}

async function tellBySms(tx: Tx, deps: SmsDeps, view: PayoutView): Promise<void> {
  const { payout, business } = view;
  const { gateways } = deps;
  if (gateways === undefined || !business.customer_sms) return;
  const locale = await payeeLocale(tx, view);
  const queued = await queueSms(
    tx,
    { ...deps, gateways },
    { payoutId: payout.id, ref: payout.ref, business_id: business.id, account_id: payout.account_id },
    { kind: 'payee', msisdn: view.msisdn, text: payeeText(deps.words, locale, view) },
  );
  if (queued === 'queued')
    await recordPayoutEvent(tx, deps.clock.now(), payout.id, 'sms', { to: 'payee', state: 'waiting' });
}

async function payeeLocale(tx: Tx, view: PayoutView): Promise<Locale> {
  for (const id of await linkedTo(tx, view.payout.phone_hmac)) {
    const row = await tx.selectFrom('identity').select('locale').where('id', '=', id).executeTakeFirst();
    if (row?.locale != null) return row.locale;
  }
  return view.business.locale;
}

/** Septets that name and note may take; with them every usual text is one part (VOICE, "SMS length"). */
const shopMost = 40;
const noteMost = 20;
const onePart = 160;

/** One GSM-7 part: the shop's name gives way where the rest needs the room. */
export function payeeText(words: Words, locale: Locale, view: PayoutView): string {
  const { payout, business } = view;
  const nameless = words.say(locale, 'nameless-shop');
  const say = (most: number): string =>
    words.say(locale, 'sms-payee', {
      amount: showMoney(payout.amount_cents),
      shop: fitSmsField(business.name, most) || fitSmsField(nameless, most),
      at: showSmsTime(payout.paid_at ?? payout.updated_at),
      code: codeFor(words, locale, view),
      note: fitSmsField(payout.note, noteMost) || '-',
      ref: payout.ref,
    });
  const text = say(shopMost);
  const over = smsSize(text).units - onePart;
  if (over <= 0) return text;
  const shopUnits = smsSize(fitSmsField(business.name, shopMost) || nameless).units;
  return say(Math.max(shopUnits - over, 0));
}
