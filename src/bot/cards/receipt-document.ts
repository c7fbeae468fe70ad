/** Sends the receipt of a payment into a chat, as a PDF. Who may ask for it is decided by whoever calls. */
import type { Tx } from '../../db/tables.ts';
import type { IdentityId, PaymentId } from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { attach } from '../../outbox/attach.ts';
import { enqueue } from '../../outbox/enqueue.ts';
import { loadReceipt } from '../../payments/receipt.ts';
import { receiptUrl } from '../../payments/receipt-pages.ts';
import { type CardDeps, laneOf, loadReader } from './post.ts';
import { receiptPdf } from './receipt-pdf.ts';

export interface ReceiptDocument {
  readonly paymentId: PaymentId;
  /** Who gets it, in their own language. */
  readonly identityId: IdentityId;
  /** Of the outbox row, made from what causes it: the same press sends it once. */
  readonly key: string;
}

/** `not_paid`: nothing is sent, since nothing is proved. */
export async function sendReceiptDocument(
  tx: Tx,
  deps: CardDeps,
  { paymentId, identityId, key }: ReceiptDocument,
): Promise<'sent' | 'not_paid'> {
  const facts = await loadReceipt(tx, deps, paymentId);
  const url = facts === null ? null : await receiptUrl(tx, deps, paymentId);
  if (facts === null || url === null) return 'not_paid';
  const reader = await loadReader(tx, identityId, facts.business.locale);
  const { locale } = reader;
  const pdf = await receiptPdf(deps.words, { facts, locale, url });
  const head = deps.words.say(locale, 'doc-caption', {
    amount: showMoney(facts.amountCents),
    shop: facts.business.name,
    ref: facts.ref,
  });
  await enqueue(tx, deps, {
    key,
    channel: reader.channel,
    lane: laneOf(reader),
    method: 'sendDocument',
    payload: {
      chat_id: Number(reader.chatId),
      caption: `${head}\n${url}`,
      document: attach(`${locale === 'sw' ? 'risiti' : 'receipt'}-${facts.ref}.pdf`, 'application/pdf', pdf),
    },
  });
  return 'sent';
}
