/** Payments that wait for their callback, written by the house's own services, and the signed webhooks that pay them. */
import { createHmac } from 'node:crypto';
import { postCard } from '../../src/bot/cards/post.ts';
import { createTell } from '../../src/bot/cards/tell.ts';
import { createWords } from '../../src/bot/words.ts';
import type { Tx } from '../../src/db/tables.ts';
import { plusSeconds, systemClock } from '../../src/domain/clock.ts';
import type { IdentityId, PaymentId } from '../../src/domain/ids.ts';
import type { Msisdn } from '../../src/domain/msisdn.ts';
import { systemRandom } from '../../src/domain/random.ts';
import { silentLog } from '../../src/ops/log.ts';
import { sealedAs } from '../../src/payments/context.ts';
import { draftPayment, sendPrompt } from '../../src/payments/request.ts';
import type { Seeded, Store } from '../crash/shop.ts';
import type { Posting } from './post.ts';

/** A chat with a message in it that the cards of its payments edit. */
export interface Chat {
  readonly identityId: IdentityId;
  readonly messageId: string;
}

export interface Waiting {
  readonly ref: string;
  readonly posting: Posting;
}

const batch = 50;
const shillings = 250;
let made = 0;

export async function preparePayments(
  store: Store,
  seeded: Seeded,
  chats: readonly Chat[],
  count: number,
): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  while (waiting.length < count)
    await store.db.transaction().execute(async (tx) => {
      for (let i = 0; i < batch && waiting.length < count; i++) {
        const chat = chats[made % chats.length];
        if (chat === undefined) throw new Error('no chat');
        waiting.push(await preparePayment(tx, store, seeded, chat, made++));
      }
    });
  return waiting;
}

async function preparePayment(
  tx: Tx,
  { vault }: Store,
  seeded: Seeded,
  chat: Chat,
  number: number,
): Promise<Waiting> {
  const publicUrl = 'https://shop.example';
  const core = { vault, clock: systemClock, random: systemRandom, words: createdWords, publicUrl };
  const deps = { ...core, log: silentLog, tell: createTell(core) };
  const msisdn = `2547${20_000_000 + number}` as Msisdn;
  const id = await draftPayment(tx, deps, {
    businessId: seeded.businessId,
    accountId: seeded.accountId,
    requestedBy: chat.identityId,
    amountCents: BigInt(shillings) * 100n,
    msisdn,
    note: 'bench',
    payerName: null,
  });
  await postCard(tx, deps, id, chat.identityId, 'request');
  const sent = await sendPrompt(tx, deps, id, chat.identityId);
  if (sent.kind !== 'queued') throw new Error(`a payment was not queued: ${sent.kind}`);
  await asPrompted(tx, id, chat.messageId);
  const attempt = await tx
    .selectFrom('attempt')
    .innerJoin('payment', 'payment.id', 'attempt.payment_id')
    .select(['reference', 'ref', 'callback_sealed'])
    .where('attempt.id', '=', sent.attemptId)
    .executeTakeFirstOrThrow();
  const operation = vault.open(attempt.callback_sealed, sealedAs.attemptCallback(sent.attemptId));
  const url = `${seeded.callbackUrl}/${operation}`;
  return { ref: attempt.ref, posting: webhook(seeded, url, attempt.reference, msisdn, number) };
}

const createdWords = createWords();

/** As if the gateway had accepted the prompt and Telegram had shown the card. */
async function asPrompted(tx: Tx, id: PaymentId, messageId: string): Promise<void> {
  const now = systemClock.now();
  const later = plusSeconds(now, 3600);
  await tx
    .updateTable('attempt')
    .set({ state: 'prompted', sent_at: now, prompted_at: now, live_until: later, next_check_at: later })
    .where('payment_id', '=', id)
    .execute();
  await tx.updateTable('payment').set({ state: 'prompted' }).where('id', '=', id).execute();
  await tx
    .updateTable('outbox')
    .set({ state: 'sent', external_id: messageId, sent_at: now })
    .where('id', 'in', (query) => query.selectFrom('card').select('message_id').where('payment_id', '=', id))
    .execute();
}

function webhook(seeded: Seeded, url: string, reference: string, phone: string, number: number): Posting {
  const event = 'mpesa.payment.received';
  const body = JSON.stringify({
    event,
    api_version: '1',
    livemode: true,
    data: {
      payment_id: number,
      amount: shillings,
      mpesa_receipt_number: `B${number.toString(36).toUpperCase().padStart(9, '0')}`,
      account_reference: reference,
      checkout_request_id: `ws_CO_${reference}`,
      phone,
      status: 'success',
    },
  });
  const signature = createHmac('sha256', seeded.apiSecret).update(body).digest('hex');
  return {
    url,
    body,
    headers: {
      'content-type': 'application/json',
      'x-bluepay-event': event,
      'x-bluepay-signature': `v1=${signature}`,
      'idempotency-key': `bench-${number}`,
    },
  };
}
