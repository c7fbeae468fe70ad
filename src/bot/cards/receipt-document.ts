/** Sends the receipt of a payment into a chat, as a PDF. Who may ask for it is decided by whoever calls. */
import type { Tx } from '../../db/tables.ts';
import { plusSeconds } from '../../domain/clock.ts';
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

/** Each is a file that is kept until it is sent: the one of a moment ago is the same paper. */
const onceInSeconds = 60;

/** For a button, however often it is pressed. `above`: it was sent a moment ago. The caller holds the payment's row. */
export async function sendReceiptOnPress(
  tx: Tx,
  deps: CardDeps,
  about: Omit<ReceiptDocument, 'key'>,
): Promise<'sent' | 'not_paid' | 'above'> {
  const now = deps.clock.now();
  const nth = Math.floor(now.getTime() / 1000 / onceInSeconds);
  const key = (n: number): string => `payment:${about.paymentId}:document:${about.identityId}:${n}`;
  const last = await tx
    .selectFrom('outbox')
    .select('id')
    .where('key', 'in', [key(nth - 1), key(nth)])
    .where('created_at', '>', plusSeconds(now, -onceInSeconds))
    .executeTakeFirst();
  if (last !== undefined) return 'above';
  return await sendReceiptDocument(tx, deps, { ...about, key: key(nth) });
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
