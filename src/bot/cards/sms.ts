/** Confirmations by SMS once money is proved, and what the shop hears where no receipt reached the customer. */
import type { Locale, Tx } from '../../db/tables.ts';
import { plusSeconds } from '../../domain/clock.ts';
import type { IdentityId, PaymentId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { showMsisdn } from '../../domain/msisdn.ts';
import { may } from '../../domain/roles.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { openPhone, sealedAs } from '../../payments/context.ts';
import type { Gateways } from '../../payments/gateways.ts';
import { receiptUrl } from '../../payments/receipt-pages.ts';
import { learnServiceBalance } from '../../payments/service-balance.ts';
import { type QueuedSms, queueSms, type SmsTell, smsOf } from '../../payments/sms.ts';
import { marks } from '../marks.ts';
import { escapeHtml } from '../words.ts';
import { membersWho } from './members.ts';
import { loadPaymentView, type PaymentView } from './payment-view.ts';
import { type CardDeps, laneOf, loadReader, type Reader } from './post.ts';
import { tellMissed } from './sms-member.ts';
import { type Proof, proofOf, smsText } from './sms-text.ts';
import { tellBalanceLow } from './tell-balance.ts';

export interface SmsDeps extends CardDeps {
  /** Absent: nothing is sent by SMS. */
  readonly gateways?: Gateways;
}

/** The caller holds the payment's row, and has written what is said in chat. */
export async function tellBySms(tx: Tx, deps: SmsDeps, view: PaymentView): Promise<void> {
  await noticeTokens(tx, deps, view);
  const proof = proofOf(view, deps.clock.now());
  if (proof === null || deps.gateways === undefined) return;
  if ((await smsToCustomer(tx, deps, view, proof)) === 'no_account') await tellIfNoneArrived(tx, deps, view);
  await smsToMerchant(tx, deps, view, proof);
}

async function smsToCustomer(
  tx: Tx,
  deps: SmsDeps,
  view: PaymentView,
  proof: Proof,
): Promise<QueuedSms | 'off'> {
  const { gateways } = deps;
  if (!view.business.customer_sms || gateways === undefined) return 'off';
  const locale = await customerLocale(tx, view);
  const text = smsText(deps.words, locale, 'customer', view, proof);
  return queueSms(tx, { ...deps, gateways }, view.payment, { kind: 'customer', msisdn: view.msisdn, text });
}

async function smsToMerchant(tx: Tx, deps: SmsDeps, view: PaymentView, proof: Proof): Promise<void> {
  const { gateways } = deps;
  const { id, merchant_sms_phone_sealed: sealed, locale } = view.business;
  if (sealed === null || gateways === undefined) return;
  const msisdn = openPhone(deps.vault, sealed, sealedAs.merchantSmsPhone(id));
  const text = smsText(deps.words, locale, 'merchant', view, proof);
  await queueSms(tx, { ...deps, gateways }, view.payment, { kind: 'merchant', msisdn, text });
}

/** Of whoever linked the phone and chose one; otherwise the business's. */
async function customerLocale(tx: Tx, view: PaymentView): Promise<Locale> {
  for (const id of view.linked) {
    const { locale } = await tx
      .selectFrom('identity')
      .select('locale')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    if (locale !== null) return locale;
  }
  return view.business.locale;
}

/** A card is written more than once after a refusal; an old one says nothing about today's balance. */
const freshSeconds = 60;

/** A prompt was refused for want of tokens: the same balance that SMS are paid from. */
async function noticeTokens(tx: Tx, deps: SmsDeps, view: PaymentView): Promise<void> {
  const last = view.attempts.at(-1);
  if (last?.reason !== 'no_service_tokens' || last.ended_at === null) return;
  if (deps.clock.now() > plusSeconds(last.ended_at, freshSeconds)) return;
  const seen = { cents: null, costCents: null, refused: true };
  await learnServiceBalance(tx, { clock: deps.clock, tell: smsTell(deps) }, last.account_id, seen);
}

export function smsTell(deps: SmsDeps): SmsTell {
  return {
    async receiptEnded(tx, paymentId) {
      const view = await loadPaymentView(tx, deps.vault, paymentId, 'locked');
      const proof = proofOf(view, deps.clock.now());
      if (proof !== null) await smsToCustomer(tx, deps, view, proof);
      await tellIfNoneArrived(tx, deps, view);
    },
    memberMissed: (tx, key) => tellMissed(tx, deps, key),
    ...tellBalanceLow(deps),
  };
}

type Arrival = 'arrived' | 'open' | 'not_known' | 'none';

async function arrivalOf(tx: Tx, view: PaymentView): Promise<Arrival> {
  const sms = await smsOf(tx, view.payment.id, 'customer');
  const chats = await chatStates(tx, view);
  if (sms?.state === 'accepted' || sms?.state === 'delivered' || chats.includes('sent')) return 'arrived';
  if (sms?.state === 'waiting' || chats.includes('pending')) return 'open';
  return sms?.state === 'unknown' ? 'not_known' : 'none';
}

/** What became of the receipt in the chats that are linked to the phone. */
async function chatStates(tx: Tx, view: PaymentView): Promise<string[]> {
  if (view.linked.length === 0) return [];
  const keys = view.linked.map((id) => receiptKey(view.payment.id, id));
  const rows = await tx.selectFrom('outbox').select('state').where('key', 'in', keys).execute();
  return rows.map(({ state }) => state);
}

const receiptKey = (payment: PaymentId, id: IdentityId): string =>
  `payment:${payment}:customer:receipt:${id}`;

/** The payment whose receipt in chat an outbox row is; null for any other row. */
export function paymentOfReceipt(key: string): PaymentId | null {
  const match = /^payment:([0-9a-f-]{36}):customer:receipt:[0-9a-f-]{36}$/.exec(key);
  return (match?.[1] as PaymentId | undefined) ?? null;
}

async function tellIfNoneArrived(tx: Tx, deps: SmsDeps, view: PaymentView): Promise<void> {
  const arrival = await arrivalOf(tx, view);
  if (arrival === 'arrived' || arrival === 'open') return;
  const link = await receiptUrl(tx, deps, view.payment.id);
  if (link === null) return;
  const key = arrival === 'none' ? 'undelivered' : 'undelivered-unknown';
  const { payment, business } = view;
  for (const id of await whoShows(tx, view)) {
    const reader = await loadReader(tx, id, business.locale);
    const head = `${showMoney(payment.amount_cents)} · ${showMsisdn(view.msisdn)} · ${payment.ref}`;
    const text = deps.words.say(reader.locale, key, { link: escapeHtml(link) });
    await say(tx, deps, reader, {
      key: `payment:${payment.id}:undelivered:${id}`,
      text: `${marks[key]} <b>${head}</b>\n${text}`,
    });
  }
}

/** Who asked for the money; where they have left, whoever may review. */
async function whoShows(tx: Tx, view: PaymentView): Promise<readonly IdentityId[]> {
  const { requested_by: requester } = view.payment;
  const members = await membersWho(tx, view.business.id, () => true);
  if (members.includes(requester)) return [requester];
  return membersWho(tx, view.business.id, (role) => may(role, 'review'));
}

async function say(
  tx: Tx,
  deps: SmsDeps,
  reader: Reader,
  message: { readonly key: string; readonly text: string },
): Promise<void> {
  await enqueue(tx, deps, {
    key: message.key,
    channel: reader.channel,
    lane: laneOf(reader),
    method: 'sendMessage',
    payload: {
      chat_id: Number(reader.chatId),
      text: message.text,
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    },
  });
}
