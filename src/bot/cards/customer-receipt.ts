/** The receipt in the customer's chat: what it says and which buttons it holds. Pure, but for the keyed name of its buttons. */
import type { Locale } from '../../db/tables.ts';
import type { Vault } from '../../db/vault.ts';
import { showTime } from '../../domain/eat.ts';
import type { IdentityId, PaymentId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { showMsisdn } from '../../domain/msisdn.ts';
import { mostAnswers, type SaidByCustomer, wrongAnswers } from '../../payments/customer-answers.ts';
import { isUnconfirmed } from '../../payments/receipt.ts';
import { marks } from '../marks.ts';
import { escapeHtml, type Words } from '../words.ts';
import { whatWasSaid } from './payment-said.ts';
import type { PaymentView } from './payment-view.ts';

export const receiptActions = ['me', 'receipt', 'wrong', 'back', ...wrongAnswers] as const;
export type ReceiptAction = (typeof receiptActions)[number];

interface ReceiptDeps {
  readonly words: Words;
  readonly vault: Vault;
  readonly clock: { now(): Date };
}

export interface ReceiptFor {
  readonly id: IdentityId;
  readonly chatId: string;
  readonly locale: Locale;
}

/** Payload of a message in Telegram HTML. `asking`: Something is wrong was pressed, and the reasons stand there. */
export function receiptMessage(
  deps: ReceiptDeps,
  view: PaymentView,
  reader: ReceiptFor,
  how: { readonly asking: boolean; readonly given: number },
): Record<string, unknown> {
  const said = view.customer.find(({ identityId }) => identityId === reader.id) ?? null;
  return {
    chat_id: Number(reader.chatId),
    text: receiptText(deps, view, reader.locale, said, how.asking),
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
    reply_markup: { inline_keyboard: rows(deps, view, reader, said, how) },
  };
}

function receiptText(
  deps: ReceiptDeps,
  view: PaymentView,
  locale: Locale,
  said: SaidByCustomer | null,
  asking: boolean,
): string {
  const { payment, business } = view;
  const { words } = deps;
  const paid = view.attempts.find(({ state }) => state === 'paid');
  const amount = showMoney(paid?.paid_cents ?? payment.amount_cents);
  const shop = escapeHtml(business.name);
  const unconfirmed =
    paid !== undefined && isUnconfirmed(paid) ? ` (${words.say(locale, 'code-unconfirmed')})` : '';
  const what = said === null ? '' : whatWasSaid(said.answer, { words, locale });
  return [
    `${marks['to-customer']} <b>${amount} · ${showMsisdn(view.msisdn)} · ${payment.ref}</b>`,
    words.say(locale, 'paid', {
      shop,
      at: showTime(payment.paid_at ?? payment.updated_at, deps.clock.now(), locale),
      code:
        paid?.receipt_final === true
          ? `M-Pesa ${paid.receipt}${unconfirmed}`
          : words.say(locale, 'code-follows'),
      note: escapeHtml(payment.note),
    }),
    words.say(locale, 'to-customer'),
    ...(said === null ? [] : [words.say(locale, 'you-said', { what })]),
    ...(asking ? [words.say(locale, 'ask-wrong', { shop })] : []),
  ].join('\n');
}

type Button = { readonly text: string; readonly callback_data: string };

/** The first button is the yes, the last one the no; reasons are a list, one a row. */
function rows(
  deps: ReceiptDeps,
  view: PaymentView,
  reader: ReceiptFor,
  said: SaidByCustomer | null,
  how: { readonly asking: boolean; readonly given: number },
): Button[][] {
  const { words } = deps;
  const { locale } = reader;
  const button = (action: ReceiptAction, text: string): Button => ({
    text,
    callback_data: buttonData(deps.vault, {
      paymentId: view.payment.id,
      identityId: reader.id,
      said,
      action,
    }),
  });
  if (how.asking)
    return [
      ...wrongAnswers.map((answer) => [button(answer, whatWasSaid(answer, { words, locale }))]),
      [button('back', words.say(locale, 'btn-back'))],
    ];
  const more = how.given < mostAnswers;
  const me = more && said?.answer !== 'me' ? [button('me', words.say(locale, 'btn-me'))] : [];
  const wrong = more ? [[button('wrong', words.say(locale, 'btn-wrong'))]] : [];
  return [[...me, button('receipt', words.say(locale, 'btn-receipt'))], ...wrong];
}

/** The data of "It was me" and "Something is wrong" on a receipt that nobody has answered. */
export function freshPresses(vault: Vault, paymentId: PaymentId, identityId: IdentityId): readonly string[] {
  const about = { paymentId, identityId, said: null };
  return (['me', 'wrong'] as const).map((action) => buttonData(vault, { ...about, action }));
}

interface Pressed {
  readonly paymentId: PaymentId;
  /** Whose button it is: nobody else's identity gives the same. */
  readonly owner: string;
  /** Which answer it was drawn for: an older one does nothing. */
  readonly version: string;
  readonly action: ReceiptAction;
}

/** `c:<payment>:<owner>:<version>:<action>`, within the 64 bytes that a button holds. */
function buttonData(
  vault: Vault,
  about: {
    readonly paymentId: PaymentId;
    readonly identityId: IdentityId;
    readonly said: SaidByCustomer | null;
    readonly action: ReceiptAction;
  },
): string {
  const id = Buffer.from(about.paymentId.replaceAll('-', ''), 'hex').toString('base64url');
  const owner = ownerOf(vault, about.paymentId, about.identityId);
  return `c:${id}:${owner}:${versionOf(about.said)}:${about.action}`;
}

/** 72 bits of a keyed digest: who was never given the button cannot make one. */
export function ownerOf(vault: Vault, paymentId: PaymentId, identityId: IdentityId): string {
  return vault.hmac('press', `${paymentId}:${identityId}`).subarray(0, 9).toString('base64url');
}

export function versionOf(said: Pick<SaidByCustomer, 'at'> | null): string {
  return said === null ? '0' : said.at.getTime().toString(36);
}

/** null: no button of ours reads so. */
export function readButton(data: string): Pressed | null {
  const match = /^c:([\w-]{22}):([\w-]{12}):([0-9a-z]{1,10}):([a-z_]+)$/.exec(data);
  const action = receiptActions.find((one) => one === match?.[4]);
  if (match === null || action === undefined) return null;
  const hex = Buffer.from(match[1] ?? '', 'base64url').toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as PaymentId;
  return { paymentId: id, owner: match[2] ?? '', version: match[3] ?? '', action };
}
