/** A payout before anybody is asked to approve it: changed freely, and worth nothing. */
import type { Tx } from '../db/tables.ts';
import {
  type AccountId,
  type BatchId,
  type BusinessId,
  type IdentityId,
  newId,
  type PaymentId,
  type PayoutId,
} from '../domain/ids.ts';
import { type Msisdn, maskMsisdn } from '../domain/msisdn.ts';
import { token } from '../domain/random.ts';
import { newRef } from '../domain/refs.ts';
import { audit } from '../ops/audit.ts';
import { sealedAs } from '../payments/context.ts';
import type { PayoutDeps } from './context.ts';
import { recordPayoutEvent } from './events.ts';
import { lockPayout, lockRefunded } from './hash.ts';

export interface PayoutDraft {
  readonly businessId: BusinessId;
  readonly accountId: AccountId;
  readonly requestedBy: IdentityId;
  /** What the phone gets, the withdrawal charge included. */
  readonly amountCents: bigint;
  readonly chargeCents: bigint;
  readonly msisdn: Msisdn;
  readonly payeeName: string | null;
  readonly note: string;
  readonly refundOf?: PaymentId;
  readonly batch?: { readonly id: BatchId; readonly row: number };
}

export async function draftPayout(tx: Tx, deps: PayoutDeps, draft: PayoutDraft): Promise<PayoutId> {
  const id = newId<PayoutId>(deps.clock, deps.random);
  const now = deps.clock.now();
  const ref = await freePayoutRef(tx, deps);
  const callback = token(deps.random);
  await tx
    .insertInto('payout')
    .values({
      id,
      ref,
      business_id: draft.businessId,
      account_id: draft.accountId,
      requested_by: draft.requestedBy,
      batch_id: draft.batch?.id ?? null,
      batch_row: draft.batch?.row ?? null,
      refund_of: draft.refundOf ?? null,
      ...asked(deps, id, draft),
      reference: ref.replace('-', ''),
      state: 'draft',
      round: 1,
      version: 1,
      callback_hmac: deps.vault.hmac('callback', callback),
      callback_sealed: deps.vault.seal(callback, sealedAs.payoutCallback(id)),
      checks: 0,
      created_at: now,
      updated_at: now,
    } as never)
    .execute();
  await recordPayoutEvent(tx, now, id, 'asked', { amountCents: Number(draft.amountCents) });
  return id;
}

type Asked = Pick<PayoutDraft, 'amountCents' | 'chargeCents' | 'msisdn' | 'payeeName' | 'note'>;

function asked(deps: PayoutDeps, id: PayoutId, what: Asked) {
  return {
    amount_cents: what.amountCents,
    charge_cents: what.chargeCents,
    phone_sealed: deps.vault.seal(what.msisdn, sealedAs.payoutPhone(id)),
    phone_hmac: deps.vault.hmac('phone', what.msisdn),
    phone_masked: maskMsisdn(what.msisdn),
    payee_name: what.payeeName,
    note: what.note,
  };
}

const refTries = 20;

async function freePayoutRef(tx: Tx, deps: PayoutDeps): Promise<string> {
  for (let tries = 0; tries < refTries; tries++) {
    const ref = newRef('W', deps.random);
    const taken = await tx.selectFrom('payout').select('id').where('ref', '=', ref).executeTakeFirst();
    if (taken === undefined) return ref;
  }
  throw new Error('No free payout number was found.');
}

/** Changes what is asked, while nobody approved it. A waiting one becomes a draft again: its approval cards are void. */
export async function changePayout(
  tx: Tx,
  deps: PayoutDeps,
  id: PayoutId,
  by: IdentityId,
  what: Asked,
): Promise<boolean> {
  await lockRefunded(tx, id);
  const payout = await lockPayout(tx, id);
  if (payout.state !== 'draft' && payout.state !== 'waiting') return false;
  // It was sent once, under this reference: another amount or phone is another payout.
  if (payout.round > 1) return false;
  const now = deps.clock.now();
  await tx
    .updateTable('payout')
    .set({
      ...asked(deps, id, what),
      state: 'draft',
      hash: null,
      expires_at: null,
      version: payout.version + 1,
      updated_at: now,
    })
    .where('id', '=', id)
    .execute();
  await recordPayoutEvent(tx, now, id, 'changed', { amountCents: Number(what.amountCents) });
  if (payout.state === 'waiting')
    await audit(tx, now, payout.business_id, by, 'payout_changed', {
      payout: id,
      version: payout.version + 1,
    });
  await deps.tellPayout.payout(tx, id);
  return true;
}
