/**
 * Asking for money: a draft that a person reads back, then an attempt queued in the same transaction as the press of the
 * button. No network here: `submit` takes queued attempts after the commit.
 */
import type { Insertable, Selectable } from 'kysely';
import type { PaymentTable, Tx } from '../db/tables.ts';
import {
  type AccountId,
  type AttemptId,
  type BusinessId,
  type IdentityId,
  newId,
  type PaymentId,
} from '../domain/ids.ts';
import { type Msisdn, maskMsisdn } from '../domain/msisdn.ts';
import { isOver, type PaymentState } from '../domain/payment.ts';
import { token } from '../domain/random.ts';
import { attemptReference, newRef } from '../domain/refs.ts';
import { audit } from '../ops/audit.ts';
import { openPhone, type PaymentDeps, sealedAs } from './context.ts';
import { recordEvent } from './events.ts';
import { type Held, type HeldWhy, heldBack, heldByLink } from './hold.ts';

export type { HeldWhy };

export interface Draft {
  readonly businessId: BusinessId;
  readonly accountId: AccountId;
  readonly requestedBy: IdentityId;
  readonly amountCents: bigint;
  readonly msisdn: Msisdn;
  readonly note: string;
  readonly payerName: string | null;
}

/** Commits what was asked, before anything is sent: our number exists from here on. */
export async function draftPayment(tx: Tx, deps: PaymentDeps, draft: Draft): Promise<PaymentId> {
  const id = newId<PaymentId>(deps.clock, deps.random);
  const now = deps.clock.now();
  await insertUnderFreeRef(tx, deps, {
    id,
    business_id: draft.businessId,
    account_id: draft.accountId,
    requested_by: draft.requestedBy,
    ...asked(deps, id, draft),
    state: 'created',
    reason: null,
    flag: null,
    stopped: false,
    paid_at: null,
    told_before: null,
    created_at: now,
    updated_at: now,
  });
  await recordEvent(tx, now, id, null, 'asked', { amountCents: Number(draft.amountCents) });
  deps.log.info({ payment: id, business: draft.businessId }, 'payment asked');
  return id;
}

type Asked = Pick<Draft, 'amountCents' | 'msisdn' | 'note' | 'payerName'>;

function asked(deps: PaymentDeps, id: PaymentId, what: Asked) {
  return {
    amount_cents: what.amountCents,
    phone_sealed: deps.vault.seal(what.msisdn, sealedAs.paymentPhone(id)),
    phone_hmac: deps.vault.hmac('phone', what.msisdn),
    phone_masked: maskMsisdn(what.msisdn),
    payer_name: what.payerName,
    note: what.note,
  };
}

const refTries = 20;

/** Under a number that no payment has. Thirty-three million exist; a collision is drawn again. */
async function insertUnderFreeRef(
  tx: Tx,
  deps: PaymentDeps,
  row: Omit<Insertable<PaymentTable>, 'ref'>,
): Promise<void> {
  for (let tries = 0; tries < refTries; tries++) {
    const { numInsertedOrUpdatedRows: inserted } = await tx
      .insertInto('payment')
      .values({ ...row, ref: newRef('P', deps.random) })
      .onConflict((conflict) => conflict.column('ref').doNothing())
      .executeTakeFirstOrThrow();
    if (inserted === 1n) return;
  }
  throw new Error('No free payment number was found.');
}

/** Changes a draft. false: it was sent or stopped meanwhile, and stays as it is. */
export async function changeDraft(tx: Tx, deps: PaymentDeps, id: PaymentId, what: Asked): Promise<boolean> {
  const now = deps.clock.now();
  const changed = await tx
    .updateTable('payment')
    .set({ ...asked(deps, id, what), updated_at: now })
    .where('id', '=', id)
    .where('state', '=', 'created')
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await recordEvent(tx, now, id, null, 'changed', { amountCents: Number(what.amountCents) });
  return true;
}

/** Ends a draft without sending. false: it is not a draft any more. */
export async function stopDraft(tx: Tx, deps: PaymentDeps, id: PaymentId, by: IdentityId): Promise<boolean> {
  const now = deps.clock.now();
  const stopped = await tx
    .updateTable('payment')
    .set({ state: 'cancelled', stopped: true, updated_at: now })
    .where('id', '=', id)
    .where('state', '=', 'created')
    .returning(['business_id', 'amount_cents'])
    .executeTakeFirst();
  if (stopped === undefined) return false;
  await recordEvent(tx, now, id, null, 'stopped');
  const facts = { payment: id, amountCents: Number(stopped.amount_cents) };
  await audit(tx, now, stopped.business_id, by, 'payment_withdrawn', facts);
  return true;
}

export type SendOutcome =
  | { readonly kind: 'queued'; readonly attemptId: AttemptId }
  /** A prompt for this phone stands open, or M-Pesa would refuse the same amount so soon. */
  | Held
  /** The payment is in a state from which nothing may be sent. */
  | { readonly kind: 'not_now'; readonly state: PaymentState }
  | { readonly kind: 'account_stopped'; readonly why: string };

/**
 * Queues the first attempt of a draft, or another one when every earlier one is provably over. `by`: who pressed; null: somebody
 * at a link's page, whom no chat knows.
 */
export async function sendPrompt(
  tx: Tx,
  deps: PaymentDeps,
  paymentId: PaymentId,
  by: IdentityId | null,
): Promise<SendOutcome> {
  const payment = await tx
    .selectFrom('payment')
    .selectAll()
    .where('id', '=', paymentId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow();
  const attempts = await tx
    .selectFrom('attempt')
    .select(['number', 'state'])
    .where('payment_id', '=', paymentId)
    .execute();
  const sendable = !payment.stopped && payment.flag === null && attempts.every(({ state }) => isOver(state));
  if (!sendable) return { kind: 'not_now', state: payment.state };
  const account = await tx
    .selectFrom('gateway_account')
    .select(['id', 'kind', 'state', 'stopped_reason'])
    .where('id', '=', payment.account_id)
    .executeTakeFirstOrThrow();
  if (account.state === 'stopped') return { kind: 'account_stopped', why: account.stopped_reason ?? '' };
  const held =
    (await heldByLink(tx, deps, payment)) ??
    (await heldBack(tx, deps, account, payment.phone_hmac, payment.amount_cents));
  if (held !== null) {
    await recordEvent(tx, deps.clock.now(), paymentId, null, 'held', { why: held.why });
    return held;
  }
  const number = attempts.reduce((most, attempt) => Math.max(most, attempt.number), 0) + 1;
  const attemptId = await queueAttempt(tx, deps, payment, number, by);
  deps.log.info({ payment: paymentId, attempt: attemptId }, 'prompt queued');
  return { kind: 'queued', attemptId };
}

async function queueAttempt(
  tx: Tx,
  deps: PaymentDeps,
  payment: Selectable<PaymentTable>,
  number: number,
  by: IdentityId | null,
): Promise<AttemptId> {
  const id = newId<AttemptId>(deps.clock, deps.random);
  const now = deps.clock.now();
  const msisdn = openPhone(deps.vault, payment.phone_sealed, sealedAs.paymentPhone(payment.id));
  const callback = token(deps.random);
  await tx
    .insertInto('attempt')
    .values({
      id,
      payment_id: payment.id,
      account_id: payment.account_id,
      number,
      reference: attemptReference(payment.ref, number),
      amount_cents: payment.amount_cents,
      phone_sealed: deps.vault.seal(msisdn, sealedAs.attemptPhone(id)),
      phone_hmac: deps.vault.hmac('phone', msisdn),
      callback_hmac: deps.vault.hmac('callback', callback),
      callback_sealed: deps.vault.seal(callback, sealedAs.attemptCallback(id)),
      state: 'queued',
      queued_at: now,
      checks: 0,
    } as never)
    .execute();
  await tx
    .updateTable('payment')
    .set({ state: 'sending', reason: null, updated_at: now })
    .where('id', '=', payment.id)
    .execute();
  await recordEvent(tx, now, payment.id, id, 'queued', { attempt: number });
  await audit(tx, now, payment.business_id, by, 'payment_asked', {
    payment: payment.id,
    attempt: id,
    account: payment.account_id,
    amountCents: Number(payment.amount_cents),
    payer: payment.phone_hmac.toString('hex'),
    link: payment.link_id,
  });
  return id;
}
