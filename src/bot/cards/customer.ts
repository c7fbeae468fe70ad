/**
 * What the customer hears in chat, where they linked the phone: mind the prompt, the receipt once money is proved, and that
 * the shop has seen what they said about it.
 */
import type { Tx } from '../../db/tables.ts';
import { showMoney } from '../../domain/money.ts';
import { enqueue, type MessageTemplate } from '../../outbox/enqueue.ts';
import { answersGiven } from '../../payments/customer-answers.ts';
import { escapeHtml } from '../words.ts';
import { freshPresses, receiptMessage } from './customer-receipt.ts';
import { whatWasSaid } from './payment-said.ts';
import type { PaymentView } from './payment-view.ts';
import { type CardDeps, laneOf, loadReader, type Reader } from './post.ts';
import { proofOf } from './sms-text.ts';
import { customerReceiptTemplate } from './templates.ts';

/**
 * Old rows of the outbox are pruned, and with them the memory that something was said. News this old was said, or is none
 * any more; the last look-up for a receipt number comes three days after the payment.
 */
const newsMs = 4 * 24 * 3600 * 1000;

/** Said once for each cause: the outbox key is made of it. */
export async function tellCustomer(tx: Tx, deps: CardDeps, view: PaymentView): Promise<void> {
  await tellSeen(tx, deps, view);
  const told = whatToTell(deps, view);
  if (told === null) return;
  if (view.linked.length === 0) return;
  if (told.kind === 'note' && (await askedInChat(tx, view))) return;
  const given = await answersGiven(tx, view.payment.id);
  for (const id of view.linked) {
    const reader = await loadReader(tx, id, view.business.locale);
    const payload =
      told.kind === 'receipt'
        ? receiptMessage(deps, view, reader, { asking: false, given })
        : note(deps, view, reader);
    const template =
      told.kind === 'receipt'
        ? customerReceiptTemplate(deps, view, reader, freshPresses(deps.vault, view.payment.id, reader.id))
        : undefined;
    const messageId = await say(tx, deps, view, reader, told.cause, payload, template);
    if (told.kind === 'receipt') await completeReceipt(tx, deps, view, reader, messageId, payload);
  }
}

/** A receipt that went out without M-Pesa's number has it once the gateway names it. */
async function completeReceipt(
  tx: Tx,
  deps: CardDeps,
  view: PaymentView,
  reader: Reader,
  messageId: bigint,
  payload: Record<string, unknown>,
): Promise<void> {
  const paid = view.attempts.find(({ state }) => state === 'paid');
  if (paid?.receipt_final !== true) return;
  const late = await tx
    .selectFrom('evidence')
    .innerJoin('outbox', (join) => join.on('outbox.id', '=', messageId))
    .select('evidence.id')
    .where('evidence.attempt_id', '=', paid.id)
    .where('evidence.effect', '=', 'receipt_completed')
    .whereRef('outbox.created_at', '<', 'evidence.seen_at')
    .executeTakeFirst();
  if (late === undefined) return;
  await enqueue(tx, deps, {
    key: `payment:${view.payment.id}:customer:receipt-number:${reader.id}`,
    channel: reader.channel,
    lane: laneOf(reader),
    method: 'editMessageText',
    payload,
    targetId: messageId,
  });
}

function say(
  tx: Tx,
  deps: CardDeps,
  view: PaymentView,
  reader: Reader,
  cause: string,
  payload: Record<string, unknown>,
  template?: MessageTemplate,
): Promise<bigint> {
  return enqueue(tx, deps, {
    ...(template !== undefined && { template }),
    // A prompt is on the phone for a minute.
    ...(cause.startsWith('prompt:') && { fleeting: true }),
    key: `payment:${view.payment.id}:customer:${cause}:${reader.id}`,
    channel: reader.channel,
    lane: laneOf(reader),
    method: 'sendMessage',
    payload,
  });
}

/**
 * No receipt without proof, and none while the receipt number may still come or a person must look. What a customer says
 * is no doubt about the money.
 */
function whatToTell(deps: CardDeps, view: PaymentView): { kind: 'receipt' | 'note'; cause: string } | null {
  const { payment } = view;
  const last = view.attempts.at(-1);
  if (payment.state === 'prompted' && last !== undefined)
    return { kind: 'note', cause: `prompt:${last.number}` };
  const proved = proofOf(view, deps.clock.now()) !== null;
  return proved && isNews(deps, payment.paid_at) ? { kind: 'receipt', cause: 'receipt' } : null;
}

/** Whoever paid by a link in their chat was told to mind the prompt as they pressed. */
async function askedInChat(tx: Tx, { payment, attempts }: PaymentView): Promise<boolean> {
  if (payment.link_id === null || attempts.length > 1) return false;
  const use = await tx
    .selectFrom('link_use')
    .select('id')
    .where('payment_id', '=', payment.id)
    .where('vouched', '=', true)
    .executeTakeFirst();
  return use !== undefined;
}

function isNews(deps: CardDeps, at: Date | null): boolean {
  return at !== null && deps.clock.now().getTime() - at.getTime() < newsMs;
}

function note(deps: CardDeps, view: PaymentView, reader: Reader): Record<string, unknown> {
  const text = deps.words.say(reader.locale, 'prompt-note', {
    amount: showMoney(view.payment.amount_cents),
    shop: escapeHtml(view.business.name),
  });
  return { chat_id: Number(reader.chatId), text, parse_mode: 'HTML' };
}

/** Somebody of the shop closed what the customer said is wrong. */
async function tellSeen(tx: Tx, deps: CardDeps, view: PaymentView): Promise<void> {
  for (const said of view.customer) {
    if (!isNews(deps, said.decidedAt)) continue;
    const reader = await loadReader(tx, said.identityId, view.business.locale);
    const text = deps.words.say(reader.locale, 'customer-seen', {
      shop: view.business.name,
      what: whatWasSaid(said.answer, { words: deps.words, locale: reader.locale }),
    });
    const cause = `seen:${said.at.getTime()}`;
    await say(tx, deps, view, reader, cause, { chat_id: Number(reader.chatId), text });
  }
}
