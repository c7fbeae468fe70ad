/** Where an M-Pesa code stands in the books of one business. Nothing here sees another one's. */
import { sql } from 'kysely';
import type { Tx } from '../db/tables.ts';
import type { AttemptId, BusinessId, IdentityId, PaymentId } from '../domain/ids.ts';
import type { Msisdn } from '../domain/msisdn.ts';
import { lookAlikes } from '../domain/receipt.ts';
import { openPhone, type PaymentDeps, sealedAs } from './context.ts';
import { refunded } from './receipt.ts';

/** What is known of the payment that the code belongs to. */
export interface Known {
  readonly ref: string;
  /** What came in. */
  readonly cents: bigint;
  readonly msisdn: Msisdn;
  readonly at: Date;
}

export interface Paid {
  readonly paymentId: PaymentId;
  readonly known: Known;
  readonly askedAt: Date;
  readonly requestedBy: IdentityId;
  readonly flag: string | null;
  /** What was given back of it; 0n: nothing. */
  readonly backCents: bigint;
  readonly namedBy: 'gateway' | 'person' | 'unsigned' | 'stand_in';
}

export interface CardHolder {
  readonly id: IdentityId;
  /** null: has never written here. */
  readonly name: string | null;
}

/** The paid attempt of this business that carries the code, its payment locked: two checks of it come one after the other. */
export async function findPaid(
  tx: Tx,
  deps: PaymentDeps,
  businessId: BusinessId,
  code: string,
): Promise<Paid | null> {
  const row = await tx
    .selectFrom('payment')
    .innerJoin('attempt', 'attempt.payment_id', 'payment.id')
    .innerJoin('ledger', (join) =>
      join.onRef('ledger.attempt_id', '=', 'attempt.id').on('ledger.direction', '=', 'in'),
    )
    .select(['payment.id', 'payment.ref', 'payment.phone_sealed', 'payment.flag', 'payment.created_at'])
    .select('payment.requested_by')
    .select(['attempt.id as attemptId', 'attempt.receipt_final', 'attempt.receipt_trust'])
    .select(['ledger.amount_cents', 'ledger.posted_at'])
    .where('payment.business_id', '=', businessId)
    .where('attempt.receipt', '=', code)
    .where('attempt.state', '=', 'paid')
    .orderBy('ledger.id')
    .limit(1)
    .forNoKeyUpdate('payment')
    .executeTakeFirst();
  if (row === undefined) return null;
  const named = row.receipt_final === true && (await gatewayNamed(tx, row.attemptId, code, row.amount_cents));
  const person = row.receipt_trust === 'person' ? 'person' : 'unsigned';
  return {
    paymentId: row.id,
    known: {
      ref: row.ref,
      cents: row.amount_cents,
      msisdn: openPhone(deps.vault, row.phone_sealed, sealedAs.paymentPhone(row.id)),
      at: row.posted_at,
    },
    askedAt: row.created_at,
    requestedBy: row.requested_by,
    flag: row.flag,
    backCents: await refunded(tx, row.id),
    namedBy: row.receipt_final !== true ? 'stand_in' : named ? 'gateway' : person,
  };
}

/** Whose chat showed that it is paid: the requester's first, otherwise whoever has held its card the longest. */
export async function shownTo(tx: Tx, { paymentId, requestedBy }: Paid): Promise<CardHolder | null> {
  const card = await tx
    .selectFrom('card')
    .innerJoin('identity', 'identity.id', 'card.identity_id')
    .select(['identity.id', 'identity.name'])
    .where('card.payment_id', '=', paymentId)
    .orderBy((eb) => eb('card.identity_id', '=', requestedBy), 'desc')
    .orderBy('card.created_at')
    .executeTakeFirst();
  return card ?? null;
}

/** The gateway's own signed word or its answer to a look-up: this code, this amount, and no other phone. */
async function gatewayNamed(tx: Tx, attemptId: AttemptId, code: string, cents: bigint): Promise<boolean> {
  const row = await tx
    .selectFrom('evidence')
    .innerJoin('attempt', 'attempt.id', 'evidence.attempt_id')
    .select('evidence.id')
    .where('attempt.id', '=', attemptId)
    .where('evidence.verdict', '=', 'paid')
    .where('evidence.trust', 'in', ['signed', 'lookup'])
    .where('evidence.receipt', '=', code)
    .where('evidence.receipt_final', '=', true)
    .where((eb) => eb.or([eb('evidence.amount_cents', 'is', null), eb('evidence.amount_cents', '=', cents)]))
    .where((eb) =>
      eb.or([
        eb('evidence.phone_hmac', 'is', null),
        eb('evidence.phone_hmac', '=', eb.ref('attempt.phone_hmac')),
      ]),
    )
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * The code is in what we were told, and not in the ledger. A hint is nobody's word: it counts as not told. `ref`: of the
 * payment that it is about, if any.
 */
export async function findTold(
  tx: Tx,
  businessId: BusinessId,
  code: string,
): Promise<{ readonly ref: string | null } | null> {
  const rows = await tx
    .selectFrom('evidence')
    .innerJoin('gateway_account', 'gateway_account.id', 'evidence.account_id')
    .leftJoin('attempt', 'attempt.id', 'evidence.attempt_id')
    .leftJoin('payment', 'payment.id', 'attempt.payment_id')
    .select('payment.ref')
    .where('gateway_account.business_id', '=', businessId)
    .where('evidence.receipt', '=', code)
    .where('evidence.trust', '!=', 'hint')
    .orderBy('evidence.id', 'desc')
    .execute();
  const ref = rows.find((row) => row.ref !== null)?.ref ?? null;
  return rows.length > 0 || (await isUnclaimed(tx, businessId, code)) ? { ref } : null;
}

async function isUnclaimed(tx: Tx, businessId: BusinessId, code: string): Promise<boolean> {
  const row = await tx
    .selectFrom('unclaimed')
    .innerJoin('gateway_account', 'gateway_account.id', 'unclaimed.account_id')
    .select('unclaimed.id')
    .where('gateway_account.business_id', '=', businessId)
    .where('unclaimed.receipt', '=', code)
    .executeTakeFirst();
  return row !== undefined;
}

export async function findNear(tx: Tx, businessId: BusinessId, code: string): Promise<string | null> {
  // Written out, so that the index over the same words serves it.
  const [from, to] = [sql.lit(lookAlikes.from), sql.lit(lookAlikes.to)];
  const near = await tx
    .selectFrom('ledger')
    .select('receipt')
    .where('business_id', '=', businessId)
    .where('direction', '=', 'in')
    .where('receipt', '!=', code)
    .where(sql<boolean>`translate(receipt, ${from}, ${to}) = translate(${code}, ${from}, ${to})`)
    .executeTakeFirst();
  return near?.receipt ?? null;
}
