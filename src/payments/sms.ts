/**
 * SMS that follow from a payment: one for each payment and kind, through the business's own gateway. The row is written
 * with its outbox row; the outbox delivers it, and what became of it is recorded here in the same transaction.
 */
import { sql } from 'kysely';
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
import { learnServiceBalance, type TellBalance } from './service-balance.ts';

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
  readonly account: AccountId;
  readonly to: Msisdn;
  readonly text: string;
  readonly reference: string;
  /** From then on no other try follows. */
  readonly until: string;
};

/** A receipt that comes later would only be taken for another payment. */
const retrySeconds = 3600;

/** What the message is about: a payment, or a payout that its payee hears of. */
export type SmsAbout = Pick<PaymentTable, 'ref' | 'business_id' | 'account_id'> &
  ({ readonly id: PaymentId } | { readonly payoutId: PayoutId });

/** never: no gateway of the business sends SMS at all, so that nobody was promised one. */
export type QueuedSms = 'queued' | 'known' | 'no_account' | 'never';

/** The caller holds the row that it is about, and has made sure that it is proved paid. */
export async function queueSms(
  tx: Tx,
  deps: QueueSmsDeps,
  payment: SmsAbout,
  message: SmsText,
): Promise<QueuedSms> {
  const paymentId = 'id' in payment ? payment.id : null;
  const payoutId = 'payoutId' in payment ? payment.payoutId : null;
  if ((await smsOf(tx, paymentId ?? payoutId, message.kind)) !== null) return 'known';
  const found = await smsAccount(tx, deps.gateways, payment);
  if (found.kind !== 'account') return found.kind;
  const account = found.id;
  const id = newId<SmsId>(deps.clock, deps.random);
  const now = deps.clock.now();
  // Unlike our numbers, the id is new in every database that ever used the account.
  const reference = `${payment.ref}.${message.kind}.${id}`;
  await tx
    .insertInto('sms')
    .values({
      id,
      business_id: payment.business_id,
      account_id: account,
      payment_id: paymentId,
      payout_id: payoutId,
      kind: message.kind,
      reference,
      phone_masked: maskMsisdn(message.msisdn),
      state: 'waiting',
      created_at: now,
    })
    .execute();
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

/**
 * The payment's own account where its gateway sends SMS, otherwise another active one of the business. no_account: those
 * that send are stopped.
 */
async function smsAccount(
  tx: Tx,
  gateways: Gateways,
  payment: Pick<PaymentTable, 'business_id' | 'account_id'>,
): Promise<{ readonly kind: 'account'; readonly id: AccountId } | { readonly kind: 'no_account' | 'never' }> {
  const accounts = await tx
    .selectFrom('gateway_account')
    .select(['id', 'state'])
    .where('business_id', '=', payment.business_id)
    .orderBy(sql`state = 'active'`, 'desc')
    .orderBy(sql`id = ${payment.account_id}`, 'desc')
    .orderBy('created_at')
    .execute();
  for (const { id, state } of accounts) {
    // One that does not open sends nothing; who submits prompts says so in the log.
    const gateway = await gateways.open(tx, id).catch(() => null);
    if (gateway?.sms !== undefined)
      return state === 'active' ? { kind: 'account', id } : { kind: 'no_account' };
  }
  return { kind: 'never' };
}

/** What delivery tells of an SMS, in the outbox's own words and the gateway's. */
export interface SmsEnd {
  readonly kind: string;
  readonly detail?: string;
  readonly told?: {
    readonly reason?: string;
    readonly status?: string;
    readonly messageId?: string | null;
    readonly parts?: number | null;
    readonly costCents?: bigint | null;
    readonly balanceCents?: bigint | null;
  };
}

export interface SmsTell extends TellBalance {
  /** A receipt to the customer came to its end, in chat or by SMS: where none arrived, the shop is told. */
  receiptEnded(tx: Tx, paymentId: PaymentId): Promise<void>;
}

const smsKeyShape = /^sms:([0-9a-f-]{36})$/;

export function isSmsKey(key: string): boolean {
  return smsKeyShape.test(key);
}

/** Runs in the transaction that records the outcome of the outbox row. */
export async function settleSms(
  tx: Tx,
  deps: { readonly clock: Clock; readonly tell: SmsTell },
  key: string,
  end: SmsEnd,
): Promise<void> {
  const id = smsKeyShape.exec(key)?.[1] as SmsId | undefined;
  if (id === undefined) return;
  if (!(await lockAbout(tx, id, 'payment')) && !(await lockAbout(tx, id, 'payout'))) return;
  const row = await tx
    .selectFrom('sms')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (row.state !== 'waiting') return;
  const now = deps.clock.now();
  const state = stateOf(end.kind);
  if (state === 'waiting') {
    // Provably not sent, or safe to be sent again under its reference.
    await tx
      .updateTable('sms')
      .set({ called_at: null, detail: end.detail ?? null })
      .where('id', '=', id)
      .execute();
    return;
  }
  const told = end.told ?? {};
  await tx
    .updateTable('sms')
    .set({
      state,
      reason: told.reason ?? null,
      detail: end.detail ?? (told.status === undefined ? null : `status ${told.status}`),
      message_id: told.messageId ?? null,
      parts: told.parts ?? null,
      cost_cents: told.costCents ?? null,
      ended_at: now,
    })
    .where('id', '=', id)
    .execute();
  if (row.payment_id !== null)
    await recordEvent(tx, now, row.payment_id, null, 'sms', {
      to: row.kind,
      state,
      ...(told.reason !== undefined && { reason: told.reason }),
      ...(told.parts != null && { parts: told.parts }),
      ...(told.costCents != null && { costCents: Number(told.costCents) }),
    });
  await learnServiceBalance(tx, deps, row.account_id, {
    cents: told.balanceCents ?? null,
    costCents: told.costCents ?? null,
    refused: told.reason === 'no_balance',
  });
  // One that was accepted has arrived: there is nothing to tell.
  if (row.kind === 'customer' && row.payment_id !== null && state !== 'accepted')
    await deps.tell.receiptEnded(tx, row.payment_id);
}

/** Locks what the message is about, before the message. false: it is about none. */
async function lockAbout(tx: Tx, id: SmsId, table: 'payment' | 'payout'): Promise<boolean> {
  const { rows } = await sql`
    select from ${sql.table(table)} about
    where about.id = (select ${sql.ref(`sms.${table}_id`)} from sms where sms.id = ${id})
    for no key update of about`.execute(tx);
  return rows.length === 1;
}

function stateOf(kind: string): SmsTable['state'] {
  if (kind === 'sent') return 'accepted';
  if (kind === 'retry') return 'waiting';
  return kind === 'unknown' ? 'unknown' : 'refused';
}
