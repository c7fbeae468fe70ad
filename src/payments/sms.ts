/**
 * SMS that follow from a payment: one for each payment and kind, through the business's own gateway or, where none sends
 * SMS, through the program's own; payees hear of their payout and members of what waits for them the same way. The row is
 * written with its outbox row, and the outbox delivers it.
 */
import type { PaymentTable, SmsTable, Tx } from '../db/tables.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../domain/clock.ts';
import { plusSeconds } from '../domain/clock.ts';
import { type AccountId, newId, type PaymentId, type PayoutId, type SmsId } from '../domain/ids.ts';
import { type Msisdn, maskMsisdn } from '../domain/msisdn.ts';
import type { Random } from '../domain/random.ts';
import { enqueue } from '../outbox/enqueue.ts';
import { recordEvent } from './events.ts';
import type { Gateways } from './gateways.ts';
import type { TellBalance } from './service-balance.ts';
import { smsCarrier } from './sms-account.ts';

export type SmsKind = SmsTable['kind'];

export interface QueueSmsDeps {
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly gateways: Gateways;
}

export interface SmsText {
  readonly kind: SmsKind;
  readonly msisdn: Msisdn;
  /** One GSM-7 part. */
  readonly text: string;
}

/** What the outbox keeps, sealed, for the sender. */
export type SmsPayload = {
  readonly sms: SmsId;
  /** null: no account of the business sends it, but the program itself. */
  readonly account: AccountId | null;
  readonly to: Msisdn;
  readonly text: string;
  readonly reference: string;
  /** From then on no other try follows. */
  readonly until: string;
};

/** A receipt that comes later would only be taken for another payment. */
const retrySeconds = 3600;

/** What the message is about: a payment, a payout that its payee hears of, or what a member is told, once for each cause. */
export type SmsAbout = Pick<PaymentTable, 'ref' | 'business_id' | 'account_id'> &
  ({ readonly id: PaymentId } | { readonly payoutId: PayoutId } | { readonly cause: string });

/** never: nobody sends SMS for the business at all, so that nobody was promised one. */
export type QueuedSms = 'queued' | 'known' | 'no_account' | 'never';

/** The caller holds the payment or payout that it is about, and has made sure that it is proved paid. */
export async function queueSms(
  tx: Tx,
  deps: QueueSmsDeps,
  payment: SmsAbout,
  message: SmsText,
): Promise<QueuedSms> {
  const paymentId = 'id' in payment ? payment.id : null;
  const payoutId = 'payoutId' in payment ? payment.payoutId : null;
  const cause = 'cause' in payment ? payment.cause : null;
  if (cause === null && (await smsOf(tx, paymentId ?? payoutId, message.kind)) !== null) return 'known';
  const found = await smsCarrier(tx, deps.gateways, payment);
  if (found.kind !== 'account') return found.kind;
  const account = found.id;
  const id = newId<SmsId>(deps.clock, deps.random);
  const now = deps.clock.now();
  // Unlike our numbers, the id is new in every database that ever used the account.
  const reference = `${payment.ref}.${message.kind}.${id}`;
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('sms')
    .values({
      id,
      business_id: payment.business_id,
      account_id: account,
      payment_id: paymentId,
      payout_id: payoutId,
      cause,
      kind: message.kind,
      reference,
      phone_masked: maskMsisdn(message.msisdn),
      state: 'waiting',
      created_at: now,
    })
    .onConflict((conflict) => conflict.column('cause').doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) return 'known';
  if (paymentId !== null)
    await recordEvent(tx, now, paymentId, null, 'sms', { to: message.kind, state: 'waiting' });
  await enqueue(tx, deps, {
    key: smsKey(id),
    channel: 'sms',
    lane: `sms:${deps.vault.hmac('phone', message.msisdn).toString('hex')}`,
    method: 'sendMessage',
    payload: {
      sms: id,
      account,
      to: message.msisdn,
      text: message.text,
      reference,
      until: plusSeconds(now, retrySeconds).toISOString(),
    } satisfies SmsPayload,
  });
  return 'queued';
}

const smsKey = (id: SmsId): string => `sms:${id}`;

export async function smsOf(
  tx: Tx,
  about: PaymentId | PayoutId | null,
  kind: SmsKind,
): Promise<Pick<SmsTable, 'state'> | null> {
  const row = await tx
    .selectFrom('sms')
    .select('state')
    .where(kind === 'payee' ? 'payout_id' : 'payment_id', '=', about as never)
    .where('kind', '=', kind)
    .executeTakeFirst();
  return row ?? null;
}

export interface SmsTell extends TellBalance {
  /** A receipt to the customer came to its end, in chat or by SMS: where none arrived, the shop is told. */
  receiptEnded(tx: Tx, paymentId: PaymentId): Promise<void>;
  /** WhatsApp took neither this row of the outbox nor a template for it: its member may hear by SMS that it waits. */
  memberMissed(tx: Tx, key: string): Promise<void>;
}

/** The SMS whose outbox row this is; null for any other row. */
export function smsOfKey(key: string): SmsId | null {
  return (/^sms:([0-9a-f-]{36})$/.exec(key)?.[1] as SmsId | undefined) ?? null;
}
