/**
 * What a message that did not reach a member is worth an SMS for, as things stand now: a payout that waits for their yes,
 * money that a person must look at, an account that takes nothing more, and a payment where the shop has its SMS on.
 */
import type { Selectable } from 'kysely';
import type { BusinessTable, OutboxTable, Tx } from '../../db/tables.ts';
import { showSmsTime } from '../../domain/eat.ts';
import type {
  AccountId,
  BatchId,
  BusinessId,
  CardId,
  IdentityId,
  PaymentId,
  PayoutId,
} from '../../domain/ids.ts';
import { showMoney } from '../../domain/money.ts';
import { type Msisdn, maskMsisdn } from '../../domain/msisdn.ts';
import { may, type Role } from '../../domain/roles.ts';
import { payloadIdentity } from '../../outbox/enqueue.ts';
import { openPhone, sealedAs } from '../../payments/context.ts';
import { approversOf } from '../../payouts/people.ts';
import { askedOf, loadBulkView } from './bulk-view.ts';
import { loadPaymentView, type PaymentView } from './payment-view.ts';
import type { CardDeps } from './post.ts';
import { type MemberText, type Proof, proofOf } from './sms-text.ts';

export type Subject =
  | { readonly kind: 'payout' | 'batch' | 'payment'; readonly id: string; readonly card: CardId }
  | { readonly kind: 'stopped'; readonly id: AccountId; readonly to: IdentityId };

const uuid = '([0-9a-f-]{36})';
const cardKey = new RegExp(`^(payout|batch|payment):${uuid}:card:${uuid}:\\d+$`);
const stoppedKey = new RegExp(`^stopped:${uuid}:\\d+:${uuid}$`);

/** What an outbox row is about; null: nothing that is worth an SMS. */
export function subjectOf(key: string): Subject | null {
  const [, kind, id, card] = cardKey.exec(key) ?? [];
  if (id !== undefined && card !== undefined)
    return { kind: kind as 'payout' | 'batch' | 'payment', id, card: card as CardId };
  const [, account, to] = stoppedKey.exec(key) ?? [];
  if (account === undefined || to === undefined) return null;
  return { kind: 'stopped', id: account as AccountId, to: to as IdentityId };
}

export interface News {
  /** Told once. */
  readonly cause: string;
  readonly about: { readonly ref: string; readonly account_id: AccountId };
  readonly business: Pick<Selectable<BusinessTable>, 'id' | 'name' | 'locale'>;
  readonly to: IdentityId;
  /** Who may still read it. */
  readonly reads: (role: Role) => boolean;
  readonly text:
    | MemberText
    | { readonly key: 'sms-merchant'; readonly view: PaymentView; readonly proof: Proof };
  /** A template says the same: where one rang, nothing is to be added. */
  readonly rings: boolean;
  /** Who has had this very SMS. */
  readonly told?: Msisdn;
}

type Row = Pick<Selectable<OutboxTable>, 'key' | 'payload_sealed'>;

/** null: nothing that could not wait until the person writes. */
export function newsOf(tx: Tx, deps: CardDeps, subject: Subject, row: Row): Promise<News | null> {
  switch (subject.kind) {
    case 'payout':
      return ofPayout(tx, deps, subject.id as PayoutId, subject.card);
    case 'batch':
      return ofBatch(tx, deps, subject.id as BatchId, subject.card);
    case 'payment':
      return ofPayment(tx, deps, subject.id as PaymentId, subject.card, row);
    case 'stopped':
      return ofAccount(tx, subject.id, subject.to, row.key);
  }
}

const everybody = (): boolean => true;
const approves = (role: Role): boolean => may(role, 'approve_payout');

function businessOf(tx: Tx, id: BusinessId) {
  return tx.selectFrom('business').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

function payoutCard(tx: Tx, id: CardId) {
  return tx.selectFrom('payout_card').select(['identity_id', 'kind']).where('id', '=', id).executeTakeFirst();
}

async function ofPayout(tx: Tx, deps: CardDeps, id: PayoutId, cardId: CardId): Promise<News | null> {
  const card = await payoutCard(tx, cardId);
  const payout = await tx.selectFrom('payout').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  if (card === undefined) return null;
  const { ref, account_id, state, flag, expires_at } = payout;
  const business = await businessOf(tx, payout.business_id);
  const facts = { amount: showMoney(payout.amount_cents), phone: payout.phone_masked, ref };
  const news = { about: { ref, account_id }, business, to: card.identity_id };
  const reads = card.kind === 'approval' ? approves : everybody;
  if (state === 'reversed')
    return {
      ...news,
      reads,
      rings: false,
      cause: `reversed:${cardId}`,
      text: { key: 'sms-reversed', ...facts },
    };
  if (flag !== null || state === 'review')
    return {
      ...news,
      ...{ reads, rings: false, cause: `look:${cardId}:${payout.round}:${flag ?? state}` },
      text: { key: 'sms-look', ...facts },
    };
  if (state !== 'waiting' || expires_at === null || expires_at <= deps.clock.now()) return null;
  const { others } = await approversOf(tx, business, payout.requested_by);
  if (card.kind !== 'approval' || !others.some((each) => each.id === card.identity_id)) return null;
  return {
    ...news,
    ...{ reads, rings: true, cause: `asked:${cardId}:${payout.version}` },
    text: { key: 'sms-approval', ...facts, end: showSmsTime(expires_at) },
  };
}

async function ofBatch(tx: Tx, deps: CardDeps, id: BatchId, cardId: CardId): Promise<News | null> {
  const card = await payoutCard(tx, cardId);
  if (card === undefined) return null;
  const now = deps.clock.now();
  const view = await loadBulkView(tx, id, now);
  const { batch, business, approvers } = view;
  const { ref, account_id } = batch;
  const asked = askedOf(view, now);
  const facts = {
    amount: showMoney(asked?.cents ?? batch.total_cents),
    phone: { rows: asked?.rows ?? batch.rows },
    ref,
  };
  const news = { about: { ref, account_id }, business, to: card.identity_id };
  if (
    asked !== null &&
    card.kind === 'approval' &&
    approvers.others.some((each) => each.id === card.identity_id)
  )
    return {
      ...news,
      ...{ reads: approves, rings: true, cause: `asked:${cardId}:${batch.version}` },
      text: { key: 'sms-approval', ...facts, end: showSmsTime(asked.end) },
    };
  // The program itself held it.
  if (batch.state !== 'paused' || batch.pause_reason === null) return null;
  const cause = `look:${cardId}:${batch.version}`;
  return { ...news, reads: everybody, rings: false, cause, text: { key: 'sms-look', ...facts } };
}

async function ofPayment(
  tx: Tx,
  deps: CardDeps,
  id: PaymentId,
  cardId: CardId,
  row: Row,
): Promise<News | null> {
  const card = await tx.selectFrom('card').select('identity_id').where('id', '=', cardId).executeTakeFirst();
  if (card === undefined) return null;
  const view = await loadPaymentView(tx, deps.vault, id);
  const { payment, business } = view;
  const { ref, account_id, state, flag } = payment;
  const news = { about: { ref, account_id }, business, to: card.identity_id, reads: everybody };
  if (flag !== null || state === 'review') {
    const facts = { amount: showMoney(payment.amount_cents), phone: maskMsisdn(view.msisdn), ref };
    const cause = `look:${cardId}:${flag ?? state}`;
    return { ...news, cause, rings: false, text: { key: 'sms-look', ...facts } };
  }
  const sealed = business.merchant_sms_phone_sealed;
  if (state !== 'paid' || sealed === null || !isReceipt(deps, row)) return null;
  const proof = proofOf(view, deps.clock.now()) ?? { receipt: null };
  const told = openPhone(deps.vault, sealed, sealedAs.merchantSmsPhone(business.id));
  return { ...news, cause: `paid:${cardId}`, rings: true, told, text: { key: 'sms-merchant', view, proof } };
}

/** The card that first says that the money is there. */
function isReceipt({ vault }: CardDeps, { key, payload_sealed }: Row): boolean {
  const payload = JSON.parse(vault.open(payload_sealed, payloadIdentity(key)));
  return payload.template?.name === 'receipt_merchant';
}

async function ofAccount(tx: Tx, id: AccountId, to: IdentityId, key: string): Promise<News | null> {
  const account = await tx
    .selectFrom('gateway_account')
    .select(['business_id', 'name', 'state'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (account.state === 'active') return null;
  const business = await businessOf(tx, account.business_id);
  return {
    ...{ about: { ref: 'account', account_id: id }, business, to, rings: false, cause: key },
    reads: (role) => may(role, 'review'),
    text: { key: 'sms-stopped', gateway: account.name },
  };
}
