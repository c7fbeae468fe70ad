/** A code that we do not know may be that of a payment which is still open: the gateway is asked about those at once. */
import type { Tx } from '../db/tables.ts';
import { plusSeconds } from '../domain/clock.ts';
import type { AttemptId, BusinessId, PaymentId } from '../domain/ids.ts';
import type { Claim } from '../domain/receipt.ts';
import type { PaymentDeps } from './context.ts';
import { recordEvent } from './events.ts';

export interface AskedAbout {
  /** Newest first. */
  readonly payments: readonly { readonly id: PaymentId; readonly ref: string }[];
}

/** One code is looked for behind so many payments; the planned look-ups find the others. */
const mostAsked = 3;
/** Whoever asks again sooner hears the same, and the gateway is left alone. */
const askAgainSeconds = 30;

/**
 * Brings the next planned look-up forward, inside the account's budget as always, where the payment may be the one that the
 * text speaks of. null: there is no such payment. A payment whose look-ups are used up is compared by a person.
 */
export async function askAbout(
  tx: Tx,
  deps: PaymentDeps,
  businessId: BusinessId,
  claim: Claim,
): Promise<AskedAbout | null> {
  const payer = claim.payer === null ? null : deps.vault.hmac('phone', claim.payer);
  const open = await tx
    .selectFrom('payment')
    .innerJoin('attempt', 'attempt.payment_id', 'payment.id')
    .select(['payment.id', 'payment.ref', 'attempt.id as attemptId'])
    .where('payment.business_id', '=', businessId)
    .where('attempt.next_check_at', 'is not', null)
    .where((eb) =>
      eb.or([
        eb('attempt.state', 'in', ['prompted', 'unknown']),
        // The gateway owes the code of this one.
        eb.and([eb('attempt.state', '=', 'paid'), eb('attempt.receipt_final', 'is distinct from', true)]),
      ]),
    )
    .where((eb) =>
      claim.cents === null && payer === null
        ? eb.val(true)
        : eb.or([
            ...(claim.cents === null ? [] : [eb('attempt.amount_cents', '=', claim.cents)]),
            ...(payer === null ? [] : [eb('attempt.phone_hmac', '=', payer)]),
          ]),
    )
    .orderBy('payment.id', 'desc')
    .limit(mostAsked)
    .forNoKeyUpdate('payment')
    .execute();
  if (open.length === 0) return null;
  for (const { id, attemptId } of open) await checkSoon(tx, deps, id, attemptId);
  const payments = new Map(open.map(({ id, ref }) => [id, ref] as const));
  return { payments: [...payments].map(([id, ref]) => ({ id, ref })) };
}

async function checkSoon(
  tx: Tx,
  deps: PaymentDeps,
  paymentId: PaymentId,
  attemptId: AttemptId,
): Promise<void> {
  const now = deps.clock.now();
  const asked = await tx
    .selectFrom('event')
    .select('id')
    .where('payment_id', '=', paymentId)
    .where('attempt_id', '=', attemptId)
    .where('kind', '=', 'code_asked')
    .where('at', '>', plusSeconds(now, -askAgainSeconds))
    .executeTakeFirst();
  if (asked !== undefined) return;
  await tx
    .updateTable('attempt')
    .set({ next_check_at: now })
    .where('id', '=', attemptId)
    .where('next_check_at', '>', now)
    .execute();
  await recordEvent(tx, now, paymentId, attemptId, 'code_asked');
}
