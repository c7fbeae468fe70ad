/** What the customer hears in chat, where they linked the phone: mind the prompt, and the receipt once money is proved. */
import type { Locale, Tx } from '../../db/tables.ts';
import { showTime } from '../../domain/eat.ts';
import { showMoney } from '../../domain/money.ts';
import { showMsisdn } from '../../domain/msisdn.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { linkedTo } from '../../payments/phone-links.ts';
import { marks } from '../marks.ts';
import { escapeHtml } from '../words.ts';
import type { PaymentView } from './payment-view.ts';
import { type CardDeps, laneOf, loadReader } from './post.ts';

/** Said once for each cause: the outbox key is made of it. */
export async function tellCustomer(tx: Tx, deps: CardDeps, view: PaymentView): Promise<void> {
  const told = whatToTell(view);
  if (told === null) return;
  for (const id of await linkedTo(tx, view.payment.phone_hmac)) {
    const reader = await loadReader(tx, id, view.business.locale);
    const text =
      told.kind === 'receipt' ? receipt(deps, view, reader.locale) : note(deps, view, reader.locale);
    await enqueue(tx, deps, {
      key: `payment:${view.payment.id}:customer:${told.cause}:${id}`,
      channel: reader.channel,
      lane: laneOf(reader),
      method: 'sendMessage',
      payload: { chat_id: Number(reader.chatId), text, parse_mode: 'HTML' },
    });
  }
}

/** No receipt without proof, and none while the gateway owes the receipt number or a person must look. */
function whatToTell(view: PaymentView): { kind: 'receipt' | 'note'; cause: string } | null {
  const { payment } = view;
  const last = view.attempts.at(-1);
  if (payment.state === 'prompted' && last !== undefined)
    return { kind: 'note', cause: `prompt:${last.number}` };
  const paid = view.attempts.find(({ state }) => state === 'paid');
  const proved = payment.state === 'paid' && payment.flag === null && paid?.receipt_final === true;
  return proved ? { kind: 'receipt', cause: 'receipt' } : null;
}

function note(deps: CardDeps, view: PaymentView, locale: Locale): string {
  return deps.words.say(locale, 'prompt-note', {
    amount: showMoney(view.payment.amount_cents),
    shop: escapeHtml(view.business.name),
  });
}

function receipt(deps: CardDeps, view: PaymentView, locale: Locale): string {
  const { payment, business } = view;
  const paid = view.attempts.find(({ state }) => state === 'paid');
  const amount = showMoney(paid?.paid_cents ?? payment.amount_cents);
  return [
    `${marks['to-customer']} <b>${amount} · ${showMsisdn(view.msisdn)} · ${payment.ref}</b>`,
    deps.words.say(locale, 'paid', {
      shop: escapeHtml(business.name),
      at: showTime(payment.paid_at ?? payment.updated_at, deps.clock.now(), locale),
      code: `M-Pesa ${paid?.receipt ?? ''}`,
      note: escapeHtml(payment.note),
    }),
    deps.words.say(locale, 'to-customer'),
  ].join('\n');
}
